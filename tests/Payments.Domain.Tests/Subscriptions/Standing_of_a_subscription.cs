using Payments.Domain.Payments.Invoices;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;
using static Payments.Domain.Tests.Subscriptions.Bills;

namespace Payments.Domain.Tests.Subscriptions;

/// <summary>Where a subscription stands and how long it gives access, to the second.</summary>
public sealed class Standing_of_a_subscription
{
    private static readonly AccessTerms Terms = new(TimeSpan.FromHours(3), TimeSpan.FromDays(7));
    private static readonly DateTimeOffset Start = Day(4, 1, 12);
    private static readonly DateTimeOffset End = Day(5, 1, 12);

    [Fact]
    public void active_gives_access_to_the_end_of_what_is_paid_and_the_renewal_window()
    {
        var subscription = Told(SubscriptionStatus.Active);
        subscription.AccessUntil(Terms).ShouldBeNull("nothing was paid yet");
        subscription.Paid([PaidPeriod()]);
        subscription.AccessUntil(Terms).ShouldBe(End.AddHours(3));
        subscription.GraceEnd(Terms).ShouldBeNull();
    }

    [Fact]
    public void a_trial_gives_access_to_its_end_and_the_window() =>
        Told(SubscriptionStatus.Trialing, r => r with { TrialStart = Start, TrialEnd = Start.AddDays(14) }).AccessUntil(Terms).ShouldBe(Start.AddDays(14).AddHours(3));

    [Fact]
    public void past_due_gives_access_for_the_grace_after_what_was_paid()
    {
        var subscription = Told(SubscriptionStatus.PastDue, r => r with { PeriodStart = End, PeriodEnd = End.AddMonths(1) });
        subscription.Paid([PaidPeriod()]);
        subscription.GraceEnd(Terms).ShouldBe(End.AddDays(7));
        subscription.AccessUntil(Terms).ShouldBe(End.AddDays(7));
    }

    [Theory]
    [InlineData(SubscriptionStatus.Active)]
    [InlineData(SubscriptionStatus.PastDue)]
    public void who_cancels_has_access_to_that_very_second(SubscriptionStatus status)
    {
        var subscription = Told(status, r => r with { CancelAtPeriodEnd = true, CancelAt = End });
        subscription.Paid([PaidPeriod()]);
        subscription.AccessUntil(Terms).ShouldBe(End);
    }

    [Theory]
    [InlineData(SubscriptionStatus.Incomplete)]
    [InlineData(SubscriptionStatus.IncompleteExpired)]
    [InlineData(SubscriptionStatus.Paused)]
    [InlineData(SubscriptionStatus.Canceled)]
    public void others_give_none(SubscriptionStatus status)
    {
        var subscription = Told(status);
        subscription.Paid([PaidPeriod()]);
        subscription.AccessUntil(Terms).ShouldBeNull();
    }

    [Theory]
    [InlineData(EndingReason.Superseded, false)]
    [InlineData(EndingReason.TrialRepeated, false)]
    [InlineData(EndingReason.Reversed, true)]
    public void one_that_we_end_gives_what_was_paid_only_where_the_money_may_come_back(EndingReason reason, bool gives)
    {
        var subscription = Told(SubscriptionStatus.Active);
        subscription.Paid([PaidPeriod()]);
        subscription.End(reason, Start);
        subscription.AccessUntil(Terms).ShouldBe(gives ? End : null);
        subscription.NextActionAt.ShouldBe(Start);
        subscription.End(EndingReason.GraceOver, Start.AddDays(1));
        subscription.Ending.ShouldBe(reason, "the first reason stays");
    }

    [Fact]
    public void the_newest_paid_period_counts_even_if_an_older_one_reaches_further()
    {
        var subscription = Told(SubscriptionStatus.Active);
        var year = Paid(Start, BillingReason.SubscriptionCreate, Period("yearly", 1, Start, Start.AddYears(1)));
        var month = Paid(Start.AddDays(3), BillingReason.SubscriptionUpdate, Period("monthly", 1, Start.AddDays(3), Start.AddDays(33)));
        subscription.Paid([month, year]);
        subscription.PaidUntil.ShouldBe(Start.AddDays(33));
    }

    [Fact]
    public void an_older_state_is_an_echo_and_a_newer_one_applies()
    {
        var subscription = Told(SubscriptionStatus.Active);
        Tell(subscription, SubscriptionStatus.Incomplete, Start.AddSeconds(-1)).ShouldBe(SubscriptionEffect.None);
        subscription.Status.ShouldBe(SubscriptionStatus.Active);
        Tell(subscription, SubscriptionStatus.PastDue, Start.AddSeconds(1)).ShouldBe(SubscriptionEffect.Applied);
        subscription.Status.ShouldBe(SubscriptionStatus.PastDue);
    }

    [Fact]
    public void two_states_of_one_second_are_doubtful_unless_one_is_the_end()
    {
        var subscription = Told(SubscriptionStatus.Active);
        Tell(subscription, SubscriptionStatus.PastDue, Start).ShouldBe(SubscriptionEffect.Doubtful);
        Tell(subscription, SubscriptionStatus.Canceled, Start).ShouldBe(SubscriptionEffect.Applied);
        Tell(subscription, SubscriptionStatus.Active, Start.AddDays(1)).ShouldBe(SubscriptionEffect.None, "what has ended stays so");
    }

    [Fact]
    public void an_event_that_an_answer_may_contain_is_doubtful()
    {
        var subscription = Told(SubscriptionStatus.Active);
        Tell(subscription, SubscriptionStatus.Active, Start.AddHours(1), fresh: true).ShouldBe(SubscriptionEffect.Applied);
        Tell(subscription, SubscriptionStatus.PastDue, Start.AddHours(1).AddMinutes(2)).ShouldBe(SubscriptionEffect.Doubtful);
        Tell(subscription, SubscriptionStatus.PastDue, Start.AddHours(1).AddMinutes(2).AddSeconds(1)).ShouldBe(SubscriptionEffect.Applied);
    }

    [Fact]
    public void grace_is_kept_when_the_provider_stops_trying_first()
    {
        var unpaid = Told(SubscriptionStatus.Unpaid, r => r with { PeriodStart = End, PeriodEnd = End.AddMonths(1) });
        unpaid.Paid([PaidPeriod()]);
        unpaid.GraceEnd(Terms).ShouldBe(End.AddDays(7));
        unpaid.AccessUntil(Terms).ShouldBe(End.AddDays(7));
    }

    [Fact]
    public void grace_is_kept_when_the_provider_cancels_first_and_ends_once()
    {
        var givenUp = Told(SubscriptionStatus.Canceled, r => r with { PeriodStart = End, PeriodEnd = End.AddMonths(1), EndedAt = End.AddDays(2), EndedUnpaid = true });
        givenUp.Paid([PaidPeriod()]);
        givenUp.AccessUntil(Terms).ShouldBe(End.AddDays(7));
        givenUp.IsLive.ShouldBeFalse("another may be begun meanwhile");
        givenUp.EndGrace(Terms, End.AddDays(7).AddTicks(-1)).ShouldBeFalse();
        givenUp.Schedule(Terms, new NoticeTerms(null, null, null), leavesOpen: false, End.AddDays(2));
        givenUp.NextActionAt.ShouldBe(End.AddDays(7));
        givenUp.EndGrace(Terms, End.AddDays(7)).ShouldBeTrue();
        (givenUp.Ending, givenUp.AccessUntil(Terms)).ShouldBe((EndingReason.GraceOver, null));
        givenUp.EndGrace(Terms, End.AddDays(8)).ShouldBeFalse();

        var cancelled = Told(SubscriptionStatus.Canceled, r => r with { EndedAt = End.AddDays(2) });
        cancelled.Paid([PaidPeriod()]);
        cancelled.AccessUntil(Terms).ShouldBeNull("who cancels now has no access from then on");
    }

    [Fact]
    public void what_came_of_a_change_ends_its_claim_even_without_its_answer()
    {
        var subscription = Told(SubscriptionStatus.Active);
        subscription.BeginChange(Start.AddHours(1));
        Tell(subscription, SubscriptionStatus.Active, Start.AddHours(1));
        subscription.ChangingSince.ShouldNotBeNull("nothing was changed by then");
        Tell(subscription, SubscriptionStatus.Active, Start.AddHours(1).AddSeconds(1), change: r => r with { Quantity = 4 });
        subscription.ChangingSince.ShouldBeNull();
    }

    [Theory]
    [InlineData(-1, null, false)]
    [InlineData(1, null, true)]
    [InlineData(-1, EndingReason.GraceOver, true)]
    public void what_is_paid_for_a_period_after_the_end_is_too_late(int secondsAfter, EndingReason? ending, bool tooLate)
    {
        var ended = End.AddDays(7);
        var subscription = Told(SubscriptionStatus.PastDue, r => r with { PeriodStart = End, PeriodEnd = End.AddMonths(1) });
        if (ending is { } reason)
        {
            subscription.End(reason, ended);
        }

        Tell(subscription, SubscriptionStatus.Canceled, ended, change: r => r with { EndedAt = ended });
        var renewal = PaidPeriod(End, End.AddMonths(1), ended.AddSeconds(secondsAfter));
        subscription.IsTooLate(renewal).ShouldBe(tooLate);
        subscription.Paid([PaidPeriod(), renewal]);
        subscription.PaidUntil.ShouldBe(tooLate ? End : End.AddMonths(1));
        subscription.IsTooLate(PaidPeriod()).ShouldBeFalse();
        subscription.IsTooLate(PaidPeriod(Start, Start.AddYears(1), Start)).ShouldBeFalse("a year that became months was paid long before");
    }

    [Fact]
    public void the_card_of_its_trial_is_kept_whatever_card_takes_its_place()
    {
        var subscription = Told(SubscriptionStatus.Trialing, r => r with { TrialStart = Start, TrialEnd = Start.AddDays(14), CardFingerprint = "first" });
        Tell(subscription, SubscriptionStatus.Trialing, Start.AddHours(1), change: r => r with { TrialStart = Start, TrialEnd = Start.AddDays(14), CardFingerprint = "second" });
        subscription.CardFingerprint.ShouldBe("first");
        var paid = Told(SubscriptionStatus.Active, r => r with { TrialStart = Start, TrialEnd = Start.AddDays(14), CardFingerprint = "third" });
        paid.CardFingerprint.ShouldBeNull("the card of its trial was never seen");
    }

    [Fact]
    public void one_that_is_over_is_looked_at_while_it_leaves_something_to_be_paid()
    {
        var subscription = Told(SubscriptionStatus.Canceled, r => r with { EndedAt = End, IsFresh = true });
        subscription.Schedule(Terms, new NoticeTerms(null, null, null), leavesOpen: true, End);
        subscription.NextActionAt.ShouldBe(End);
        subscription.PutOff(End);
        subscription.NextActionAt.ShouldNotBeNull();
        subscription.Schedule(Terms, new NoticeTerms(null, null, null), leavesOpen: false, End);
        subscription.NextActionAt.ShouldBeNull();
        subscription.PutOff(End);
        subscription.NextActionAt.ShouldBeNull();
    }

    [Fact]
    public void one_that_is_over_is_asked_for_as_long_as_a_rival_waits_to_know_since_when_it_lived()
    {
        var subscription = Told(SubscriptionStatus.Canceled, r => r with { EndedAt = End });
        subscription.LookAt(End);
        subscription.Schedule(Terms, new NoticeTerms(null, null, null), leavesOpen: false, End);
        subscription.PutOff(End);
        subscription.NextActionAt.ShouldNotBeNull();
        Tell(subscription, SubscriptionStatus.Canceled, End, fresh: true, r => r with { EndedAt = End });
        subscription.Schedule(Terms, new NoticeTerms(null, null, null), leavesOpen: false, End);
        subscription.NextActionAt.ShouldBeNull();
    }

    [Fact]
    public void the_longer_the_provider_is_silent_the_longer_it_is_let_be()
    {
        var subscription = Told(SubscriptionStatus.Active, r => r with { IsFresh = true });
        PutOff(Start.AddMinutes(1)).ShouldBe(TimeSpan.FromMinutes(5));
        PutOff(Start.AddHours(3)).ShouldBe(TimeSpan.FromHours(3));
        PutOff(Start.AddDays(20)).ShouldBe(TimeSpan.FromDays(1));
        subscription.End(EndingReason.Reversed, Start.AddDays(20));
        PutOff(Start.AddDays(20)).ShouldBe(TimeSpan.FromHours(1), "it costs until it has ended");

        TimeSpan PutOff(DateTimeOffset now)
        {
            subscription.PutOff(now);
            return subscription.NextActionAt!.Value - now;
        }
    }

    [Fact]
    public void a_trial_is_looked_at_an_hour_before_it_costs_and_again_and_again_until_then()
    {
        var end = Start.AddDays(14);
        var subscription = Told(SubscriptionStatus.Trialing, r => r with { IsFresh = true, TrialStart = Start, TrialEnd = end, PeriodEnd = end });
        subscription.Schedule(Terms, new NoticeTerms(null, null, null), leavesOpen: false, Start.AddDays(1));
        subscription.NextActionAt.ShouldBe(end.AddHours(-1));
        for (var now = end.AddHours(-1); now < end; now = subscription.NextActionAt!.Value)
        {
            subscription.PutOff(now);
            subscription.NextActionAt.ShouldBe(now.AddMinutes(5));
        }
    }

    [Fact]
    public void it_is_looked_at_when_its_grace_ends()
    {
        var subscription = Told(SubscriptionStatus.PastDue, r => r with { PeriodStart = End, PeriodEnd = End.AddMonths(1) });
        subscription.Paid([PaidPeriod()]);
        subscription.Schedule(Terms, new NoticeTerms(null, null, null), leavesOpen: false, End.AddHours(1));
        subscription.NextActionAt.ShouldBe(End.AddDays(7));
    }

    [Fact]
    public void a_change_blocks_another_for_a_minute_and_ending_ones_change_no_more()
    {
        var subscription = Told(SubscriptionStatus.Active);
        subscription.BeginChange(Start);
        Should.Throw<Refusal>(() => subscription.BeginChange(Start.AddSeconds(59))).Code.ShouldBe("subscription.busy");
        subscription.BeginChange(Start.AddSeconds(60));
        subscription.EndChange();
        subscription.End(EndingReason.Reversed, Start);
        Should.Throw<Refusal>(() => subscription.BeginChange(Start.AddDays(1))).Code.ShouldBe("subscription.over");
    }

    [Fact]
    public void one_that_gives_way_forfeits_what_was_paid_for_the_time_beside_the_older_one()
    {
        var subscription = Told(SubscriptionStatus.Active);
        var (used, current) = (PaidPeriod(Start.AddMonths(-1), Start, Start.AddMonths(-1)), PaidPeriod());
        var met = Start + ((End - Start) / 4);
        var change = Make("in_change", met, BillingReason.SubscriptionUpdate, InvoiceStatus.Paid, null, met);
        subscription.ForfeitOf(current).Minor.ShouldBe(0);
        subscription.GiveWay(met, met.AddDays(1));
        (subscription.Ending, subscription.SupersededFrom).ShouldBe((EndingReason.Superseded, met));
        (subscription.ForfeitOf(used).Minor, subscription.ForfeitOf(change)).ShouldBe((0, change.AmountPaid));
        subscription.ForfeitOf(current).Minor.ShouldBe((long)Math.Ceiling(current.AmountPaid.Minor * 0.75m));
        (subscription.IsForfeit(used), subscription.IsForfeit(current), subscription.IsForfeit(change)).ShouldBe((false, false, true), "what is kept in part has granted its part");
        subscription.GiveWay(met.AddDays(1), met.AddDays(2));
        subscription.SupersededFrom.ShouldBe(met, "what went back stays there");
        subscription.GiveWay(Start, met.AddDays(2));
        subscription.ForfeitOf(current).ShouldBe(current.AmountPaid, "they met earlier than was known");
    }

    [Fact]
    public void one_that_gives_way_from_its_beginning_forfeits_all()
    {
        var subscription = Told(SubscriptionStatus.Active);
        subscription.GiveWay(Start, Start.AddDays(4));
        subscription.ForfeitOf(PaidPeriod()).ShouldBe(PaidPeriod().AmountPaid);
        subscription.IsForfeit(PaidPeriod()).ShouldBeTrue();
    }

    [Fact]
    public void a_repeated_trial_forfeits_all()
    {
        var subscription = Told(SubscriptionStatus.Active);
        subscription.End(EndingReason.TrialRepeated, Start);
        var paid = PaidPeriod(Start.AddMonths(-1), Start, Start);
        (subscription.IsForfeit(paid), subscription.ForfeitOf(paid)).ShouldBe((true, paid.AmountPaid));
    }

    private static Invoice PaidPeriod() => PaidPeriod(Start, End, Start);

    private static Invoice PaidPeriod(DateTimeOffset from, DateTimeOffset until, DateTimeOffset paidAt) =>
        Make($"in_{from.ToUnixTimeSeconds()}", from, BillingReason.SubscriptionCycle, InvoiceStatus.Paid, null, paidAt, Period("monthly", 1, from, until));

    private static Subscription Told(SubscriptionStatus status, Func<SubscriptionReport, SubscriptionReport>? change = null)
    {
        var subscription = Subscription.Heard(new SubscriptionId(Guid.NewGuid()), new UserId(Guid.NewGuid()), "sub_1", null, Start);
        subscription.Report((change ?? (r => r))(Report(status, Start)), Start, Monthly).ShouldBe(SubscriptionEffect.Applied);
        return subscription;
    }

    private static SubscriptionEffect Tell(Subscription subscription, SubscriptionStatus status, DateTimeOffset at, bool fresh = false, Func<SubscriptionReport, SubscriptionReport>? change = null) =>
        subscription.Report((change ?? (r => r))(Report(status, at) with { IsFresh = fresh }), Start, Monthly);

    private static SubscriptionReport Report(SubscriptionStatus status, DateTimeOffset at) =>
        new(status, "si_1", "monthly", 1, Start, End, null, null, false, null, null, status == SubscriptionStatus.Canceled ? at : null, null, null, "in_1", null, at);
}

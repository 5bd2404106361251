using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;
using static Payments.Domain.Tests.Subscriptions.Bills;

namespace Payments.Domain.Tests.Subscriptions;

/// <summary>What was heard first decides nothing, as long as an event or an invoice tells.</summary>
public sealed class Since_when_it_is_of_its_family
{
    private static readonly DateTimeOffset Start = Day(4, 1, 12);
    private static readonly AgreedPlan Team = NewPlan("team");

    [Fact]
    public void one_that_never_moved_is_since_it_was_made() => Told(("monthly", 0), ("yearly", 5)).FamilySince.ShouldBe(Start);

    [Fact]
    public void one_that_moved_is_since_the_first_event_after_the_last_from_elsewhere() => Told(("team", 0), ("team", 3), ("monthly", 5), ("monthly", 9)).FamilySince.ShouldBe(Start.AddMinutes(5));

    [Fact]
    public void one_that_left_and_came_back_is_since_it_came_back() => Told(("monthly", 0), ("team", 3), ("monthly", 5)).FamilySince.ShouldBe(Start.AddMinutes(5));

    [Fact]
    public void events_in_any_order_tell_the_same()
    {
        (string, int)[] all = [("monthly", 0), ("team", 3), ("team", 4), ("monthly", 7), ("yearly", 8), ("monthly", 20)];
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            Told([.. all.Concat(all.Where(_ => random.Next(3) == 0)).OrderBy(_ => random.Next())]).FamilySince.ShouldBe(Start.AddMinutes(7), $"seed {seed}");
        }
    }

    [Fact]
    public void an_invoice_tells_too()
    {
        var subscription = Told(("monthly", 9));
        Place(subscription, Paid(Start, BillingReason.SubscriptionCreate, Period("team", 1, Start, Start.AddMonths(1))));
        subscription.FamilySince.ShouldBe(Start.AddMinutes(9));
        Place(subscription, Paid(Start, BillingReason.SubscriptionCreate, Period("team", 1, Start, Start.AddMonths(1))), Paid(Start.AddMinutes(5), BillingReason.SubscriptionUpdate, Rest("monthly", 1, Start.AddMinutes(5), Start.AddMonths(1))));
        subscription.FamilySince.ShouldBe(Start.AddMinutes(5));
    }

    [Fact]
    public void a_move_that_only_an_answer_tells_counts_from_the_question_and_no_later_event_moves_it()
    {
        var subscription = Told(("team", 0));
        Report(subscription, "monthly", 5, fresh: true);
        subscription.FamilySince.ShouldBe(Start.AddMinutes(5));
        Report(subscription, "monthly", 9);
        subscription.FamilySince.ShouldBe(Start.AddMinutes(5));
        Report(subscription, "monthly", 2);
        subscription.FamilySince.ShouldBe(Start.AddMinutes(2), "the event of the move is heard of");
    }

    [Fact]
    public void when_it_was_away_between_two_looks_it_is_not_since_before()
    {
        var subscription = Told(("team", 0), ("monthly", 1));
        Report(subscription, "monthly", 9, fresh: true);
        Report(subscription, "team", 5);
        subscription.FamilySince.ShouldBe(Start.AddMinutes(9));
        Report(subscription, "monthly", 6);
        subscription.FamilySince.ShouldBe(Start.AddMinutes(6));
    }

    [Fact]
    public void what_is_remembered_has_a_bound_and_the_first_and_the_newest_are_in_it()
    {
        List<PriceSighting> known = [];
        for (var minute = 0; minute < 1000; minute++)
        {
            known = PriceSighting.Add(known, new PriceSighting(Start.AddMinutes(minute), minute % 2 == 0 ? "monthly" : "team"));
        }

        known.Count.ShouldBe(200);
        (known[0].At, known[1].At, known[^1].At).ShouldBe((Start, Start.AddMinutes(801), Start.AddMinutes(999)));
    }

    [Fact]
    public void of_what_is_old_the_first_and_the_last_of_each_price_are_remembered()
    {
        List<PriceSighting> known = [];
        foreach (var (price, day) in new[] { ("team", 0), ("team", 1), ("team", 2), ("monthly", 3), ("monthly", 4), ("monthly", 60), ("monthly", 61) })
        {
            known = PriceSighting.Add(known, new PriceSighting(Start.AddDays(day), price));
        }

        known.Select(s => (s.At - Start).Days).ShouldBe([0, 2, 3, 60, 61]);
    }

    private static Subscription Told(params (string Price, int Minute)[] events)
    {
        var subscription = Subscription.Heard(new SubscriptionId(Guid.NewGuid()), new UserId(Guid.NewGuid()), "sub_1", null, Start);
        foreach (var (price, minute) in events)
        {
            Report(subscription, price, minute);
        }

        return subscription;
    }

    private static void Report(Subscription subscription, string price, int minute, bool fresh = false)
    {
        subscription.Report(
            new SubscriptionReport(SubscriptionStatus.Active, "si_1", price, 1, Start, Start.AddMonths(1), null, null, false, null, null, null, null, null, null, null, Start.AddMinutes(minute)) { IsFresh = fresh },
            Start, PlanAt(price));
        Place(subscription);
    }

    private static void Place(Subscription subscription, params Invoice[] invoices) => subscription.PlaceInFamily(invoices, price => PlanAt(price).Terms.Family);

    private static AgreedPlan PlanAt(string price) => price switch { "team" => Team, "yearly" => Yearly, _ => Monthly };
}

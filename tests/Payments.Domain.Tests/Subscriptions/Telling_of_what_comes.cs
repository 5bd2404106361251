using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Domain.Tests.Subscriptions;

public sealed class Telling_of_what_comes
{
    private static readonly DateTimeOffset Now = new(2026, 7, 29, 12, 0, 0, TimeSpan.Zero);
    private static readonly AccessTerms Access = new(TimeSpan.FromHours(6), TimeSpan.FromDays(7));
    private static readonly NoticeTerms Terms = new(TimeSpan.FromDays(3), TimeSpan.FromDays(1), TimeSpan.FromDays(7));

    private static readonly SubscriptionReport Running = new(
        SubscriptionStatus.Active, "si_1", "price_1", 1, Now, Now.AddYears(1), null, null, false, null, null, null, null, null, "in_1", null, Now) { IsFresh = true };

    private readonly Subscription subscription = Subscription.Heard(new SubscriptionId(Guid.NewGuid()), new UserId(Guid.NewGuid()), "sub_1", null, Now);

    [Fact]
    public void a_trial_is_told_of_so_long_before_its_end_and_once()
    {
        var end = Now.AddDays(14);
        Hear(Trial(end));
        subscription.NextNoticeAt.ShouldBe(end.AddDays(-3));
        subscription.Notice(Access, Terms, end.AddDays(-3).AddSeconds(-1)).ShouldBeNull();

        subscription.Notice(Access, Terms, end.AddDays(-3)).ShouldBe(new ComingEnd(EndKind.Trial, end, TimeSpan.FromDays(3)));

        subscription.NextNoticeAt.ShouldBeNull();
        Hear(Trial(end));
        subscription.NextNoticeAt.ShouldBeNull();
        subscription.Notice(Access, Terms, end.AddDays(-2)).ShouldBeNull();
    }

    [Fact]
    public void a_trial_shorter_than_that_is_told_of_at_once()
    {
        Hear(Trial(Now.AddDays(2)));

        subscription.NextNoticeAt.ShouldNotBeNull().ShouldBeLessThanOrEqualTo(Now);
        subscription.Notice(Access, Terms, Now).ShouldNotBeNull().At.ShouldBe(Now.AddDays(2));
    }

    [Fact]
    public void a_trial_that_is_made_longer_is_told_of_again()
    {
        Hear(Trial(Now.AddDays(2)));
        subscription.Notice(Access, Terms, Now);

        Hear(Trial(Now.AddDays(30)));

        subscription.NextNoticeAt.ShouldBe(Now.AddDays(27));
    }

    [Fact]
    public void a_trial_that_will_cost_nothing_is_not_told_of()
    {
        Hear(Trial(Now.AddDays(2)) with { CancelAtPeriodEnd = true, CancelAt = Now.AddDays(2) });

        subscription.NextNoticeAt.ShouldBeNull();
        subscription.Notice(Access, Terms, Now).ShouldBeNull();
    }

    [Fact]
    public void grace_is_told_of_before_it_ends()
    {
        Hear(Running with { Status = SubscriptionStatus.PastDue });

        subscription.NextNoticeAt.ShouldBe(Now.AddDays(6));
        subscription.Notice(Access, Terms, Now.AddDays(6)).ShouldBe(new ComingEnd(EndKind.Grace, Now.AddDays(7), TimeSpan.FromDays(1)));
    }

    [Theory]
    [InlineData(365, true)]
    [InlineData(183, true)]
    [InlineData(31, false)]
    public void only_a_long_period_is_told_of_before_it_renews(int days, bool told)
    {
        Hear(Running with { PeriodEnd = Now.AddDays(days) });

        subscription.NextNoticeAt.ShouldBe(told ? Now.AddDays(days - 7) : null);
    }

    [Fact]
    public void an_end_that_has_come_already_is_not_told_of()
    {
        Hear(Running);

        subscription.Notice(Access, Terms, Now.AddYears(1)).ShouldBeNull();
        subscription.NextNoticeAt.ShouldBeNull();
    }

    [Fact]
    public void what_is_switched_off_or_being_ended_is_not_told_of()
    {
        var off = new NoticeTerms(null, null, null);
        subscription.Report(Running, Now, null);
        subscription.Schedule(Access, off, leavesOpen: false, Now);
        subscription.NextNoticeAt.ShouldBeNull();

        Hear(Running);
        subscription.End(EndingReason.Superseded, Now);

        subscription.NextNoticeAt.ShouldBeNull();
        subscription.Notice(Access, Terms, Now.AddYears(1).AddDays(-7)).ShouldBeNull();
    }

    private static SubscriptionReport Trial(DateTimeOffset end) => Running with { Status = SubscriptionStatus.Trialing, PeriodEnd = end, TrialStart = Now, TrialEnd = end };

    private void Hear(SubscriptionReport report)
    {
        subscription.Report(report, Now, null);
        subscription.Schedule(Access, Terms, leavesOpen: false, Now);
    }
}

using FsCheck;
using FsCheck.Fluent;
using Payments.Domain.Payments.Charges;

namespace Payments.Domain.Tests.Charges;

public sealed class Asking_when_no_event_comes
{
    [Fact]
    public void waits_three_times_longer_each_time()
    {
        var payment = Purchase.New(PaymentFlow.Intent);
        var now = Purchase.Start;
        payment.IntentOpened(Purchase.Intent, now);
        var waits = new List<double>();
        for (var asked = 0; asked < 9; asked++)
        {
            waits.Add((payment.NextCheckAt!.Value - now).TotalMinutes);
            now = payment.NextCheckAt.Value;
            payment.Checked(now);
        }

        waits.ShouldBe([2, 6, 18, 54, 162, 486, 1458, 1458, 1458]);
        payment.Checks.ShouldBe(9);
    }

    [Fact]
    public void asks_right_after_the_page_has_closed()
    {
        var payment = Purchase.Opened(PaymentFlow.Checkout);
        payment.Checked(Purchase.Start.AddMinutes(2));
        payment.Checked(Purchase.Start.AddMinutes(8));
        payment.Checked(Purchase.Start.AddMinutes(26));

        payment.NextCheckAt.ShouldBe(Purchase.PageCloses.AddSeconds(30));

        payment.Checked(Purchase.PageCloses.AddSeconds(30));
        payment.NextCheckAt.ShouldNotBeNull().ShouldBeGreaterThan(Purchase.PageCloses.AddMinutes(30));
    }

    [Fact]
    public void stops_when_it_is_over()
    {
        var paid = Purchase.In(PaymentStatus.Succeeded, PaymentFlow.Checkout);

        paid.Checked(Purchase.Start.AddMinutes(9));

        paid.NextCheckAt.ShouldBeNull();
    }

    [Theory]
    [InlineData(PaymentFlow.Checkout, ReportedState.Failed)]
    [InlineData(PaymentFlow.Intent, ReportedState.Failed)]
    [InlineData(PaymentFlow.Intent, ReportedState.Open)]
    [InlineData(PaymentFlow.Intent, ReportedState.RequiresAction)]
    public void ends_for_what_nobody_will_pay_any_more(PaymentFlow flow, ReportedState stands)
    {
        var payment = Purchase.Opened(flow);
        payment.Report(Purchase.Said(stands, flow, fresh: true), Purchase.Start.AddMinutes(1));
        var (asked, last) = AskToTheEnd(payment, most: 200);

        payment.NextCheckAt.ShouldBeNull();
        payment.IsOver.ShouldBeFalse();
        asked.ShouldBeGreaterThanOrEqualTo(7);
        last.ShouldBeGreaterThan(Purchase.PageCloses);
    }

    [Theory]
    [InlineData(PaymentFlow.Checkout, ReportedState.Processing)]
    [InlineData(PaymentFlow.Intent, ReportedState.Processing)]
    [InlineData(PaymentFlow.Checkout, ReportedState.Open)]
    public void goes_on_as_long_as_the_provider_has_to_decide(PaymentFlow flow, ReportedState stands)
    {
        var payment = Purchase.Opened(flow);
        payment.Report(Purchase.Said(stands, flow, fresh: true), Purchase.Start.AddMinutes(1));

        AskToTheEnd(payment, most: 200);

        payment.NextCheckAt.ShouldNotBeNull();
    }

    [Theory]
    [InlineData(ReportedState.Processing)]
    [InlineData(ReportedState.RequiresAction)]
    [InlineData(ReportedState.Paid)]
    public void begins_again_when_what_was_given_up_moves_once_more(ReportedState moves)
    {
        var payment = Purchase.In(PaymentStatus.Failed, PaymentFlow.Intent);
        var (_, last) = AskToTheEnd(payment, most: 200);
        var now = last.AddDays(3);

        payment.Report(Purchase.OfIntent(moves, fresh: true), now).ShouldNotBe(ReportEffect.None);

        (payment.NextCheckAt > now).ShouldBe(moves != ReportedState.Paid);
    }

    private static (int Asked, DateTimeOffset Last) AskToTheEnd(Payment payment, int most)
    {
        var (asked, last) = (0, Purchase.Start);
        for (; asked < most && payment.NextCheckAt is { } due; asked++)
        {
            last = due;
            payment.Checked(due);
        }

        return (asked, last);
    }

    /// <summary>Every way to schedule, in any order and at any time: never in the past, and null only when it is over or was asked to the end.</summary>
    [Fact]
    public void is_never_scheduled_in_the_past_and_never_once_it_is_over() => Prop
        .ForAll(Histories, history =>
        {
            var flow = history.Flow;
            var payment = Purchase.New(flow);
            var now = Purchase.Start;
            foreach (var (minutes, what) in history.Steps)
            {
                now = now.AddMinutes(minutes);
                switch (what)
                {
                    case < 0 when flow == PaymentFlow.Checkout:
                        payment.SessionOpened(Purchase.Session, null, Purchase.PageCloses, now);
                        break;
                    case < 0:
                        payment.IntentOpened(Purchase.Intent, now);
                        break;
                    case 0:
                        payment.Checked(now);
                        break;
                    default:
                        var before = payment.NextCheckAt;
                        payment.Report(Purchase.Said((ReportedState)(what - 1), flow, fresh: what % 2 == 0), now);
                        if (payment.NextCheckAt is { } kept)
                        {
                            (kept == before || (before is null && kept > now)).ShouldBeTrue("a report does not put the next check off");
                        }

                        break;
                }

                (payment.NextCheckAt is null && payment.Checks < 7).ShouldBe(payment.IsOver && payment.Checks < 7);
                (payment.IsOver && payment.NextCheckAt is not null).ShouldBeFalse();
                if (what <= 0 && payment.NextCheckAt is { } next)
                {
                    next.ShouldBeGreaterThan(now);
                    next.ShouldBeLessThan(now.AddDays(2));
                }
            }
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private sealed record History(PaymentFlow Flow, IReadOnlyList<(int Minutes, int What)> Steps)
    {
        public override string ToString() => $"{Flow}: {string.Join(", ", Steps.Select(s => $"+{s.Minutes} min {(s.What < 0 ? "opened" : s.What == 0 ? "checked" : (ReportedState)(s.What - 1))}"))}";
    }

    private static Arbitrary<History> Histories
    {
        get
        {
            var step = from minutes in Gen.Choose(0, 90) from what in Gen.Frequency((3, Gen.Choose(-1, 0)), (1, Gen.Choose(1, 7))) select (minutes, what);
            var histories = from flow in Gen.Elements(PaymentFlow.Checkout, PaymentFlow.Intent) from steps in step.ListOf() select new History(flow, [.. steps]);
            return Arb.From(histories, h => Enumerable.Range(0, h.Steps.Count).Select(i => h with { Steps = [.. h.Steps.Where((_, at) => at != i)] }));
        }
    }
}

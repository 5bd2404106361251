using FsCheck;
using FsCheck.Fluent;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Domain.Tests.Charges;

/// <summary>
/// Promise P3 for one-time payments: whatever the order and number of a scenario's events, the payment ends the same.
/// Where a report is doubtful the provider is asked, and its answer is how the scenario truly ended.
/// </summary>
public sealed class Events_in_any_order
{
    private const ReportedState Open = ReportedState.Open;
    private const ReportedState Action = ReportedState.RequiresAction;
    private const ReportedState Processing = ReportedState.Processing;
    private const ReportedState Failed = ReportedState.Failed;
    private const ReportedState Paid = ReportedState.Paid;
    private const ReportedState Canceled = ReportedState.Canceled;
    private const ReportedState Expired = ReportedState.Expired;

    /// <summary>One kind of purchase: what its events say in the order of Stripe's logs, and what the provider answers when it is over.</summary>
    public sealed record Scenario(string Name, PaymentFlow Flow, PaymentStatus End, IReadOnlyList<PaymentReport> Events, PaymentReport Truth)
    {
        public override string ToString() => Name;
    }

    private static readonly Scenario[] All =
    [
        Page("A1 paid by card", PaymentStatus.Succeeded, Intent(Paid), Intent(Open), Session(Paid)),
        PageThatEnds("A1 paid by card with a discount and tax", PaymentStatus.Succeeded, Purchase.OfSession(Paid, fresh: true, total: Purchase.Usd(1620), discount: 500, tax: 120),
            Purchase.OfIntent(Paid, total: Purchase.Usd(1620)), Purchase.OfIntent(Open, total: Purchase.Usd(1620)), Purchase.OfSession(Paid, total: Purchase.Usd(1620), discount: 500, tax: 120)),
        PageThatEnds("A1 paid with a discount as large as the tax", PaymentStatus.Succeeded, Purchase.OfSession(Paid, fresh: true, discount: 300, tax: 300),
            Intent(Paid), Intent(Open), Purchase.OfSession(Paid, discount: 300, tax: 300)),
        PageThatEnds("A1 nothing to pay with a code of 100 %", PaymentStatus.Succeeded, Purchase.OfSession(Paid, fresh: true, total: Purchase.Usd(0), discount: 2000, intent: null),
            Purchase.OfSession(Paid, total: Purchase.Usd(0), discount: 2000, intent: null)),
        Page("A2 bank debit that arrives", PaymentStatus.Succeeded, Intent(Open), Intent(Processing), Session(Processing), Intent(Paid), Session(Paid)),
        Page("A3 bank debit that fails", PaymentStatus.Failed, Intent(Open), Intent(Processing), Session(Processing), Intent(Failed), Session(Failed)),
        Page("A4 declined", PaymentStatus.Failed, Intent(Open), Intent(Failed)),
        Page("A4 declined three times", PaymentStatus.Failed, Intent(Open), Intent(Failed), Intent(Failed), Intent(Failed)),
        PageThatEnds("A4 declined for one reason and then for another", PaymentStatus.Failed, For(Purchase.OfSession(Failed, fresh: true), "expired_card"),
            Intent(Open), For(Intent(Failed), "insufficient_funds"), For(Intent(Failed), "expired_card")),
        PageThatEnds("A3 bank debit that fails for a reason that its page does not tell", PaymentStatus.Failed, For(Purchase.OfSession(Failed, fresh: true), "account_closed"),
            Intent(Open), Intent(Processing), Session(Processing), For(Intent(Failed), "account_closed"), For(Session(Failed), null)),
        new("intent declined for one reason and then for another", PaymentFlow.Intent, PaymentStatus.Failed,
            [Intent(Open), For(Intent(Failed), "insufficient_funds"), For(Intent(Failed), "expired_card")], For(Purchase.OfIntent(Failed, fresh: true), "expired_card")),
        Page("A4 declined, then paid on the same page", PaymentStatus.Succeeded, Intent(Open), Intent(Failed), Intent(Failed), Intent(Paid), Session(Paid)),
        Page("A4 declined and left", PaymentStatus.Expired, Intent(Open), Intent(Failed), Session(Expired), Intent(Canceled)),
        Page("A4 declined, then a bank debit that arrives", PaymentStatus.Succeeded, Intent(Open), Intent(Failed), Intent(Processing), Session(Processing), Intent(Paid), Session(Paid)),
        Page("A5 confirmed with 3-D Secure", PaymentStatus.Succeeded, Intent(Open), Intent(Action), Intent(Paid), Session(Paid)),
        Page("A5 3-D Secure refused", PaymentStatus.Failed, Intent(Open), Intent(Action), Intent(Failed)),
        Page("A5 3-D Secure refused, then confirmed", PaymentStatus.Succeeded, Intent(Open), Intent(Action), Intent(Failed), Intent(Action), Intent(Paid), Session(Paid)),
        Page("A5 3-D Secure abandoned", PaymentStatus.Expired, Intent(Open), Intent(Action), Session(Expired), Intent(Canceled)),
        Page("A6 expired", PaymentStatus.Expired, Session(Expired)),
        Page("A6 expired with an intent", PaymentStatus.Expired, Intent(Open), Session(Expired), Intent(Canceled)),
        Bare("A7 intent cancelled", PaymentStatus.Canceled, Open, Canceled),
        Bare("A7 intent cancelled after a decline and a challenge", PaymentStatus.Canceled, Open, Failed, Action, Canceled),
        Bare("intent paid by card", PaymentStatus.Succeeded, Paid, Open),
        Bare("intent confirmed with 3-D Secure after a decline", PaymentStatus.Succeeded, Open, Failed, Action, Paid),
        Bare("intent of a bank debit that fails", PaymentStatus.Failed, Open, Processing, Failed),
        Bare("intent of a bank debit that is on its way", PaymentStatus.Processing, Open, Action, Processing),
    ];

    public static TheoryData<Scenario> Scenarios => [.. All];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void ends_the_same_duplicated_and_shuffled(Scenario scenario)
    {
        var asTold = Play(scenario, scenario.Events);
        asTold.Status.ShouldBe(scenario.End);
        Prop.ForAll(Orders(scenario, everyEvent: true), told => State(Play(scenario, told.Reports)).ShouldBe(State(asTold)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(150));
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void ends_the_same_reversed(Scenario scenario) =>
        State(Play(scenario, [.. scenario.Events.Reverse()])).ShouldBe(State(Play(scenario, scenario.Events)));

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void ends_the_same_when_events_are_lost_and_the_provider_is_asked_in_the_end(Scenario scenario) => Prop
        .ForAll(Orders(scenario, everyEvent: false), told => Play(scenario, [.. told.Reports, scenario.Truth]).Status.ShouldBe(scenario.End))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void grants_once_if_paid_and_else_never(Scenario scenario) => Prop
        .ForAll(Orders(scenario, everyEvent: true), told =>
        {
            var grants = 0;
            Play(scenario, told.Reports, effect => grants += effect == ReportEffect.Succeeded ? 1 : 0);
            grants.ShouldBe(scenario.End == PaymentStatus.Succeeded ? 1 : 0);
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Fact]
    public void is_checked_with_scenarios_of_every_status_there_is_before_refunds() =>
        All.Select(s => s.End).Distinct().Order().ShouldBe([PaymentStatus.Processing, PaymentStatus.Succeeded, PaymentStatus.Failed, PaymentStatus.Canceled, PaymentStatus.Expired]);

    private static Payment Play(Scenario scenario, IReadOnlyList<PaymentReport> told, Action<ReportEffect>? seen = null)
    {
        var payment = Purchase.Opened(scenario.Flow);
        var now = Purchase.Start;
        foreach (var report in told)
        {
            now = now.AddSeconds(1);
            var effect = payment.Report(report, now);
            seen?.Invoke(effect);
            if (effect == ReportEffect.Doubtful)
            {
                effect = payment.Report(scenario.Truth, now);
                seen?.Invoke(effect);
                effect.ShouldNotBe(ReportEffect.Doubtful, "the provider's own answer leaves no doubt");
            }

            effect.ShouldNotBe(ReportEffect.Mismatch);
            effect.ShouldNotBe(ReportEffect.PaidTwice);
        }

        return payment;
    }

    /// <summary>Hard case 14: statuses, amounts and references; when something was noticed may differ.</summary>
    private static string State(Payment p) => $"{p.Status} {p.SessionId} {p.IntentId} {p.ChargeId} {p.Total} {p.Discount} {p.Tax} paid={p.IsPaid} over={p.IsOver} failure={p.FailureCode} asks={p.NextCheckAt is not null}";

    private sealed record Told(IReadOnlyList<PaymentReport> Reports)
    {
        public override string ToString() => string.Join(" → ", Reports.Select(r => $"{(r.SessionId is null ? "intent" : "session")} {r.State}"));
    }

    /// <summary>Every event at least once (or not, when they may be lost), up to two of them again, in any order.</summary>
    private static Arbitrary<Told> Orders(Scenario scenario, bool everyEvent)
    {
        var orders =
            from first in everyEvent ? Gen.Constant(scenario.Events.ToArray()) : Gen.SubListOf(scenario.Events.ToArray()).Select(l => l.ToArray())
            from again in Gen.Elements(scenario.Events.ToArray()).ListOf()
            from order in Gen.Shuffle([.. first, .. again.Take(6)])
            select new Told([.. order]);
        return Arb.From(orders, told => Shorter(scenario, told, everyEvent));
    }

    private static IEnumerable<Told> Shorter(Scenario scenario, Told told, bool everyEvent) => Enumerable.Range(0, told.Reports.Count)
        .Select(i => new Told([.. told.Reports.Where((_, at) => at != i)]))
        .Where(t => !everyEvent || scenario.Events.All(t.Reports.Contains));

    private static PaymentReport For(PaymentReport report, string? reason) => report with { FailureCode = reason, FailureMessage = reason };

    private static PaymentReport Intent(ReportedState state) => Purchase.OfIntent(state);

    private static PaymentReport Session(ReportedState state) => Purchase.OfSession(state);

    private static Scenario Page(string name, PaymentStatus end, params PaymentReport[] events) => PageThatEnds(name, end, Purchase.OfSession(StateOf(end), fresh: true), events);

    private static Scenario PageThatEnds(string name, PaymentStatus end, PaymentReport truth, params PaymentReport[] events) => new(name, PaymentFlow.Checkout, end, events, truth);

    private static Scenario Bare(string name, PaymentStatus end, params ReportedState[] events) =>
        new(name, PaymentFlow.Intent, end, [.. events.Select(e => Purchase.OfIntent(e))], Purchase.OfIntent(StateOf(end), fresh: true));

    private static ReportedState StateOf(PaymentStatus end) => end switch
    {
        PaymentStatus.Succeeded => Paid,
        PaymentStatus.Failed => Failed,
        PaymentStatus.Canceled => Canceled,
        PaymentStatus.Expired => Expired,
        _ => Processing,
    };
}

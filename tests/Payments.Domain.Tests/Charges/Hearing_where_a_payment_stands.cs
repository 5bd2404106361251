using Payments.Domain.Payments.Charges;

namespace Payments.Domain.Tests.Charges;

/// <summary>The state machine of a payment, every pair of status and report, as a table.</summary>
/// <remarks>
/// <c>.</c> an echo that changes nothing, <c>?</c> doubtful: the provider is asked, a status: it moves there.
/// An event may be old; a fresh answer is the provider's word of this moment.
/// </remarks>
public sealed class Hearing_where_a_payment_stands
{
    private const string CheckoutEvents =
        """
        from \ says    Open     RequiresAction  Processing  Failed  Paid       Canceled  Expired
        Pending        .        RequiresAction  Processing  Failed  Succeeded  .         Expired
        RequiresAction .        .               ?           ?       Succeeded  .         Expired
        Processing     .        ?               .           ?       Succeeded  .         Expired
        Failed         .        ?               ?           .       Succeeded  .         Expired
        Expired        .        .               .           .       Succeeded  .         .
        Succeeded      .        .               .           .       .          .         .
        """;

    private const string CheckoutAnswers =
        """
        from \ says    Open     RequiresAction  Processing  Failed  Paid       Canceled  Expired
        Pending        .        RequiresAction  Processing  Failed  Succeeded  .         Expired
        RequiresAction Pending  .               Processing  Failed  Succeeded  .         Expired
        Processing     Pending  RequiresAction  .           Failed  Succeeded  .         Expired
        Failed         Pending  RequiresAction  Processing  .       Succeeded  .         Expired
        Expired        .        .               .           .       Succeeded  .         .
        Succeeded      .        .               .           .       .          .         .
        """;

    private const string IntentEvents =
        """
        from \ says    Open     RequiresAction  Processing  Failed  Paid       Canceled
        Pending        .        RequiresAction  Processing  Failed  Succeeded  Canceled
        RequiresAction .        .               ?           ?       Succeeded  Canceled
        Processing     .        ?               .           ?       Succeeded  Canceled
        Failed         .        ?               ?           .       Succeeded  Canceled
        Canceled       .        .               .           .       Succeeded  .
        Succeeded      .        .               .           .       .          .
        """;

    private const string IntentAnswers =
        """
        from \ says    Open     RequiresAction  Processing  Failed  Paid       Canceled
        Pending        .        RequiresAction  Processing  Failed  Succeeded  Canceled
        RequiresAction Pending  .               Processing  Failed  Succeeded  Canceled
        Processing     Pending  RequiresAction  .           Failed  Succeeded  Canceled
        Failed         Pending  RequiresAction  Processing  .       Succeeded  Canceled
        Canceled       .        .               .           .       Succeeded  .
        Succeeded      .        .               .           .       .          .
        """;

    public static TheoryData<PaymentFlow, bool, PaymentStatus, ReportedState, string> Table =>
        Rows(PaymentFlow.Checkout, fresh: false, CheckoutEvents)
            .Concat(Rows(PaymentFlow.Checkout, fresh: true, CheckoutAnswers))
            .Concat(Rows(PaymentFlow.Intent, fresh: false, IntentEvents))
            .Concat(Rows(PaymentFlow.Intent, fresh: true, IntentAnswers))
            .ToTable();

    [Theory]
    [MemberData(nameof(Table))]
    public void moves_only_as_the_table_lists(PaymentFlow flow, bool fresh, PaymentStatus from, ReportedState says, string outcome)
    {
        var payment = Purchase.In(from, flow);
        var before = Purchase.Snapshot(payment);
        var later = Purchase.Start.AddMinutes(5);

        var effect = payment.Report(Purchase.Said(says, flow, fresh), later);

        switch (outcome)
        {
            case ".":
                (payment.Status, effect == ReportEffect.Succeeded || effect == ReportEffect.Doubtful).ShouldBe((from, false));
                break;
            case "?":
                effect.ShouldBe(ReportEffect.Doubtful);
                Purchase.Snapshot(payment).ShouldBe(before);
                break;
            default:
                payment.Status.ToString().ShouldBe(outcome);
                effect.ShouldBe(outcome == nameof(PaymentStatus.Succeeded) ? ReportEffect.Succeeded : ReportEffect.Changed);
                break;
        }

        (payment.FailureCode is not null).ShouldBe(payment.Status == PaymentStatus.Failed);
        payment.IsPaid.ShouldBe(payment.Status == PaymentStatus.Succeeded);
        (payment.NextCheckAt is null).ShouldBe(payment.IsOver);
    }

    public static TheoryData<PaymentStatus, ReportedState, bool> AfterTheMoneyCame => (
        from status in Enum.GetValues<PaymentStatus>()
        where status is PaymentStatus.Succeeded or PaymentStatus.PartiallyRefunded or PaymentStatus.Refunded or PaymentStatus.Disputed or PaymentStatus.Lost
        from says in Enum.GetValues<ReportedState>()
        from age in Enumerable.Range(0, 2)
        select (status, says, age == 0)).ToTable();

    [Theory]
    [MemberData(nameof(AfterTheMoneyCame))]
    public void never_leaves_what_became_of_the_money(PaymentStatus status, ReportedState says, bool fresh)
    {
        foreach (var flow in Enum.GetValues<PaymentFlow>())
        {
            var payment = Purchase.In(status, flow);
            var completed = payment.CompletedAt;

            payment.Report(Purchase.Said(says, flow, fresh), Purchase.Start.AddDays(3)).ShouldBeOneOf(ReportEffect.None, ReportEffect.Changed);

            payment.Status.ShouldBe(status);
            payment.CompletedAt.ShouldBe(completed);
            payment.FailureCode.ShouldBeNull();
            payment.NextCheckAt.ShouldBeNull();
        }
    }

    [Fact]
    public void changes_nothing_at_a_late_echo_once_all_is_known()
    {
        foreach (var flow in Enum.GetValues<PaymentFlow>())
        {
            var payment = Purchase.Opened(flow);
            payment.Report(Purchase.Said(ReportedState.Paid, flow, fresh: true), Purchase.Start.AddMinutes(1)).ShouldBe(ReportEffect.Succeeded);
            var known = Purchase.Snapshot(payment);

            foreach (var says in Enum.GetValues<ReportedState>())
            {
                payment.Report(Purchase.Said(says, flow), Purchase.Start.AddMinutes(9)).ShouldBe(ReportEffect.None);
                payment.Report(Purchase.OfIntent(says), Purchase.Start.AddMinutes(9)).ShouldBe(ReportEffect.None);
            }

            Purchase.Snapshot(payment).ShouldBe(known);
        }
    }

    [Fact]
    public void succeeds_even_after_the_page_had_expired()
    {
        var payment = Purchase.In(PaymentStatus.Expired, PaymentFlow.Checkout);

        payment.Report(Purchase.OfSession(ReportedState.Paid), Purchase.Start.AddHours(2)).ShouldBe(ReportEffect.Succeeded);

        payment.CompletedAt.ShouldBe(Purchase.Start.AddHours(2));
    }

    [Fact]
    public void keeps_the_page_open_when_only_the_intent_beneath_it_was_cancelled()
    {
        var payment = Purchase.Opened(PaymentFlow.Checkout);

        payment.Report(Purchase.OfIntent(ReportedState.Canceled), Purchase.Start.AddMinutes(1)).ShouldBe(ReportEffect.None);

        payment.Status.ShouldBe(PaymentStatus.Pending);
        payment.NextCheckAt.ShouldNotBeNull();
    }

    [Fact]
    public void tells_why_it_failed_and_forgets_it_when_it_goes_on()
    {
        var payment = Purchase.Opened(PaymentFlow.Intent);
        payment.Report(Purchase.OfIntent(ReportedState.Failed) with { FailureCode = null }, Purchase.Start.AddMinutes(1));
        payment.FailureCode.ShouldBe("payment_failed");
        payment.FailureMessage.ShouldBe("Your card was declined.");

        payment.Report(Purchase.OfIntent(ReportedState.Processing, fresh: true), Purchase.Start.AddMinutes(2)).ShouldBe(ReportEffect.Changed);

        (payment.FailureCode, payment.FailureMessage).ShouldBe((null, null));
    }

    [Fact]
    public void knows_no_charge_of_an_attempt_that_failed()
    {
        var payment = Purchase.Opened(PaymentFlow.Intent);

        payment.Report(Purchase.OfIntent(ReportedState.Failed) with { ChargeId = "ch_declined" }, Purchase.Start.AddMinutes(1));
        payment.ChargeId.ShouldBeNull();

        payment.Report(Purchase.OfIntent(ReportedState.Paid), Purchase.Start.AddMinutes(2));
        payment.ChargeId.ShouldBe(Purchase.Charge);
    }

    private static IEnumerable<(PaymentFlow, bool, PaymentStatus, ReportedState, string)> Rows(PaymentFlow flow, bool fresh, string table)
    {
        var lines = table.Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToArray();
        var says = lines[0][3..].Select(Enum.Parse<ReportedState>).ToArray();
        return from line in lines[1..]
               from column in Enumerable.Range(0, says.Length)
               select (flow, fresh, Enum.Parse<PaymentStatus>(line[0]), says[column], line[column + 1]);
    }
}

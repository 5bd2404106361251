using Payments.Application.Payments.Charges;
using Payments.Application.Payments.Gateway;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Infrastructure.Tests.Gateway;

/// <summary>What a session or an intent means for its payment.</summary>
public sealed class Hearing_from_the_provider
{
    private static readonly DateTimeOffset Now = new(2026, 7, 29, 12, 0, 0, TimeSpan.Zero);
    private static readonly GatewayDecline Declined = new("lost_card", "card_declined", "Your card was declined.");
    private static readonly FailedAttempt Failure = new(Declined, null, "pm_1", "card", "visa", "0002");

    [Theory]
    [InlineData(CheckoutStatus.Open, CheckoutPaymentStatus.Unpaid, false, ReportedState.Open)]
    [InlineData(CheckoutStatus.Complete, CheckoutPaymentStatus.Paid, false, ReportedState.Paid)]
    [InlineData(CheckoutStatus.Complete, CheckoutPaymentStatus.NothingDue, false, ReportedState.Paid)]
    [InlineData(CheckoutStatus.Complete, CheckoutPaymentStatus.Unpaid, false, ReportedState.Processing)]
    [InlineData(CheckoutStatus.Complete, CheckoutPaymentStatus.Unpaid, true, ReportedState.Failed)]
    [InlineData(CheckoutStatus.Expired, CheckoutPaymentStatus.Unpaid, false, ReportedState.Expired)]

    // Nothing is paid before the page is complete, whatever it says.
    [InlineData(CheckoutStatus.Open, CheckoutPaymentStatus.NothingDue, false, ReportedState.Open)]
    [InlineData(CheckoutStatus.Open, CheckoutPaymentStatus.Paid, false, ReportedState.Open)]
    [InlineData(CheckoutStatus.Expired, CheckoutPaymentStatus.NothingDue, false, ReportedState.Expired)]
    public void from_a_session(CheckoutStatus status, CheckoutPaymentStatus paid, bool asyncFailed, ReportedState means) =>
        GatewayReports.From(Session(status, paid), asyncFailed).State.ShouldBe(means);

    [Theory]
    [InlineData(CheckoutStatus.Open, IntentStatus.RequiresAction, false, ReportedState.RequiresAction)]
    [InlineData(CheckoutStatus.Open, IntentStatus.RequiresPaymentMethod, true, ReportedState.Failed)]
    [InlineData(CheckoutStatus.Open, IntentStatus.RequiresPaymentMethod, false, ReportedState.Open)]
    [InlineData(CheckoutStatus.Open, IntentStatus.RequiresConfirmation, false, ReportedState.Open)]
    [InlineData(CheckoutStatus.Complete, IntentStatus.Processing, false, ReportedState.Processing)]
    [InlineData(CheckoutStatus.Complete, IntentStatus.RequiresPaymentMethod, true, ReportedState.Failed)]
    [InlineData(CheckoutStatus.Expired, IntentStatus.Canceled, false, ReportedState.Expired)]

    // The session is about to say so itself; until then nothing is paid.
    [InlineData(CheckoutStatus.Open, IntentStatus.Succeeded, false, ReportedState.Open)]
    [InlineData(CheckoutStatus.Complete, IntentStatus.Succeeded, false, ReportedState.Processing)]
    public void from_an_unpaid_session_with_its_intent(CheckoutStatus status, IntentStatus beneath, bool failed, ReportedState means) =>
        GatewayReports.From(Session(status, CheckoutPaymentStatus.Unpaid) with { Intent = Intent(beneath, failed) }).State.ShouldBe(means);

    [Theory]
    [InlineData(IntentStatus.RequiresPaymentMethod, false, ReportedState.Open)]
    [InlineData(IntentStatus.RequiresPaymentMethod, true, ReportedState.Failed)]
    [InlineData(IntentStatus.RequiresConfirmation, false, ReportedState.Open)]
    [InlineData(IntentStatus.RequiresAction, false, ReportedState.RequiresAction)]
    [InlineData(IntentStatus.RequiresAction, true, ReportedState.RequiresAction)]
    [InlineData(IntentStatus.Processing, false, ReportedState.Processing)]
    [InlineData(IntentStatus.RequiresCapture, false, ReportedState.Processing)]
    [InlineData(IntentStatus.Canceled, false, ReportedState.Canceled)]
    [InlineData(IntentStatus.Succeeded, false, ReportedState.Paid)]
    [InlineData(IntentStatus.Succeeded, true, ReportedState.Paid)]
    public void from_an_intent(IntentStatus status, bool failed, ReportedState means) => GatewayReports.From(Intent(status, failed)).State.ShouldBe(means);

    [Fact]
    public void takes_from_a_session_its_subtotal_which_must_be_ours()
    {
        var report = GatewayReports.From(Session(CheckoutStatus.Complete, CheckoutPaymentStatus.Paid) with { Intent = Intent(IntentStatus.Succeeded) });

        (report.Subtotal, report.Total, report.Discount, report.Tax).ShouldBe((Usd(2000), Usd(1620), Usd(500), Usd(120)));
        (report.SessionId, report.IntentId, report.ChargeId, report.IsFresh).ShouldBe(("cs_1", "pi_1", "ch_1", false));
    }

    [Fact]
    public void takes_from_an_intent_what_was_really_received_and_no_subtotal()
    {
        var paid = GatewayReports.From(Intent(IntentStatus.Succeeded));
        (paid.Subtotal, paid.Total, paid.SessionId, paid.IntentId, paid.ChargeId).ShouldBe((null, Usd(1600), null, "pi_1", "ch_1"));

        GatewayReports.From(Intent(IntentStatus.Processing)).Total.ShouldBe(Usd(1620));
    }

    [Fact]
    public void tells_a_buyer_only_what_a_buyer_may_know()
    {
        var report = GatewayReports.From(Intent(IntentStatus.RequiresPaymentMethod, failed: true));

        (report.FailureCode, report.FailureMessage).ShouldBe(("card_declined", "Your card was declined."));
    }

    [Fact]
    public void knows_an_attempt_by_its_charge_or_by_its_intent_and_card_where_no_charge_was_made()
    {
        var charge = new ChargeState("ch_1", null, "pi_1", ChargeOutcome.Failed, Usd(1620), "card", "visa", "0002", Declined, Now, false);

        AttemptReport.From(Intent(IntentStatus.Succeeded) with { Charge = charge with { Outcome = ChargeOutcome.Succeeded } }, Now).ShouldHaveSingleItem().Key.ShouldBe("ch_1");
        AttemptReport.From(Intent(IntentStatus.Succeeded), Now).ShouldHaveSingleItem().ShouldBe(new AttemptReport("ch_1", AttemptOutcome.Succeeded, Usd(1600), null, null, null, null, Now));
        AttemptReport.From(Intent(IntentStatus.RequiresPaymentMethod, failed: true), Now).ShouldHaveSingleItem().ShouldBe(new AttemptReport("pi_1/pm_1", AttemptOutcome.Failed, Usd(1620), "card", "visa", "0002", Declined, Now));
        AttemptReport.From(Intent(IntentStatus.RequiresPaymentMethod, failed: true) with { Charge = charge, LastFailure = Failure with { ChargeId = "ch_1" } }, Now).Select(a => a.Key).Distinct().ShouldBe(["ch_1"]);
        AttemptReport.From(Intent(IntentStatus.RequiresPaymentMethod), Now).ShouldBeEmpty();
        AttemptReport.From(charge with { Outcome = ChargeOutcome.Pending }).Outcome.ShouldBe(AttemptOutcome.Pending);
    }

    private static Money Usd(long minor) => new(minor, Currency.Of("usd"));

    private static CheckoutState Session(CheckoutStatus status, CheckoutPaymentStatus paid) =>
        new("cs_1", null, status, paid, Usd(2000), Usd(1620), Usd(500), Usd(120), "cus_1", "pi_1", null, Now, Now, false, null);

    private static IntentState Intent(IntentStatus status, bool failed = false) => new(
        "pi_1", null, status, Usd(1620), status == IntentStatus.Succeeded ? Usd(1600) : Usd(0), null, "cus_1", status == IntentStatus.Succeeded ? "ch_1" : null, null, failed ? Failure : null, Now, false);
}

using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Domain.Tests.Charges;

public sealed class Opening_a_payment
{
    private static readonly DateTimeOffset Later = Purchase.Start.AddMinutes(5);

    [Fact]
    public void fixes_what_was_shown_to_the_buyer()
    {
        var payment = Purchase.New(PaymentFlow.Checkout);

        payment.Status.ShouldBe(PaymentStatus.Pending);
        (payment.Amount, payment.UnitPrice, payment.Quantity).ShouldBe((Purchase.Price, Purchase.Price, 1));
        (payment.Credits, payment.CreditsExpireAfterDays, payment.RefundPolicy).ShouldBe((500, 90, RefundPolicy.Debt));
        (payment.Total, payment.CompletedAt, payment.SessionId, payment.IntentId).ShouldBe((null, null, null, null));
        (payment.RequestKey, payment.CreatedAt, payment.SessionExpiresAt).ShouldBe(("key", Purchase.Start, Purchase.PageCloses));
        (payment.IsPaid, payment.IsOver).ShouldBe((false, false));
    }

    [Fact]
    public void asks_soon_about_an_opening_that_a_crash_cut_short() => Purchase.New(PaymentFlow.Checkout).NextCheckAt.ShouldBe(Purchase.Start.AddMinutes(1));

    [Fact]
    public void keeps_the_first_session_it_was_told()
    {
        var payment = Purchase.Opened(PaymentFlow.Checkout);

        payment.SessionOpened("cs_2", null, Purchase.PageCloses, Later);

        payment.SessionId.ShouldBe(Purchase.Session);
        payment.SessionUrl.ShouldBe("https://pay.example/cs_1");
    }

    [Fact]
    public void keeps_the_first_intent_it_was_told()
    {
        var payment = Purchase.Opened(PaymentFlow.Intent);

        payment.IntentOpened("pi_2", Later);

        payment.IntentId.ShouldBe(Purchase.Intent);
    }

    [Fact]
    public void learns_its_session_from_an_event_that_is_faster_than_the_answer()
    {
        var payment = Purchase.New(PaymentFlow.Checkout);

        payment.Report(Purchase.OfSession(ReportedState.Paid), Later).ShouldBe(ReportEffect.Succeeded);
        payment.SessionOpened(Purchase.Session, "https://pay.example/cs_1", Purchase.PageCloses, Later);

        (payment.SessionId, payment.IntentId, payment.Status, payment.NextCheckAt).ShouldBe((Purchase.Session, Purchase.Intent, PaymentStatus.Succeeded, null));
    }

    [Theory]
    [InlineData(PaymentFlow.Checkout)]
    [InlineData(PaymentFlow.Intent)]
    public void refused_by_the_provider_fails_with_its_reason_and_is_asked_about_no_more(PaymentFlow flow)
    {
        var payment = Purchase.New(flow);

        payment.OpeningRefused("amount_too_small", "The amount is too small.", Later);

        payment.Status.ShouldBe(PaymentStatus.Failed);
        (payment.FailureCode, payment.FailureMessage, payment.NextCheckAt).ShouldBe(("amount_too_small", "The amount is too small.", null));
        payment.IsPaid.ShouldBeFalse();
    }

    [Theory]
    [InlineData(PaymentStatus.Succeeded)]
    [InlineData(PaymentStatus.Expired)]
    [InlineData(PaymentStatus.Refunded)]
    public void refused_too_late_changes_nothing(PaymentStatus status)
    {
        var payment = Purchase.In(status, PaymentFlow.Checkout);
        var before = Purchase.Snapshot(payment);

        payment.OpeningRefused("amount_too_small", "The amount is too small.", Later);

        Purchase.Snapshot(payment).ShouldBe(before);
    }

    [Fact]
    public void that_charges_a_card_is_given_up_only_when_nobody_can_be_asking_for_it()
    {
        var payment = Purchase.New(PaymentFlow.Intent, "pm_1");

        payment.GiveUp(Purchase.Start.AddMinutes(3).AddTicks(-10)).ShouldBeFalse();
        payment.ChargeAsked(Purchase.Start.AddMinutes(2));
        payment.NextCheckAt.ShouldBe(Purchase.Start.AddMinutes(3));
        payment.GiveUp(Purchase.Start.AddMinutes(4)).ShouldBeFalse();
        (payment.Status, payment.IsNeverOpened).ShouldBe((PaymentStatus.Pending, false));

        payment.GiveUp(Purchase.Start.AddMinutes(5)).ShouldBeTrue();

        (payment.Status, payment.FailureCode, payment.NextCheckAt).ShouldBe((PaymentStatus.Canceled, OpeningFailures.GivenUp, null));
        (payment.IsNeverOpened, payment.IsOver).ShouldBe((true, true));
        PaymentRefusals.NotOpened(payment).Code.ShouldBe("payment.given_up");
    }

    [Fact]
    public void given_up_is_asked_for_no_more_and_yet_paid_succeeds()
    {
        var payment = Purchase.New(PaymentFlow.Intent, "pm_1");
        payment.GiveUp(Later);

        payment.ChargeAsked(Later);
        payment.NextCheckAt.ShouldBeNull();

        payment.Report(Purchase.OfIntent(ReportedState.Paid), Later).ShouldBe(ReportEffect.Succeeded);
        (payment.Status, payment.FailureCode).ShouldBe((PaymentStatus.Succeeded, null));
    }

    [Fact]
    public void that_the_provider_knows_of_is_never_given_up() => Purchase.Opened(PaymentFlow.Intent).GiveUp(Later).ShouldBeFalse();

    [Theory]
    [InlineData(OpeningFailures.MethodUnknown, "payment_method.invalid", "paymentMethodId")]
    [InlineData(OpeningFailures.PromotionCodeInvalid, "promotion_code.invalid", "promotionCode")]
    [InlineData(OpeningFailures.AmountTooSmall, "amount.too_small", "quantity")]
    [InlineData(OpeningFailures.AmountTooLarge, "amount.too_large", "quantity")]
    [InlineData("whatever_it_was", "payment.not_opened", null)]
    public void refused_for_good_says_so_every_time(string failure, string code, string? field)
    {
        var payment = Purchase.New(PaymentFlow.Intent);
        payment.OpeningRefused(failure, "No.", Purchase.Start);

        var refusal = PaymentRefusals.NotOpened(payment);

        (refusal.Kind, refusal.Code, refusal.Field).ShouldBe((RefusalKind.Invalid, code, field));
    }

    [Fact]
    public void refused_and_yet_paid_succeeds()
    {
        var payment = Purchase.New(PaymentFlow.Intent);
        payment.OpeningRefused("resource_missing", "No.", Later);

        payment.Report(Purchase.OfIntent(ReportedState.Paid), Later).ShouldBe(ReportEffect.Succeeded);

        (payment.Status, payment.FailureCode).ShouldBe((PaymentStatus.Succeeded, null));
    }
}

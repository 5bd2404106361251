using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Charges;

public static class PaymentRefusals
{
    public static Refusal NotFound() => new(RefusalKind.NotFound, "payment.not_found", "There is no such payment of yours.");

    /// <summary>For staff, who may see everybody's.</summary>
    public static Refusal Unknown() => new(RefusalKind.NotFound, "payment.not_found", "There is no such payment.");

    public static Refusal SessionNotFound() => new(RefusalKind.NotFound, "checkout_session.not_found", "There is no such checkout session of yours.");

    public static Refusal PackNotFound() => new(RefusalKind.NotFound, "credit_pack.not_found", "There is no such credit pack on sale.", "creditPackId");

    public static Refusal ItemNotFound() => new(RefusalKind.NotFound, "item.not_found", "There is no such item on sale.", "itemId");

    public static Refusal ItemOwned() => new(RefusalKind.Conflict, "item.owned", "You have bought this already.", "itemId");

    public static Refusal ItemBeingPaid() => new(RefusalKind.Conflict, "item.being_paid", "Your payment for this is on its way; it takes a while until your bank has confirmed it.", "itemId");

    public static Refusal PurchaseNotFound() => new(RefusalKind.NotFound, "purchase.not_found", "There is no such purchase of yours.");

    public static Refusal OnePiece() => new(RefusalKind.Invalid, "quantity.invalid", "This is bought once; its quantity is 1.", "quantity");

    public static Refusal CheckoutDisabled() => new(RefusalKind.Forbidden, "checkout.disabled", "Buying is switched off at the moment.");

    public static Refusal CheckoutNotAllowed() => new(RefusalKind.Forbidden, "checkout.not_allowed", "Buying is open to invited users only at the moment.");

    public static Refusal PromotionCodeUnknown() => new(RefusalKind.Invalid, "promotion_code.invalid", "There is no such promotion code, or it cannot be used any more.", "promotionCode");

    public static Refusal PromotionCodeCheckoutOnly() => new(RefusalKind.Invalid, "promotion_code.checkout_only", "A promotion code needs a checkout session; an intent charges the full amount.", "promotionCode");

    public static Refusal MethodNotFound() => new(
        RefusalKind.Invalid, "payment_method.invalid", "There is no such saved card of yours, or it cannot be used for this purchase.", "paymentMethodId");

    public static Refusal NoMismatch() => new(RefusalKind.Conflict, "payment.no_mismatch", "What was paid of this payment awaits no decision.");

    public static Refusal MismatchCurrency(Currency paid, Currency agreed) => new(
        RefusalKind.Conflict, "payment.mismatch_currency", $"It was paid in {paid.Code.ToUpperInvariant()} and agreed in {agreed.Code.ToUpperInvariant()}: it can only be given back.");

    public static Refusal MismatchPaid() => new(
        RefusalKind.Conflict, "payment.mismatch_paid", "What was agreed has been granted already: refund the payment, or accept the amount.");

    public static Refusal MismatchOfSubscription() => new(
        RefusalKind.Conflict, "payment.mismatch_subscription", "A subscription was paid with it: accept the amount, then refund the payment, which ends the subscription too.");

    /// <param name="promotionCode">Counted in; null: none.</param>
    public static string TooSmall(Currency currency, string? promotionCode) =>
        $"A purchase costs at least {MoneyText.Format(new Money(currency.LeastCharge, currency))}{(promotionCode is null ? "" : ", or nothing, after its promotion code")}.";

    public static string TooLarge(Currency currency) => $"A purchase may cost at most {MoneyText.Format(new Money(PaymentTerms.MaximumMinor, currency))}.";

    /// <summary>Why a purchase never came to anything: told to whoever asks for it, the first time and every time after.</summary>
    public static Refusal NotOpened(Payment payment) => payment.FailureCode switch
    {
        OpeningFailures.MethodUnknown => MethodNotFound(),
        OpeningFailures.PromotionCodeInvalid => PromotionCodeUnknown(),
        OpeningFailures.GivenUp => new(RefusalKind.Conflict, "payment.given_up", $"{payment.FailureMessage} Start again with a new Idempotency-Key."),
        OpeningFailures.AmountTooSmall => new(RefusalKind.Invalid, "amount.too_small", payment.FailureMessage!, payment.PromotionCode is null ? "quantity" : "promotionCode"),
        OpeningFailures.AmountTooLarge => new(RefusalKind.Invalid, "amount.too_large", payment.FailureMessage!, "quantity"),
        _ => new(RefusalKind.Invalid, "payment.not_opened", payment.FailureMessage ?? "The payment provider did not accept this purchase."),
    };
}

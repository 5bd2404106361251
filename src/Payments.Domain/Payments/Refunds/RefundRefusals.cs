using System.Globalization;
using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Refunds;

public static class RefundRefusals
{
    public static Refusal NotPaid() => new(RefusalKind.Conflict, "refund.not_paid", "The payment has not been paid, so there is nothing to give back.");

    public static Refusal ExceedsRefundable(Money refundable) =>
        new(RefusalKind.Conflict, "refund.exceeds_refundable", $"At most {MoneyText.Format(refundable)} of the payment can still be given back.", "amount");

    public static Refusal Disputed() => new(RefusalKind.Conflict, "refund.disputed", "The buyer's bank has taken the payment back in a dispute; it cannot be refunded as well.");

    public static Refusal AmountInvalid() => new(RefusalKind.Invalid, "refund.amount_invalid", "An amount to give back is more than nothing.", "amount");

    public static Refusal AmountStep(Currency currency) =>
        new(RefusalKind.Invalid, "refund.amount_step", $"An amount in {currency.Code.ToUpperInvariant()} is a multiple of {currency.Step} minor units.", "amount");

    public static Refusal OtherCurrency(Currency currency) =>
        new(RefusalKind.Invalid, "refund.currency_mismatch", $"The payment was made in {currency.Code.ToUpperInvariant()}; it is given back in the same.", "amount.currency");

    public static Refusal LimitExceeded(string limit) => new(RefusalKind.Forbidden, "refund.limit_exceeded", limit);

    public static Refusal OwnPayment() => new(RefusalKind.Forbidden, "refund.own_payment", "Nobody of support gives back a payment of their own; ask an admin.");

    public static Refusal NotByBuyer() => new(RefusalKind.Conflict, "purchase.not_refundable", "This purchase cannot be given back by yourself; please write to us.");

    public static Refusal WindowOver(DateTimeOffset until) =>
        new(RefusalKind.Conflict, "purchase.refund_window_over", string.Create(CultureInfo.InvariantCulture, $"This could be given back until {until.ToUniversalTime():yyyy-MM-dd HH:mm:ss} UTC; that is over."));
}

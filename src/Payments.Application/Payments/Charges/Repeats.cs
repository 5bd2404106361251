using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Checkout;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Charges;

/// <summary>
/// A purchase that is asked for again under its caller's key. The key stands for one payment, for good and in every
/// status: what was charged once is answered, never charged again.
/// </summary>
internal static class Repeats
{
    /// <summary>The payment that was saved under the purchase's key; null: none, or there is no key.</summary>
    /// <exception cref="Refusal"><c>idempotency.key_reused</c>: it was for something else.</exception>
    public static async Task<PaymentId?> FindSavedAsync(this IPurchase purchase, IPaymentsDb db, CancellationToken cancellationToken)
    {
        if (purchase.RequestKey is null)
        {
            return null;
        }

        var saved = await db.Payments.AsNoTracking()
            .FirstOrDefaultAsync(p => p.UserId == purchase.UserId && p.Flow == purchase.Flow && p.RequestKey == purchase.RequestKey, cancellationToken);
        return saved is null || IsFor(saved, purchase)
            ? saved?.Id
            : throw new Refusal(RefusalKind.Unprocessable, "idempotency.key_reused", "This Idempotency-Key was used for another purchase.");
    }

    /// <summary>The same was asked for. What it costs is not compared: that was agreed when it was saved.</summary>
    private static bool IsFor(Payment saved, IPurchase purchase) =>
        saved.CreditPackId == purchase.CreditPackId
        && saved.PlanId == purchase.PlanId
        && saved.ItemId == purchase.ItemId
        && saved.OrderId == purchase.OrderId
        && saved.Quantity == (purchase.Quantity ?? 1)
        && (purchase.CreditAmount is not { } credits || (saved.Kind == PaymentKind.CreditAmount && saved.Credits == (long)credits * saved.Quantity))
        && saved.PaymentMethodId == purchase.PaymentMethodId
        && string.Equals(saved.PromotionCode, purchase.PromotionCode?.Trim(), StringComparison.OrdinalIgnoreCase);
}

using Microsoft.EntityFrameworkCore;
using Payments.Application.Users.Contracts;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Items;

/// <summary>Turns paid purchases of items into access, each item once a buyer. In the transaction that has just made them paid.</summary>
internal sealed class ItemDeliveries(IPaymentsDb db, IAccess access)
{
    /// <param name="succeeded">Their row locks are held, and the row locks of their buyers.</param>
    public async Task DeliverAsync(IEnumerable<Payment> succeeded, CancellationToken cancellationToken)
    {
        var bought = succeeded.Where(p => p.ItemId is not null).OrderBy(p => p.CreatedAt).ThenBy(p => p.Id.Value).ToList();
        if (bought.Count == 0)
        {
            return;
        }

        var buyers = bought.Select(p => p.UserId).Distinct().ToList();
        var items = bought.Select(p => p.ItemId!.Value).Distinct().ToList();
        var earlier = await db.Payments.AsNoTracking()
            .Where(p => buyers.Contains(p.UserId) && p.ItemId != null && items.Contains(p.ItemId.Value) && p.CompletedAt != null && p.Undelivered == null
                && (p.Status == PaymentStatus.Succeeded || p.Status == PaymentStatus.PartiallyRefunded || p.Status == PaymentStatus.Disputed))
            .Select(p => new { p.UserId, p.ItemId }).ToListAsync(cancellationToken);
        var owned = earlier.Select(e => (e.UserId, e.ItemId)).ToHashSet();
        foreach (var payment in bought)
        {
            if (!owned.Add((payment.UserId, payment.ItemId)))
            {
                payment.BoughtNothing(UndeliveredReason.AlreadyOwned);
            }
        }

        await access.SetAsync([.. bought.Select(SettingOf).OfType<AccessSetting>()], cancellationToken);
    }

    /// <summary>What a payment gives now; null when it gives no access.</summary>
    public static AccessSetting? SettingOf(Payment payment) => payment.AccessState is { } state
        ? new AccessSetting(payment.UserId, $"purchase:{payment.Id}", payment.Access!.Value, payment.CompletedAt!.Value, null, state, null)
        : null;
}

using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Users.Contracts;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Items;

/// <summary>
/// Turns payments for items into access, each resource once a buyer, see <see cref="Ownership"/>. In the transaction that
/// has just made them paid, or in which their money came back to us.
/// </summary>
internal sealed class ItemDeliveries(IPaymentsDb db, IAccess access)
{
    /// <summary>As <see cref="Payment.Stands"/>, for the database.</summary>
    public static readonly Expression<Func<Payment, bool>> Stand = p => p.ItemId != null && p.CompletedAt != null && p.Undelivered == null
        && (p.Status == PaymentStatus.Succeeded || p.Status == PaymentStatus.PartiallyRefunded || p.Status == PaymentStatus.Disputed);

    /// <param name="moved">Their row locks are held with those of all their rivals, and then the row locks of their buyers.</param>
    /// <returns>Those that have just turned out to be for nothing, of these and of earlier ones.</returns>
    public async Task<IReadOnlyList<Payment>> DeliverAsync(IEnumerable<Payment> moved, CancellationToken cancellationToken)
    {
        var bought = moved.Where(p => p.ItemId is not null).ToList();
        if (bought.Count == 0)
        {
            return [];
        }

        var buyers = bought.Select(p => p.UserId).Distinct().ToList();
        var resources = bought.Select(p => p.AccessId).Distinct().ToList();
        var standing = await db.Payments.Where(Stand).Where(p => buyers.Contains(p.UserId) && resources.Contains(p.AccessId)).ToListAsync(cancellationToken);
        var forNothing = await ForNothingAsync(bought, standing, cancellationToken);
        forNothing.ForEach(p => p.BoughtNothing(UndeliveredReason.AlreadyOwned));
        await access.SetAsync([.. bought.Select(SettingOf).OfType<AccessSetting>(), .. forNothing.Except(bought).Select(p => Setting(p, AccessState.Revoked))], cancellationToken);
        return forNothing;
    }

    private async Task<List<Payment>> ForNothingAsync(List<Payment> bought, List<Payment> standing, CancellationToken cancellationToken)
    {
        var wanted = bought.Select(p => (p.UserId, p.Access)).ToHashSet();
        var rivals = bought.Union(standing).Where(p => p.Stands).GroupBy(p => (p.UserId, p.Access)).Where(g => wanted.Contains(g.Key) && g.Skip(1).Any()).ToList();
        if (rivals.Count == 0)
        {
            return [];
        }

        var ids = rivals.SelectMany(g => g).Select(p => p.Id).ToList();
        var refunds = await db.Refunds.Where(r => ids.Contains(r.PaymentId)).ToListAsync(cancellationToken);
        var disputes = await db.Disputes.Where(d => ids.Contains(d.PaymentId)).ToListAsync(cancellationToken);
        return [.. rivals.SelectMany(g => Ownership.ForNothing(g, refunds, disputes))];
    }

    /// <summary>What a payment gives now; null when it gives no access.</summary>
    public static AccessSetting? SettingOf(Payment payment) => payment.AccessState is { } state ? Setting(payment, state) : null;

    private static AccessSetting Setting(Payment payment, AccessState state) =>
        new(payment.UserId, $"purchase:{payment.Id}", payment.Access!.Value, payment.CompletedAt!.Value, null, state, null);
}

using Payments.Domain.Payments.Disputes;
using Payments.Domain.Payments.Refunds;

namespace Payments.Domain.Payments.Charges;

/// <summary>
/// A resource is had once. By which of several payments its buyer has it follows from the payments alone, whatever was
/// heard of first: by the one opened first, unless another was opened after the money of that one had gone back, which
/// only then turned out to have stayed (the refund failed, the dispute was won).
/// </summary>
public static class Ownership
{
    /// <param name="payments">One buyer's, for one resource.</param>
    /// <param name="refunds">Of these payments, the failed ones too.</param>
    /// <param name="disputes">The same.</param>
    /// <returns>Those that stand beside the one that counts: they bought nothing.</returns>
    public static IReadOnlyList<Payment> ForNothing(IEnumerable<Payment> payments, IReadOnlyCollection<Refund> refunds, IReadOnlyCollection<Dispute> disputes)
    {
        var standing = payments.Where(p => p.Stands).OrderBy(p => p.CreatedAt).ThenBy(p => p.Id.Value).ToList();
        var counts = standing.Find(p => WentBackAt(p, refunds, disputes) is not { } then || !standing.Exists(other => other != p && other.CreatedAt > then));
        return [.. standing.Where(p => p != counts)];
    }

    /// <summary>When all of it had gone back for the first time, as it seemed; null: it never had.</summary>
    private static DateTimeOffset? WentBackAt(Payment payment, IReadOnlyCollection<Refund> refunds, IReadOnlyCollection<Dispute> disputes)
    {
        var first = disputes.Where(d => d.PaymentId == payment.Id && d is { TookMoney: true, OfSurplus: false }).Min(d => (DateTimeOffset?)d.CreatedAt);
        var left = payment.Paid.Minor;
        foreach (var refund in refunds.Where(r => r.PaymentId == payment.Id && !r.OfSurplus && (r.Counts || r.GatewayId is not null)).OrderBy(r => r.CreatedAt))
        {
            left -= refund.Amount.Minor;
            if (left <= 0)
            {
                return first < refund.CreatedAt ? first : refund.CreatedAt;
            }
        }

        return first;
    }
}

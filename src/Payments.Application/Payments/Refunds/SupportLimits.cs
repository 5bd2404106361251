using Microsoft.EntityFrameworkCore;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Refunds;

/// <summary>What those may give back who may not give back everything: nobody's own payments, and so much of a payment, and an agent in a day.</summary>
internal sealed class SupportLimits(RefundOptions options, TimeProvider clock)
{
    /// <exception cref="Refusal"><c>refund.own_payment</c>, <c>refund.limit_exceeded</c></exception>
    public async Task RequireWithinAsync(IPaymentsDb db, Payment payment, Money amount, UserId agent, CancellationToken cancellationToken)
    {
        if (payment.UserId == agent)
        {
            throw RefundRefusals.OwnPayment();
        }

        var now = clock.GetUtcNow();
        var today = now - now.TimeOfDay;
        var counted = await db.Refunds.AsNoTracking()
            .Where(r => r.IsLimited && (r.PaymentId == payment.Id || (r.RequestedBy == agent && r.CreatedAt >= today)))
            .ToListAsync(cancellationToken);
        var standing = counted.Where(r => r.Counts && r.Amount.Currency == amount.Currency).ToList();
        if (standing.Where(r => r.PaymentId == payment.Id).Sum(r => r.Amount.Minor) + amount.Minor > options.SupportLimit)
        {
            throw RefundRefusals.LimitExceeded($"Support may give back {MoneyText.Format(new Money(options.SupportLimit, amount.Currency))} of a payment; an admin may give back more.");
        }

        if (standing.Where(r => r.RequestedBy == agent && r.CreatedAt >= today).Sum(r => r.Amount.Minor) + amount.Minor > options.SupportDailyLimit)
        {
            throw RefundRefusals.LimitExceeded($"You may give back {MoneyText.Format(new Money(options.SupportDailyLimit, amount.Currency))} a day; an admin may give back more.");
        }
    }
}

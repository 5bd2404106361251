using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Contracts;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Refunds;

/// <summary>What was paid for nothing is never kept: tells its buyer, and plans the refund, in the caller's transaction.</summary>
internal sealed class UndeliveredReturns(IPaymentsDb db, Refunding refunding, IIdGenerator ids, TimeProvider clock)
{
    /// <summary>A refund that the provider refused (a dispute is open) is worth another try once that is over; not for ever.</summary>
    private const int MostTries = 3;

    public void Tell(Payment payment) => Tell(payment, payment.Paid, payment.Undelivered!.Value);

    /// <param name="back">What goes back of it.</param>
    public void Tell(Payment payment, Money back, UndeliveredReason why)
    {
        var now = clock.GetUtcNow();
        db.Enqueue(new PaymentReturned(
            payment.Id.Value, payment.UserId.Value, payment.Kind.ToString(), payment.Description, back.Minor, back.Currency.Code, why.ToString(), now).ToMessage(ids.Next(), now));
    }

    /// <summary>
    /// Gives back what is left of payments that bought nothing; of any other, nothing. A refund that their bank could not
    /// take would fail again, so then a person must look: see <see cref="RefundAlarms"/>.
    /// </summary>
    /// <param name="payments">Their row locks are held, and their reversals are settled.</param>
    public async Task PlanAsync(IEnumerable<Payment> payments, CancellationToken cancellationToken)
    {
        foreach (var payment in payments.Where(p => p.Undelivered is not null).OrderBy(p => p.Id.Value))
        {
            await PlanAsync(payment, payment.Paid, cancellationToken);
        }
    }

    /// <summary>Gives back what a payment was for nothing, at most what is left of it, once: whatever went back of it already counts.</summary>
    /// <param name="payment">As above.</param>
    /// <param name="amount">All of it that was for nothing, as is known now: it may have been less before.</param>
    public async Task PlanAsync(Payment payment, Money amount, CancellationToken cancellationToken)
    {
        var missing = (amount < payment.Paid ? amount : payment.Paid) - payment.Reversed;
        if (payment is not { Status: PaymentStatus.Succeeded or PaymentStatus.PartiallyRefunded } || missing.Minor <= 0)
        {
            return;
        }

        var made = await db.Refunds.Where(r => r.PaymentId == payment.Id && r.Origin == RefundOrigin.Automatic && !r.OfSurplus).ToListAsync(cancellationToken);
        var failed = made.FindAll(r => !r.Counts);
        if (failed.Count < MostTries && !failed.Exists(r => r.GatewayId is not null))
        {
            var effectKey = made.Count == 0 ? $"undelivered:{payment.Id}" : $"undelivered:{payment.Id}:{made.Count + 1}";
            await refunding.PlanAsync(payment, missing, RefundReason.Duplicate, RefundOrigin.Automatic, effectKey, null, null, cancellationToken);
        }
    }
}

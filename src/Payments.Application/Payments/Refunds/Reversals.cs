using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Payments.Application.Users.Contracts;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Users.Credits;

namespace Payments.Application.Payments.Refunds;

/// <summary>
/// Works out anew what all refunds and disputes of a payment come to: its sums and status, the credits that are taken
/// back or held, and what this means for anything else that it bought. Whoever changes a refund or a dispute calls this
/// in the same transaction.
/// </summary>
internal sealed partial class Reversals(IPaymentsDb db, ICreditReturns credits, ILogger<Reversals> logger)
{
    /// <param name="payment">Its row lock is held by the caller's transaction, and what changed has been saved.</param>
    /// <param name="cause">What changed, unique: <c>refund:{id}:succeeded</c>.</param>
    /// <param name="refuseOwing">Asked of us: a payment sold as not refundable once its credits are spent is refused.</param>
    /// <returns>What became of the payment, if it is more than a change of sums.</returns>
    /// <exception cref="Domain.Shared.Refusal"><c>refund.credits_spent</c></exception>
    public async Task<Reversed> SettleAsync(Payment payment, string cause, bool refuseOwing, CancellationToken cancellationToken)
    {
        var refunds = await db.Refunds.Where(r => r.PaymentId == payment.Id).ToListAsync(cancellationToken);
        var disputes = await db.Disputes.Where(d => d.PaymentId == payment.Id).ToListAsync(cancellationToken);
        var kind = payment.Reverse(refunds, disputes);
        if (!payment.IsPaid)
        {
            return new Reversed(null, null);
        }

        var balance = await credits.SettleAsync(ReturnOf(payment, cause, refuseOwing), cancellationToken);
        if (kind is { } happened)
        {
            Happened(logger, payment.Id, happened);
        }

        return new Reversed(kind is { } what ? new PaymentReversal(payment.Id, what) : null, balance);
    }

    private static CreditReturn ReturnOf(Payment payment, string cause, bool refuseOwing)
    {
        var parts = cause.Split(':');
        return new CreditReturn(
            payment.UserId,
            payment.Id,
            new CreditShare(payment.Reversed.Minor, payment.Disputed.Minor, payment.Paid.Minor),
            payment.RefundPolicy switch
            {
                RefundPolicy.Clamp => SpentCredits.AreForgiven,
                RefundPolicy.Block when refuseOwing => SpentCredits.Refuse,
                _ => SpentCredits.BecomeDebt,
            },
            cause,
            parts[0],
            parts[1]);
    }

    [LoggerMessage(1, LogLevel.Information, "Payment {PaymentId} is {Kind} now")]
    private static partial void Happened(ILogger logger, Domain.Shared.PaymentId paymentId, ReversalKind kind);
}

/// <param name="Fact">For whoever gave more than credits for the payment.</param>
/// <param name="Balance">Spendable credits now; null when the payment granted none.</param>
internal sealed record Reversed(PaymentReversal? Fact, long? Balance);

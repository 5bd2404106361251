using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Contracts;
using Payments.Application.Payments.Items;
using Payments.Application.Shared;
using Payments.Application.Users.Contracts;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Refunds;

/// <summary>
/// Works out anew what all refunds and disputes of a payment come to: its sums and status, the credits that are taken
/// back or held, and what this means for anything else that it bought. Whoever changes a refund or a dispute calls this
/// in the same transaction.
/// </summary>
internal sealed partial class Reversals(IPaymentsDb db, ICreditReturns credits, IAccess access, ItemDeliveries items, IIdGenerator ids, TimeProvider clock, ILogger<Reversals> logger)
{
    /// <param name="payment">Its row lock is held by the caller's transaction, and what changed has been saved.</param>
    /// <param name="cause">What changed, unique: <c>refund:{id}:succeeded</c>.</param>
    /// <param name="refuseOwing">Asked of us: a payment sold as not refundable once its credits are spent is refused.</param>
    /// <returns>What became of the payment, if it is more than a change of sums.</returns>
    /// <exception cref="Refusal"><c>refund.credits_spent</c></exception>
    public async Task<Reversed> SettleAsync(Payment payment, string cause, bool refuseOwing, CancellationToken cancellationToken)
    {
        var refunds = await db.Refunds.Where(r => r.PaymentId == payment.Id).ToListAsync(cancellationToken);
        var disputes = await db.Disputes.Where(d => d.PaymentId == payment.Id).ToListAsync(cancellationToken);
        var kind = payment.Reverse(refunds, disputes);
        if (!payment.IsPaid)
        {
            return new Reversed(null, null, []);
        }

        var balance = await credits.SettleAsync(ReturnOf(payment, cause, refuseOwing), cancellationToken);
        return kind is { } happened ? await HappenAsync(payment, happened, refunds, balance, cancellationToken) : new Reversed(null, balance, []);
    }

    /// <summary>
    /// The one place that knows of every such turn, whatever brought it. Access that the payment bought changes here, in
    /// this transaction; what needs another lock or the provider (a subscription's end) acts on the fact.
    /// </summary>
    private async Task<Reversed> HappenAsync(Payment payment, ReversalKind kind, List<Refund> refunds, long? balance, CancellationToken cancellationToken)
    {
        Log.Happened(logger, payment.Id, kind);
        IReadOnlyList<Payment> forNothing = [];
        if (kind == ReversalKind.Restored && payment.ItemId is not null)
        {
            // Its buyer may have bought the same again meanwhile.
            await access.LockAsync([payment.UserId], cancellationToken);
            forNothing = await items.DeliverAsync([payment], cancellationToken);
        }
        else if (ItemDeliveries.SettingOf(payment) is { } setting)
        {
            await access.SetAsync([setting], cancellationToken);
        }

        var now = clock.GetUtcNow();
        var keepsSubscription = kind == ReversalKind.Refunded && KeepsSubscription(refunds);
        db.Enqueue(new PaymentReversed(payment.Id.Value, payment.UserId.Value, kind.ToString(), kind != ReversalKind.Restored && !keepsSubscription, now).ToMessage(ids.Next(), now));
        return new Reversed(new PaymentReversal(payment.Id, kind), balance, forNothing);
    }

    /// <summary>Whoever gave it back said that the subscription it paid for goes on.</summary>
    public static bool KeepsSubscription(IEnumerable<Refund> refunds) => refunds.Any(r => r is { Counts: true, CancelsSubscription: false });

    /// <summary>What is to be taken back of the credits that a payment granted, as its sums stand.</summary>
    public static CreditReturn ReturnOf(Payment payment, string cause, bool refuseOwing)
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

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Payment {PaymentId}: {Kind}")]
        public static partial void Happened(ILogger logger, PaymentId paymentId, ReversalKind kind);
    }
}

/// <param name="Fact">For whoever gave more than credits for the payment.</param>
/// <param name="Balance">Spendable credits now; null when the payment granted none.</param>
/// <param name="ForNothing">Payments that bought nothing, as has just turned out, this one or others: see <see cref="UndeliveredReturns"/>.</param>
internal sealed record Reversed(PaymentReversal? Fact, long? Balance, IReadOnlyList<Payment> ForNothing);

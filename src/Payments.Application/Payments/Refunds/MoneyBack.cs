using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Contracts;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Disputes;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Refunds;

/// <summary>
/// Applies what the provider says of a payment's refunds and disputes, from an answer, an event or a list: in any order
/// and any number of times it comes to the same. One transaction under the payment's lock.
/// </summary>
internal sealed class MoneyBack(IPaymentsDb db, Reversals reversals, UndeliveredReturns returns, IIdGenerator ids, TimeProvider clock, ILogger<MoneyBack> logger)
{
    private readonly List<(Refund Refund, bool Stuck)> told = [];

    /// <returns>What this means for what the payment bought.</returns>
    public async Task<IReadOnlyList<PaymentReversal>> ApplyAsync(PaymentId id, IReadOnlyList<RefundState> refunds, IReadOnlyList<DisputeState> disputes, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var payment = await LockAsync(id, cancellationToken);
        var facts = new List<PaymentReversal>();
        foreach (var state in refunds)
        {
            Note(facts, await ApplyAsync(payment, state, cancellationToken));
        }

        foreach (var state in disputes)
        {
            Note(facts, await ApplyAsync(payment, state, cancellationToken));
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Tell();
        return facts;
    }

    /// <summary>The provider will never make a requested refund: its credits and its part of the amount are free again.</summary>
    /// <param name="there">The refunds that the provider has instead, as far as it could be asked.</param>
    public async Task RefuseAsync(PaymentId id, RefundId refundId, string reason, IReadOnlyList<RefundState> there, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var payment = await LockAsync(id, cancellationToken);
        foreach (var state in there)
        {
            await ApplyAsync(payment, state, cancellationToken);
        }

        var refund = await db.Refunds.FirstAsync(r => r.Id == refundId, cancellationToken);
        if (refund.Status == RefundStatus.Requested)
        {
            refund.Refused(reason, clock.GetUtcNow());
            await MovedAsync(payment, refund, announced: false, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        Tell();
    }

    private async Task<Payment> LockAsync(PaymentId id, CancellationToken cancellationToken) =>
        (await db.LockPaymentsAndRivalsAsync([id], cancellationToken)).Single(p => p.Id == id);

    /// <summary>Of what has happened for good.</summary>
    private void Tell()
    {
        foreach (var (refund, stuck) in told)
        {
            RefundTelemetry.Moved(refund);
            if (stuck)
            {
                RefundTelemetry.Stuck();
                RefundAlarms.Stuck(logger, refund.Id, refund.PaymentId, refund.FailureReason);
            }
        }
    }

    private async Task<PaymentReversal?> ApplyAsync(Payment payment, RefundState state, CancellationToken cancellationToken)
    {
        var refund = await FindAsync(payment.Id, state, cancellationToken);
        if (refund is null)
        {
            refund = Refund.Found(
                new RefundId(ids.Next()), payment.Id, state.GatewayId, state.Amount, state.Reason, state.IntentId ?? state.ChargeId, IsSurplus(payment, state.IntentId), state.CreatedAt);
            db.Refunds.Add(refund);
        }

        var announced = refund.IsUnderWay;
        return refund.Report(state.Status, state.GatewayId, state.FailureReason, clock.GetUtcNow()) ? await MovedAsync(payment, refund, announced, cancellationToken) : null;
    }

    /// <summary>By our id, which is there before we have saved the provider's; never by it alone when the provider has made two of one.</summary>
    private async Task<Refund?> FindAsync(PaymentId payment, RefundState state, CancellationToken cancellationToken) =>
        await db.Refunds.FirstOrDefaultAsync(r => r.GatewayId == state.GatewayId, cancellationToken)
        ?? (state.RefundId is { } ours ? await db.Refunds.FirstOrDefaultAsync(r => r.Id == ours && r.PaymentId == payment && r.GatewayId == null, cancellationToken) : null);

    private async Task<PaymentReversal?> MovedAsync(Payment payment, Refund refund, bool announced, CancellationToken cancellationToken)
    {
        await db.SaveChangesAsync(cancellationToken);
        var settled = await SettleAsync(payment, $"refund:{refund.Id}:{Word(refund.Status)}", cancellationToken);
        var now = clock.GetUtcNow();
        var stuck = await IsStuckAsync(payment, refund, cancellationToken);
        told.Add((refund, stuck));
        if (!refund.Counts)
        {
            db.Enqueue(new RefundFailed(
                refund.Id.Value, payment.Id.Value, payment.UserId.Value, payment.Description, refund.Amount.Minor, refund.Amount.Currency.Code,
                announced, refund.FailureReason, settled.Balance, now) { Stuck = stuck }.ToMessage(ids.Next(), now));
        }
        else if (!announced)
        {
            db.Enqueue(new RefundIssued(
                refund.Id.Value, payment.Id.Value, payment.UserId.Value, payment.Description, refund.Amount.Minor, refund.Amount.Currency.Code,
                refund.Reason.ToString(), refund.Origin.ToString(), settled.Balance, now).ToMessage(ids.Next(), now));
        }

        await db.SaveChangesAsync(cancellationToken);
        return settled.Fact;
    }

    /// <summary>What comes back to us of a payment that is for nothing is given back at once.</summary>
    private async Task<Reversed> SettleAsync(Payment payment, string cause, CancellationToken cancellationToken)
    {
        var settled = await reversals.SettleAsync(payment, cause, refuseOwing: false, cancellationToken);
        foreach (var forNothing in settled.ForNothing)
        {
            returns.Tell(forNothing);
        }

        if (settled.Fact is { Kind: ReversalKind.Restored })
        {
            await db.SaveChangesAsync(cancellationToken);
            await returns.PlanAsync(settled.ForNothing.Append(payment).Distinct(), cancellationToken);
        }

        return settled;
    }

    /// <summary>Money that must not be kept is with us, and this service will not try again to give it back.</summary>
    private async Task<bool> IsStuckAsync(Payment payment, Refund refund, CancellationToken cancellationToken)
    {
        if (refund is not { Origin: RefundOrigin.Automatic, Counts: false })
        {
            return false;
        }

        if (!refund.OfSurplus)
        {
            return payment is { Status: PaymentStatus.Succeeded or PaymentStatus.PartiallyRefunded, Refundable.Minor: > 0 };
        }

        var ofThatMoney = await db.Refunds.Where(r => r.PaymentId == payment.Id && r.SourceId == refund.SourceId).ToListAsync(cancellationToken);
        return ofThatMoney.Where(r => r.Counts).Sum(r => r.Amount.Minor) < refund.Amount.Minor;
    }

    private async Task<PaymentReversal?> ApplyAsync(Payment payment, DisputeState state, CancellationToken cancellationToken)
    {
        var dispute = await db.Disputes.FirstOrDefaultAsync(d => d.GatewayId == state.GatewayId, cancellationToken);
        var now = clock.GetUtcNow();
        var isNew = dispute is null;
        var wasInquiry = dispute?.IsInquiry ?? false;
        if (dispute is null)
        {
            dispute = new Dispute(new DisputeId(ids.Next()), payment.Id, state.GatewayId, state.ChargeId, IsSurplus(payment, state.IntentId), state.Amount, state.Reason, state.CreatedAt);
            db.Disputes.Add(dispute);
        }

        var moved = dispute.Report(state.Status, state.Amount, state.Fee, state.EvidenceDueBy, now);
        await db.SaveChangesAsync(cancellationToken);
        if (!moved && !isNew)
        {
            return null;
        }

        var settled = await SettleAsync(payment, $"dispute:{dispute.Id}:{Word(dispute.Status)}", cancellationToken);
        if (dispute.ClosedAt is not null)
        {
            db.Enqueue(new DisputeClosed(
                dispute.Id.Value, payment.Id.Value, payment.UserId.Value, payment.Description, dispute.Amount.Minor, dispute.Amount.Currency.Code, dispute.Status.ToString(), now).ToMessage(ids.Next(), now));
        }
        else if (isNew || (wasInquiry && !dispute.IsInquiry))
        {
            db.Enqueue(new DisputeOpened(
                dispute.Id.Value, payment.Id.Value, payment.UserId.Value, payment.Description, dispute.Amount.Minor, dispute.Amount.Currency.Code,
                dispute.Reason, dispute.IsInquiry, dispute.EvidenceDueBy, now).ToMessage(ids.Next(), now));
        }

        await db.SaveChangesAsync(cancellationToken);
        return settled.Fact;
    }

    /// <summary>The payment was paid a second time, by another intent; that money bought nothing.</summary>
    private static bool IsSurplus(Payment payment, string? intentId) => payment.IntentId is { } ours && intentId is { } theirs && ours != theirs;

    private static string Word<T>(T status)
        where T : struct, Enum => status.ToString().ToLowerInvariant();

    private static void Note(List<PaymentReversal> facts, PaymentReversal? fact)
    {
        if (fact is not null)
        {
            facts.Add(fact);
        }
    }
}

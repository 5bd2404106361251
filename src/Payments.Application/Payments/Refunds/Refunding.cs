using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Gateway;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Refunds;

/// <summary>
/// Decides on a refund and saves it with the exact request, all in the caller's transaction. It is sent after the
/// commit, at once, and by due work after a crash; see <see cref="RefundSends"/>.
/// </summary>
internal sealed class Refunding(IPaymentsDb db, Reversals reversals, IRefundGateway gateway, IIdGenerator ids, TimeProvider clock)
{
    /// <param name="payment">Its row lock is held by the caller's transaction.</param>
    /// <param name="effectKey">The fact that an automatic refund is the effect of. A known one answers the refund that there is.</param>
    /// <exception cref="Refusal"><c>refund.not_paid</c>, <c>refund.exceeds_refundable</c>, <c>refund.disputed</c>, <c>refund.amount_invalid</c>, <c>refund.amount_step</c>, <c>refund.currency_mismatch</c>, <c>refund.credits_spent</c></exception>
    public async Task<Refund> PlanAsync(
        Payment payment, Money amount, RefundReason reason, RefundOrigin origin, string? effectKey, UserId? requestedBy, string? note, CancellationToken cancellationToken)
    {
        if (await FindAsync(effectKey, cancellationToken) is { } known)
        {
            return known;
        }

        payment.RequireRefundable(amount);
        var refund = Refund.Request(new RefundId(ids.Next()), payment.Id, amount, reason, origin, effectKey, requestedBy, note, payment.IntentId ?? payment.ChargeId, ofSurplus: false, clock.GetUtcNow());
        await SaveAsync(payment, refund, cancellationToken);

        // What is asked of us may be refused for its credits' sake; what must be, must be.
        await reversals.SettleAsync(payment, $"refund:{refund.Id}:requested", refuseOwing: origin is RefundOrigin.Api or RefundOrigin.SelfService, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        return refund;
    }

    /// <summary>Gives back money that came in beside what the payment is for, so it takes nothing of what was bought.</summary>
    /// <param name="payment">Its row lock is held by the caller's transaction.</param>
    /// <param name="intentId">The provider's intent that took it.</param>
    /// <param name="effectKey">As above.</param>
    public async Task<Refund> PlanSurplusAsync(Payment payment, Money amount, string intentId, RefundOrigin origin, string effectKey, UserId? requestedBy, string? note, CancellationToken cancellationToken)
    {
        if (await FindAsync(effectKey, cancellationToken) is { } known)
        {
            return known;
        }

        var refund = Refund.Request(new RefundId(ids.Next()), payment.Id, amount, RefundReason.Duplicate, origin, effectKey, requestedBy, note, intentId, ofSurplus: true, clock.GetUtcNow());
        await SaveAsync(payment, refund, cancellationToken);
        return refund;
    }

    private async Task<Refund?> FindAsync(string? effectKey, CancellationToken cancellationToken) =>
        effectKey is null ? null : await db.Refunds.FirstOrDefaultAsync(r => r.EffectKey == effectKey, cancellationToken);

    private async Task SaveAsync(Payment payment, Refund refund, CancellationToken cancellationToken)
    {
        var call = gateway.PrepareRefund(new NewRefund(refund.Id, payment.Id, payment.UserId, refund.SourceId!, refund.Amount, refund.Reason));
        db.Refunds.Add(refund);
        db.GatewayRequests.Add(new GatewayRequest(refund.Id.Value, call.Operation, call.Body, clock.GetUtcNow()));
        await db.SaveChangesAsync(cancellationToken);
    }
}

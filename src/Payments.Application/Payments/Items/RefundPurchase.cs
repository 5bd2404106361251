using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Refunds;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Items;

/// <summary>The buyer gives an item back, within its refund window: all that remains of the payment.</summary>
/// <param name="RequestKey">The caller's Idempotency-Key.</param>
public sealed record RefundPurchase(UserId UserId, PaymentId Id, string? RequestKey) : IRequest<RefundView>;

internal sealed class RefundPurchaseHandler(IUnitOfWorkScopes scopes, RefundSends sends, TimeProvider clock) : IRequestHandler<RefundPurchase, RefundView>
{
    public async Task<RefundView> Handle(RefundPurchase command, CancellationToken cancellationToken)
    {
        var id = await scopes.RunAsync<IPaymentsDb, Refunding, RefundId>((db, refunding, token) => PlanAsync(command, db, refunding, token), cancellationToken);
        await sends.SendAsync(id);
        return await scopes.RunAsync<IPaymentsDb, RefundView>(
            async (db, token) => RefundView.From(await db.Refunds.AsNoTracking().FirstAsync(r => r.Id == id, token)).ForBuyer(), cancellationToken);
    }

    private async Task<RefundId> PlanAsync(RefundPurchase command, IPaymentsDb db, Refunding refunding, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var payment = (await db.LockPaymentsAsync([command.Id], cancellationToken)).FirstOrDefault(p => p.UserId == command.UserId && p.ItemId is not null) ?? throw PaymentRefusals.PurchaseNotFound();
        var effectKey = command.RequestKey is { } key ? $"purchase:{payment.Id}:{key}" : null;
        if (effectKey is not null && await db.Refunds.AsNoTracking().FirstOrDefaultAsync(r => r.EffectKey == effectKey, cancellationToken) is { } repeated)
        {
            return repeated.Id;
        }

        payment.RequireRefundWindow(clock.GetUtcNow());
        var refund = await refunding.PlanAsync(payment, payment.Refundable, RefundReason.RequestedByCustomer, RefundOrigin.SelfService, effectKey, command.UserId, null, cancellationToken);
        refund.TakenUp(clock.GetUtcNow());
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return refund.Id;
    }
}

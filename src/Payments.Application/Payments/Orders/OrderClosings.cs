using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Charges;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Orders;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Orders;

/// <summary>
/// Cancels an order that was not paid: first nobody can begin to pay it, then what is open at the provider is closed,
/// and only when that is done is the stock free. Whoever comes after a crash goes through here again.
/// </summary>
internal sealed class OrderClosings(IUnitOfWorkScopes scopes, PaymentClosings payments, TimeProvider clock)
{
    /// <summary>No transaction is open here. Afterwards the order is cancelled, or confirmed, or its payment is under way.</summary>
    /// <exception cref="Gateway.GatewayFailure">The provider could not be asked: the order is closed later.</exception>
    public async Task CloseAsync(OrderId id, CancelReason reason, CancellationToken cancellationToken)
    {
        foreach (var payment in await BeginAsync(id, reason, cancellationToken))
        {
            await payments.CloseAsync(payment, cancellationToken);
        }

        await FinishAsync(id, reason, cancellationToken);
    }

    private Task<List<PaymentId>> BeginAsync(OrderId id, CancelReason reason, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, List<PaymentId>>(
        async (db, token) =>
        {
            await using var transaction = await db.BeginAsync(token);
            var order = (await db.LockOrdersAsync([id], token))[0];
            var now = clock.GetUtcNow();
            var open = (await PaymentsOfAsync(db, id, token)).Where(p => p.IsPayable(now)).ToList();
            if (order.Status != OrderStatus.Pending)
            {
                return [];
            }

            if (open.Exists(p => p.Status == PaymentStatus.Processing))
            {
                order.AwaitProcessing(now);
                open = [];
            }
            else
            {
                order.BeginClosing(reason, now);
            }

            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return [.. open.Select(p => p.Id)];
        },
        cancellationToken);

    private Task<bool> FinishAsync(OrderId id, CancelReason reason, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, OrderOutcomes, bool>(
        async (db, outcomes, token) =>
        {
            await using var transaction = await db.BeginAsync(token);
            var order = (await db.LockOrdersAsync([id], token))[0];
            var now = clock.GetUtcNow();
            var open = (await PaymentsOfAsync(db, id, token)).Where(p => p.IsPayable(now)).ToList();
            if (order is not { Status: OrderStatus.Pending, Closing: not null })
            {
                return false;
            }

            if (open.Count == 0)
            {
                await outcomes.CancelAsync(order, reason, now, token);
            }
            else if (open.Exists(p => p.Status == PaymentStatus.Processing))
            {
                order.AwaitProcessing(now);
            }

            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return order.Status == OrderStatus.Cancelled;
        },
        cancellationToken);

    /// <summary>None is added while the order's lock is held.</summary>
    private static async Task<IReadOnlyList<Payment>> PaymentsOfAsync(IPaymentsDb db, OrderId id, CancellationToken cancellationToken) =>
        await db.LockPaymentsAsync(await db.Payments.AsNoTracking().Where(p => p.OrderId == id).Select(p => p.Id).ToListAsync(cancellationToken), cancellationToken);
}

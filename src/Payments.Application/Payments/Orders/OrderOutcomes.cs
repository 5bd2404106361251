using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Contracts;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Orders;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Orders;

/// <summary>What becomes of orders and their stock when payments succeed or come to nothing. In the transaction that moves the payments.</summary>
internal sealed class OrderOutcomes(IPaymentsDb db, IIdGenerator ids)
{
    /// <param name="orders">Their row locks are held, taken before those of the payments.</param>
    /// <param name="succeeded">Just now; one whose order is not to be had any more bought nothing.</param>
    /// <param name="ended">Just now, or before: nobody can pay these any more.</param>
    public async Task ApplyAsync(
        IReadOnlyList<Order> orders, IEnumerable<Payment> succeeded, IReadOnlyDictionary<Payment, CancelReason> ended, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var paid = succeeded.Where(p => p.OrderId is not null).OrderBy(p => p.CreatedAt).ThenBy(p => p.Id.Value).ToList();
        var moving = paid.Concat(ended.Keys).Select(p => p.OrderId!.Value).ToHashSet();
        if (moving.Count == 0)
        {
            return;
        }

        var byId = orders.Where(o => moving.Contains(o.Id)).ToDictionary(o => o.Id);
        var stock = (await db.LockStockAsync([.. byId.Values.SelectMany(o => o.Lines).Select(l => l.ProductId).Distinct()], cancellationToken)).ToDictionary(s => s.ProductId);
        foreach (var payment in paid)
        {
            var order = byId[payment.OrderId!.Value];
            if (order.Confirm(payment.Id, now))
            {
                foreach (var line in order.Lines)
                {
                    stock[line.ProductId].Sell(line.Quantity);
                }

                db.Enqueue(new OrderConfirmed(order.Id.Value, order.UserId.Value, payment.Id.Value, now).ToMessage(ids.Next(), now));
            }
            else
            {
                payment.BoughtNothing(order.Status == OrderStatus.Confirmed ? UndeliveredReason.AlreadyPaid : UndeliveredReason.OrderCancelled);
            }
        }

        foreach (var (payment, reason) in ended)
        {
            // One that another took the place of says nothing about the order.
            if (payment.OrderId is { } id && byId[id] is var order && order.PaymentId == payment.Id)
            {
                Cancel(order, reason, stock, now);
            }
        }
    }

    /// <param name="order">Its row lock is held, and nobody can pay it any more.</param>
    public async Task CancelAsync(Order order, CancelReason reason, DateTimeOffset now, CancellationToken cancellationToken) =>
        Cancel(order, reason, (await db.LockStockAsync([.. order.Lines.Select(l => l.ProductId)], cancellationToken)).ToDictionary(s => s.ProductId), now);

    private void Cancel(Order order, CancelReason reason, Dictionary<ProductId, Stock> stock, DateTimeOffset now)
    {
        if (!order.Cancel(reason, now))
        {
            return;
        }

        foreach (var line in order.Lines)
        {
            stock[line.ProductId].Release(line.Quantity);
        }

        db.Enqueue(new OrderCancelled(order.Id.Value, order.UserId.Value, order.Cancelled!.Value.ToString(), now).ToMessage(ids.Next(), now));
    }
}

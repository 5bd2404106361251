using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Domain.Payments.Orders;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Orders;

/// <summary>The buyer does not want it any more. What is cancelled already stays so; what is paid already is refused.</summary>
public sealed record CancelOrder(UserId UserId, OrderId Id) : IRequest<OrderView>;

internal sealed class CancelOrderHandler(IPaymentsDb db, OrderClosings closings) : IRequestHandler<CancelOrder, OrderView>
{
    public async Task<OrderView> Handle(CancelOrder command, CancellationToken cancellationToken)
    {
        if (!await db.Orders.AnyAsync(o => o.Id == command.Id && o.UserId == command.UserId, cancellationToken))
        {
            throw OrderRefusals.NotFound();
        }

        await closings.CloseAsync(command.Id, CancelReason.ByBuyer, cancellationToken);
        var order = await db.Orders.AsNoTracking().Include(o => o.Lines).FirstAsync(o => o.Id == command.Id, cancellationToken);
        return order.Status switch
        {
            OrderStatus.Cancelled => OrderView.From(order),
            OrderStatus.Confirmed => throw OrderRefusals.Confirmed(),
            _ => throw OrderRefusals.BeingPaid(),
        };
    }
}

using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Charges;
using Payments.Application.Shared;
using Payments.Domain.Payments.Orders;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Orders;

/// <summary>The caller's orders, newest first.</summary>
public sealed record ListOrders(UserId UserId, int? Limit, string? Cursor) : IRequest<Page<OrderView>>, IPaged;

internal sealed class ListOrdersValidator : AbstractValidator<ListOrders>
{
    public ListOrdersValidator() => this.PageRules();
}

internal sealed class ListOrdersHandler(IPaymentsDb db) : IRequestHandler<ListOrders, Page<OrderView>>
{
    public async Task<Page<OrderView>> Handle(ListOrders query, CancellationToken cancellationToken)
    {
        var rows = await db.OrdersPageAsync(query.UserId, Cursor.Parse(query.Cursor), query.LimitOf() + 1, cancellationToken);
        return Cursor.PageOf(rows, query.LimitOf(), o => new Cursor(o.CreatedAt, o.Id.Value), OrderView.From);
    }
}

/// <summary>One of the caller's own orders; another's is not found.</summary>
public sealed record GetOrder(UserId UserId, OrderId Id) : IRequest<OrderView>;

internal sealed class GetOrderHandler(IPaymentsDb db) : IRequestHandler<GetOrder, OrderView>
{
    public async Task<OrderView> Handle(GetOrder query, CancellationToken cancellationToken) => OrderView.From(
        await db.Orders.AsNoTracking().Include(o => o.Lines).FirstOrDefaultAsync(o => o.Id == query.Id && o.UserId == query.UserId, cancellationToken) ?? throw OrderRefusals.NotFound());
}

/// <summary>How the payment of one of the caller's own orders stands.</summary>
public sealed record GetOrderPayment(UserId UserId, OrderId Id) : IRequest<OrderPaymentView>;

/// <param name="Payment">Null while nobody has begun to pay it.</param>
public sealed record OrderPaymentView(OrderView Order, PaymentView? Payment);

internal sealed class GetOrderPaymentHandler(IPaymentsDb db) : IRequestHandler<GetOrderPayment, OrderPaymentView>
{
    public async Task<OrderPaymentView> Handle(GetOrderPayment query, CancellationToken cancellationToken)
    {
        var order = await db.Orders.AsNoTracking().Include(o => o.Lines).FirstOrDefaultAsync(o => o.Id == query.Id && o.UserId == query.UserId, cancellationToken) ?? throw OrderRefusals.NotFound();
        var payment = await db.Payments.AsNoTracking().FirstOrDefaultAsync(p => p.Id == order.PaymentId, cancellationToken);
        return new OrderPaymentView(OrderView.From(order), payment is null ? null : PaymentView.From(payment));
    }
}

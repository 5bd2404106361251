using Payments.Domain.Payments.Orders;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Orders;

/// <summary>An order as its buyer sees it.</summary>
/// <param name="PaymentId">The payment that is to pay it, or has.</param>
/// <param name="CancelReason">Why it was cancelled.</param>
public sealed record OrderView(
    OrderId Id, OrderStatus Status, Money Total, IReadOnlyList<OrderLineView> Lines, PaymentId? PaymentId, CancelReason? CancelReason, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? CompletedAt)
{
    internal static OrderView From(Order o) => new(
        o.Id, o.Status, o.Total, [.. o.Lines.OrderBy(l => l.Number).Select(l => new OrderLineView(l.ProductId, l.Name, l.Quantity, l.Price, l.Restocked))],
        o.PaymentId, o.Cancelled, o.CreatedAt, o.ExpiresAt, o.CompletedAt);
}

/// <param name="Price">Of one piece.</param>
/// <param name="Restocked">So many came back after a refund.</param>
public sealed record OrderLineView(ProductId ProductId, string Name, int Quantity, Money Price, int Restocked);

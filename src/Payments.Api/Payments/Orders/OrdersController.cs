using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge;
using Payments.Api.Edge.Idempotency;
using Payments.Api.Payments.Charges;
using Payments.Application.Payments.Orders;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Orders;
using Payments.Domain.Shared;

namespace Payments.Api.Payments.Orders;

/// <summary>The caller's own orders; another's is not found.</summary>
[Route("api/v1/orders")]
[Authorize(Policy = Policies.User)]
public sealed class OrdersController(IMediator mediator, ICurrentUser user, IIdempotencyContext idempotency) : ControllerBase
{
    /// <summary>Reserves pieces of products at today's prices, all of them or none (409). Pay it with its id as <c>orderId</c> before it expires.</summary>
    [HttpPost]
    [Authorize(Policy = Policies.User)]
    [Idempotent]
    public async Task<OrderResponse> Place(OrderRequest body, CancellationToken cancellationToken) =>
        OrderResponse.From(await mediator.Send(body.ToCommand(user.Id, idempotency.Key), cancellationToken));

    /// <summary>All orders, newest first.</summary>
    [HttpGet]
    [Authorize(Policy = Policies.User)]
    public async Task<ListResponse<OrderResponse>> List([FromQuery] int? limit, [FromQuery] string? cursor, CancellationToken cancellationToken) =>
        ListResponse.From(await mediator.Send(new ListOrders(user.Id, limit, cursor), cancellationToken), OrderResponse.From);

    /// <summary>One order.</summary>
    [HttpGet("{id:guid}")]
    [Authorize(Policy = Policies.User)]
    public async Task<OrderResponse> Get(Guid id, CancellationToken cancellationToken) =>
        OrderResponse.From(await mediator.Send(new GetOrder(user.Id, new OrderId(id)), cancellationToken));

    /// <summary>Cancels an order that is not paid, and frees its stock. One that is paid, or whose payment is on its way, is refused (409).</summary>
    [HttpPost("{id:guid}/cancel")]
    [Authorize(Policy = Policies.User)]
    [Idempotent]
    public async Task<OrderResponse> Cancel(Guid id, CancellationToken cancellationToken) =>
        OrderResponse.From(await mediator.Send(new CancelOrder(user.Id, new OrderId(id)), cancellationToken));

    /// <summary>How the payment of an order stands; pending while nobody has begun to pay it.</summary>
    [HttpGet("/api/v1/payments/status/{orderId:guid}")]
    [Authorize(Policy = Policies.User)]
    public async Task<OrderPaymentResponse> PaymentStatus(Guid orderId, CancellationToken cancellationToken) =>
        OrderPaymentResponse.From(await mediator.Send(new GetOrderPayment(user.Id, new OrderId(orderId)), cancellationToken));
}

/// <param name="Items">1 to 50 different products.</param>
public sealed record OrderRequest(IReadOnlyList<OrderedProduct> Items)
{
    internal PlaceOrder ToCommand(UserId user, string? key) => new(user, [.. Items.Select(i => i.ToWanted())], key);
}

/// <param name="Quantity">1 to 1000 pieces.</param>
public sealed record OrderedProduct(Guid ProductId, int Quantity)
{
    internal WantedProduct ToWanted() => new(new ProductId(ProductId), Quantity);
}

/// <param name="Status">PENDING, CONFIRMED or CANCELLED.</param>
/// <param name="PaymentId">The payment that is to pay it, or has.</param>
/// <param name="CancelReason">Why it was cancelled.</param>
/// <param name="ExpiresAt">From that moment on it cannot be paid any more.</param>
/// <param name="CompletedAt">When it was confirmed or cancelled.</param>
public sealed record OrderResponse(
    Guid Id, string Status, MoneyResponse Total, IReadOnlyList<OrderLineResponse> Lines, Guid? PaymentId, CancelReason? CancelReason, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? CompletedAt)
{
    internal static OrderResponse From(OrderView o) => new(
        o.Id.Value, Word(o.Status), MoneyResponse.From(o.Total), [.. o.Lines.Select(OrderLineResponse.From)], o.PaymentId?.Value, o.CancelReason, o.CreatedAt, o.ExpiresAt, o.CompletedAt);

    internal static string Word(OrderStatus status) => status.ToString().ToUpperInvariant();
}

/// <param name="Price">Of one piece, as agreed.</param>
/// <param name="Restocked">So many came back after a refund.</param>
public sealed record OrderLineResponse(Guid ProductId, string Name, int Quantity, MoneyResponse Price, int Restocked)
{
    internal static OrderLineResponse From(OrderLineView l) => new(l.ProductId.Value, l.Name, l.Quantity, MoneyResponse.From(l.Price), l.Restocked);
}

/// <param name="OrderStatus">PENDING, CONFIRMED or CANCELLED.</param>
/// <param name="Status">Of the payment.</param>
/// <param name="Amount">What was taken; until that is known, what was agreed.</param>
public sealed record OrderPaymentResponse(Guid OrderId, string OrderStatus, Guid? PaymentId, PaymentStatus Status, MoneyResponse Amount, MoneyResponse? Refunded, FailureResponse? Failure, DateTimeOffset? CompletedAt)
{
    internal static OrderPaymentResponse From(OrderPaymentView view)
    {
        var payment = view.Payment is null ? null : PaymentResponse.From(view.Payment);
        return new(
            view.Order.Id.Value, OrderResponse.Word(view.Order.Status), payment?.Id, payment?.Status ?? PaymentStatus.Pending, payment?.Amount ?? MoneyResponse.From(view.Order.Total),
            payment?.Refunded, payment?.Failure, payment?.CompletedAt);
    }
}

using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge;
using Payments.Api.Edge.Idempotency;
using Payments.Api.Payments.Refunds;
using Payments.Application.Payments.Checkout;
using Payments.Application.Payments.Items;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Api.Payments.Purchases;

/// <summary>The caller's purchases of items. A purchase has the id of its payment.</summary>
[Route("api/v1/purchases")]
[Authorize(Policy = Policies.User)]
public sealed class PurchasesController(IMediator mediator, ICurrentUser user, IIdempotencyContext idempotency) : ControllerBase
{
    /// <summary>Opens the hosted page for an item, or hands back the one that is open for it. What is owned cannot be bought again (409).</summary>
    [HttpPost]
    [Authorize(Policy = Policies.User)]
    [Idempotent]
    public async Task<PurchaseOpenedResponse> Open(ItemPurchaseRequest body, CancellationToken cancellationToken) =>
        PurchaseOpenedResponse.From(await mediator.Send(body.ToCommand(user.Id, idempotency.Key), cancellationToken));

    /// <summary>All purchases, newest first, those that came to nothing too.</summary>
    [HttpGet]
    [Authorize(Policy = Policies.User)]
    public async Task<ListResponse<PurchaseResponse>> List([FromQuery] int? limit, [FromQuery] string? cursor, CancellationToken cancellationToken) =>
        ListResponse.From(await mediator.Send(new ListPurchases(user.Id, limit, cursor), cancellationToken), PurchaseResponse.From);

    /// <summary>How one purchase stands.</summary>
    [HttpGet("{id:guid}/status")]
    [Authorize(Policy = Policies.User)]
    public async Task<PurchaseResponse> Status(Guid id, CancellationToken cancellationToken) =>
        PurchaseResponse.From(await mediator.Send(new GetPurchase(user.Id, new PaymentId(id)), cancellationToken));

    /// <summary>Gives it back, within its refund window; afterwards that is refused (409).</summary>
    [HttpPost("{id:guid}/refund")]
    [Authorize(Policy = Policies.User)]
    [Idempotent]
    public async Task<RefundResponse> Refund(Guid id, CancellationToken cancellationToken) =>
        RefundResponse.From(await mediator.Send(new RefundPurchase(user.Id, new PaymentId(id), idempotency.Key), cancellationToken));
}

public sealed record ItemPurchaseRequest(Guid ItemId, string? PromotionCode)
{
    /// <summary>A key counts for its path, and the same one may stand for another purchase at <c>payments/checkout-session</c>.</summary>
    internal StartCheckout ToCommand(UserId user, string? key) => new(user, null, null, null, new ItemId(ItemId), null, null, PromotionCode, key is null ? null : $"purchases {key}");
}

/// <param name="Url">Send the buyer's browser there.</param>
public sealed record PurchaseOpenedResponse(Guid Id, Guid PaymentId, string SessionId, string? Url, DateTimeOffset ExpiresAt)
{
    internal static PurchaseOpenedResponse From(CheckoutView view) => new(view.PaymentId.Value, view.PaymentId.Value, view.SessionId, view.Url, view.ExpiresAt);
}

/// <param name="Amount">What was taken; until that is known, what was agreed.</param>
/// <param name="Owned">The buyer may use it now.</param>
/// <param name="Refundable">The buyer may give it back now.</param>
/// <param name="RefundableUntil">From that moment on it cannot be given back any more; null while it is not paid.</param>
/// <param name="Undelivered">It was paid and bought nothing, and all of it goes back.</param>
public sealed record PurchaseResponse(
    Guid Id, Guid ItemId, string Name, string ResourceType, string ResourceId, PaymentStatus Status, MoneyResponse Amount, MoneyResponse Refunded, bool Owned, bool Refundable, DateTimeOffset? RefundableUntil,
    UndeliveredReason? Undelivered, DateTimeOffset CreatedAt, DateTimeOffset? CompletedAt)
{
    internal static PurchaseResponse From(ItemPurchaseView p) => new(
        p.Id.Value, p.ItemId.Value, p.Name, p.Resource.Type, p.Resource.Id, p.Status, MoneyResponse.From(p.Amount), MoneyResponse.From(p.Refunded), p.Owned, p.Refundable, p.RefundableUntil, p.Undelivered, p.CreatedAt, p.CompletedAt);
}

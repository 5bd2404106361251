using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge;
using Payments.Api.Edge.Idempotency;
using Payments.Api.Payments.Charges;
using Payments.Application.Payments.Checkout;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Api.Payments.Checkout;

/// <summary>Starting to pay, and coming back.</summary>
[Route("api/v1/payments")]
[Authorize(Policy = Policies.User)]
public sealed class CheckoutController(IMediator mediator, ICurrentUser user, IIdempotencyContext idempotency) : ControllerBase
{
    /// <summary>Opens the hosted page for one thing, or hands back the one that is open for it.</summary>
    [HttpPost("checkout-session")]
    [Authorize(Policy = Policies.User)]
    [Idempotent]
    public async Task<CheckoutSessionResponse> Open(CheckoutSessionRequest body, CancellationToken cancellationToken) =>
        CheckoutSessionResponse.From(await mediator.Send(body.ToCommand(user.Id, idempotency.Key), cancellationToken));

    /// <summary>What the success page asks: verifies the session with the provider and fulfils it if it is paid.</summary>
    [HttpGet("checkout-session/{sessionId}")]
    [Authorize(Policy = Policies.User)]
    public async Task<VerifiedSessionResponse> Verify(string sessionId, CancellationToken cancellationToken) =>
        VerifiedSessionResponse.From(await mediator.Send(new VerifyCheckout(user.Id, sessionId), cancellationToken));

    /// <summary>Opens a payment intent for a page of your own.</summary>
    [HttpPost("payment-intent")]
    [Authorize(Policy = Policies.User)]
    [Idempotent]
    public async Task<PaymentIntentResponse> OpenIntent(PaymentIntentRequest body, CancellationToken cancellationToken) =>
        PaymentIntentResponse.From(await mediator.Send(body.ToCommand(user.Id, idempotency.Key), cancellationToken));
}

/// <summary>Exactly one thing to buy. The price is the catalog's.</summary>
public abstract record PurchaseRequest
{
    public Guid? CreditPackId { get; init; }

    /// <summary>A free amount of credits, within the configured bounds.</summary>
    public int? CreditAmount { get; init; }

    /// <summary>A subscription. A live one of the same family is changed instead (409).</summary>
    public Guid? PlanId { get; init; }

    /// <summary>A course, a learning path or a lab. One that is owned cannot be bought again (409).</summary>
    public Guid? ItemId { get; init; }

    /// <summary>A placed order, whole.</summary>
    public Guid? OrderId { get; init; }

    /// <summary>1 to 1000, for a plan its seats; 1 when left out.</summary>
    public int? Quantity { get; init; }

    public string? PromotionCode { get; init; }

    protected PlanId? Plan => PlanId is { } id ? new PlanId(id) : null;

    protected ItemId? Item => ItemId is { } id ? new ItemId(id) : null;

    protected OrderId? Order => OrderId is { } id ? new OrderId(id) : null;

    protected CreditPackId? Pack => CreditPackId is { } id ? new CreditPackId(id) : null;
}

public sealed record CheckoutSessionRequest : PurchaseRequest
{
    internal StartCheckout ToCommand(UserId user, string? key) => new(user, Pack, CreditAmount, Plan, Item, Order, Quantity, PromotionCode, key);
}

public sealed record PaymentIntentRequest : PurchaseRequest
{
    /// <summary>A saved card to charge at once.</summary>
    public string? PaymentMethodId { get; init; }

    internal StartIntent ToCommand(UserId user, string? key) => new(user, Pack, CreditAmount, Plan, Item, Order, Quantity, PromotionCode, PaymentMethodId, key);
}

/// <param name="Url">Send the buyer's browser there.</param>
public sealed record CheckoutSessionResponse(Guid PaymentId, string SessionId, string? Url, DateTimeOffset ExpiresAt)
{
    internal static CheckoutSessionResponse From(CheckoutView view) => new(view.PaymentId.Value, view.SessionId, view.Url, view.ExpiresAt);
}

/// <param name="ClientSecret">For the provider's script on the page; handed only to the buyer.</param>
public sealed record PaymentIntentResponse(Guid PaymentId, string? ClientSecret, PaymentStatus Status)
{
    internal static PaymentIntentResponse From(IntentView view) => new(view.PaymentId.Value, view.ClientSecret, view.Status);
}

/// <summary>The payment behind a session.</summary>
/// <param name="OpenPage">Where its buyer may go on paying; null when there is nothing to pay, or no page for it any more.</param>
/// <param name="Undelivered">It was paid and bought nothing, and all of it goes back.</param>
/// <param name="Verified">False when the provider could not be asked just now: ask again.</param>
public sealed record VerifiedSessionResponse(
    Guid Id, Guid PaymentId, PaymentKind Kind, PaymentStatus Status, MoneyResponse Amount, MoneyResponse Refunded, string? SessionId, string Description,
    FailureResponse? Failure, OpenPageResponse? OpenPage, DateTimeOffset CreatedAt, DateTimeOffset? CompletedAt, UndeliveredReason? Undelivered, bool Verified)
{
    internal static VerifiedSessionResponse From(VerifiedCheckout verified)
    {
        var p = PaymentResponse.From(verified.Payment);
        return new(p.Id, p.Id, p.Kind, p.Status, p.Amount, p.Refunded, p.SessionId, p.Description, p.Failure, p.OpenPage, p.CreatedAt, p.CompletedAt, verified.Payment.Undelivered, verified.Verified);
    }
}

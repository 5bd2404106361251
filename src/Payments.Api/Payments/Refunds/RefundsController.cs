using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Payments.Api.Edge;
using Payments.Api.Edge.Identity;
using Payments.Api.Edge.Idempotency;
using Payments.Api.Payments.Orders;
using Payments.Application.Payments.Refunds;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;

namespace Payments.Api.Payments.Refunds;

/// <summary>Giving money back.</summary>
[Route("api/v1/payments/{id:guid}/refunds")]
[Authorize(Policy = Policies.User)]
public sealed class RefundsController(IMediator mediator, ICurrentUser user, IIdempotencyContext idempotency) : ControllerBase
{
    /// <summary>Gives back a payment, or a part of it. Support may do so up to a limit.</summary>
    [HttpPost]
    [Authorize(Policy = Policies.Support)]
    [Idempotent]
    public async Task<RefundResponse> Issue(Guid id, [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] RefundRequest? body, CancellationToken cancellationToken) =>
        RefundResponse.From(await mediator.Send(
            (body ?? new RefundRequest(null, null, null, null, null)).ToCommand(new PaymentId(id), !user.IsInRole(Roles.Admin), Actors.Of(user, HttpContext), idempotency.Key), cancellationToken));

    /// <summary>The refunds of a payment: of one's own, or of anybody's for staff.</summary>
    [HttpGet]
    [Authorize(Policy = Policies.User)]
    public async Task<ListResponse<RefundResponse>> List(Guid id, CancellationToken cancellationToken) =>
        new([.. (await mediator.Send(new ListRefunds(new PaymentId(id), IsStaff ? null : user.Id), cancellationToken)).Select(RefundResponse.From)], null);

    /// <summary>What giving it back would do: the credits, debt, access and subscription that it would touch. Nothing is moved; what the refund would be refused for is refused here too.</summary>
    /// <param name="id">Of the payment.</param>
    /// <param name="amount">In minor units; all that remains when left out.</param>
    /// <param name="currency">The payment's own, or left out.</param>
    /// <param name="cancelSubscription">A full refund also ends the subscription that it paid for; true when left out.</param>
    [HttpGet("preview")]
    [Authorize(Policy = Policies.Support)]
    public async Task<RefundPreviewResponse> Preview(Guid id, [FromQuery] long? amount, [FromQuery] string? currency, [FromQuery] bool? cancelSubscription, CancellationToken cancellationToken) =>
        RefundPreviewResponse.From(await mediator.Send(
            new PreviewRefund(new PaymentId(id), amount, currency is null ? null : Currency.Of(currency), cancelSubscription ?? true, !user.IsInRole(Roles.Admin), user.Id), cancellationToken));

    private bool IsStaff => user.IsInRole(Roles.Admin) || user.IsInRole(Roles.Support) || user.IsInRole(Roles.Finance);
}

/// <param name="Amount">In the payment's currency; all that remains when left out.</param>
/// <param name="Reason">requestedByCustomer when left out.</param>
/// <param name="Note">For staff; the buyer never sees it.</param>
/// <param name="CancelSubscription">A full refund also ends the subscription that it paid for; true when left out.</param>
/// <param name="Restock">Pieces of the payment's order that have come back: they are on sale again at once, whatever becomes of the refund.</param>
public sealed record RefundRequest(RefundAmount? Amount, RefundReason? Reason, string? Note, bool? CancelSubscription, IReadOnlyList<OrderedProduct>? Restock)
{
    internal IssueRefund ToCommand(PaymentId payment, bool limited, Actor actor, string? key) => new(
        payment, Amount?.Minor, Amount?.Currency is { } code ? Currency.Of(code, "amount.currency") : null, Reason ?? RefundReason.RequestedByCustomer, Note, CancelSubscription ?? true, [.. (Restock ?? []).Select(r => r.ToWanted())], limited, actor, key);
}

/// <param name="Note">For staff.</param>
/// <param name="FailureReason">The provider's word; for staff.</param>
public sealed record RefundResponse(
    Guid Id, Guid PaymentId, MoneyResponse Amount, RefundStatus Status, RefundReason Reason, RefundOrigin Origin, string? FailureReason, string? Note, Guid? RequestedBy, DateTimeOffset CreatedAt, DateTimeOffset? CompletedAt)
{
    internal static RefundResponse From(RefundView view) => new(
        view.Id.Value, view.PaymentId.Value, MoneyResponse.From(view.Amount), view.Status, view.Reason, view.Origin, view.FailureReason, view.Note, view.RequestedBy?.Value, view.CreatedAt, view.CompletedAt);
}

/// <param name="Refundable">What could be given back.</param>
/// <param name="RefundableAfter">What could be given back then.</param>
/// <param name="StatusAfter">Of the payment, once the provider has made the refund.</param>
/// <param name="Credits">Null when the payment granted none.</param>
/// <param name="AccessEnds">What the payment gives access to and would not any more; null: nothing.</param>
/// <param name="SubscriptionEnds">Which would be cancelled; null: none.</param>
public sealed record RefundPreviewResponse(
    MoneyResponse Amount, MoneyResponse Refundable, MoneyResponse RefundableAfter, PaymentStatus StatusAfter, CreditReturnResponse? Credits, ResourceResponse? AccessEnds, EndingSubscriptionResponse? SubscriptionEnds)
{
    internal static RefundPreviewResponse From(RefundPreview preview) => new(
        MoneyResponse.From(preview.Amount), MoneyResponse.From(preview.Refundable), MoneyResponse.From(preview.RefundableAfter), preview.StatusAfter,
        preview.Credits is { } c ? new CreditReturnResponse(c.TakenBack, c.Expired, c.Forgiven, c.Debt, c.Balance, c.BalanceAfter) : null,
        preview.AccessEnds is { } access ? new ResourceResponse(access.Type, access.Id) : null,
        preview.SubscriptionEnds is { } s ? new EndingSubscriptionResponse(s.Id.Value, s.PlanId?.Value, s.PlanName, s.PaidUntil) : null);
}

/// <param name="TakenBack">In all: what is left of them, what has expired, what was spent.</param>
/// <param name="Expired">Of these: had expired already.</param>
/// <param name="Forgiven">Of these: had been spent, and are let go.</param>
/// <param name="Debt">That would arise: spent, and nothing else there to pay for it.</param>
/// <param name="Balance">What can be spent now.</param>
/// <param name="BalanceAfter">What could be spent then.</param>
public sealed record CreditReturnResponse(long TakenBack, long Expired, long Forgiven, long Debt, long Balance, long BalanceAfter);

public sealed record ResourceResponse(string Type, string Id);

/// <param name="PaidUntil">Until when it was paid for.</param>
public sealed record EndingSubscriptionResponse(Guid Id, Guid? PlanId, string? PlanName, DateTimeOffset? PaidUntil);

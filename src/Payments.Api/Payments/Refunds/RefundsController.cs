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

using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge;
using Payments.Api.Edge.Idempotency;
using Payments.Api.Edge.Identity;
using Payments.Api.Payments;
using Payments.Api.Payments.Charges;
using Payments.Api.Payments.Orders;
using Payments.Api.Payments.Refunds;
using Payments.Application.Admin;
using Payments.Application.Payments.Charges;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Api.Admin;

/// <summary>Anybody's payments, for staff.</summary>
[Route("api/v1/admin/payments")]
[Authorize(Policy = Policies.Staff)]
public sealed class AdminPaymentsController(IMediator mediator, ICurrentUser user) : ControllerBase
{
    /// <summary>Payments, newest first: by payer, any id of the provider's, status, kind, amount and time.</summary>
    [HttpGet]
    [Authorize(Policy = Policies.Staff)]
    [ProducesResponseType(typeof(ListResponse<FoundPaymentResponse>), StatusCodes.Status200OK)]
    public async Task<ListResponse<FoundPaymentResponse>> List([FromQuery] PaymentQuery query, CancellationToken cancellationToken) =>
        ListResponse.From(await mediator.Send(new SearchPayments(query.ToFilter(), query.Email, query.Limit, query.Cursor), cancellationToken), FoundPaymentResponse.From);

    /// <summary>One payment with its attempts, refunds, disputes, and what it is linked to.</summary>
    [HttpGet("{id:guid}")]
    [Authorize(Policy = Policies.Staff)]
    public async Task<AdminPaymentResponse> Get(Guid id, CancellationToken cancellationToken) =>
        AdminPaymentResponse.From(await mediator.Send(new GetPaymentForStaff(new PaymentId(id)), cancellationToken));

    /// <summary>Takes another amount than was agreed for the agreed one: what was bought is granted.</summary>
    [HttpPost("{id:guid}/mismatch/accept")]
    [Authorize(Policy = Policies.Admin)]
    [Idempotent]
    public async Task<PaymentResponse> Accept(Guid id, MismatchRequest body, CancellationToken cancellationToken) =>
        PaymentResponse.From(await mediator.Send(new AcceptMismatch(new PaymentId(id), body.Reason, Actors.Of(user, HttpContext)), cancellationToken));

    /// <summary>Gives back money that came in instead of what was agreed; the purchase has come to nothing.</summary>
    [HttpPost("{id:guid}/mismatch/refund")]
    [Authorize(Policy = Policies.Admin)]
    [Idempotent]
    public async Task<PaymentResponse> Return(Guid id, MismatchRequest body, CancellationToken cancellationToken) =>
        PaymentResponse.From(await mediator.Send(new ReturnMismatch(new PaymentId(id), body.Reason, Actors.Of(user, HttpContext)), cancellationToken));
}

/// <param name="Reason">Why, in 3 to 500 characters; kept in the audit log.</param>
public sealed record MismatchRequest(string? Reason);

/// <param name="AwaitsDecision">Only those that were paid with another amount than agreed, and not decided on.</param>
/// <param name="NeedsAttention">These, and those whose money is not ours to keep and does not go back by itself any more.</param>
/// <param name="Email">The payer's: exactly, or how it begins.</param>
/// <param name="Reference">What somebody quotes: the number of an invoice, an id of ours (of a payment, order, subscription, invoice, refund, dispute or user), or one that the provider gave (of a session, intent, charge, invoice, subscription, refund, dispute or customer).</param>
/// <param name="MinAmount">In minor units; with a currency.</param>
/// <param name="MaxAmount">In minor units; with a currency.</param>
/// <param name="From">Opened then or later.</param>
/// <param name="Until">Opened before.</param>
public sealed record PaymentQuery(
    Guid? UserId, string? Email, string? Reference, PaymentStatus? Status, PaymentKind? Kind, long? MinAmount, long? MaxAmount, string? Currency, DateTimeOffset? From, DateTimeOffset? Until, bool? AwaitsDecision, bool? NeedsAttention, int? Limit, string? Cursor)
{
    internal PaymentFilter ToFilter() => new(
        UserId is { } id ? new UserId(id) : null, null, Reference, Status, Kind, MinAmount, MaxAmount, Currency is { } code ? Domain.Shared.Currency.Of(code) : null, From, Until, AwaitsDecision ?? false, NeedsAttention ?? false);
}

/// <param name="InvoiceId">The provider's.</param>
/// <param name="AwaitsDecision">Another amount than agreed was paid, and nobody has decided on it yet.</param>
/// <param name="Undelivered">It was paid and bought nothing: the money goes back.</param>
public sealed record FoundPaymentResponse(
    Guid Id, Guid UserId, PaymentKind Kind, PaymentStatus Status, MoneyResponse Amount, MoneyResponse Refunded, string Description, FailureResponse? Failure, DateTimeOffset CreatedAt, DateTimeOffset? CompletedAt,
    string? SessionId, string? IntentId, string? ChargeId, string? InvoiceId, Guid? SubscriptionId, Guid? PlanId, Guid? CreditPackId, bool AwaitsDecision, UndeliveredReason? Undelivered)
{
    /// <summary>The payer's; null for somebody who has none, or was erased.</summary>
    public string? Email { get; init; }

    internal static FoundPaymentResponse From(SearchedPayment searched) => From(searched.Payment) with { Email = searched.Email };

    private static FoundPaymentResponse From(FoundPayment found)
    {
        var p = PaymentResponse.From(found.Payment);
        return new(
            p.Id, found.UserId.Value, p.Kind, p.Status, p.Amount, p.Refunded, p.Description, p.Failure, p.CreatedAt, p.CompletedAt,
            p.SessionId, found.IntentId, found.ChargeId, found.InvoiceId, found.SubscriptionId?.Value, found.PlanId?.Value, found.CreditPackId?.Value, found.AwaitsDecision, found.Undelivered);
    }
}

/// <param name="Refundable">What can still be given back.</param>
/// <param name="Credits">What it granted, or will.</param>
/// <param name="Undelivered">It was paid and bought nothing: the money goes back.</param>
/// <param name="Mismatch">What was paid instead of what was agreed; null: nothing.</param>
/// <param name="RefundPolicy">What becomes of credits that were spent when the money goes back.</param>
public sealed record AdminPaymentResponse(
    Guid Id, PaymentKind Kind, PaymentStatus Status, MoneyResponse Amount, MoneyResponse Refunded, string? SessionId, string Description, FailureResponse? Failure,
    DateTimeOffset CreatedAt, DateTimeOffset? CompletedAt, Guid UserId, MoneyResponse Refundable, MoneyResponse Disputed, MoneyResponse Lost, long Credits, RefundPolicy RefundPolicy,
    string? IntentId, string? ChargeId, UndeliveredReason? Undelivered, MismatchResponse? Mismatch, IReadOnlyList<AttemptResponse> Attempts, IReadOnlyList<RefundResponse> Refunds, IReadOnlyList<DisputeResponse> Disputes, PaymentLinksResponse Links)
{
    internal static AdminPaymentResponse From(StaffPaymentView view)
    {
        var p = PaymentResponse.From(view.Payment);
        return new(
            p.Id, p.Kind, p.Status, p.Amount, p.Refunded, p.SessionId, p.Description, p.Failure, p.CreatedAt, p.CompletedAt, view.UserId.Value, MoneyResponse.From(view.Refundable),
            MoneyResponse.From(view.Disputed), MoneyResponse.From(view.Lost), view.Credits, view.RefundPolicy, view.IntentId, view.ChargeId, view.Undelivered, MismatchResponse.From(view.Mismatch),
            [.. view.Attempts.Select(a => new AttemptResponse(a.Outcome, MoneyResponse.From(a.Amount), a.MethodType, a.CardBrand, a.CardLast4, a.FailureCode, a.At))],
            [.. view.Refunds.Select(RefundResponse.From)],
            [.. view.Disputes.Select(DisputeResponse.From)], PaymentLinksResponse.From(view.Links));
    }
}

/// <param name="Asked">What the provider asked for, before discount and tax.</param>
/// <param name="Taken">What really came in.</param>
/// <param name="Decision">Null while it awaits one.</param>
public sealed record MismatchResponse(MoneyResponse Asked, MoneyResponse Taken, string? IntentId, MismatchDecision? Decision)
{
    internal static MismatchResponse? From(Mismatch? mismatch) =>
        mismatch is null ? null : new(MoneyResponse.From(mismatch.Asked), MoneyResponse.From(mismatch.Taken), mismatch.IntentId, mismatch.Decision);
}

/// <param name="FailureCode">The provider's word, not for the buyer.</param>
public sealed record AttemptResponse(AttemptOutcome Outcome, MoneyResponse Amount, string? MethodType, string? CardBrand, string? CardLast4, string? FailureCode, DateTimeOffset At);

/// <param name="SubscriptionGatewayId">The provider's.</param>
/// <param name="InvoiceGatewayId">The provider's.</param>
/// <param name="InvoiceUrl">Where it can be looked at and paid.</param>
/// <param name="Events">What the provider told of it, newest first.</param>
public sealed record PaymentLinksResponse(
    Guid? CreditPackId, Guid? PlanId, Guid? SubscriptionId, string? SubscriptionGatewayId, Guid? InvoiceId, string? InvoiceGatewayId, string? InvoiceNumber, string? InvoiceUrl,
    Guid? ItemId, OrderResponse? Order, IReadOnlyList<WebhookEventResponse> Events)
{
    internal static PaymentLinksResponse From(PaymentLinks l) => new(
        l.CreditPackId?.Value, l.PlanId?.Value, l.SubscriptionId?.Value, l.SubscriptionGatewayId, l.InvoiceId?.Value, l.InvoiceGatewayId, l.InvoiceNumber, l.InvoiceUrl,
        l.ItemId?.Value, l.Order is { } order ? OrderResponse.From(order) : null, [.. l.Events.Select(WebhookEventResponse.From)]);
}

using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge;
using Payments.Application.Payments.Charges;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Api.Payments.Charges;

/// <summary>The caller's own payments; another's is not found.</summary>
[Route("api/v1/payments")]
[Authorize(Policy = Policies.User)]
public sealed class PaymentsController(IMediator mediator, ICurrentUser user) : ControllerBase
{
    /// <summary>One payment.</summary>
    [HttpGet("{id:guid}")]
    [Authorize(Policy = Policies.User)]
    public async Task<PaymentResponse> Get(Guid id, CancellationToken cancellationToken) =>
        PaymentResponse.From(await mediator.Send(new GetPayment(user.Id, new PaymentId(id)), cancellationToken));

    /// <summary>All payments, newest first.</summary>
    [HttpGet("history")]
    [Authorize(Policy = Policies.User)]
    public async Task<ListResponse<PaymentResponse>> History([FromQuery] int? limit, [FromQuery] string? cursor, CancellationToken cancellationToken) =>
        ListResponse.From(await mediator.Send(new ListPayments(user.Id, limit, cursor), cancellationToken), PaymentResponse.From);
}

/// <param name="Amount">What was taken; until that is known, what was agreed.</param>
/// <param name="Failure">Why the last attempt failed, while the payment stands as failed.</param>
/// <param name="OpenPage">Where its buyer may go on paying; null when there is nothing to pay, or no page for it any more.</param>
public sealed record PaymentResponse(
    Guid Id, PaymentKind Kind, PaymentStatus Status, MoneyResponse Amount, MoneyResponse Refunded, string? SessionId, string Description,
    FailureResponse? Failure, OpenPageResponse? OpenPage, DateTimeOffset CreatedAt, DateTimeOffset? CompletedAt)
{
    internal static PaymentResponse From(PaymentView view) => new(
        view.Id.Value, view.Kind, view.Status, MoneyResponse.From(view.Amount), MoneyResponse.From(view.Refunded), view.SessionId, view.Description,
        view.Failure is { } failure ? new FailureResponse(failure.Code, failure.Message) : null, view.OpenPage is { } page ? new OpenPageResponse(page.Url, page.ExpiresAt) : null,
        view.CreatedAt, view.CompletedAt);
}

/// <param name="Url">Send the buyer's browser there.</param>
public sealed record OpenPageResponse(string Url, DateTimeOffset ExpiresAt);

/// <param name="Message">May be shown to the buyer.</param>
public sealed record FailureResponse(string Code, string? Message);

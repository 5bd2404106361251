using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge;
using Payments.Api.Payments;
using Payments.Api.Payments.Charges;
using Payments.Api.Payments.Refunds;
using Payments.Application.Payments.Charges;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Api.Admin;

/// <summary>Anybody's payments, for staff.</summary>
[Route("api/v1/admin/payments")]
[Authorize(Policy = Policies.Staff)]
public sealed class AdminPaymentsController(IMediator mediator) : ControllerBase
{
    /// <summary>One payment with its attempts, refunds and disputes.</summary>
    [HttpGet("{id:guid}")]
    [Authorize(Policy = Policies.Staff)]
    public async Task<AdminPaymentResponse> Get(Guid id, CancellationToken cancellationToken) =>
        AdminPaymentResponse.From(await mediator.Send(new GetPaymentForStaff(new PaymentId(id)), cancellationToken));
}

/// <param name="Refundable">What can still be given back.</param>
/// <param name="Credits">What it granted, or will.</param>
/// <param name="RefundPolicy">What becomes of credits that were spent when the money goes back.</param>
public sealed record AdminPaymentResponse(
    Guid Id, PaymentKind Kind, PaymentStatus Status, MoneyResponse Amount, MoneyResponse Refunded, string? SessionId, string Description, FailureResponse? Failure,
    DateTimeOffset CreatedAt, DateTimeOffset? CompletedAt, Guid UserId, MoneyResponse Refundable, MoneyResponse Disputed, MoneyResponse Lost, long Credits, RefundPolicy RefundPolicy,
    string? IntentId, string? ChargeId, IReadOnlyList<AttemptResponse> Attempts, IReadOnlyList<RefundResponse> Refunds, IReadOnlyList<DisputeResponse> Disputes)
{
    internal static AdminPaymentResponse From(StaffPaymentView view)
    {
        var p = PaymentResponse.From(view.Payment);
        return new(
            p.Id, p.Kind, p.Status, p.Amount, p.Refunded, p.SessionId, p.Description, p.Failure, p.CreatedAt, p.CompletedAt, view.UserId.Value, MoneyResponse.From(view.Refundable),
            MoneyResponse.From(view.Disputed), MoneyResponse.From(view.Lost), view.Credits, view.RefundPolicy, view.IntentId, view.ChargeId,
            [.. view.Attempts.Select(a => new AttemptResponse(a.Outcome, MoneyResponse.From(a.Amount), a.MethodType, a.CardBrand, a.CardLast4, a.FailureCode, a.At))],
            [.. view.Refunds.Select(RefundResponse.From)],
            [.. view.Disputes.Select(DisputeResponse.From)]);
    }
}

/// <param name="FailureCode">The provider's word, not for the buyer.</param>
public sealed record AttemptResponse(AttemptOutcome Outcome, MoneyResponse Amount, string? MethodType, string? CardBrand, string? CardLast4, string? FailureCode, DateTimeOffset At);

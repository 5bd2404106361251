using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge;
using Payments.Api.Payments;
using Payments.Application.Payments.Disputes;
using Payments.Domain.Payments.Disputes;

namespace Payments.Api.Admin;

/// <summary>What buyers' banks want back.</summary>
[Route("api/v1/admin/disputes")]
[Authorize(Policy = Policies.Staff)]
public sealed class DisputesController(IMediator mediator) : ControllerBase
{
    /// <summary>Disputes, newest first, with the time until when evidence is taken.</summary>
    /// <param name="open">true: only those that are not decided; false: only those that are.</param>
    [HttpGet]
    [Authorize(Policy = Policies.Staff)]
    public async Task<ListResponse<DisputeResponse>> List([FromQuery] DisputeStatus? status, [FromQuery] bool? open, [FromQuery] int? limit, [FromQuery] string? cursor, CancellationToken cancellationToken) =>
        ListResponse.From(await mediator.Send(new ListDisputes(status, open, limit, cursor), cancellationToken), DisputeResponse.From);
}

/// <param name="Fee">What the provider charged for it.</param>
/// <param name="GatewayId">The provider's id, to answer it in its dashboard.</param>
public sealed record DisputeResponse(
    Guid Id, Guid PaymentId, DisputeStatus Status, MoneyResponse Amount, MoneyResponse Fee, string Reason, string GatewayId, DateTimeOffset? EvidenceDueBy, DateTimeOffset CreatedAt, DateTimeOffset? ClosedAt)
{
    internal static DisputeResponse From(DisputeView view) => new(
        view.Id.Value, view.PaymentId.Value, view.Status, MoneyResponse.From(view.Amount), MoneyResponse.From(view.Fee), view.Reason, view.GatewayId, view.EvidenceDueBy, view.CreatedAt, view.ClosedAt);
}

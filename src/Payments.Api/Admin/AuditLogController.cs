using System.Text.Json.Nodes;
using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge;
using Payments.Application.Admin;
using Payments.Application.Shared;
using Payments.Domain.Shared;

namespace Payments.Api.Admin;

/// <summary>What staff did, and what they were refused.</summary>
[Route("api/v1/admin/audit-log")]
[Authorize(Policy = Policies.Staff)]
public sealed class AuditLogController(IMediator mediator) : ControllerBase
{
    /// <summary>Rows, newest first.</summary>
    [HttpGet]
    [Authorize(Policy = Policies.Staff)]
    public async Task<ListResponse<AuditResponse>> List([FromQuery] AuditQuery query, CancellationToken cancellationToken) =>
        ListResponse.From(await mediator.Send(new ListAuditLog(query.ToFilter(), query.Limit, query.Cursor), cancellationToken), AuditResponse.From);
}

/// <param name="ActorId">Who.</param>
/// <param name="Action">What: <c>refund.issue</c>; with a dot at its end all of a kind: <c>refund.</c>.</param>
/// <param name="Subject">The id of the thing.</param>
public sealed record AuditQuery(Guid? ActorId, string? Action, string? Subject, DateTimeOffset? From, DateTimeOffset? Until, int? Limit, string? Cursor)
{
    internal AuditFilter ToFilter() => new(ActorId is { } id ? new UserId(id) : null, Action, Subject, From, Until);
}

/// <param name="Address">Where the call came from.</param>
public sealed record AuditResponse(Guid Id, DateTimeOffset At, Guid ActorId, string? ActorEmail, string? Address, string Action, string Subject, JsonNode? Before, JsonNode? After, string? Reason)
{
    internal static AuditResponse From(AuditRow row) => new(
        row.Id, row.At, row.ActorId.Value, row.ActorEmail, row.Address, row.Action, row.Subject, Json(row.Before), Json(row.After), row.Reason);

    private static JsonNode? Json(string? text) => text is null ? null : JsonNode.Parse(text);
}

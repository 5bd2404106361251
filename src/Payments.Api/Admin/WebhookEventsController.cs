using System.Text.Json;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge;
using Payments.Api.Edge.Identity;
using Payments.Api.Edge.Idempotency;
using Payments.Application.Payments.Webhooks;
using Payments.Application.Shared;
using Payments.Domain.Payments.Webhooks;
using Payments.Domain.Shared;

namespace Payments.Api.Admin;

/// <summary>The stored events: what came, what became of it, and once more.</summary>
[Route("api/v1/admin/webhook-events")]
[Authorize(Policy = Policies.Staff)]
public sealed class WebhookEventsController(IMediator mediator, ICurrentUser user) : ControllerBase
{
    /// <summary>Events, newest first.</summary>
    [HttpGet]
    [Authorize(Policy = Policies.Staff)]
    public async Task<ListResponse<WebhookEventResponse>> List([FromQuery] WebhookEventQuery query, CancellationToken cancellationToken) =>
        ListResponse.From(await mediator.Send(new ListWebhookEvents(query.ToFilter(), query.Limit, query.Cursor), cancellationToken), WebhookEventResponse.From);

    /// <summary>One event with its payload, secrets masked.</summary>
    [HttpGet("{id}")]
    [Authorize(Policy = Policies.Staff)]
    public async Task<WebhookEventDetailResponse> Get(string id, CancellationToken cancellationToken) =>
        WebhookEventDetailResponse.From(await mediator.Send(new GetWebhookEvent(id), cancellationToken));

    /// <summary>Processes one event again; its effects happen once all the same.</summary>
    [HttpPost("{id}/replay")]
    [Authorize(Policy = Policies.Admin)]
    [Idempotent]
    public async Task<WebhookEventResponse> Replay(
        string id, [FromBody(EmptyBodyBehavior = Microsoft.AspNetCore.Mvc.ModelBinding.EmptyBodyBehavior.Allow)] ReplayRequest? body, CancellationToken cancellationToken) =>
        WebhookEventResponse.From(await mediator.Send(new ReplayWebhookEvent(id, Actor, body?.Reason), cancellationToken));

    /// <summary>Processes all that match again: first with dryRun, then with the count that it answered.</summary>
    [HttpPost("replay")]
    [Authorize(Policy = Policies.Admin)]
    [Idempotent]
    public Task<ReplayCount> ReplayMany(BulkReplayRequest body, CancellationToken cancellationToken) =>
        mediator.Send(new ReplayWebhookEvents(body.ToFilter(), body.DryRun ?? true, body.ExpectedCount, Actor, body.Reason), cancellationToken);

    private Actor Actor => Actors.Of(user, HttpContext);
}

public sealed record WebhookEventQuery(WebhookEventStatus? Status, string? Type, string? ObjectId, Guid? PaymentId, DateTimeOffset? From, DateTimeOffset? Until, int? Limit, string? Cursor)
{
    internal WebhookEventFilter ToFilter() => new(Status, Type, ObjectId, PaymentId is { } id ? new PaymentId(id) : null, From, Until);
}

public sealed record ReplayRequest(string? Reason);

/// <param name="DryRun">True unless said otherwise: only counts.</param>
/// <param name="ExpectedCount">The dry run's answer.</param>
public sealed record BulkReplayRequest(
    WebhookEventStatus? Status, string? Type, string? ObjectId, Guid? PaymentId, DateTimeOffset? From, DateTimeOffset? Until, bool? DryRun, long? ExpectedCount, string? Reason)
{
    internal WebhookEventFilter ToFilter() => new(Status, Type, ObjectId, PaymentId is { } id ? new PaymentId(id) : null, From, Until);
}

public sealed record WebhookEventResponse(
    string Id, string Type, string? ApiVersion, bool Livemode, WebhookEventStatus Status, int Attempts, string? LastError, string? ObjectId, string? RelatedId,
    Guid? PaymentId, DateTimeOffset CreatedAt, DateTimeOffset ReceivedAt, DateTimeOffset? NextAttemptAt, DateTimeOffset? ProcessedAt)
{
    internal static WebhookEventResponse From(WebhookEventView e) => new(
        e.Id, e.Type, e.ApiVersion, e.Livemode, e.Status, e.Attempts, e.LastError, e.ObjectId, e.RelatedId, e.PaymentId?.Value, e.CreatedAt, e.ReceivedAt, e.NextAttemptAt, e.ProcessedAt);
}

/// <param name="Payload">As it was sent, secrets masked; as text where no JSON of ours can hold it.</param>
public sealed record WebhookEventDetailResponse(WebhookEventResponse Event, JsonNode? Payload)
{
    /// <summary>Deeper than events are, and no deeper than an answer may be.</summary>
    private const int DeepestShown = 28;

    internal static WebhookEventDetailResponse From(WebhookEventDetail detail) => new(WebhookEventResponse.From(detail.Event), Json(detail.Payload));

    private static JsonNode? Json(string payload)
    {
        try
        {
            var json = JsonNode.Parse(payload, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = DeepestShown });
            _ = json?.ToJsonString(); // Reads all of its texts, of which one may be none.
            return json;
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            return JsonValue.Create(payload);
        }
    }
}

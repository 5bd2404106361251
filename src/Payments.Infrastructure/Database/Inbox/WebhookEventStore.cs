using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Webhooks;
using Payments.Application.Shared;
using Payments.Domain.Payments.Webhooks;
using Payments.Domain.Shared;

namespace Payments.Infrastructure.Database.Inbox;

/// <summary>The inbox for admins: search, inspect, replay.</summary>
internal sealed class WebhookEventStore(PaymentsDbContext db, InboxSignal signal, IAuditLog audit) : IWebhookEventStore
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task<IReadOnlyList<WebhookEventView>> PageAsync(WebhookEventFilter filter, WebhookEventCursor? before, int count, CancellationToken cancellationToken)
    {
        var rows = Matching(filter);
        if (before is { } cursor)
        {
            rows = rows.Where(e => e.ReceivedAt < cursor.ReceivedAt || (e.ReceivedAt == cursor.ReceivedAt && string.Compare(e.Id, cursor.Id) < 0));
        }

        return await View(rows.OrderByDescending(e => e.ReceivedAt).ThenByDescending(e => e.Id).Take(count)).ToListAsync(cancellationToken);
    }

    public async Task<WebhookEventDetail?> FindAsync(string id, CancellationToken cancellationToken)
    {
        var rows = db.WebhookEvents.AsNoTracking().Where(e => e.Id == id);
        var view = await View(rows).FirstOrDefaultAsync(cancellationToken);
        return view is null ? null : new WebhookEventDetail(view, Masked(await rows.Select(e => e.Payload).FirstAsync(cancellationToken)));
    }

    public Task<long> CountAsync(WebhookEventFilter filter, CancellationToken cancellationToken) => Matching(filter).LongCountAsync(cancellationToken);

    public async Task<long> ReplayAsync(WebhookEventFilter filter, string? id, Actor actor, string? reason, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var now = TimeProvider.System.GetUtcNow();
        var rows = id is null ? Matching(filter) : db.WebhookEvents.Where(e => e.Id == id);
        var count = await rows.ExecuteUpdateAsync(
            set => set.SetProperty(e => e.Status, WebhookEventStatus.Pending).SetProperty(e => e.Attempts, 0).SetProperty(e => e.NextAttemptAt, now).SetProperty(e => e.ProcessedAt, (DateTimeOffset?)null),
            cancellationToken);
        if (count > 0)
        {
            await audit.WriteAsync(actor, "webhook_event.replay", id ?? "many", null, new { count, filter = id is null ? filter : null }, reason, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        signal.Set();
        return count;
    }

    private IQueryable<WebhookEvent> Matching(WebhookEventFilter filter)
    {
        var rows = db.WebhookEvents.AsNoTracking();
        rows = filter.Status is { } status ? rows.Where(e => e.Status == status) : rows;
        rows = filter.Type is { } type ? rows.Where(e => e.Type == type) : rows;
        rows = filter.ObjectId is { } objectId ? rows.Where(e => e.ObjectId == objectId || e.RelatedId == objectId) : rows;
        rows = filter.PaymentId is { Value: var paymentId } ? rows.Where(e => e.PaymentId == paymentId) : rows;
        rows = filter.From is { } from ? rows.Where(e => e.ReceivedAt >= from.ToUniversalTime()) : rows;
        return filter.Until is { } until ? rows.Where(e => e.ReceivedAt < until.ToUniversalTime()) : rows;
    }

    private static IQueryable<WebhookEventView> View(IQueryable<WebhookEvent> rows) => rows.Select(e => new WebhookEventView(
        e.Id, e.Type, e.ApiVersion, e.Livemode, e.Status, e.Attempts, e.LastError, e.ObjectId, e.RelatedId,
        e.PaymentId == null ? null : new PaymentId(e.PaymentId.Value), e.Created, e.ReceivedAt, e.Status == WebhookEventStatus.Pending ? e.NextAttemptAt : null, e.ProcessedAt));

    /// <summary>The payload for people's eyes: values that could be used to act are masked.</summary>
    private static string Masked(byte[] payload)
    {
        try
        {
            var json = JsonNode.Parse(payload);
            Mask(json);
            return json?.ToJsonString(Readable) ?? "null";
        }
        catch (JsonException)
        {
            return $"({payload.Length} bytes that are not JSON)";
        }
    }

    private static void Mask(JsonNode? node)
    {
        if (node is JsonObject properties)
        {
            foreach (var (name, value) in properties.ToList())
            {
                if (name.Contains("secret", StringComparison.OrdinalIgnoreCase) && value is JsonValue)
                {
                    properties[name] = "***";
                }
                else
                {
                    Mask(value);
                }
            }
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items)
            {
                Mask(item);
            }
        }
    }
}

using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Webhooks;
using Payments.Application.Shared;
using Payments.Domain.Payments.Webhooks;
using Payments.Domain.Shared;
using Payments.Infrastructure.Stripe;

namespace Payments.Infrastructure.Database.Inbox;

/// <summary>The inbox for admins: search, inspect, replay.</summary>
internal sealed class WebhookEventStore(PaymentsDbContext db, InboxSignal signal, IAuditLog audit) : IWebhookEventStore
{
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

    public async Task<long> ReplayAsync(WebhookEventFilter filter, string? id, long? expected, Actor actor, string? reason, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var now = TimeProvider.System.GetUtcNow();
        var rows = id is null ? Matching(filter) : db.WebhookEvents.Where(e => e.Id == id);
        var count = await rows.ExecuteUpdateAsync(
            set => set.SetProperty(e => e.Status, WebhookEventStatus.Pending).SetProperty(e => e.Attempts, 0).SetProperty(e => e.NextAttemptAt, now).SetProperty(e => e.ProcessedAt, (DateTimeOffset?)null),
            cancellationToken);
        if (expected is not null && expected != count)
        {
            // Counted and queued in one statement, and taken back with the transaction.
            throw WebhookRefusals.CountDiffers(count);
        }

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

    /// <summary>
    /// The payload for people's eyes: values that could be used to act are masked, and all else is as it was sent, even
    /// what no JSON object of ours could hold (a name that is given twice, half a surrogate pair).
    /// </summary>
    private static string Masked(ReadOnlySpan<byte> payload)
    {
        var masked = new ArrayBufferWriter<byte>(payload.Length + 1);
        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = StripeEventReader.MaxDepth });
        var (written, secret) = (0, false);
        try
        {
            while (reader.Read())
            {
                if (secret && reader.TokenType is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False)
                {
                    masked.Write(payload[written..(int)reader.TokenStartIndex]);
                    masked.Write("\"***\""u8);
                    written = (int)reader.BytesConsumed;
                }

                secret = reader.TokenType == JsonTokenType.PropertyName && IsSecret(ref reader);
            }
        }
        catch (JsonException)
        {
            return $"({payload.Length} bytes that are not JSON)";
        }

        masked.Write(payload[written..]);
        return Encoding.UTF8.GetString(masked.WrittenSpan);
    }

    private static bool IsSecret(ref Utf8JsonReader name)
    {
        try
        {
            return name.GetString()!.Contains("secret", StringComparison.OrdinalIgnoreCase);
        }
        catch (InvalidOperationException)
        {
            // A name that is no text may stand for anything.
            return true;
        }
    }
}

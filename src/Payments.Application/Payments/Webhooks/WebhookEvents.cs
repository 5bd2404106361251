using FluentValidation;
using MediatR;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Webhooks;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Webhooks;

/// <summary>What an admin may look for among stored events.</summary>
/// <param name="ObjectId">The provider's id of the object, or of its intent.</param>
public sealed record WebhookEventFilter(WebhookEventStatus? Status, string? Type, string? ObjectId, PaymentId? PaymentId, DateTimeOffset? From, DateTimeOffset? Until);

public sealed record WebhookEventView(
    string Id, string Type, string? ApiVersion, bool Livemode, WebhookEventStatus Status, int Attempts, string? LastError,
    string? ObjectId, string? RelatedId, PaymentId? PaymentId, DateTimeOffset CreatedAt, DateTimeOffset ReceivedAt, DateTimeOffset? NextAttemptAt, DateTimeOffset? ProcessedAt);

/// <param name="Payload">The event as it was sent, client secrets masked.</param>
public sealed record WebhookEventDetail(WebhookEventView Event, string Payload);

/// <summary>Reads of the inbox for admins, and the replay of what it holds.</summary>
public interface IWebhookEventStore
{
    Task<IReadOnlyList<WebhookEventView>> PageAsync(WebhookEventFilter filter, WebhookEventCursor? before, int count, CancellationToken cancellationToken);

    Task<WebhookEventDetail?> FindAsync(string id, CancellationToken cancellationToken);

    Task<long> CountAsync(WebhookEventFilter filter, CancellationToken cancellationToken);

    /// <summary>Queues matching events again, whatever became of them, and writes one audit row. Answers how many.</summary>
    /// <param name="expected">So many, or none at all; null: as many as there are.</param>
    /// <exception cref="Refusal"><c>replay.count_differs</c></exception>
    Task<long> ReplayAsync(WebhookEventFilter filter, string? id, long? expected, Actor actor, string? reason, CancellationToken cancellationToken);
}

/// <summary>Where a newest-first page of events ended.</summary>
public readonly record struct WebhookEventCursor(DateTimeOffset ReceivedAt, string Id);

public sealed record ListWebhookEvents(WebhookEventFilter Filter, int? Limit, string? Cursor) : IRequest<Page<WebhookEventView>>, IPaged;

internal sealed class ListWebhookEventsValidator : AbstractValidator<ListWebhookEvents>
{
    public ListWebhookEventsValidator() => this.PageRules();
}

internal sealed class ListWebhookEventsHandler(IWebhookEventStore store) : IRequestHandler<ListWebhookEvents, Page<WebhookEventView>>
{
    public async Task<Page<WebhookEventView>> Handle(ListWebhookEvents query, CancellationToken cancellationToken)
    {
        var rows = await store.PageAsync(query.Filter, TextCursor.Parse(query.Cursor), query.LimitOf() + 1, cancellationToken);
        var shown = rows.Take(query.LimitOf()).ToList();
        return new Page<WebhookEventView>(shown, rows.Count > shown.Count ? TextCursor.Of(new WebhookEventCursor(shown[^1].ReceivedAt, shown[^1].Id)) : null);
    }
}

public sealed record GetWebhookEvent(string Id) : IRequest<WebhookEventDetail>;

internal sealed class GetWebhookEventHandler(IWebhookEventStore store) : IRequestHandler<GetWebhookEvent, WebhookEventDetail>
{
    public async Task<WebhookEventDetail> Handle(GetWebhookEvent query, CancellationToken cancellationToken) =>
        await store.FindAsync(query.Id, cancellationToken) ?? throw WebhookRefusals.NotFound();
}

/// <summary>Queues one stored event again; its effects are unique, so that nothing happens twice.</summary>
public sealed record ReplayWebhookEvent(string Id, Actor Actor, string? Reason) : IRequest<WebhookEventView>, IStaffWrite;

internal sealed class ReplayWebhookEventHandler(IWebhookEventStore store) : IRequestHandler<ReplayWebhookEvent, WebhookEventView>
{
    private static readonly WebhookEventFilter Any = new(null, null, null, null, null, null);

    public async Task<WebhookEventView> Handle(ReplayWebhookEvent command, CancellationToken cancellationToken) =>
        await store.ReplayAsync(Any, command.Id, null, command.Actor, command.Reason, cancellationToken) == 0
            ? throw WebhookRefusals.NotFound()
            : (await store.FindAsync(command.Id, cancellationToken))!.Event;
}

/// <summary>Replays all that match: first a dry run that counts, then the same with the count that was seen.</summary>
/// <param name="ExpectedCount">What the dry run answered; another number now refuses, so that nobody replays what they did not look at.</param>
public sealed record ReplayWebhookEvents(WebhookEventFilter Filter, bool DryRun, long? ExpectedCount, Actor Actor, string? Reason) : IRequest<ReplayCount>, IStaffWrite;

public sealed record ReplayCount(long Count, bool DryRun);

internal sealed class ReplayWebhookEventsHandler(IWebhookEventStore store) : IRequestHandler<ReplayWebhookEvents, ReplayCount>
{
    public async Task<ReplayCount> Handle(ReplayWebhookEvents command, CancellationToken cancellationToken)
    {
        if (command.Filter == new WebhookEventFilter(null, null, null, null, null, null))
        {
            throw new Refusal(RefusalKind.Invalid, "replay.filter_missing", "Say which events: status, type, objectId, paymentId, from or until.", "status");
        }

        if (command.DryRun)
        {
            return new ReplayCount(await store.CountAsync(command.Filter, cancellationToken), DryRun: true);
        }

        var expected = command.ExpectedCount ?? throw WebhookRefusals.CountDiffers(await store.CountAsync(command.Filter, cancellationToken));
        return new ReplayCount(await store.ReplayAsync(command.Filter, null, expected, command.Actor, command.Reason, cancellationToken), DryRun: false);
    }
}

public static class WebhookRefusals
{
    public static Refusal CountDiffers(long count) =>
        new(RefusalKind.Conflict, "replay.count_differs", $"{count} events match now. Do a dry run, then send its count as expectedCount.", "expectedCount");

    public static Refusal NotFound() => new(RefusalKind.NotFound, "webhook_event.not_found", "There is no stored event with this id.");
}

internal static class TextCursor
{
    public static string Of(WebhookEventCursor cursor) =>
        System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes($"{cursor.ReceivedAt.UtcTicks}:{cursor.Id}"));

    public static WebhookEventCursor? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (text.Length <= 512 && System.Buffers.Text.Base64Url.IsValid(text)
            && System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(text)).Split(':', 2) is [var ticks, { Length: > 0 } id]
            && long.TryParse(ticks, System.Globalization.CultureInfo.InvariantCulture, out var at) && at >= 0 && at <= DateTimeOffset.MaxValue.Ticks)
        {
            return new WebhookEventCursor(new DateTimeOffset(at, TimeSpan.Zero), id);
        }

        throw new Refusal(RefusalKind.Invalid, "cursor.invalid", "A cursor is the nextCursor of an earlier page, unchanged.", "cursor");
    }
}

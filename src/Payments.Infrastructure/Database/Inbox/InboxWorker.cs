using System.Threading.Channels;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Payments.Application.Payments.Webhooks;
using Payments.Domain.Payments.Webhooks;
using Payments.Infrastructure.Database.Mappings;
using Payments.Infrastructure.Telemetry;

namespace Payments.Infrastructure.Database.Inbox;

/// <summary>
/// Brings stored events to what they concern. Claims up to 256 under row locks that live as long as the transaction, so
/// a crash gives them back by itself. A set that fails is split until the bad event stands alone; that one is tried
/// again with growing delay and ends as a dead letter, and never blocks the others.
/// </summary>
internal sealed partial class InboxWorker(IServiceScopeFactory scopes, InboxSignal signal, TimeProvider clock, ILogger<InboxWorker> logger) : BackgroundService
{
    private const int MostInBatch = 256;

    /// <summary>While one set waits for the database, the next is being read and computed.</summary>
    private const int Lanes = 2;
    private const int MostAttempts = 15;

    /// <summary>Finds what a crash left behind, and what is due again; a fresh event comes by signal.</summary>
    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(1);

    private const int AtOnceAlone = 4;
    private const int MostWaitingAlone = 1024;

    /// <summary>
    /// While an event waits to be applied alone, and is, nobody else takes it. After a crash it waits as long; an answer that
    /// takes longer, and is overtaken, is not written over the newer one's.
    /// </summary>
    private static readonly TimeSpan AloneLease = TimeSpan.FromSeconds(60);

    /// <summary>How much of the lease must be left to begin with one; else it is left to whoever takes it next.</summary>
    private static readonly TimeSpan LongestAlone = TimeSpan.FromSeconds(30);

    /// <summary>
    /// What is applied alone may wait for the provider, and what is stored meanwhile does not wait for that. When even these
    /// are too many, the lanes wait for room.
    /// </summary>
    private readonly Channel<Alone> alone = Channel.CreateBounded<Alone>(new BoundedChannelOptions(MostWaitingAlone) { SingleReader = false });

    private sealed record Alone(EventSubject Subject, List<ClaimedEvent> Rows, DateTimeOffset Until);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        Enumerable.Range(0, Lanes).Select(_ => Rounds.RunAsync(logger, "events", PollEvery, WorkOrWaitAsync, stoppingToken))
            .Concat(Enumerable.Range(0, AtOnceAlone).Select(_ => Rounds.RunAsync(logger, "events that stand alone", PollEvery, WorkAloneAsync, stoppingToken))));

    private async Task WorkOrWaitAsync(CancellationToken cancellationToken)
    {
        if (await WorkAsync(cancellationToken) == 0)
        {
            await signal.WaitAsync(PollEvery, cancellationToken);
        }
    }

    private async Task WorkAloneAsync(CancellationToken cancellationToken)
    {
        var next = await alone.Reader.ReadAsync(cancellationToken);
        if (TimeProvider.System.GetUtcNow() < next.Until)
        {
            await ApplyAloneAsync(next.Subject, next.Rows, cancellationToken);
        }
    }

    private async Task<int> WorkAsync(CancellationToken cancellationToken)
    {
        var claimed = new List<ClaimedEvent>();
        try
        {
            await ApplyAsync(db => InboxRows.ClaimAsync(db, TimeProvider.System.GetUtcNow(), MostInBatch, cancellationToken), claimed, cancellationToken);
        }
        catch (Exception e) when (!IsOutage(e) && !cancellationToken.IsCancellationRequested && claimed.Count > 0)
        {
            await SplitAsync(claimed, e, cancellationToken);
        }

        return claimed.Count;
    }

    private async Task SplitAsync(List<ClaimedEvent> rows, Exception failure, CancellationToken cancellationToken)
    {
        if (rows.Count == 1)
        {
            await FailAsync(rows[0], failure, cancellationToken);
            return;
        }

        var half = rows.Count / 2;
        foreach (var part in new[] { rows[..half], rows[half..] })
        {
            try
            {
                await ApplyAsync(db => InboxRows.ClaimAsync(db, part, cancellationToken), [], cancellationToken);
            }
            catch (Exception e) when (!IsOutage(e) && !cancellationToken.IsCancellationRequested)
            {
                await SplitAsync(part, e, cancellationToken);
            }
        }
    }

    /// <summary>Claims, applies and settles in one transaction and one unit of work; then applies alone what wants to be.</summary>
    private async Task ApplyAsync(Func<PaymentsDbContext, Task<List<ClaimedEvent>>> claim, List<ClaimedEvent> claimed, CancellationToken cancellationToken)
    {
        List<SettledEvent> settled;
        await using (var scope = scopes.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<PaymentsDbContext>();
            await using var transaction = await db.BeginAsync(cancellationToken);
            claimed.AddRange(await claim(db));
            signal.IsBehind = claimed.Count == MostInBatch;
            if (claimed.Count == 0)
            {
                return;
            }

            if (signal.IsBehind)
            {
                signal.Set();
            }

            using var span = InboxMetrics.Spans.StartActivity("inbox.apply");
            span?.SetTag("payments.inbox.events", claimed.Count);
            var outcomes = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new ApplyWebhookEvents([.. claimed.Select(c => c.Event)]), cancellationToken);
            var lease = TimeProvider.System.GetUtcNow() + AloneLease;
            settled = [.. claimed.Zip(outcomes, (row, outcome) => new SettledEvent(row, outcome.Alone is null ? outcome : outcome with { Status = WebhookEventStatus.Pending }, lease))];
            await InboxRows.SettleAsync(db, settled, clock.GetUtcNow(), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        Count(settled);
        foreach (var subject in settled.Where(s => s.Outcome.Alone is not null).GroupBy(s => s.Outcome.Alone!.Value))
        {
            await alone.Writer.WriteAsync(new Alone(subject.Key, [.. subject.Select(s => s.Row)], subject.First().NextAttemptAt - LongestAlone), cancellationToken);
        }
    }

    private async Task ApplyAloneAsync(EventSubject subject, List<ClaimedEvent> rows, CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var outcomes = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new ApplyEventsAlone(subject, [.. rows.Select(r => r.Event)]), cancellationToken);
            var now = TimeProvider.System.GetUtcNow();
            await SettleAsync([.. rows.Zip(outcomes, (row, outcome) => new SettledEvent(row, outcome, now))], cancellationToken);
        }
        catch (Exception e) when (!IsOutage(e) && !cancellationToken.IsCancellationRequested)
        {
            foreach (var row in rows)
            {
                await FailAsync(row, e, cancellationToken);
            }
        }
    }

    private async Task FailAsync(ClaimedEvent row, Exception failure, CancellationToken cancellationToken)
    {
        InboxMetrics.Failed.Add(1);
        var dead = row.Attempts + 1 >= MostAttempts;
        var error = $"{failure.GetType().Name}: {failure.Message}";
        var outcome = new EventOutcome(dead ? WebhookEventStatus.Dead : WebhookEventStatus.Pending, null, error.Length > 2000 ? error[..2000] : error);
        if (dead)
        {
            Log.Dead(logger, row.Event.Id, row.Event.Type, failure);
        }
        else
        {
            Log.Failed(logger, row.Event.Id, row.Event.Type, row.Attempts + 1, failure);
        }

        await SettleAsync([new SettledEvent(row, outcome, TimeProvider.System.GetUtcNow() + Backoff.After(row.Attempts + 1))], cancellationToken);
    }

    private async Task SettleAsync(List<SettledEvent> rows, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PaymentsDbContext>();
        await using var transaction = await db.BeginAsync(cancellationToken);
        await InboxRows.SettleAsync(db, rows, clock.GetUtcNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Count(rows);
    }

    private void Count(List<SettledEvent> rows)
    {
        var now = clock.GetUtcNow();
        foreach (var (row, outcome, _) in rows)
        {
            if (outcome.Status != WebhookEventStatus.Pending)
            {
                InboxMetrics.Processed.Add(1, new KeyValuePair<string, object?>("outcome", Conventions.Text(outcome.Status)));
                InboxMetrics.Lag.Record((now - row.ReceivedAt).TotalSeconds);
            }
        }
    }

    private static bool IsOutage(Exception e) => Outage.Is(e);

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Warning, "Event {EventId} ({Type}) failed at try {Attempt}; it is tried again")]
        public static partial void Failed(ILogger logger, string eventId, string type, int attempt, Exception exception);

        [LoggerMessage(9003, LogLevel.Critical, "Event {EventId} ({Type}) failed at every try and is a dead letter now")]
        public static partial void Dead(ILogger logger, string eventId, string type, Exception exception);
    }
}

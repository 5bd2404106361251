using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Payments.Application.Notifications;
using Payments.Application.Payments.Customers;
using Payments.Application.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Infrastructure.Database.Outbox;

/// <summary>Passes committed facts on to those who act on them, at least once and in batches; their own unique keys make it once.</summary>
internal sealed partial class OutboxWorker(IServiceScopeFactory scopes, OutboxSignal signal, InboxSignal inbox, MailSignal mail, ILiveStreams streams, ILogger<OutboxWorker> logger) : BackgroundService
{
    private const int MostInBatch = 256;
    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(2);

    /// <summary>Credits come before receipts: in a rush of events a set of messages waits this long at most.</summary>
    private static readonly TimeSpan LongestYield = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan YieldStep = TimeSpan.FromMilliseconds(100);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Rounds.RunAsync(logger, "messages", PollEvery, WorkOrWaitAsync, stoppingToken);

    private async Task WorkOrWaitAsync(CancellationToken cancellationToken)
    {
        for (var yielded = TimeSpan.Zero; inbox.IsBehind && yielded < LongestYield; yielded += YieldStep)
        {
            await Task.Delay(YieldStep, cancellationToken);
        }

        if (await WorkAsync(MostInBatch, cancellationToken) == 0)
        {
            await signal.WaitAsync(PollEvery, cancellationToken);
        }
    }

    private async Task<int> WorkAsync(int most, CancellationToken cancellationToken)
    {
        var claimed = new List<OutboxMessage>();
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<PaymentsDbContext>();
            await using var transaction = await db.BeginAsync(cancellationToken);
            claimed = await db.Set<OutboxMessage>().FromSql(
                $"SELECT * FROM payments.outbox WHERE next_attempt_at <= {TimeProvider.System.GetUtcNow()} ORDER BY next_attempt_at, id LIMIT {most} FOR UPDATE SKIP LOCKED")
                .AsNoTracking().ToListAsync(cancellationToken);
            if (claimed.Count == 0)
            {
                return 0;
            }

            var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();
            var live = await mediator.Send(new QueueNotices(claimed), cancellationToken);
            await mediator.Send(new FollowProfiles(claimed), cancellationToken);
            await mediator.Send(new FollowReversals(claimed), cancellationToken);
            var ids = claimed.Select(m => m.Id).ToArray();
            await db.Database.ExecuteSqlAsync($"UPDATE payments.outbox SET next_attempt_at = NULL, attempts = attempts + 1, last_error = NULL WHERE id = ANY({ids})", cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            mail.Set();
            foreach (var one in live)
            {
                streams.Publish(one);
            }
        }
        catch (Exception e) when (!Outage.Is(e) && !cancellationToken.IsCancellationRequested && claimed.Count > 0)
        {
            await PostponeAsync(claimed, e, cancellationToken);
        }

        return claimed.Count;
    }

    /// <summary>A set that failed is tried again message by message; one that fails alone waits for its next try.</summary>
    private async Task PostponeAsync(List<OutboxMessage> messages, Exception failure, CancellationToken cancellationToken)
    {
        if (messages.Count > 1)
        {
            for (var i = 0; i < messages.Count; i++)
            {
                await WorkAsync(1, cancellationToken);
            }

            return;
        }

        var message = messages[0];
        Log.Failed(logger, message.Id, message.Type, message.Attempts + 1, failure);
        var next = TimeProvider.System.GetUtcNow() + Backoff.After(message.Attempts + 1);
        var error = failure.Message;
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<PaymentsDbContext>().Database.ExecuteSqlAsync(
            $"UPDATE payments.outbox SET next_attempt_at = {next}, attempts = attempts + 1, last_error = {error} WHERE id = {message.Id}", cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Error, "Outbox message {MessageId} ({Type}) failed at try {Attempt}; it is tried again")]
        public static partial void Failed(ILogger logger, Guid messageId, string type, int attempt, Exception exception);
    }
}

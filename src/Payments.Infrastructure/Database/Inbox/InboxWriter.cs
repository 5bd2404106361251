using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using Payments.Application.Payments.Webhooks;
using Payments.Domain.Shared;
using Payments.Infrastructure.Telemetry;

namespace Payments.Infrastructure.Database.Inbox;

/// <summary>
/// Stores events so that throughput is bounded by the database, not by round trips: whoever waits is written by the
/// next statement, and each request is answered when its own commit is done. No timer: a batch is what queued up while
/// the last one was being written. On a slow disk up to four batches are under way at once.
/// </summary>
internal sealed partial class InboxWriter(IWebhookVerifier verifier, TimeProvider clock, NpgsqlDataSource database, InboxSignal stored, ILogger<InboxWriter> logger) : IWebhookInbox
{
    /// <summary>Beyond either, the sender is told to come again: what waits is in memory, and commits are what it waits for.</summary>
    internal const int MostWaiting = 4096;
    internal const long MostBytesWaiting = 64 << 20;

    /// <summary>A batch is closed by the event that reaches either.</summary>
    private const int MostInBatch = 256;
    private const long MostBytesInBatch = 4 << 20;
    private const int MostInFlight = 4;

    private const string Sql =
        """
        INSERT INTO payments.webhook_events (id, created, type, api_version, livemode, account, object_id, related_id, payload, received_at, next_attempt_at)
        SELECT *, $10, $11 FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::text[], $8::text[], $9::bytea[])
        ON CONFLICT DO NOTHING
        """;

    /// <summary>A flush that takes longer than this (1 ms) is a slow disk's: the next batch does not wait for it.</summary>
    private static readonly long SlowFlush = Stopwatch.Frequency / 1000;

    /// <summary>What the server takes for a row by itself (50 µs): a large batch is not a slow disk, and small ones cost more for each row.</summary>
    private static readonly long Row = Stopwatch.Frequency / 20_000;

    private readonly ConcurrentQueue<Delivery> queue = new();
    private int waiting;
    private long bytesWaiting;
    private int inFlight;
    private long nextStart;

    public Task<WebhookReceipt> ReceiveAsync(ReadOnlyMemory<byte> body, string? signatureHeader, CancellationToken cancellationToken)
    {
        InboxMetrics.Received.Add(1);
        var verdict = verifier.Verify(body.Span, signatureHeader, clock.GetUtcNow());
        if (verdict.Header is not { } header)
        {
            InboxMetrics.Refused.Add(1);
            return Task.FromResult(new WebhookReceipt(verdict.RefusalCode, verdict.Reason));
        }

        if (Interlocked.Increment(ref waiting) > MostWaiting | Interlocked.Add(ref bytesWaiting, body.Length) > MostBytesWaiting)
        {
            Leave(1, body.Length);
            InboxMetrics.NotStored.Add(1);
            throw new Refusal(RefusalKind.Unavailable, "webhook.overloaded", "Too many events are waiting to be stored; send this one again later.");
        }

        var delivery = new Delivery(header, body);
        queue.Enqueue(delivery);
        StartIfNeeded();
        return delivery.Stored.Task;
    }

    private void StartIfNeeded()
    {
        var running = Volatile.Read(ref inFlight);
        while (running == 0 || (running < MostInFlight && Stopwatch.GetTimestamp() > Volatile.Read(ref nextStart)))
        {
            var seen = Interlocked.CompareExchange(ref inFlight, running + 1, running);
            if (seen == running)
            {
                Volatile.Write(ref nextStart, Stopwatch.GetTimestamp() + SlowFlush);
                _ = Task.Run(WriteAsync);
                return;
            }

            running = seen;
        }
    }

    private async Task WriteAsync()
    {
        var batch = new List<Delivery>(MostInBatch);
        do
        {
            while (Take(batch))
            {
                await StoreAsync(batch);
            }

            Interlocked.Decrement(ref inFlight);

            // One that came after the last look, and found this writer still running, is written now.
        }
        while (!queue.IsEmpty && Interlocked.CompareExchange(ref inFlight, 1, 0) == 0);
    }

    private bool Take(List<Delivery> batch)
    {
        batch.Clear();
        var bytes = 0L;
        while (batch.Count < MostInBatch && bytes < MostBytesInBatch && queue.TryDequeue(out var next))
        {
            batch.Add(next);
            bytes += next.Body.Length;
        }

        Leave(batch.Count, bytes);
        Volatile.Write(ref nextStart, Stopwatch.GetTimestamp() + SlowFlush + (batch.Count * Row));
        return batch.Count > 0;
    }

    private void Leave(int count, long bytes)
    {
        Interlocked.Add(ref waiting, -count);
        Interlocked.Add(ref bytesWaiting, -bytes);
    }

    private async Task StoreAsync(List<Delivery> batch)
    {
        // Sorted, so that two batches never wait for each other's rows crosswise.
        batch.Sort(static (a, b) => string.CompareOrdinal(a.Header.Id, b.Header.Id));
        try
        {
            await InsertAsync(batch);
        }
        catch (PostgresException e) when (!e.IsTransient && batch.Count > 1)
        {
            // One row is at fault: each for itself, so that one bad event fails one request.
            Log.BatchFailed(logger, batch.Count, e.SqlState);
            foreach (var delivery in batch.ToList())
            {
                await StoreAsync([delivery]);
            }

            return;
        }
        catch (Exception e)
        {
            // Not swallowed: every sender is told, by the answer that makes it send again.
            Log.NotStored(logger, batch.Count, e);
            InboxMetrics.NotStored.Add(batch.Count);
            batch.ForEach(d => d.Stored.SetException(
                new Refusal(RefusalKind.Unavailable, "webhook.not_stored", "The event could not be stored; send it again later.")));
            return;
        }

        batch.ForEach(d => d.Stored.SetResult(default));
        stored.Set();
    }

    private async Task InsertAsync(List<Delivery> batch)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(Sql, connection);
        Add(command, batch, NpgsqlDbType.Text, d => d.Header.Id);
        Add(command, batch, NpgsqlDbType.TimestampTz, d => d.Header.Created);
        Add(command, batch, NpgsqlDbType.Text, d => d.Header.Type);
        Add(command, batch, NpgsqlDbType.Text, d => d.Header.ApiVersion);
        Add(command, batch, NpgsqlDbType.Boolean, d => d.Header.Livemode);
        Add(command, batch, NpgsqlDbType.Text, d => d.Header.Account);
        Add(command, batch, NpgsqlDbType.Text, d => d.Header.ObjectId);
        Add(command, batch, NpgsqlDbType.Text, d => d.Header.RelatedId);
        Add(command, batch, NpgsqlDbType.Bytea, d => d.Body);
        // People read when it came beside all else, by the product's clock; workers and retries go by wall time.
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        command.Parameters.Add(new() { Value = TimeProvider.System.GetUtcNow() });
        var inserted = await command.ExecuteNonQueryAsync();
        InboxMetrics.Stored.Add(inserted);
        InboxMetrics.Duplicates.Add(batch.Count - inserted);
    }

    private static void Add<T>(NpgsqlCommand command, List<Delivery> batch, NpgsqlDbType type, Func<Delivery, T> value)
    {
        var values = new T[batch.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = value(batch[i]);
        }

        command.Parameters.Add(new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    private sealed class Delivery(WebhookHeader header, ReadOnlyMemory<byte> body)
    {
        public WebhookHeader Header { get; } = header;

        public ReadOnlyMemory<byte> Body { get; } = body;

        public TaskCompletionSource<WebhookReceipt> Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A batch of {Count} events could not be stored together ({SqlState}); storing them one by one")]
        public static partial void BatchFailed(ILogger logger, int count, string sqlState);

        [LoggerMessage(2, LogLevel.Error, "{Count} events could not be stored; their sender is told to send them again")]
        public static partial void NotStored(ILogger logger, int count, Exception exception);
    }
}

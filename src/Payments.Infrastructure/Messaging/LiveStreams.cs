using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Payments.Application.Notifications;
using Payments.Domain.Shared;
using Payments.Infrastructure.Database;

namespace Payments.Infrastructure.Messaging;

/// <summary>
/// Live events go to all replicas by PostgreSQL's NOTIFY, many in one message and on a connection of their own (a NOTIFY
/// inside a business transaction would make all commits wait for each other); each replica hands them to its own pages.
/// </summary>
internal sealed partial class LiveStreams(NpgsqlDataSource database, ILogger<LiveStreams> logger) : BackgroundService, ILiveStreams
{
    public const int MostOfUser = 8;
    public const int Most = 5_000;

    private const string Channel = "live_events";
    private const int MostUnsent = 10_000;
    private const int MostUnread = 64;

    /// <summary>PostgreSQL takes less than 8000 bytes.</summary>
    private const int MostBytes = 7_900;
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private readonly Channel<LiveEvent> unsent = System.Threading.Channels.Channel.CreateBounded<LiveEvent>(new BoundedChannelOptions(MostUnsent) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private readonly ConcurrentDictionary<UserId, Channel<LiveEvent>[]> pages = new();
    private readonly Lock counting = new();
    private int open;

    public void Publish(LiveEvent live) => unsent.Writer.TryWrite(live);

    public LiveStream Open(UserId userId)
    {
        var page = System.Threading.Channels.Channel.CreateBounded<LiveEvent>(new BoundedChannelOptions(MostUnread) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        lock (counting)
        {
            var mine = pages.GetValueOrDefault(userId, []);
            if (mine.Length >= MostOfUser)
            {
                throw new Refusal(RefusalKind.Conflict, "stream.too_many", $"At most {MostOfUser} streams of one user are open at a time; close one.");
            }

            if (open >= Most)
            {
                throw new Refusal(RefusalKind.Unavailable, "stream.unavailable", "Too many streams are open at the moment; ask for notifications instead, and try again later.");
            }

            open++;
            pages[userId] = [.. mine, page];
        }

        return new LiveStream(page.Reader, () => Close(userId, page));
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(SendAsync(stoppingToken), ListenAsync(stoppingToken));

    private void Close(UserId userId, Channel<LiveEvent> page)
    {
        lock (counting)
        {
            if (!page.Writer.TryComplete())
            {
                return;
            }

            open--;
            var left = pages[userId].Where(p => p != page).ToArray();
            if (left.Length > 0)
            {
                pages[userId] = left;
            }
            else
            {
                pages.TryRemove(userId, out _);
            }
        }
    }

    private async Task SendAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await unsent.Reader.WaitToReadAsync(stoppingToken))
            {
                await Task.Delay(Gather, stoppingToken);
                var payloads = Payloads();
                try
                {
                    await using var notify = database.CreateCommand($"SELECT pg_notify('{Channel}', payload) FROM unnest($1) AS payload");
                    notify.Parameters.Add(new() { Value = payloads });
                    await notify.ExecuteNonQueryAsync(stoppingToken);
                }
                catch (Exception e) when (Outage.Is(e))
                {
                    // Pages are told to read again as soon as the database can be heard.
                    Log.NotSent(logger, e.Message);
                    await Task.Delay(RetryAfter, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
    }

    /// <summary>All that waits, each only once, in as few messages as it fits in.</summary>
    private string[] Payloads()
    {
        var waiting = new HashSet<LiveEvent>();
        while (waiting.Count < MostUnsent && unsent.Reader.TryRead(out var live))
        {
            waiting.Add(live);
        }

        List<string> payloads = [];
        List<string> lines = [];
        var bytes = 0;
        foreach (var line in waiting.Select(w => JsonSerializer.Serialize(new Line(w.UserId.Value, w.Kind, w.Data))))
        {
            var size = Encoding.UTF8.GetByteCount(line) + 1;
            if (bytes + size > MostBytes)
            {
                payloads.Add(string.Join('\n', lines));
                lines.Clear();
                bytes = 0;
            }

            lines.Add(line);
            bytes += size;
        }

        return [.. payloads, string.Join('\n', lines)];
    }

    private async Task ListenAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(stoppingToken);
                connection.Notification += (_, notification) => Hand(notification.Payload);
                await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", connection))
                {
                    await listen.ExecuteNonQueryAsync(stoppingToken);
                }

                // What came while nobody listened is not known: the pages read it.
                foreach (var user in pages.Keys)
                {
                    Hand(new LiveEvent(user, "resync", "{}"));
                }

                while (true)
                {
                    await connection.WaitAsync(stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (Outage.Is(e) || e is IOException)
            {
                Log.NotListening(logger, e.Message);
                await Task.Delay(RetryAfter, stoppingToken);
            }
        }
    }

    private void Hand(string payload)
    {
        try
        {
            foreach (var line in payload.Split('\n').Select(text => JsonSerializer.Deserialize<Line>(text)!))
            {
                Hand(new LiveEvent(new UserId(line.User), line.Kind, line.Data));
            }
        }
        catch (JsonException e)
        {
            // A replica of another version, perhaps: what it tells stands in the database all the same.
            Log.NotUnderstood(logger, e.Message);
        }
    }

    private void Hand(LiveEvent live)
    {
        foreach (var page in pages.GetValueOrDefault(live.UserId, []))
        {
            page.Writer.TryWrite(live);
        }
    }

    private sealed record Line(Guid User, string Kind, string Data);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Live events could not be sent ({Reason}); pages read again later")]
        public static partial void NotSent(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Warning, "Live events cannot be heard ({Reason}); pages read again later")]
        public static partial void NotListening(ILogger logger, string reason);

        [LoggerMessage(3, LogLevel.Warning, "A live event was not understood: {Reason}")]
        public static partial void NotUnderstood(ILogger logger, string reason);
    }
}

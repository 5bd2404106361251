using Microsoft.Extensions.Logging;
using Payments.Infrastructure.Database;
using Quartz;

namespace Payments.Infrastructure.Scheduling;

/// <summary>Quartz only ticks; what is due stands in rows.</summary>
[DisallowConcurrentExecution]
internal sealed partial class DueWorkTick(DueWork due, ILogger<DueWorkTick> logger) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await due.RunAsync(cancellationToken);
        }
        catch (Exception e) when (Outage.Is(e))
        {
            Log.DatabaseAway(logger, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The database is away: {Reason}; due work waits for the next tick")]
        public static partial void DatabaseAway(ILogger logger, string reason);
    }
}

/// <summary>Forgets what is kept only for a while: answered idempotency keys after 48 h, passed-on outbox messages after 7 days (wall time).</summary>
[DisallowConcurrentExecution]
internal sealed partial class PruneTick(Pruning pruning, ILogger<PruneTick> logger) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await pruning.RunAsync(TimeProvider.System.GetUtcNow(), cancellationToken);
        }
        catch (Exception e) when (Outage.Is(e))
        {
            Log.DatabaseAway(logger, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The database is away: {Reason}; pruning waits for the next tick")]
        public static partial void DatabaseAway(ILogger logger, string reason);
    }
}

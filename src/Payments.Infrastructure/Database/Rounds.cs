using Microsoft.Extensions.Logging;

namespace Payments.Infrastructure.Database;

/// <summary>What a worker does again and again until the process stops, whatever one round comes to: what rose from here would end the process.</summary>
internal static partial class Rounds
{
    /// <param name="work">What is done, for the log: <c>events</c>.</param>
    /// <param name="pause">After a round that failed.</param>
    /// <param name="round">Waits by itself when there is nothing to do.</param>
    public static async Task RunAsync(ILogger logger, string work, TimeSpan pause, Func<CancellationToken, Task> round, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await round(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (Outage.Is(e))
            {
                // Nobody's fault: nothing is counted against anything. The database is asked again soon.
                Log.DatabaseAway(logger, e.Message, work);
                await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Not migrated yet, say: /health/ready names what is wrong, and the work goes on once it is put right.
                Log.Failed(logger, work, e);
                await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The database is away: {Reason}; {Work} wait")]
        public static partial void DatabaseAway(ILogger logger, string reason, string work);

        [LoggerMessage(2, LogLevel.Error, "A round of {Work} failed; the next one tries again")]
        public static partial void Failed(ILogger logger, string work, Exception exception);
    }
}

using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Refunds;
using Payments.Infrastructure.Database;

namespace Payments.Infrastructure.Scheduling;

/// <summary>Sends a refund as soon as the transaction that planned it has committed. What a crash leaves behind is due work.</summary>
internal sealed partial class RefundWorker(IServiceScopeFactory scopes, RefundSignal signal, ILogger<RefundWorker> logger) : BackgroundService
{
    private const int MostAtOnce = 20;
    private static readonly TimeSpan AfterOutage = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await signal.WaitAsync(Timeout.InfiniteTimeSpan, stoppingToken);
                await SendAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (Outage.Is(e))
            {
                Log.DatabaseAway(logger, e.Message);
                await Task.Delay(AfterOutage, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // What rises from here would end the process, and one refund must not stop all of it: due work takes it up again.
                Log.Failed(logger, e);
            }
        }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        int due;
        do
        {
            await using var scope = scopes.CreateAsyncScope();
            due = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new SendDueRefunds(MostAtOnce), cancellationToken);
        }
        while (due > 0);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The database is away: {Reason}; refunds wait for due work")]
        public static partial void DatabaseAway(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Error, "Refunds could not be sent; due work takes them up again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}

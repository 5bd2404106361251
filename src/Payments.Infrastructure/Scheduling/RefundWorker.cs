using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Refunds;
using Payments.Infrastructure.Database;

namespace Payments.Infrastructure.Scheduling;

/// <summary>Sends a refund as soon as the transaction that planned it has committed. What a crash leaves behind is due work.</summary>
internal sealed class RefundWorker(IServiceScopeFactory scopes, RefundSignal signal, ILogger<RefundWorker> logger) : BackgroundService
{
    private const int MostAtOnce = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Rounds.RunAsync(logger, "refunds", Pause, SendAsync, stoppingToken);

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        await signal.WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken);
        int due;
        do
        {
            await using var scope = scopes.CreateAsyncScope();
            due = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new SendDueRefunds(MostAtOnce), cancellationToken);
        }
        while (due > 0);
    }
}

using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Payments.Application.Payments.Charges;
using Payments.Application.Payments.Disputes;
using Payments.Application.Payments.Orders;
using Payments.Application.Payments.Subscriptions;
using Payments.Application.Payments.Refunds;
using Payments.Application.Payments.Customers;
using Payments.Application.Payments.PaymentMethods;
using Payments.Application.Users.Credits;
using Payments.Infrastructure.Database;

namespace Payments.Infrastructure.Scheduling;

/// <summary>
/// Runs whatever rows say is due by the product's clock. Any number of replicas may run it at once: every step takes
/// the rows it works on under lock.
/// </summary>
internal sealed class DueWork(IServiceScopeFactory scopes)
{
    private const int BatchSize = 50;
    private const int MostBatches = 1000;

    private static readonly Func<IMediator, CancellationToken, Task<int>>[] Steps =
    [
        // First what asks nobody: a provider that is silent holds up the steps after it, and no hold may wait for that.
        (mediator, token) => mediator.Send(new ExpireDueCredits(BatchSize), token),
        (mediator, token) => mediator.Send(new CheckPayments(BatchSize), token),
        (mediator, token) => mediator.Send(new CloseDueOrders(BatchSize), token),
        (mediator, token) => mediator.Send(new CareForSubscriptions(BatchSize), token),
        (mediator, token) => mediator.Send(new SendDueRefunds(BatchSize), token),
        (mediator, token) => mediator.Send(new LookAtDisputes(BatchSize), token),
        (mediator, token) => mediator.Send(new NoticeComingEnds(BatchSize), token),
        (mediator, token) => mediator.Send(new NoticeExpiringCards(BatchSize), token),
        (mediator, token) => mediator.Send(new SyncCustomers(BatchSize), token),
    ];

    /// <exception cref="AggregateException">Of the steps that failed; the others have run all the same.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = new List<Exception>();
        foreach (var step in Steps)
        {
            try
            {
                await RunAsync(step, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && !Outage.Is(e))
            {
                failures.Add(e);
            }
        }

        if (failures.Count > 0)
        {
            throw new AggregateException("Steps of due work failed; they are tried again at the next tick.", failures);
        }
    }

    private async Task RunAsync(Func<IMediator, CancellationToken, Task<int>> step, CancellationToken cancellationToken)
    {
        for (var batch = 0; batch < MostBatches; batch++)
        {
            await using var scope = scopes.CreateAsyncScope();
            if (await step(scope.ServiceProvider.GetRequiredService<IMediator>(), cancellationToken) == 0)
            {
                break;
            }
        }
    }
}

using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Payments.Application.Payments.Charges;
using Payments.Application.Payments.Orders;
using Payments.Application.Payments.Subscriptions;
using Payments.Application.Payments.Refunds;
using Payments.Application.Payments.Customers;
using Payments.Application.Payments.PaymentMethods;
using Payments.Application.Users.Credits;

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
        (mediator, token) => mediator.Send(new CheckPayments(BatchSize), token),
        (mediator, token) => mediator.Send(new CloseDueOrders(BatchSize), token),
        (mediator, token) => mediator.Send(new CareForSubscriptions(BatchSize), token),
        (mediator, token) => mediator.Send(new SendDueRefunds(BatchSize), token),
        (mediator, token) => mediator.Send(new ExpireDueCredits(BatchSize), token),
        (mediator, token) => mediator.Send(new NoticeExpiringCards(BatchSize), token),
        (mediator, token) => mediator.Send(new SyncCustomers(BatchSize), token),
    ];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var step in Steps)
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
}

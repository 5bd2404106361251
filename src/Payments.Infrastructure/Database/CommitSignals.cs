using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Payments.Application.Notifications;

namespace Payments.Infrastructure.Database;

/// <summary>Wakes whoever acts on what a unit of work left to do (messages, refunds to send, balances and a catalog to show) when it has committed, and not before.</summary>
internal sealed class CommitSignals(OutboxSignal outbox, RefundSignal refunds, CatalogCache catalog, ILiveStreams streams) : DbTransactionInterceptor
{
    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is PaymentsDbContext { HasEnqueued: true })
        {
            outbox.Set();
        }

        if (eventData.Context is PaymentsDbContext { HasPlannedRefunds: true })
        {
            refunds.Set();
        }

        if (eventData.Context is PaymentsDbContext { HasEditedCatalog: true })
        {
            // Others hear of it from the database; who has just edited it sees it at once.
            catalog.Forget();
        }

        foreach (var user in eventData.Context is PaymentsDbContext context ? context.MovedCredits : [])
        {
            streams.Publish(LiveEvents.Credits(user));
        }

        return Task.CompletedTask;
    }
}

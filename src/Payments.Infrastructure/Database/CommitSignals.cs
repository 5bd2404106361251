using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Payments.Infrastructure.Database;

/// <summary>Wakes the outbox worker when a unit of work that enqueued messages has committed, and not before.</summary>
internal sealed class CommitSignals(OutboxSignal outbox) : DbTransactionInterceptor
{
    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is PaymentsDbContext { HasEnqueued: true })
        {
            outbox.Set();
        }

        return Task.CompletedTask;
    }
}

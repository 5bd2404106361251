using Microsoft.EntityFrameworkCore.Storage;
using Payments.Domain.Shared;

namespace Payments.Application.Shared;

/// <summary>What every module's face of the database can do. One scope is one unit of work; a failed one is thrown away with its scope.</summary>
public interface IUnitOfWork
{
    /// <summary>Locks are only taken inside a transaction.</summary>
    Task<IDbContextTransaction> BeginAsync(CancellationToken cancellationToken);

    Task<int> SaveChangesAsync(CancellationToken cancellationToken);

    /// <summary>Messages that leave with this unit of work's commit.</summary>
    void Enqueue(OutboxMessage message);
}

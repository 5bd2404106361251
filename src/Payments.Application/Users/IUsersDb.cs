using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Application.Users.Contracts;
using Payments.Domain.Shared;
using Payments.Domain.Users;
using Payments.Domain.Users.Credits;
using Payments.Domain.Users.Entitlements;

namespace Payments.Application.Users;

/// <summary>The users module's face of the database.</summary>
public interface IUsersDb : IUnitOfWork
{
    DbSet<User> Users { get; }

    DbSet<CreditLot> CreditLots { get; }

    DbSet<CreditHold> CreditHolds { get; }

    DbSet<CreditTransaction> CreditTransactions { get; }

    DbSet<CreditPosting> CreditPostings { get; }

    DbSet<AccessGrant> AccessGrants { get; }

    DbSet<AccessChange> AccessChanges { get; }

    /// <summary>Hands a ledger entry, with its postings and its lot, to the unit of work.</summary>
    void Append(LedgerEntry entry);

    /// <summary>Takes the users' row locks in id order and loads them; unknown ids are missing from the answer.</summary>
    Task<IReadOnlyList<User>> LockUsersAsync(IReadOnlyCollection<UserId> ids, CancellationToken cancellationToken);

    /// <summary>Makes sure that a row exists; an existing one stays as it is.</summary>
    Task AddUserIfMissingAsync(UserId id, string? email, string? name, string? timeZone, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>People in the order of their ids, those after <paramref name="after"/>.</summary>
    Task<IReadOnlyList<Person>> PeoplePageAsync(UserId? after, int count, CancellationToken cancellationToken);

    /// <summary>The newest ledger lines of a user before <paramref name="before"/>.</summary>
    Task<IReadOnlyList<CreditTransaction>> CreditTransactionsPageAsync(UserId userId, Cursor? before, int count, CancellationToken cancellationToken);
}

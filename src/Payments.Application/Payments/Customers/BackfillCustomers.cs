using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Application.Users.Contracts;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Customers;

/// <summary>
/// Gives every user who has none a customer at the provider: the one that carries the user's id, else a new one. Never
/// one that merely has the same email: two people may share an address, and anyone may have typed it. May be cut off and
/// run again.
/// </summary>
/// <param name="DryRun">Only look and count.</param>
public sealed record BackfillCustomers(bool DryRun) : IRequest<BackfillCounts>;

/// <param name="Had">Had a customer before.</param>
/// <param name="Found">The provider had one with the user's id.</param>
/// <param name="Made">A new one was made; in a dry run, would be.</param>
/// <param name="Failed">The provider did not do as asked; the next run tries again.</param>
public sealed record BackfillCounts(int Users, int Had, int Found, int Made, int Failed);

internal sealed partial class BackfillCustomersHandler(
    IUnitOfWorkScopes scopes, IPaymentGateway gateway, CustomerRecords customers, IUserDirectory users, ILogger<BackfillCustomersHandler> logger)
    : IRequestHandler<BackfillCustomers, BackfillCounts>
{
    private const int PageSize = 200;

    public async Task<BackfillCounts> Handle(BackfillCustomers command, CancellationToken cancellationToken)
    {
        var counts = new BackfillCounts(0, 0, 0, 0, 0);
        UserId? after = null;
        while (await users.PageAsync(after, PageSize, cancellationToken) is { Count: > 0 } page)
        {
            var have = await HavingAsync([.. page.Select(p => p.Id)], cancellationToken);
            foreach (var person in page)
            {
                counts = await OneAsync(person, have.Contains(person.Id), command.DryRun, counts with { Users = counts.Users + 1 }, cancellationToken);
            }

            after = page[^1].Id;
        }

        return counts;
    }

    private async Task<BackfillCounts> OneAsync(Person person, bool has, bool dryRun, BackfillCounts counts, CancellationToken cancellationToken)
    {
        if (has)
        {
            return counts with { Had = counts.Had + 1 };
        }

        try
        {
            // Without an email there is nothing to look under; and nothing that was made for one.
            var found = person.Email is null ? null : await gateway.FindCustomerAsync(person.Id, person.Email, cancellationToken);
            if (found is not null)
            {
                await (dryRun ? Task.CompletedTask : customers.AdoptAsync(found, person, cancellationToken));
                return counts with { Found = counts.Found + 1 };
            }

            await (dryRun ? Task.CompletedTask : customers.EnsureAsync(person.Id, cancellationToken));
            return counts with { Made = counts.Made + 1 };
        }
        catch (GatewayFailure failure)
        {
            Log.Failed(logger, person.Id, failure.Kind, failure.Message);
            return counts with { Failed = counts.Failed + 1 };
        }
    }

    private Task<HashSet<UserId>> HavingAsync(IReadOnlyList<UserId> page, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, HashSet<UserId>>(
        async (db, token) => [.. await db.Customers.AsNoTracking()
            .Where(c => page.Contains(c.UserId) && c.Account == gateway.Account.Key && c.Livemode == gateway.Account.Livemode && c.DeletedAt == null && c.GatewayId != null)
            .Select(c => c.UserId).ToListAsync(token)],
        cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "User {UserId} has no customer yet ({Kind}): {Reason}")]
        public static partial void Failed(ILogger logger, UserId userId, GatewayFailureKind kind, string reason);
    }
}

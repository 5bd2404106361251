using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Payments.Application.Shared;
using Payments.Domain.Shared;
using Payments.Domain.Users.Credits;

namespace Payments.Application.Users.Credits;

/// <summary>Ends holds whose time is over and sweeps expired lots of some users, each for itself; answers how many users it did, 0 when nothing is due.</summary>
public sealed record ExpireDueCredits(int Users) : IRequest<int>;

internal sealed partial class ExpireDueCreditsHandler(IUnitOfWorkScopes scopes, TimeProvider clock, ILogger<ExpireDueCreditsHandler> logger) : IRequestHandler<ExpireDueCredits, int>
{
    public async Task<int> Handle(ExpireDueCredits command, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = await scopes.RunAsync<IUsersDb, List<UserId>>(
            (db, token) => db.CreditHolds.Where(h => h.Status == CreditHoldStatus.Open && h.ExpiresAt <= now).Select(h => h.UserId)
                .Union(db.CreditLots.Where(l => l.Remaining > 0 && l.ExpiresAt <= now).Select(l => l.UserId))
                .OrderBy(u => u).Take(command.Users).ToListAsync(token),
            cancellationToken);
        var done = 0;
        foreach (var userId in due)
        {
            try
            {
                await ExpireAsync(userId, now, cancellationToken);
                done++;
            }
            catch (DbUpdateException e)
            {
                // Whoever's row cannot be written holds up nobody else.
                Log.Failed(logger, userId, e);
            }
        }

        return done;
    }

    private Task<int> ExpireAsync(UserId userId, DateTimeOffset now, CancellationToken cancellationToken) => scopes.RunAsync<IUsersDb, CreditAccounts, int>(
        async (db, accounts, token) =>
        {
            await using var transaction = await db.BeginAsync(token);
            var account = await accounts.LockAsync(userId, token);
            var holds = await db.CreditHolds.Include(h => h.Parts).Where(h => h.UserId == userId && h.Status == CreditHoldStatus.Open && h.ExpiresAt <= now).ToListAsync(token);
            foreach (var hold in holds)
            {
                await accounts.EndAsync(account!, hold, expired: true, token);
            }

            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return holds.Count;
        },
        cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "What is due of the credits of {UserId} could not be written; it is tried again")]
        public static partial void Failed(ILogger logger, UserId userId, Exception exception);
    }
}

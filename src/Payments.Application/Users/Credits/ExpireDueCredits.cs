using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Domain.Shared;
using Payments.Domain.Users.Credits;

namespace Payments.Application.Users.Credits;

/// <summary>Ends holds whose time is over and sweeps expired lots of some users; answers how many users it did, 0 when nothing is due.</summary>
public sealed record ExpireDueCredits(int Users) : IRequest<int>;

internal sealed class ExpireDueCreditsHandler(IUsersDb db, CreditAccounts accounts, TimeProvider clock) : IRequestHandler<ExpireDueCredits, int>
{
    public async Task<int> Handle(ExpireDueCredits command, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = await db.CreditHolds.Where(h => h.Status == CreditHoldStatus.Open && h.ExpiresAt <= now).Select(h => h.UserId)
            .Union(db.CreditLots.Where(l => l.Remaining > 0 && l.ExpiresAt <= now).Select(l => l.UserId))
            .OrderBy(u => u).Take(command.Users).ToListAsync(cancellationToken);
        if (due.Count == 0)
        {
            return 0;
        }

        await using var transaction = await db.BeginAsync(cancellationToken);
        foreach (var userId in due.OrderBy(u => u.Value))
        {
            var account = await accounts.LockAsync(userId, cancellationToken);
            var holds = await db.CreditHolds.Include(h => h.Parts).Where(h => h.UserId == userId && h.Status == CreditHoldStatus.Open && h.ExpiresAt <= now).ToListAsync(cancellationToken);
            foreach (var hold in holds)
            {
                await accounts.EndAsync(account!, hold, expired: true, cancellationToken);
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return due.Count;
    }
}

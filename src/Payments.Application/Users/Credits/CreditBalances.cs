using Microsoft.EntityFrameworkCore;
using Payments.Application.Users.Contracts;
using Payments.Domain.Shared;

namespace Payments.Application.Users.Credits;

internal sealed class CreditBalances(IUsersDb db, TimeProvider clock) : ICreditBalances
{
    public Task<long> SpendableAsync(UserId userId, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return db.Users.AsNoTracking().Where(u => u.Id == userId)
            .Select(u => u.Credits - db.CreditLots.Where(l => l.UserId == u.Id && l.Remaining > 0 && l.ExpiresAt <= now).Sum(l => l.Remaining))
            .FirstOrDefaultAsync(cancellationToken);
    }
}

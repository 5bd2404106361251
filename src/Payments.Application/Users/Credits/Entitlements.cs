using Payments.Application.Shared;
using Payments.Application.Users.Contracts;

namespace Payments.Application.Users.Credits;

internal sealed class Entitlements(IUsersDb db, CreditAccounts accounts, IIdGenerator ids, TimeProvider clock) : IEntitlements
{
    public async Task<IReadOnlyList<long>> GrantAsync(IReadOnlyList<CreditGrant> grants, CancellationToken cancellationToken)
    {
        var users = (await db.LockUsersAsync([.. grants.Select(g => g.UserId).Distinct()], cancellationToken)).ToDictionary(u => u.Id);
        var now = clock.GetUtcNow();
        var balances = new long[grants.Count];
        for (var i = 0; i < balances.Length; i++)
        {
            var g = grants[i];
            accounts.Write(users[g.UserId].Grant(g.Key, g.Credits, g.Reason, g.Reference, g.PaymentId, g.ExpiresAt, ids.Next, now));
            balances[i] = users[g.UserId].Credits;
        }

        return balances;
    }
}

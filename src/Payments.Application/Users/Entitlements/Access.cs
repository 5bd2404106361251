using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Application.Users.Contracts;
using Payments.Domain.Shared;
using Payments.Domain.Users.Entitlements;

namespace Payments.Application.Users.Entitlements;

internal sealed class Access(IUsersDb db, IIdGenerator ids, TimeProvider clock) : IAccess
{
    public Task LockAsync(IReadOnlyCollection<UserId> users, CancellationToken cancellationToken) => db.LockUsersAsync(users, cancellationToken);

    public async Task SetAsync(IReadOnlyList<AccessSetting> settings, CancellationToken cancellationToken)
    {
        var holders = settings.Select(s => s.UserId).Distinct().ToList();
        var users = (await db.LockUsersAsync(holders, cancellationToken)).ToDictionary(u => u.Id);
        var sources = settings.Select(s => s.Source).Distinct().ToList();
        await db.AccessGrants.Where(g => holders.Contains(g.UserId) && (sources.Contains(g.Source) || g.SubscriptionType != null)).LoadAsync(cancellationToken);

        // Local also has what an earlier call of the same unit of work added and nobody has saved yet.
        var grants = db.AccessGrants.Local.Where(g => users.ContainsKey(g.UserId)).ToDictionary(g => (g.UserId, g.Source));
        foreach (var s in settings)
        {
            // An unknown user is a mistake of the caller's: nobody has access who was never seen.
            var user = users[s.UserId];
            if (!grants.TryGetValue((user.Id, s.Source), out var grant))
            {
                grants[(user.Id, s.Source)] = grant = new AccessGrant(user.Id, s.Source);
                db.AccessGrants.Add(grant);
            }

            var changed = grant.Set(s.Resource, s.StartsAt.ToUniversalTime(), s.Until?.ToUniversalTime(), s.State, s.Subscription?.Type, s.Subscription?.Expires.ToUniversalTime());
            if (changed)
            {
                db.AccessChanges.Add(new AccessChange(ids.Next(), grant, clock.GetUtcNow()));
            }
        }

        foreach (var user in users.Values)
        {
            user.ShowSubscription(grants.Values.Where(g => g.UserId == user.Id));
        }
    }
}

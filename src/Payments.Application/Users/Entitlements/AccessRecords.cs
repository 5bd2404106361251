using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Domain.Shared;
using Payments.Domain.Users.Entitlements;

namespace Payments.Application.Users.Entitlements;

/// <summary>The same grants, and the same decision, that <see cref="GetAccess"/> answers from.</summary>
internal sealed class AccessRecords(IUsersDb db, TimeProvider clock) : IAccessFacts
{
    public async Task<AccessFacts> OfAsync(UserId userId, ResourceReference resource, CancellationToken cancellationToken)
    {
        var ((type, id), (anyType, anyId)) = (resource, ResourceReference.Platform);
        var known = await db.Users.AnyAsync(u => u.Id == userId, cancellationToken);
        var grants = await db.AccessGrants.AsNoTracking()
            .Where(g => g.UserId == userId && ((g.ResourceType == type && g.ResourceId == id) || (g.ResourceType == anyType && g.ResourceId == anyId)))
            .ToListAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var decision = AccessDecision.Of(grants, now);
        return new AccessFacts(known, decision.Allowed, decision.Until, decision.Reason, [.. grants.Select(g => new GrantFact(g.Source, g.Resource, g.State, g.StartsAt, g.Until, g.Gives(now)))]);
    }
}

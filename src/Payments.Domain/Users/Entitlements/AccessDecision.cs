using Payments.Domain.Shared;

namespace Payments.Domain.Users.Entitlements;

/// <summary>Whether somebody may use something now, and why or why not.</summary>
/// <param name="Until">When it is or was over; null with access: never, without: there is nothing to tell.</param>
/// <param name="Reason">
/// With access the kind of its source: <c>subscription</c>, <c>purchase</c>, <c>entitlement</c>. Without:
/// <c>paused</c>, <c>notStarted</c>, <c>revoked</c>, <c>expired</c>, <c>none</c>. Stable.
/// </param>
public sealed record AccessDecision(bool Allowed, DateTimeOffset? Until, string Reason)
{
    /// <param name="grants">Those of the resource and of the whole platform.</param>
    public static AccessDecision Of(IReadOnlyCollection<AccessGrant> grants, DateTimeOffset now)
    {
        if (grants.Where(g => g.Gives(now)).MaxBy(g => g.Until ?? DateTimeOffset.MaxValue) is { } longest)
        {
            return new(true, longest.Until, longest.Reason);
        }

        var living = grants.Where(g => !g.HasEnded(now)).ToList();
        return living switch
        {
            _ when living.Exists(g => g.State == AccessState.Paused) => new(false, null, "paused"),
            _ when living.Exists(g => g.State == AccessState.Given) => new(false, null, "notStarted"),
            _ when grants.Where(g => g.HasEnded(now) && g.State != AccessState.Revoked).Max(g => g.Until) is { } ended => new(false, ended, "expired"),
            _ when grants.Count > 0 => new(false, null, "revoked"),
            _ => new(false, null, "none"),
        };
    }
}

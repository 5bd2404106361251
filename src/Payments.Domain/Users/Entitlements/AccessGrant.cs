using Payments.Domain.Shared;

namespace Payments.Domain.Users.Entitlements;

/// <summary>What one source (a subscription, a purchase) gives a user. Changed only under the user's row lock.</summary>
public sealed class AccessGrant
{
    private AccessGrant()
    {
    }

    public AccessGrant(UserId userId, string source)
    {
        UserId = userId;
        Source = source;
    }

    public UserId UserId { get; private set; }

    /// <summary>What kind of thing gives it, and which: <c>subscription:{id}</c>.</summary>
    public string Source { get; private set; } = "";

    public string ResourceType { get; private set; } = "";

    public string ResourceId { get; private set; } = "";

    public DateTimeOffset StartsAt { get; private set; }

    /// <summary>At this very moment it is over; null: never.</summary>
    public DateTimeOffset? Until { get; private set; }

    public AccessState State { get; private set; }

    /// <summary>What the user's profile shows for it; null when it is no subscription.</summary>
    public string? SubscriptionType { get; private set; }

    public DateTimeOffset? SubscriptionExpires { get; private set; }

    public ResourceReference Resource => new(ResourceType, ResourceId);

    /// <summary>Why it is given, in one word: what stands before the colon of the source.</summary>
    public string Reason => Source.Split(':', 2)[0];

    /// <summary>The last word counts, whatever was said before.</summary>
    /// <returns>Whether it gave access, paused or took it, and this is another word now.</returns>
    public bool Set(ResourceReference resource, DateTimeOffset startsAt, DateTimeOffset? until, AccessState state, string? subscriptionType, DateTimeOffset? subscriptionExpires)
    {
        if (!resource.IsSound)
        {
            throw new Refusal(RefusalKind.Invalid, "resource.invalid", "A resource has a type and an id, each a short text without spaces.", "resource");
        }

        var changed = ResourceId.Length > 0 && state != State;
        (ResourceType, ResourceId, StartsAt, Until, State) = (resource.Type, resource.Id, startsAt, until, state);
        (SubscriptionType, SubscriptionExpires) = (subscriptionType, subscriptionExpires);
        return changed;
    }

    public bool HasEnded(DateTimeOffset now) => Until <= now;

    public bool Gives(DateTimeOffset now) => State == AccessState.Given && StartsAt <= now && !HasEnded(now);
}

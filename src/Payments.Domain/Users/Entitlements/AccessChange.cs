using Payments.Domain.Shared;

namespace Payments.Domain.Users.Entitlements;

/// <summary>A grant changed its word: access was paused, revoked, or given again. Only added.</summary>
public sealed class AccessChange
{
    private AccessChange()
    {
    }

    /// <param name="grant">As it is now.</param>
    public AccessChange(Guid id, AccessGrant grant, DateTimeOffset at)
    {
        Id = id;
        UserId = grant.UserId;
        Source = grant.Source;
        ResourceType = grant.ResourceType;
        ResourceId = grant.ResourceId;
        State = grant.State;
        At = at;
    }

    public Guid Id { get; private set; }

    public UserId UserId { get; private set; }

    /// <summary>Of the grant: <c>purchase:{id}</c>.</summary>
    public string Source { get; private set; } = "";

    public string ResourceType { get; private set; } = "";

    public string ResourceId { get; private set; } = "";

    /// <summary>What it says from then on.</summary>
    public AccessState State { get; private set; }

    public DateTimeOffset At { get; private set; }
}

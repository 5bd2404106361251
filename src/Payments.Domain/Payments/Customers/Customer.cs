using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Customers;

/// <summary>A user's one customer record at the provider, by account and mode.</summary>
public sealed class Customer
{
    private Customer()
    {
    }

    public Customer(Guid id, UserId userId, string account, bool livemode, string? email, string? name, DateTimeOffset now)
    {
        Id = id;
        UserId = userId;
        Account = account;
        Livemode = livemode;
        Email = email;
        Name = name;
        CreatedAt = now;
    }

    public Guid Id { get; private set; }

    public UserId UserId { get; private set; }

    public string Account { get; private set; } = "";

    public bool Livemode { get; private set; }

    /// <summary>The provider's id; null until it has answered.</summary>
    public string? GatewayId { get; private set; }

    /// <summary>As the provider has it.</summary>
    public string? Email { get; private set; }

    public string? Name { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Deleted at the provider; a new record is made at the next purchase.</summary>
    public DateTimeOffset? DeletedAt { get; private set; }

    /// <summary>When the user's email or name is to be told to the provider, or of a deleted record, that it is to be deleted there; null when it knows.</summary>
    public DateTimeOffset? SyncDueAt { get; private set; }

    /// <summary>Grows with everything that is heard of the customer's cards, so that an answer asked for before it is not applied after it.</summary>
    public long CardsVersion { get; private set; }

    /// <summary>When the provider was last asked for all cards; null before that, and while they are in doubt.</summary>
    public DateTimeOffset? CardsLoadedAt { get; private set; }

    public void Created(string gatewayId)
    {
        if (GatewayId is null)
        {
            GatewayId = gatewayId;
            // Made while its person was being forgotten: it is to be deleted too.
            SyncDueAt = DeletedAt ?? SyncDueAt;
        }
    }

    /// <summary>The provider has these now.</summary>
    public void Synced(string? email, string? name) => (Email, Name, SyncDueAt) = (email, name, null);

    public void SyncAt(DateTimeOffset? due) => SyncDueAt = due;

    public void CardsMoved() => CardsVersion++;

    public void CardsDoubted() => CardsLoadedAt = null;

    public void CardsLoaded(DateTimeOffset now)
    {
        CardsVersion++;
        CardsLoadedAt = now;
    }

    public void Deleted(DateTimeOffset now) => DeletedAt ??= now;

    /// <summary>The person is forgotten: the record is closed, and the provider is to delete its own.</summary>
    /// <returns>Whether there was something to forget.</returns>
    public bool Erase(DateTimeOffset now)
    {
        var knew = DeletedAt is null || Email is not null || Name is not null;
        (Email, Name) = (null, null);
        if (DeletedAt is null)
        {
            DeletedAt = now;
            SyncDueAt = GatewayId is null ? null : now;
        }

        return knew;
    }
}

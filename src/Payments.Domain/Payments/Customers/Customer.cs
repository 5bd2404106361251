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

    public void Created(string gatewayId) => GatewayId ??= gatewayId;

    public void Synced(string? email, string? name) => (Email, Name) = (email, name);

    public void Deleted(DateTimeOffset now) => DeletedAt ??= now;
}

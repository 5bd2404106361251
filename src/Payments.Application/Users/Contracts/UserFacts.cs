using System.Text.Json;
using Payments.Domain.Shared;

namespace Payments.Application.Users.Contracts;

/// <summary>Facts about people that other modules may know. They leave through the outbox; names are stable.</summary>
public abstract record UserFact
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public OutboxMessage ToMessage(Guid id, DateTimeOffset now) => new(id, ProfileChanged.Name, JsonSerializer.Serialize(this, GetType(), Json), now);

    /// <summary>The fact of a message, or null when it is not one about people.</summary>
    public static UserFact? From(string type, string data) => type == ProfileChanged.Name ? JsonSerializer.Deserialize<ProfileChanged>(data, Json) : null;
}

/// <summary>Email or name follow another token than before. What they are now is asked where it is needed.</summary>
public sealed record ProfileChanged(Guid UserId) : UserFact
{
    public const string Name = "user.profile_changed";
}

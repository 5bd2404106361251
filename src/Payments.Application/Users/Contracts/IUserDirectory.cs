using Payments.Domain.Shared;

namespace Payments.Application.Users.Contracts;

/// <summary>Who people are, for other modules and the edge.</summary>
public interface IUserDirectory
{
    /// <summary>A valid token was seen: the first one creates the user; email, name and time zone follow the token.</summary>
    /// <param name="timeZone">An IANA name; what is none counts as not told.</param>
    ValueTask SeenAsync(UserId id, string? email, string? name, string? timeZone, CancellationToken cancellationToken);

    /// <summary>Email, name and time zone, or null when nobody with this id was ever seen.</summary>
    Task<Person?> FindAsync(UserId id, CancellationToken cancellationToken);

    /// <summary>All people in the order of their ids, those after <paramref name="after"/>; empty at the end.</summary>
    Task<IReadOnlyList<Person>> PageAsync(UserId? after, int count, CancellationToken cancellationToken);
}

/// <param name="TimeZone">An IANA name; null when not told.</param>
public sealed record Person(UserId Id, string? Email, string? Name, string? TimeZone = null);

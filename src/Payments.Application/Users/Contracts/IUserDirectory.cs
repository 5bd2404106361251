using Payments.Domain.Shared;

namespace Payments.Application.Users.Contracts;

/// <summary>Who people are, for other modules and the edge.</summary>
public interface IUserDirectory
{
    /// <summary>A valid token was seen: the first one creates the user; email and name follow the token.</summary>
    ValueTask SeenAsync(UserId id, string? email, string? name, CancellationToken cancellationToken);

    /// <summary>Email and name, or null when nobody with this id was ever seen.</summary>
    Task<Person?> FindAsync(UserId id, CancellationToken cancellationToken);

    /// <summary>All people in the order of their ids, those after <paramref name="after"/>; empty at the end.</summary>
    Task<IReadOnlyList<Person>> PageAsync(UserId? after, int count, CancellationToken cancellationToken);
}

public sealed record Person(UserId Id, string? Email, string? Name);

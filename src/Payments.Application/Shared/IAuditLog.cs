using Payments.Domain.Shared;

namespace Payments.Application.Shared;

/// <summary>What staff did, kept for ever: rows are only added.</summary>
public interface IAuditLog
{
    /// <summary>One row inside the caller's transaction: it is there if, and only if, what it tells of was committed.</summary>
    /// <param name="action">Thing and verb: <c>plan.edit</c>.</param>
    /// <param name="subject">Id of the thing, or <c>many</c>.</param>
    /// <param name="before">As it was; null when there was nothing. Kept as JSON: money as amount and currency, ids as text.</param>
    /// <param name="after">As it is now.</param>
    /// <param name="reason">Why, in the actor's words.</param>
    Task WriteAsync(Actor actor, string action, string subject, object? before, object? after, string? reason, CancellationToken cancellationToken);
}

/// <summary>Who did it.</summary>
public sealed record Actor(UserId UserId, string? Email, string? Address);

using Payments.Domain.Shared;

namespace Payments.Application.Shared;

/// <summary>The audit log to read; see <see cref="IAuditLog"/>.</summary>
public interface IAuditTrail
{
    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<AuditRow>> PageAsync(AuditFilter filter, Cursor? before, int count, CancellationToken cancellationToken);
}

/// <param name="Action">Thing and verb, or the thing alone with a dot at its end: <c>refund.</c>.</param>
public sealed record AuditFilter(UserId? ActorId, string? Action, string? Subject, DateTimeOffset? From, DateTimeOffset? Until);

/// <param name="Before">As JSON.</param>
/// <param name="After">As JSON.</param>
/// <param name="Address">Where the call came from.</param>
public sealed record AuditRow(Guid Id, DateTimeOffset At, UserId ActorId, string? ActorEmail, string? Address, string Action, string Subject, string? Before, string? After, string? Reason);

namespace Payments.Application.Shared;

/// <summary>
/// The clock that can be moved (only beside a loopback provider). Everything that is due by a date follows it;
/// leases, rate limits, retry timers and token lifetimes stay on wall time.
/// </summary>
public interface ISandboxClock
{
    bool CanMove { get; }

    /// <summary>Moves to <paramref name="now"/> unless that is past already, keeps the offset over restarts, runs what is due, and returns when that is done.</summary>
    Task MoveToAsync(DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>What is still to be done: rows waiting in the inbox, the outbox, notifications to send, due jobs.</summary>
    Task<SandboxBacklog> BacklogAsync(CancellationToken cancellationToken);
}

/// <param name="NextDue">The next time, later than now, at which something falls due; null when nothing does.</param>
public sealed record SandboxBacklog(long Inbox, long Outbox, long Notifications, long Due, DateTimeOffset? NextDue)
{
    public bool Idle => Inbox + Outbox + Notifications + Due == 0;
}

namespace Payments.Domain.Payments.Subscriptions;

/// <summary>How long before an end its owner is told of it; null: not at all. From configuration.</summary>
/// <param name="TrialEnding">Before a trial becomes paid; a shorter trial is told of at once.</param>
/// <param name="GraceEnding">Before access ends because a renewal stayed unpaid.</param>
/// <param name="Renewal">Before a long period renews.</param>
public sealed record NoticeTerms(TimeSpan? TrialEnding, TimeSpan? GraceEnding, TimeSpan? Renewal)
{
    /// <summary>Of half a year or more: long enough to have been forgotten.</summary>
    public static TimeSpan LongPeriod { get; } = TimeSpan.FromDays(180);
}

public enum EndKind
{
    Trial,
    Grace,
    Period,
}

/// <summary>What lies before a subscription.</summary>
/// <param name="Notice">How long before it its owner is told.</param>
public sealed record ComingEnd(EndKind Kind, DateTimeOffset At, TimeSpan Notice);

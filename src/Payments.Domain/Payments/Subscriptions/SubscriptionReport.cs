namespace Payments.Domain.Payments.Subscriptions;

/// <summary>What the provider says about a subscription, from an event or fetched.</summary>
/// <param name="At">When the event was made (whole seconds). For an answer that was asked for: the time of the question.</param>
public sealed record SubscriptionReport(
    SubscriptionStatus Status,
    string ItemId,
    string PriceId,
    int Quantity,
    DateTimeOffset PeriodStart,
    DateTimeOffset PeriodEnd,
    DateTimeOffset? TrialStart,
    DateTimeOffset? TrialEnd,
    bool CancelAtPeriodEnd,
    DateTimeOffset? CancelAt,
    DateTimeOffset? CanceledAt,
    DateTimeOffset? EndedAt,
    CollectionPause? CollectionPause,
    DateTimeOffset? CollectionResumesAt,
    string? LatestInvoiceId,
    string? CardFingerprint,
    DateTimeOffset At)
{
    /// <summary>The card that it is charged to; null: to the customer's default.</summary>
    public string? PaymentMethodId { get; init; }

    /// <summary>It was cancelled because it stayed unpaid.</summary>
    public bool EndedUnpaid { get; init; }

    /// <summary>It is the provider's answer to a question asked just now, not an event that may be old.</summary>
    public bool IsFresh { get; init; }
}

/// <summary>What a report did to a subscription.</summary>
public enum SubscriptionEffect
{
    /// <summary>An echo of the past: recorded, nothing changed.</summary>
    None,

    Applied,

    /// <summary>Whether it is newer than what is known cannot be told: ask the provider.</summary>
    Doubtful,
}

/// <summary>How long access goes on around the edges of what was paid; from configuration.</summary>
/// <param name="RenewalWindow">A renewal's invoice stays a draft for about an hour, and its payment takes a while.</param>
/// <param name="Grace">After a failed renewal.</param>
public sealed record AccessTerms(TimeSpan RenewalWindow, TimeSpan Grace);

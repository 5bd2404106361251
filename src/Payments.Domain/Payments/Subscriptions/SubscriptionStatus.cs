namespace Payments.Domain.Payments.Subscriptions;

/// <summary>The provider's own words for where a subscription stands.</summary>
public enum SubscriptionStatus
{
    /// <summary>Its first payment has not succeeded yet.</summary>
    Incomplete,

    /// <summary>Its first payment did not succeed in time (23 h); it never began.</summary>
    IncompleteExpired,

    Trialing,
    Active,

    /// <summary>A renewal failed and is tried again; access goes on for the grace period.</summary>
    PastDue,

    Canceled,

    /// <summary>Every try of a renewal failed, and the provider keeps it open.</summary>
    Unpaid,

    /// <summary>Its trial ended without a card.</summary>
    Paused,
}

public enum CollectionPause
{
    KeepAsDraft,
    MarkUncollectible,
    Void,
}

/// <summary>Why we end a subscription ourselves.</summary>
public enum EndingReason
{
    /// <summary>Another live one of the same family is older.</summary>
    Superseded,

    /// <summary>The same person or card had a trial before.</summary>
    TrialRepeated,

    /// <summary>The grace period of an unpaid renewal is over.</summary>
    GraceOver,

    /// <summary>Its payment was given back in full, or disputed.</summary>
    Reversed,
}

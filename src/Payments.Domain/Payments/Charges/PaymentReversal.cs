using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Charges;

/// <summary>What refunds and disputes mean for what a payment bought.</summary>
public enum ReversalKind
{
    /// <summary>All of it has been given back: what was bought goes.</summary>
    Refunded,

    /// <summary>The buyer's bank holds the money: what was bought rests.</summary>
    Disputed,

    /// <summary>A dispute was won, or a refund failed: what was bought is back.</summary>
    Restored,

    /// <summary>A dispute was lost: what was bought goes.</summary>
    Lost,
}

public sealed record PaymentReversal(PaymentId PaymentId, ReversalKind Kind);

namespace Payments.Application.Payments.Contracts;

/// <summary>The provider has taken a refund: the money is on its way to the buyer.</summary>
/// <param name="Balance">Spendable credits after it; null when the payment granted none.</param>
public sealed record RefundIssued(Guid RefundId, Guid PaymentId, Guid UserId, string Description, long AmountMinor, string Currency, string RefundReason, string Origin, long? Balance, DateTimeOffset At) : PaymentFact
{
    public const string Name = "refund.issued";
}

/// <param name="Announced">The buyer had been told that the money is on its way.</param>
/// <param name="FailureReason">The provider's word; for staff.</param>
public sealed record RefundFailed(Guid RefundId, Guid PaymentId, Guid UserId, string Description, long AmountMinor, string Currency, bool Announced, string? FailureReason, long? Balance, DateTimeOffset At) : PaymentFact
{
    public const string Name = "refund.failed";

    /// <summary>It was to give back what is not ours to keep, and nobody tries that again: a person must.</summary>
    public bool Stuck { get; init; }
}

/// <summary>What refunds and disputes have come to for what a payment bought.</summary>
/// <param name="Kind"><c>Refunded</c>, <c>Disputed</c>, <c>Restored</c> or <c>Lost</c>.</param>
/// <param name="CancelsSubscription">A subscription that it paid for ends with it.</param>
public sealed record PaymentReversed(Guid PaymentId, Guid UserId, string Kind, bool CancelsSubscription, DateTimeOffset At) : PaymentFact
{
    public const string Name = "payment.reversed";
}

/// <summary>A buyer's bank wants a payment back, or asks about it.</summary>
/// <param name="BankReason">The provider's word: <c>fraudulent</c>.</param>
/// <param name="Inquiry">Only a question: no money was taken.</param>
public sealed record DisputeOpened(Guid DisputeId, Guid PaymentId, Guid UserId, string Description, long AmountMinor, string Currency, string BankReason, bool Inquiry, DateTimeOffset? EvidenceDueBy, DateTimeOffset At) : PaymentFact
{
    public const string Name = "dispute.opened";
}

/// <param name="Outcome"><c>Won</c>, <c>Lost</c>, <c>WarningClosed</c> or <c>Prevented</c>.</param>
public sealed record DisputeClosed(Guid DisputeId, Guid PaymentId, Guid UserId, string Description, long AmountMinor, string Currency, string Outcome, DateTimeOffset At) : PaymentFact
{
    public const string Name = "dispute.closed";
}

using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Charges;

/// <summary>Where a payment stands at the provider, as one of its objects says.</summary>
public enum ReportedState
{
    Open,
    RequiresAction,
    Processing,
    Failed,
    Paid,
    Canceled,
    Expired,
}

/// <summary>What the provider says about a payment, from an event or fetched.</summary>
/// <param name="Subtotal">Before discount and tax, when the object knows it (a hosted checkout does).</param>
/// <param name="Total">What was or will be taken.</param>
public sealed record PaymentReport(
    ReportedState State,
    string? SessionId,
    string? IntentId,
    string? ChargeId,
    Money? Subtotal,
    Money? Total,
    Money? Discount,
    Money? Tax,
    string? FailureCode,
    string? FailureMessage,
    DateTimeOffset At)
{
    /// <summary>It is the provider's answer to a question asked just now, not an event that may be old.</summary>
    public bool IsFresh { get; init; }

    /// <summary>It failed, and its page is closed: no other try of it can come.</summary>
    public bool IsFinal { get; init; }

    /// <summary>The report is an invoice's. Only an invoice settles a subscription's payment.</summary>
    public string? InvoiceId { get; init; }
}

/// <summary>Another amount or currency was paid than was agreed.</summary>
/// <param name="Asked">Before discount and tax, where the provider tells it.</param>
/// <param name="Taken">What really came in.</param>
/// <param name="IntentId">The provider's intent that took it; null when nothing was due.</param>
public sealed record Mismatch(Money Asked, Money Taken, string? IntentId, MismatchDecision? Decision);

/// <summary>What a report did to a payment.</summary>
public enum ReportEffect
{
    /// <summary>An echo of what is known, or of the past: recorded, nothing changed.</summary>
    None,

    Changed,

    /// <summary>It has just become paid: grant now, in the same transaction.</summary>
    Succeeded,

    /// <summary>It would lead back, or sideways: order is in doubt, so ask the provider.</summary>
    Doubtful,

    /// <summary>The amount or currency is not what was agreed: grant nothing, alarm, and let an admin decide.</summary>
    Mismatch,

    /// <summary>A second session of a payment that is paid already was paid too: give it back, alarm.</summary>
    PaidTwice,
}

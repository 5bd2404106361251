namespace Payments.Application.Payments.Contracts;

/// <summary>Which subscription a fact is of, as people know it.</summary>
/// <param name="PaidUntil">The end of the period that is paid for.</param>
public sealed record SubscriptionAbout(Guid SubscriptionId, Guid UserId, string Plan, DateTimeOffset? PaidUntil, DateTimeOffset? TrialEnd);

public sealed record SubscriptionStarted(SubscriptionAbout About, DateTimeOffset At) : PaymentFact
{
    public const string Name = "subscription.started";
}

/// <param name="Unpaid">It ended because a renewal stayed unpaid through the grace period.</param>
public sealed record SubscriptionEnded(SubscriptionAbout About, DateTimeOffset EndedAt, bool Unpaid, DateTimeOffset At) : PaymentFact
{
    public const string Name = "subscription.ended";
}

/// <summary>It was ended at its beginning, and what was paid for it is given back: another of its family lives, or its trial was a repetition.</summary>
/// <param name="Reason"><c>Superseded</c> or <c>TrialRepeated</c>.</param>
public sealed record SubscriptionRefused(SubscriptionAbout About, string Reason, DateTimeOffset At) : PaymentFact
{
    public const string Name = "subscription.refused";
}

/// <summary>A try to collect a renewal, or what a change cost, failed.</summary>
/// <param name="PayUrl">Where the buyer can pay it, or give another card.</param>
/// <param name="NextAttemptAt">Null: it is not tried again by itself.</param>
/// <param name="AccessUntil">When access ends if it stays unpaid.</param>
public sealed record InvoicePaymentFailed(
    SubscriptionAbout About, string InvoiceId, int Attempt, long AmountMinor, string Currency, string? PayUrl, DateTimeOffset? NextAttemptAt, DateTimeOffset? AccessUntil, DateTimeOffset At) : PaymentFact
{
    public const string Name = "invoice.payment_failed";
}

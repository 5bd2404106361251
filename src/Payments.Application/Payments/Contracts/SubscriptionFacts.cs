namespace Payments.Application.Payments.Contracts;

/// <summary>Which subscription a fact is of, as people know it.</summary>
/// <param name="PaidUntil">The end of the period that is paid for.</param>
public sealed record SubscriptionAbout(Guid SubscriptionId, Guid UserId, string Plan, DateTimeOffset? PaidUntil, DateTimeOffset? TrialEnd);

/// <param name="IsTrial">It begins with a trial, and nothing was charged yet.</param>
/// <param name="AmountMinor">What a period costs, before discount and tax; null when the plan is not known here.</param>
public sealed record SubscriptionStarted(SubscriptionAbout About, bool IsTrial, long? AmountMinor, string? Currency, DateTimeOffset At) : PaymentFact
{
    public const string Name = "subscription.started";
}

/// <param name="Cause"><c>Canceled</c> (at once), <c>PeriodEnd</c> (cancelled before, now over), <c>Unpaid</c> (a renewal stayed unpaid through the grace period) or <c>Reversed</c> (its payment was given back).</param>
public sealed record SubscriptionEnded(SubscriptionAbout About, DateTimeOffset EndedAt, string Cause, DateTimeOffset At) : PaymentFact
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

/// <summary>The buyer's bank wants a confirmation of a renewal, or of what a change cost.</summary>
/// <param name="PayUrl">Where it is given.</param>
/// <param name="AccessUntil">When access ends without it; null: it does not end by itself.</param>
public sealed record InvoiceActionRequired(
    SubscriptionAbout About, string InvoiceId, long AmountMinor, string Currency, string? PayUrl, DateTimeOffset? AccessUntil, DateTimeOffset At) : PaymentFact
{
    public const string Name = "invoice.action_required";
}

/// <summary>A trial ends soon, and is charged then.</summary>
/// <param name="AmountMinor">What a period costs, before discount and tax.</param>
public sealed record TrialEnding(SubscriptionAbout About, DateTimeOffset EndsAt, long AmountMinor, string Currency, DateTimeOffset At) : PaymentFact
{
    public const string Name = "subscription.trial_ending";
}

/// <summary>Access ends soon, because a renewal is still unpaid.</summary>
/// <param name="PayUrl">Where the buyer can pay it.</param>
public sealed record GraceEnding(SubscriptionAbout About, DateTimeOffset EndsAt, long AmountMinor, string Currency, string? PayUrl, DateTimeOffset At) : PaymentFact
{
    public const string Name = "subscription.grace_ending";
}

/// <summary>A long period renews soon.</summary>
/// <inheritdoc cref="TrialEnding"/>
public sealed record RenewalUpcoming(SubscriptionAbout About, DateTimeOffset EndsAt, long AmountMinor, string Currency, DateTimeOffset At) : PaymentFact
{
    public const string Name = "subscription.renewal_upcoming";
}

using Payments.Domain.Payments.Subscriptions;

namespace Payments.Application.Payments.Subscriptions;

/// <summary>How subscriptions go on around their edges; from configuration, validated at start.</summary>
public sealed record SubscriptionOptions
{
    /// <summary>How long access goes on after a renewal failed; then we end the subscription. <c>SUBSCRIPTION_GRACE_DAYS</c>, default 7.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long access goes on while a renewal is being collected (its invoice is a draft for about an hour). <c>SUBSCRIPTION_RENEWAL_WINDOW_HOURS</c>, default 6.</summary>
    public TimeSpan RenewalWindow { get; init; } = TimeSpan.FromHours(6);

    /// <summary>When people are told of what comes. <c>NOTICE_TRIAL_ENDING_DAYS</c>, <c>NOTICE_GRACE_ENDING_DAYS</c>, <c>NOTICE_RENEWAL_DAYS</c>; 3, 1 and 7 by default.</summary>
    public NoticeTerms Notices { get; init; } = new(TimeSpan.FromDays(3), TimeSpan.FromDays(1), TimeSpan.FromDays(7));

    public AccessTerms Access => new(RenewalWindow, Grace);
}

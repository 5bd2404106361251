using Payments.Application.Payments.Contracts;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Subscriptions;

/// <summary>How a subscription looks in the facts that others hear of it.</summary>
internal static class SubscriptionFacts
{
    public static SubscriptionAbout About(Subscription subscription, AgreedPlan? plan) => new(
        subscription.Id.Value, subscription.UserId.Value, plan?.Name ?? "your subscription", subscription.PaidUntil ?? subscription.CurrentPeriodEnd, subscription.TrialEnd);

    /// <summary>Of a period, before discount and tax, at the price that was agreed.</summary>
    public static Money Cost(Subscription subscription, AgreedPlan plan) => plan.Terms.Price.Amount * subscription.Quantity;

    public static string CauseOf(Subscription subscription) => subscription switch
    {
        { Ending: EndingReason.GraceOver } => "Unpaid",
        { Ending: EndingReason.Reversed } => "Reversed",
        { CancelAt: not null } => "PeriodEnd",
        _ => "Canceled",
    };
}

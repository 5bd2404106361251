using Microsoft.EntityFrameworkCore;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Subscriptions;

/// <summary>A subscription as its owner sees it.</summary>
/// <param name="Plan">Null until its price is known to be one of ours.</param>
public sealed record SubscriptionView(
    SubscriptionId Id, PlanId? PlanId, SubscribedPlan? Plan, SubscriptionStatus Status, int Quantity, DateTimeOffset? CurrentPeriodEnd, DateTimeOffset? TrialEnd, bool CancelAtPeriodEnd, DateTimeOffset? CancelAt,
    DateTimeOffset? EndedAt, CollectionPause? CollectionPause, DateTimeOffset? CollectionResumesAt)
{
    internal static SubscriptionView From(Subscription s, SubscribedPlan? plan) => new(
        s.Id, s.PlanId, plan, s.Status, s.Quantity, s.CurrentPeriodEnd, s.TrialEnd, s.CancelAtPeriodEnd, s.CancelAt, s.EndedAt, s.CollectionPause, s.CollectionResumesAt);
}

/// <summary>What is subscribed, whether it is still sold or not.</summary>
/// <param name="Price">Of one seat and period, as agreed with this subscriber; what the plan costs today is for who comes today.</param>
public sealed record SubscribedPlan(string Name, string Family, Money Price, BillingInterval Interval, int IntervalCount, int MaximumQuantity);

internal static class SubscriptionViews
{
    public static async Task<IReadOnlyList<SubscriptionView>> ViewsOfAsync(this IPaymentsDb db, IReadOnlyCollection<Subscription> subscriptions, CancellationToken cancellationToken)
    {
        var planIds = subscriptions.Select(s => s.PlanId).Where(id => id is not null).Distinct().ToList();
        var priceIds = subscriptions.Select(s => s.PriceId).Where(id => id is not null).Distinct().ToList();
        var plans = await db.Plans.AsNoTracking().Where(p => planIds.Contains(p.Id)).ToDictionaryAsync(p => p.Id, cancellationToken);
        var prices = (await db.PlanPrices.AsNoTracking().Where(p => priceIds.Contains(p.GatewayPriceId)).ToListAsync(cancellationToken)).ToLookup(p => p.GatewayPriceId, StringComparer.Ordinal);
        return [.. subscriptions.Select(s => SubscriptionView.From(s, s.PlanId is { } id && plans.TryGetValue(id, out var plan) ? Of(plan, prices[s.PriceId].FirstOrDefault()) : null))];
    }

    private static SubscribedPlan Of(Plan plan, PlanPrice? agreed)
    {
        var terms = agreed?.Agreement ?? plan.Agreement;
        return new SubscribedPlan(plan.Name, terms.Family, terms.Price.Amount, terms.Price.Interval, terms.Price.IntervalCount, plan.MaximumQuantity);
    }
}

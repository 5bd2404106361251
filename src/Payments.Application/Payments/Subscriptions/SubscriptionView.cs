using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Subscriptions;

/// <summary>A subscription as its owner sees it.</summary>
public sealed record SubscriptionView(
    SubscriptionId Id, PlanId? PlanId, SubscriptionStatus Status, int Quantity, DateTimeOffset? CurrentPeriodEnd, DateTimeOffset? TrialEnd, bool CancelAtPeriodEnd, DateTimeOffset? CancelAt,
    CollectionPause? CollectionPause, DateTimeOffset? CollectionResumesAt)
{
    public static SubscriptionView From(Subscription s) => new(
        s.Id, s.PlanId, s.Status, s.Quantity, s.CurrentPeriodEnd, s.TrialEnd, s.CancelAtPeriodEnd, s.CancelAt, s.CollectionPause, s.CollectionResumesAt);
}

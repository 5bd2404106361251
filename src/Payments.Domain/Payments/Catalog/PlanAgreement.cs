using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Catalog;

/// <summary>
/// All that a subscriber agreed to. It is fixed with the provider's price, so that a plan that is edited gets another
/// price, and whoever subscribed, or has the page open, keeps what was agreed.
/// </summary>
/// <param name="Type">The word that a subscriber's profile shows.</param>
/// <param name="CreditsPerPeriod">For each seat.</param>
/// <param name="CreditsExpireAfterDays">Null: never.</param>
/// <param name="Family">A user has at most one live subscription of a family.</param>
public sealed record PlanAgreement(PriceTerms Price, string Type, long CreditsPerPeriod, int? CreditsExpireAfterDays, string Family, ResourceReference Access, RefundPolicy RefundPolicy)
{
    /// <summary>How long a whole period is that ends then.</summary>
    public TimeSpan PeriodLength(DateTimeOffset end) => end - (Price.Interval switch
    {
        BillingInterval.Day => end - TimeSpan.FromDays(Price.IntervalCount),
        BillingInterval.Week => end - TimeSpan.FromDays(7 * Price.IntervalCount),
        BillingInterval.Month => end.AddMonths(-Price.IntervalCount),
        _ => end.AddYears(-Price.IntervalCount),
    });
}

/// <summary>A plan as one of its subscribers has it. Its name alone is today's.</summary>
public sealed record AgreedPlan(PlanId Id, string Name, PlanAgreement Terms);

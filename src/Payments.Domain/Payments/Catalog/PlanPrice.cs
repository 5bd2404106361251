using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Catalog;

/// <summary>What a subscriber pays for one seat, and how often.</summary>
public sealed record PriceTerms(Money Amount, BillingInterval Interval, int IntervalCount);

/// <summary>
/// A plan's price at the provider, by account and mode, and all that was agreed with it. The provider never changes a
/// price, so a plan whose terms change gets another one, and whoever subscribed stays on the old.
/// </summary>
public sealed class PlanPrice
{
    private long amountMinor;
    private string currency = "usd";
    private string accessType = "";
    private string accessId = "";

    private PlanPrice()
    {
    }

    public PlanPrice(Guid id, PlanId planId, string account, bool livemode, PlanAgreement agreement, DateTimeOffset now)
    {
        Id = id;
        PlanId = planId;
        Account = account;
        Livemode = livemode;
        amountMinor = agreement.Price.Amount.Minor;
        currency = agreement.Price.Amount.Currency.Code;
        Interval = agreement.Price.Interval;
        IntervalCount = agreement.Price.IntervalCount;
        (Type, Family, RefundPolicy) = (agreement.Type, agreement.Family, agreement.RefundPolicy);
        (CreditsPerPeriod, CreditsExpireAfterDays) = (agreement.CreditsPerPeriod, agreement.CreditsExpireAfterDays);
        (accessType, accessId) = (agreement.Access.Type, agreement.Access.Id);
        CreatedAt = now;
    }

    /// <summary>Sent along as the provider's look-up key.</summary>
    public Guid Id { get; private set; }

    public PlanId PlanId { get; private set; }

    public string Account { get; private set; } = "";

    public bool Livemode { get; private set; }

    public BillingInterval Interval { get; private set; }

    public int IntervalCount { get; private set; }

    public PriceTerms Terms => new(new Money(amountMinor, Currency.Of(currency)), Interval, IntervalCount);

    public PlanAgreement Agreement => new(Terms, Type, CreditsPerPeriod, CreditsExpireAfterDays, Family, new ResourceReference(accessType, accessId), RefundPolicy);

    private string Type { get; set; } = "";

    private long CreditsPerPeriod { get; set; }

    private int? CreditsExpireAfterDays { get; set; }

    private string Family { get; set; } = "";

    private RefundPolicy RefundPolicy { get; set; }

    /// <summary>The provider's id; null until it has answered.</summary>
    public string? GatewayPriceId { get; private set; }

    public string? GatewayProductId { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>No longer sold: the provider has switched it off, or another one took its place. Subscriptions on it are still the plan's.</summary>
    public DateTimeOffset? RetiredAt { get; private set; }

    public void Created(string gatewayPriceId, string? gatewayProductId)
    {
        GatewayPriceId ??= gatewayPriceId;
        GatewayProductId ??= gatewayProductId;
    }

    public void Retire(DateTimeOffset now) => RetiredAt ??= now;

    /// <summary>Switched on again at the provider, and chosen by an admin.</summary>
    public void Sell() => RetiredAt = null;
}

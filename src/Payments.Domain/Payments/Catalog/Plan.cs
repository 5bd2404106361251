using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Catalog;

public enum BillingInterval
{
    Day,
    Week,
    Month,
    Year,
}

/// <summary>What a subscription costs a period and what it gives. Never removed once made, only taken off sale.</summary>
public sealed class Plan
{
    private long priceMinor;
    private string currency = "usd";
    private string accessType = "";
    private string accessId = "";

    private Plan()
    {
    }

    /// <exception cref="Refusal"><c>plan.invalid</c>, <c>name.invalid</c>, <c>price.currency</c>, <c>price.invalid</c>, <c>price.step</c>, <c>price.too_small</c>, each with its field</exception>
    public Plan(PlanId id, PlanTerms terms)
    {
        Id = id;
        Edit(terms);
    }

    public PlanId Id { get; private set; }

    public string Name { get; private set; } = "";

    /// <summary>The word that a subscriber's profile shows: <c>monthly</c>.</summary>
    public string Type { get; private set; } = "";

    /// <summary>Of one seat, for one period.</summary>
    public Money Price => new(priceMinor, Currency.Of(currency));

    public BillingInterval Interval { get; private set; }

    /// <summary>A period is this many intervals.</summary>
    public int IntervalCount { get; private set; }

    /// <summary>Days at the beginning that cost nothing; 0: none.</summary>
    public int TrialDays { get; private set; }

    /// <summary>Given for each seat and paid period.</summary>
    public long CreditsPerPeriod { get; private set; }

    /// <summary>Days after which unspent credits of a period expire; null: never.</summary>
    public int? CreditsExpireAfterDays { get; private set; }

    /// <summary>A user has at most one live subscription of a family.</summary>
    public string Family { get; private set; } = "";

    /// <summary>Within its family: to a higher rank is an upgrade.</summary>
    public int Rank { get; private set; }

    /// <summary>Most seats of one subscription; 1: it has no seats.</summary>
    public int MaximumQuantity { get; private set; }

    public ResourceReference Access => new(accessType, accessId);

    public RefundPolicy RefundPolicy { get; private set; }

    public bool Active { get; private set; }

    public int DisplayOrder { get; private set; }

    /// <summary>A price of the provider's that an admin chose: amount, currency and interval follow it. Null: we make our own.</summary>
    public string? GatewayPriceId { get; private set; }

    public PriceTerms PriceTerms => new(Price, Interval, IntervalCount);

    /// <summary>What whoever subscribes now agrees to.</summary>
    public PlanAgreement Agreement => new(PriceTerms, Type, CreditsPerPeriod, CreditsExpireAfterDays, Family, Access, RefundPolicy);

    public PlanTerms Terms => new(
        Name, Type, Price, Interval, IntervalCount, TrialDays, CreditsPerPeriod, CreditsExpireAfterDays, Family, Rank, MaximumQuantity, Access, RefundPolicy, Active, DisplayOrder, GatewayPriceId);

    /// <summary>What is sold from now on; whoever subscribed keeps what was agreed.</summary>
    /// <exception cref="Refusal"><c>plan.invalid</c>, <c>name.invalid</c>, <c>price.currency</c>, <c>price.invalid</c>, <c>price.step</c>, <c>price.too_small</c>, each with its field</exception>
    public void Edit(PlanTerms terms)
    {
        if (terms.Problem() is { } problem)
        {
            throw problem;
        }

        Name = terms.Name;
        Type = terms.Type ?? PlanTerms.Slug(terms.Name);
        priceMinor = terms.Price.Minor;
        currency = terms.Price.Currency.Code;
        Interval = terms.Interval;
        IntervalCount = terms.IntervalCount;
        TrialDays = terms.TrialDays;
        CreditsPerPeriod = terms.CreditsPerPeriod;
        CreditsExpireAfterDays = terms.CreditsExpireAfterDays;
        Family = terms.Family;
        Rank = terms.Rank;
        MaximumQuantity = terms.MaximumQuantity;
        accessType = terms.Access.Type;
        accessId = terms.Access.Id;
        RefundPolicy = terms.RefundPolicy;
        Active = terms.Active;
        DisplayOrder = terms.DisplayOrder;
        GatewayPriceId = terms.GatewayPriceId;
    }

    /// <summary>A price of nothing, say, or of more than three years is no plan's.</summary>
    public bool CanFollow(PriceTerms price) => Following(price).Problem() is null;

    /// <summary>The provider's price is what is charged, so the plan says the same.</summary>
    /// <inheritdoc cref="Edit"/>
    public void Follow(PriceTerms price) => Edit(Following(price));

    /// <exception cref="Refusal"><c>quantity.invalid</c></exception>
    public void RequireQuantity(int quantity)
    {
        if (quantity < 1 || quantity > MaximumQuantity)
        {
            throw new Refusal(
                RefusalKind.Invalid, "quantity.invalid", MaximumQuantity == 1 ? "The plan has no seats; its quantity is 1." : $"The plan has 1 to {MaximumQuantity} seats.", "quantity");
        }
    }

    public void Deactivate() => Active = false;

    private PlanTerms Following(PriceTerms price) => Terms with { Price = price.Amount, Interval = price.Interval, IntervalCount = price.IntervalCount };
}

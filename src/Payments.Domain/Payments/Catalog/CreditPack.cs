using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Catalog;

/// <summary>A number of credits at a price.</summary>
public sealed class CreditPack
{
    private long priceMinor;
    private string currency = "usd";

    private CreditPack()
    {
    }

    public CreditPack(CreditPackId id, string name, long credits, Money price, int? creditsExpireAfterDays, int displayOrder, bool active)
    {
        Id = id;
        Name = name;
        Credits = credits;
        priceMinor = price.Minor;
        currency = price.Currency.Code;
        CreditsExpireAfterDays = creditsExpireAfterDays;
        DisplayOrder = displayOrder;
        Active = active;
    }

    public CreditPackId Id { get; private set; }

    public string Name { get; private set; } = "";

    public long Credits { get; private set; }

    public Money Price => new(priceMinor, Currency.Of(currency));

    /// <summary>Days after the purchase at which unspent credits of it expire; null: never.</summary>
    public int? CreditsExpireAfterDays { get; private set; }

    public int DisplayOrder { get; private set; }

    public bool Active { get; private set; }
}

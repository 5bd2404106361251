using Payments.Domain.Payments.Charges;
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

    /// <exception cref="Refusal"><c>credit_pack.invalid</c>, <c>name.invalid</c>, <c>price.currency</c>, <c>price.invalid</c>, <c>price.step</c>, <c>price.too_small</c>, each with its field</exception>
    public CreditPack(CreditPackId id, CreditPackTerms terms)
    {
        Id = id;
        Edit(terms);
    }

    public CreditPackId Id { get; private set; }

    public string Name { get; private set; } = "";

    public long Credits { get; private set; }

    public Money Price => new(priceMinor, Currency.Of(currency));

    /// <summary>Days after the purchase at which unspent credits of it expire; null: never.</summary>
    public int? CreditsExpireAfterDays { get; private set; }

    /// <summary>What becomes of its credits that were spent when the money goes back.</summary>
    public RefundPolicy RefundPolicy { get; private set; }

    public int DisplayOrder { get; private set; }

    public bool Active { get; private set; }

    public CreditPackTerms Terms => new(Name, Credits, Price, CreditsExpireAfterDays, RefundPolicy, Active, DisplayOrder);

    /// <summary>What is sold from now on; payments that are open keep what was agreed.</summary>
    /// <inheritdoc cref="CreditPack(CreditPackId, CreditPackTerms)" path="/exception"/>
    public void Edit(CreditPackTerms terms)
    {
        if (terms.Problem() is { } problem)
        {
            throw problem;
        }

        Name = terms.Name;
        Credits = terms.Credits;
        priceMinor = terms.Price.Minor;
        currency = terms.Price.Currency.Code;
        CreditsExpireAfterDays = terms.CreditsExpireAfterDays;
        RefundPolicy = terms.RefundPolicy;
        Active = terms.Active;
        DisplayOrder = terms.DisplayOrder;
    }

    public void Deactivate() => Active = false;
}

/// <summary>All that an admin decides of a credit pack.</summary>
public sealed record CreditPackTerms(string Name, long Credits, Money Price, int? CreditsExpireAfterDays, RefundPolicy RefundPolicy, bool Active, int DisplayOrder)
{
    /// <summary>The first thing that is wrong with them; null: nothing.</summary>
    internal Refusal? Problem() => CatalogRefusals.Name(Name)
        ?? CatalogRefusals.Price(Price)
        ?? Unless(Credits is >= 1 and <= CatalogRefusals.MostCredits, "credits", $"The credits of a pack are a whole number from 1 to {CatalogRefusals.MostCredits}.")
        ?? Unless(CreditsExpireAfterDays is null or (>= 1 and <= CatalogRefusals.MostExpiryDays), "creditsExpireAfterDays", CatalogRefusals.ExpiryWants)
        ?? Unless(Enum.IsDefined(RefundPolicy), "refundPolicy", CatalogRefusals.RefundPolicyWants);

    private static Refusal? Unless(bool holds, string field, string message) => holds ? null : new(RefusalKind.Invalid, "credit_pack.invalid", message, field);
}

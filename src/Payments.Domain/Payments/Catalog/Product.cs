using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Catalog;

/// <summary>A thing of which there are so many pieces. Never removed once made, only taken off sale.</summary>
public sealed class Product
{
    private long priceMinor;
    private string currency = "usd";

    private Product()
    {
    }

    /// <exception cref="Refusal"><c>name.invalid</c>, <c>price.currency</c>, <c>price.invalid</c>, <c>price.step</c>, each with its field</exception>
    public Product(ProductId id, ProductTerms terms)
    {
        Id = id;
        Edit(terms);
    }

    public ProductId Id { get; private set; }

    public string Name { get; private set; } = "";

    /// <summary>Of one piece.</summary>
    public Money Price => new(priceMinor, Currency.Of(currency));

    public bool Active { get; private set; }

    public int DisplayOrder { get; private set; }

    public ProductTerms Terms => new(Name, Price, Active, DisplayOrder);

    /// <summary>What is sold from now on; orders that are placed keep what was agreed.</summary>
    /// <exception cref="Refusal"><c>name.invalid</c>, <c>price.currency</c>, <c>price.invalid</c>, <c>price.step</c>, each with its field</exception>
    public void Edit(ProductTerms terms)
    {
        // An order of several may reach what one does not.
        if ((CatalogRefusals.Name(terms.Name) ?? CatalogRefusals.PriceOfPart(terms.Price)) is { } problem)
        {
            throw problem;
        }

        Name = terms.Name;
        priceMinor = terms.Price.Minor;
        currency = terms.Price.Currency.Code;
        Active = terms.Active;
        DisplayOrder = terms.DisplayOrder;
    }

    public void Deactivate() => Active = false;
}

/// <summary>All that an admin decides of a product, but for its stock.</summary>
public sealed record ProductTerms(string Name, Money Price, bool Active, int DisplayOrder);

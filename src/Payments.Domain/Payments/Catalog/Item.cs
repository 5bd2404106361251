using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Catalog;

public enum ItemType
{
    Course,
    LearningPath,
    Lab,
}

/// <summary>Something that is bought once and may be used from then on. Never removed once made, only taken off sale.</summary>
public sealed class Item
{
    private long priceMinor;
    private string currency = "usd";

    private Item()
    {
    }

    /// <exception cref="Refusal"><c>item.invalid</c>, <c>name.invalid</c>, <c>price.currency</c>, <c>price.invalid</c>, <c>price.step</c>, <c>price.too_small</c>, each with its field</exception>
    public Item(ItemId id, ItemTerms terms)
    {
        Id = id;
        Edit(terms);
    }

    public ItemId Id { get; private set; }

    public string Name { get; private set; } = "";

    public ItemType Type { get; private set; }

    /// <summary>What the rest of the product calls it; null: by our own id.</summary>
    public string? ResourceId { get; private set; }

    public Money Price => new(priceMinor, Currency.Of(currency));

    /// <summary>Days in which its buyer may give it back without asking; null: as all items of its type.</summary>
    public int? RefundWindowDays { get; private set; }

    public bool Active { get; private set; }

    public int DisplayOrder { get; private set; }

    /// <summary>What its buyer may use.</summary>
    public ResourceReference Access => new(ItemTerms.Word(Type), ResourceId ?? Id.ToString());

    public ItemTerms Terms => new(Name, Type, ResourceId, Price, RefundWindowDays, Active, DisplayOrder);

    /// <summary>What is sold from now on; whoever bought it keeps what was agreed.</summary>
    /// <exception cref="Refusal"><c>item.invalid</c>, <c>name.invalid</c>, <c>price.currency</c>, <c>price.invalid</c>, <c>price.step</c>, <c>price.too_small</c>, each with its field</exception>
    public void Edit(ItemTerms terms)
    {
        if (terms.Problem() is { } problem)
        {
            throw problem;
        }

        Name = terms.Name;
        Type = terms.Type;
        ResourceId = terms.ResourceId;
        priceMinor = terms.Price.Minor;
        currency = terms.Price.Currency.Code;
        RefundWindowDays = terms.RefundWindowDays;
        Active = terms.Active;
        DisplayOrder = terms.DisplayOrder;
    }

    public void Deactivate() => Active = false;
}

/// <summary>All that an admin decides of an item.</summary>
public sealed record ItemTerms(string Name, ItemType Type, string? ResourceId, Money Price, int? RefundWindowDays, bool Active, int DisplayOrder)
{
    public const int MostRefundDays = 3650;

    /// <summary>How a type is called as a kind of resource.</summary>
    public static string Word(ItemType type) => type switch
    {
        ItemType.Course => "course",
        ItemType.LearningPath => "learningPath",
        _ => "lab",
    };

    /// <summary>The first thing that is wrong with them; null: nothing.</summary>
    internal Refusal? Problem() => CatalogRefusals.Name(Name)
        ?? CatalogRefusals.Price(Price)
        ?? Unless(Enum.IsDefined(Type), "type", "An item is a course, a learningPath or a lab.")
        ?? Unless(ResourceId is null || new ResourceReference(Word(Type), ResourceId).IsSound, "resourceId", $"A resource's id is 1 to {ResourceReference.LongestId} characters without spaces.")
        ?? Unless(RefundWindowDays is null or (>= 0 and <= MostRefundDays), "refundWindowDays", $"A refund window is 0 to {MostRefundDays} days, or that of its type (null).");

    private static Refusal? Unless(bool holds, string field, string message) => holds ? null : new(RefusalKind.Invalid, "item.invalid", message, field);
}

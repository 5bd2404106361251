using Payments.Domain.Payments.Catalog;
using Payments.Domain.Shared;

namespace Payments.Domain.Tests.Catalog;

public sealed class Deciding_on_an_item
{
    private static readonly ItemTerms Course = new("Cloud foundations", ItemType.Course, "cloud", new Money(4900, Currency.Of("usd")), null, true, 1);

    public static TheoryData<string, Func<ItemTerms, ItemTerms>> Wrong => new()
    {
        { "name", t => t with { Name = "" } },
        { "price.amount", t => t with { Price = Money.Zero(Currency.Of("usd")) } },
        { "price.amount", t => t with { Price = new Money(29, Currency.Of("gbp")) } },
        { "price.currency", t => t with { Price = new Money(999, Currency.Of("zzz")) } },
        { "type", t => t with { Type = (ItemType)9 } },
        { "resourceId", t => t with { ResourceId = "a b" } },
        { "resourceId", t => t with { ResourceId = "" } },
        { "refundWindowDays", t => t with { RefundWindowDays = -1 } },
        { "refundWindowDays", t => t with { RefundWindowDays = 3651 } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_cannot_be_is_refused_by_its_field(string field, Func<ItemTerms, ItemTerms> wrong) =>
        Should.Throw<Refusal>(() => new Item(new ItemId(Guid.NewGuid()), wrong(Course))).Field.ShouldBe(field);

    [Fact]
    public void It_gives_access_to_what_it_is_called_elsewhere_or_to_its_own_id()
    {
        var id = new ItemId(Guid.NewGuid());

        new Item(id, Course).Access.ShouldBe(new ResourceReference("course", "cloud"));
        new Item(id, Course with { Type = ItemType.LearningPath, ResourceId = null }).Access.ShouldBe(new ResourceReference("learningPath", id.ToString()));
        new Item(id, Course with { Type = ItemType.Lab }).Access.Type.ShouldBe("lab");
    }
}

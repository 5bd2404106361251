using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;
using Payments.Domain.Users.Credits;

namespace Payments.Domain.Tests.Charges;

public sealed class Agreeing_on_terms
{
    private static readonly CreditPack Starter = Pack(500, 1999);

    [Fact]
    public void takes_price_credits_and_expiry_from_the_pack()
    {
        var terms = PaymentTerms.ForPack(Starter, 1);

        terms.ShouldBe(new PaymentTerms(PaymentKind.CreditPack, Starter.Id, "Starter", new Money(1999, Currency.Of("usd")), 1, 500, 90, RefundPolicy.Debt));
        terms.Subtotal.ShouldBe(new Money(1999, Currency.Of("usd")));
    }

    [Fact]
    public void multiplies_price_and_credits_and_says_so()
    {
        var terms = PaymentTerms.ForPack(Starter, 3);

        terms.Subtotal.ShouldBe(new Money(5997, Currency.Of("usd")));
        terms.Credits.ShouldBe(1500);
        terms.Description.ShouldBe("3 × Starter");
    }

    [Fact]
    public void prices_a_free_amount_of_credits_by_the_price_of_one()
    {
        var terms = PaymentTerms.ForCredits(250, new Money(4, Currency.Of("usd")), 2, RefundPolicy.Clamp);

        terms.Kind.ShouldBe(PaymentKind.CreditAmount);
        terms.CreditPackId.ShouldBeNull();
        terms.UnitPrice.ShouldBe(new Money(1000, Currency.Of("usd")));
        terms.Subtotal.ShouldBe(new Money(2000, Currency.Of("usd")));
        terms.Credits.ShouldBe(500);
        terms.CreditsExpireAfterDays.ShouldBeNull();
        terms.Description.ShouldBe("2 × 250 credits");
        PaymentTerms.ForCredits(250, new Money(4, Currency.Of("usd")), 1, RefundPolicy.Clamp).Description.ShouldBe("250 credits");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1001)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void refuses_a_quantity_out_of_bounds(int quantity)
    {
        var refusal = Should.Throw<Refusal>(() => PaymentTerms.ForPack(Starter, quantity));
        refusal.Code.ShouldBe("quantity.invalid");
        refusal.Field.ShouldBe("quantity");
        Should.Throw<Refusal>(() => PaymentTerms.ForCredits(10, new Money(1, Currency.Of("usd")), quantity, RefundPolicy.Clamp)).Code.ShouldBe("quantity.invalid");
    }

    [Fact]
    public void refuses_a_quantity_out_of_bounds_before_it_multiplies_anything() =>
        Should.Throw<Refusal>(() => PaymentTerms.ForPack(Pack(10_000_000_000, 50), int.MaxValue)).Code.ShouldBe("quantity.invalid");

    [Fact]
    public void accepts_the_bounds_themselves()
    {
        PaymentTerms.ForPack(Pack(1, 50), 1000).Quantity.ShouldBe(1000);
        PaymentTerms.ForPack(Pack(1, 99_999_999), 1).Subtotal.Minor.ShouldBe(PaymentTerms.MaximumMinor);
        PaymentTerms.ForPack(Pack(1, 99_999), 1000).Subtotal.Minor.ShouldBe(99_999_000);
    }

    [Theory]
    [InlineData("usd", 100_000, "$999,999.99")]
    [InlineData("jpy", 100_000, "¥99,999,999")]
    [InlineData("kwd", 100_000, "KWD 99,999.999")]
    public void refuses_more_than_the_provider_takes_and_says_how_much_that_is(string currency, long price, string most)
    {
        var refusal = Should.Throw<Refusal>(() => PaymentTerms.ForPack(Pack(1, price, currency), 1000));
        refusal.Code.ShouldBe("amount.too_large");
        refusal.Message.ShouldContain(most);
    }

    [Theory]
    [InlineData("usd", 49, "$0.50")]
    [InlineData("jpy", 40, "¥50")]
    [InlineData("huf", 17_499, "HUF 175.00")]
    public void refuses_less_than_the_provider_takes_and_says_how_much_that_is(string currency, int credits, string least)
    {
        var one = new Money(1, Currency.Of(currency));

        var refusal = Should.Throw<Refusal>(() => PaymentTerms.ForCredits(credits, one, 1, RefundPolicy.Clamp));

        (refusal.Code, refusal.Field).ShouldBe(("amount.too_small", "quantity"));
        refusal.Message.ShouldContain(least);
        PaymentTerms.ForCredits(credits, one, 2, RefundPolicy.Clamp).Quantity.ShouldBe(2);
    }

    [Fact]
    public void sells_no_more_credits_than_can_be_granted()
    {
        PaymentTerms.ForPack(Pack(1_000_000_000_000, 50), PaymentTerms.MaximumQuantity).Credits.ShouldBe(CreditRefusals.Maximum);
        Should.Throw<Refusal>(() => Pack(1_000_000_000_001, 50)).Code.ShouldBe("credit_pack.invalid");
    }

    [Fact]
    public void refuses_what_costs_nothing() => Should.Throw<Refusal>(() => PaymentTerms.ForPack(Pack(1, 0), 1));

    private static CreditPack Pack(long credits, long price, string currency = "usd") =>
        new(new CreditPackId(new Guid("c0000000-0000-4000-8000-000000000001")), new("Starter", credits, new Money(price, Currency.Of(currency)), 90, RefundPolicy.Debt, true, 1));
}

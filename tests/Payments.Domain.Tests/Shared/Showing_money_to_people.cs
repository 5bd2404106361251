using FsCheck;
using FsCheck.Fluent;
using Payments.Domain.Shared;

namespace Payments.Domain.Tests.Shared;

public sealed class Showing_money_to_people
{
    private static readonly string[] Codes = ["usd", "eur", "gbp", "jpy", "krw", "inr", "kwd", "bhd", "chf", "pkr", "vnd", "xaf"];

    [Theory]
    [InlineData("usd", 1999, "$19.99")]
    [InlineData("usd", 0, "$0.00")]
    [InlineData("usd", 5, "$0.05")]
    [InlineData("usd", 50, "$0.50")]
    [InlineData("usd", 100, "$1.00")]
    [InlineData("usd", 99_999_999, "$999,999.99")]
    [InlineData("usd", 100_000, "$1,000.00")]
    [InlineData("eur", 123_456_789, "€1,234,567.89")]
    [InlineData("gbp", 4999, "£49.99")]
    [InlineData("cad", 1500, "CA$15.00")]
    public void two_decimals(string code, long minor, string text) => Shown(code, minor).ShouldBe(text);

    [Theory]
    [InlineData("jpy", 1200, "¥1,200")]
    [InlineData("jpy", 0, "¥0")]
    [InlineData("jpy", 999, "¥999")]
    [InlineData("jpy", 1_000_000, "¥1,000,000")]
    [InlineData("krw", 15_000, "₩15,000")]
    [InlineData("clp", 9990, "CLP 9,990")]
    public void no_decimals(string code, long minor, string text) => Shown(code, minor).ShouldBe(text);

    [Theory]
    [InlineData("kwd", 1250, "KWD 1.250")]
    [InlineData("kwd", 10, "KWD 0.010")]
    [InlineData("bhd", 1_234_560, "BHD 1,234.560")]
    public void three_decimals(string code, long minor, string text) => Shown(code, minor).ShouldBe(text);

    [Theory]
    [InlineData(12_000_000, "₹1,20,000.00")]
    [InlineData(99_900, "₹999.00")]
    [InlineData(100_000, "₹1,000.00")]
    [InlineData(9_999_900, "₹99,999.00")]
    [InlineData(1_000_000_000, "₹1,00,00,000.00")]
    [InlineData(1, "₹0.01")]
    public void lakhs_and_crores_for_rupees(long minor, string text) => Shown("inr", minor).ShouldBe(text);

    [Theory]
    [InlineData("usd", -1999, "-$19.99")]
    [InlineData("usd", -5, "-$0.05")]
    [InlineData("jpy", -1200, "-¥1,200")]
    [InlineData("kwd", -1250, "-KWD 1.250")]
    [InlineData("inr", -12_000_000, "-₹1,20,000.00")]
    public void a_minus_before_everything(string code, long minor, string text) => Shown(code, minor).ShouldBe(text);

    [Theory]
    [InlineData("isk", 150_000, "ISK 1,500")]
    [InlineData("isk", 0, "ISK 0")]
    [InlineData("isk", -100, "-ISK 1")]
    [InlineData("ugx", 100, "UGX 1")]
    public void whole_units_where_nobody_has_smaller_ones(string code, long minor, string text) => Shown(code, minor).ShouldBe(text);

    [Fact]
    public void the_smallest_and_largest_numbers_there_are()
    {
        Shown("usd", long.MaxValue).ShouldBe("$92,233,720,368,547,758.07");
        Shown("usd", long.MinValue).ShouldBe("-$92,233,720,368,547,758.08");
        Shown("jpy", long.MinValue).ShouldBe("-¥9,223,372,036,854,775,808");
    }

    [Fact]
    public void every_digit_of_the_amount_and_no_other() => Prop
        .ForAll(ArbMap.Default.ArbFor<DoNotSize<long>>(), Gen.Elements(Codes).ToArbitrary(), (minor, code) =>
        {
            var text = Shown(code, minor.Item);
            var digits = Int128.Parse(string.Concat(text.Where(char.IsAsciiDigit)), System.Globalization.CultureInfo.InvariantCulture);
            (text.StartsWith('-') ? -digits : digits).ShouldBe(minor.Item);
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void as_many_decimals_as_the_currency_has_and_groups_that_people_can_read() => Prop
        .ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), Gen.Elements(Codes).ToArbitrary(), (minor, code) =>
        {
            var number = string.Concat(Shown(code, minor).SkipWhile(c => !char.IsAsciiDigit(c)));
            var parts = number.Split('.');
            parts.Length.ShouldBe(Currency.Of(code).Exponent == 0 ? 1 : 2);
            (parts.Length == 1 ? 0 : parts[1].Length).ShouldBe(Currency.Of(code).Exponent);
            var groups = parts[0].Split(',');
            groups[0].Length.ShouldBeInRange(1, 3);
            groups[1..].ShouldAllBe(g => g.Length == 3 || (code == "inr" && g.Length == 2));
            (groups.Length == 1 || groups[^1].Length == 3).ShouldBeTrue();
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static string Shown(string code, long minor) => MoneyText.Format(new Money(minor, Currency.Of(code)));
}

using Payments.Domain.Shared;

namespace Payments.Domain.Tests.Shared;

/// <summary>Stripe's table of currencies (docs.stripe.com/currencies): zero-decimal, three-decimal and special cases.</summary>
public sealed class Knowing_a_currency
{
    private static readonly string[] ZeroDecimal = ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"];
    private static readonly string[] ThreeDecimal = ["bhd", "jod", "kwd", "omr", "tnd"];
    private static readonly string[] SentAsHundredths = ["isk", "ugx"];

    /// <summary>The rest of the currencies that Stripe charges in.</summary>
    private static readonly string[] TwoDecimal =
    [
        "aed", "afn", "all", "amd", "ang", "aoa", "ars", "aud", "awg", "azn", "bam", "bbd", "bdt", "bgn", "bmd", "bnd", "bob", "brl", "bsd", "bwp", "byn",
        "bzd", "cad", "cdf", "chf", "cny", "cop", "crc", "cve", "czk", "dkk", "dop", "dzd", "egp", "etb", "eur", "fjd", "fkp", "gbp", "gel", "gip", "gmd",
        "gtq", "gyd", "hkd", "hnl", "htg", "huf", "idr", "ils", "inr", "jmd", "kes", "kgs", "khr", "kyd", "kzt", "lak", "lbp", "lkr", "lrd", "lsl", "mad",
        "mdl", "mkd", "mmk", "mnt", "mop", "mur", "mvr", "mwk", "mxn", "myr", "mzn", "nad", "ngn", "nio", "nok", "npr", "nzd", "pab", "pen", "pgk", "php",
        "pkr", "pln", "qar", "ron", "rsd", "rub", "sar", "sbd", "scr", "sek", "sgd", "shp", "sle", "sos", "srd", "std", "szl", "thb", "tjs", "top", "try",
        "ttd", "twd", "tzs", "uah", "usd", "uyu", "uzs", "wst", "xcd", "yer", "zar", "zmw",
    ];

    public static TheoryData<string, int, int> Table =>
        ZeroDecimal.Select(code => (code, 0, 1))
            .Concat(ThreeDecimal.Select(code => (code, 3, 10)))
            .Concat(SentAsHundredths.Select(code => (code, 2, 100)))
            .Concat(TwoDecimal.Select(code => (code, 2, 1)))
            .ToTable();

    [Theory]
    [MemberData(nameof(Table))]
    public void counts_it_as_stripe_does(string code, int decimals, int step)
    {
        Currency.Of(code).Exponent.ShouldBe(decimals);
        Currency.Of(code).Step.ShouldBe(step);
        Currency.Of(code).IsSupported.ShouldBeTrue();
        Currency.Of(code).LeastCharge.ShouldBeGreaterThanOrEqualTo(step);
    }

    [Theory]
    [InlineData("usd", 50)]
    [InlineData("gbp", 30)]
    [InlineData("jpy", 50)]
    [InlineData("czk", 1500)]
    [InlineData("kwd", 10)]
    [InlineData("zmw", 1)]
    public void knows_the_least_that_is_charged_in_it(string code, long least) => Currency.Of(code).LeastCharge.ShouldBe(least);

    [Theory]
    [InlineData("zzz")]
    [InlineData("xau")]
    [InlineData("btc")]
    public void knows_in_what_nothing_is_charged(string code) => Currency.Of(code).IsSupported.ShouldBeFalse();

    [Fact]
    public void is_the_same_in_capitals()
    {
        Currency.Of("KWD").ShouldBe(Currency.Of("kwd"));
        Currency.Of("KWD").Code.ShouldBe("kwd");
        Currency.Of("Jpy").Exponent.ShouldBe(0);
        Currency.Of("Jpy").ToString().ShouldBe("jpy");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("us")]
    [InlineData("usdt")]
    [InlineData("u$d")]
    [InlineData("us1")]
    [InlineData(" usd")]
    [InlineData("üsd")]
    [InlineData("ＵＳＤ")]
    public void refuses_what_is_no_code(string? code)
    {
        Currency.TryParse(code, out _).ShouldBeFalse();
        var refusal = Should.Throw<Refusal>(() => Currency.Of(code!));
        refusal.Code.ShouldBe("currency.invalid");
        refusal.Field.ShouldBe("currency");
    }

    [Fact]
    public void left_out_is_the_dollar_that_it_says_it_is()
    {
        var leftOut = default(Currency);

        leftOut.Code.ShouldBe("usd");
        leftOut.ShouldBe(Currency.Of("usd"));
        (default(Money) + new Money(5, Currency.Of("usd"))).ShouldBe(new Money(5, Currency.Of("usd")));
    }
}

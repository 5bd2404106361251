using System.Collections.Frozen;

namespace Payments.Domain.Shared;

/// <summary>
/// A currency as the payment provider counts it: lower-case ISO 4217 code, the number of decimals of its
/// minor unit, and the step that amounts must keep to. Source: Stripe's table of supported currencies
/// (zero-decimal, three-decimal and the two special cases ISK and UGX, which have no minor unit any more but
/// are still sent as two-decimal amounts that end in 00), and its table of minimum charge amounts.
/// </summary>
public readonly record struct Currency
{
    private static readonly FrozenSet<string> ZeroDecimal = new[]
    {
        "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> ThreeDecimal =
        new[] { "bhd", "jod", "kwd", "omr", "tnd" }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> WholeUnitsOfHundred =
        new[] { "isk", "ugx" }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> OtherSupported = (
        "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf "
        + "idr ils inr jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle "
        + "sos srd std szl thb tjs top try ttd twd tzs uah usd uyu uzs wst xcd yer zar zmw").Split(' ').ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, long> Minimums = new Dictionary<string, long>(StringComparer.Ordinal)
    {
        ["aed"] = 200, ["aud"] = 50, ["bgn"] = 100, ["brl"] = 50, ["cad"] = 50, ["chf"] = 50, ["czk"] = 1500, ["dkk"] = 250,
        ["eur"] = 50, ["gbp"] = 30, ["hkd"] = 400, ["huf"] = 17_500, ["inr"] = 50, ["jpy"] = 50, ["mxn"] = 1000, ["myr"] = 200,
        ["nok"] = 300, ["nzd"] = 50, ["pln"] = 200, ["ron"] = 200, ["sek"] = 300, ["sgd"] = 50, ["thb"] = 1000, ["usd"] = 50,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Null stands for usd, so that a currency left out equals the one that it says it is.</summary>
    private readonly string? code;

    private Currency(string code) => this.code = code == "usd" ? null : code;

    /// <summary>Lower-case ISO 4217 code: <c>usd</c>.</summary>
    public string Code => code ?? "usd";

    /// <summary>Decimals of the minor unit: 0 (JPY), 2 (USD) or 3 (KWD).</summary>
    public int Exponent => ZeroDecimal.Contains(Code) ? 0 : ThreeDecimal.Contains(Code) ? 3 : 2;

    /// <summary>Every amount is a multiple of this many minor units: 10 for three-decimal currencies, 100 for ISK and UGX, else 1.</summary>
    public int Step => ThreeDecimal.Contains(Code) ? 10 : WholeUnitsOfHundred.Contains(Code) ? 100 : 1;

    /// <summary>The provider charges in it. Other codes may be named, but nothing is sold in them.</summary>
    public bool IsSupported => OtherSupported.Contains(Code) || ZeroDecimal.Contains(Code) || ThreeDecimal.Contains(Code) || WholeUnitsOfHundred.Contains(Code);

    /// <summary>Minor units that one payment comes to at least, in currencies for which the provider names a minimum; else one step.</summary>
    public long LeastCharge => Minimums.TryGetValue(Code, out var least) ? least : Step;

    /// <param name="field">The request's field that it came in.</param>
    /// <exception cref="Refusal"><c>currency.invalid</c> when <paramref name="code"/> is not three ASCII letters.</exception>
    public static Currency Of(string code, string field = "currency") => TryParse(code, out var currency)
        ? currency
        : throw new Refusal(RefusalKind.Invalid, "currency.invalid", "A currency is a three-letter ISO 4217 code such as usd.", field);

    public static bool TryParse(string? code, out Currency currency)
    {
        if (code is { Length: 3 } && code.All(char.IsAsciiLetter))
        {
            currency = new Currency(code.ToLowerInvariant());
            return true;
        }

        currency = default;
        return false;
    }

    public override string ToString() => Code;
}

using System.Collections.Frozen;
using System.Globalization;
using Payments.Sandbox.Stripe.Http;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>The currencies Stripe charges, and how small and how fine an amount may be. Source: docs.stripe.com/currencies.</summary>
internal static class Currencies
{
    private const long MaxAmount = 99_999_999;

    private static readonly FrozenSet<string> Known = Set(
        "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw");

    private static readonly FrozenSet<string> ZeroDecimal = Set("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf");
    private static readonly FrozenSet<string> ThreeDecimal = Set("bhd jod kwd omr tnd");

    /// <summary>Have no minor unit any more, but are sent with two decimals that must be 00.</summary>
    private static readonly FrozenSet<string> WholeUnitsOnly = Set("isk ugx");

    private static readonly FrozenDictionary<string, long> Minimum = new Dictionary<string, long>(StringComparer.Ordinal)
    {
        ["aed"] = 200, ["aud"] = 50, ["bgn"] = 100, ["brl"] = 50, ["cad"] = 50, ["chf"] = 50, ["czk"] = 1500, ["dkk"] = 250,
        ["eur"] = 50, ["gbp"] = 30, ["hkd"] = 400, ["huf"] = 17500, ["inr"] = 50, ["jpy"] = 50, ["mxn"] = 1000, ["myr"] = 200,
        ["nok"] = 300, ["nzd"] = 50, ["pln"] = 200, ["ron"] = 200, ["sek"] = 300, ["sgd"] = 50, ["thb"] = 1000, ["usd"] = 50,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The code in lower case.</summary>
    public static string Check(string code, string param)
    {
        var lower = code.ToLowerInvariant();
        return Known.Contains(lower) ? lower : throw StripeException.Invalid(
            $"Invalid currency: {lower}. Stripe currently supports these currencies: {string.Join(", ", Known.Order(StringComparer.Ordinal))}", param);
    }

    public static int Exponent(string currency) =>
        ZeroDecimal.Contains(currency) ? 0 : ThreeDecimal.Contains(currency) ? 3 : 2;

    /// <summary>An amount that is to be charged: not zero, not below the minimum, in steps the currency has.</summary>
    public static void CheckChargeable(long amount, string currency, string param)
    {
        if (amount < 1)
        {
            throw StripeException.Invalid("This value must be greater than or equal to 1.", param, "parameter_invalid_integer");
        }

        CheckStep(amount, currency, param);
        if (IsTooSmall(amount, currency))
        {
            throw StripeException.Invalid($"Amount must be at least {Format(Minimum[currency], currency)}", param, "amount_too_small");
        }

        if (amount > MaxAmount)
        {
            throw StripeException.Invalid($"Amount must be no more than {Format(MaxAmount, currency)}", param, "amount_too_large");
        }
    }

    public static bool IsTooSmall(long amount, string currency) => Minimum.TryGetValue(currency, out var least) && amount < least;

    public static long? LeastOf(string currency) => Minimum.TryGetValue(currency, out var least) ? least : null;

    public static void CheckStep(long amount, string currency, string param)
    {
        if (ThreeDecimal.Contains(currency) && amount % 10 != 0)
        {
            throw StripeException.Invalid($"Invalid amount: amounts in {currency} must be evenly divisible by 10.", param, "parameter_invalid_integer");
        }

        if (WholeUnitsOnly.Contains(currency) && amount % 100 != 0)
        {
            throw StripeException.Invalid($"Invalid amount: amounts in {currency} must be evenly divisible by 100.", param, "parameter_invalid_integer");
        }
    }

    /// <summary>As Stripe's messages write amounts: "$0.50 usd".</summary>
    public static string Format(long amount, string currency) => $"{Symbol(currency)}{Number(amount, currency)} {currency}";

    /// <summary>As invoices write amounts: "$0.50", "-$0.50", "CHF 0.50".</summary>
    public static string FormatOnInvoice(long amount, string currency)
    {
        var symbol = Symbol(currency) is { Length: > 0 } known ? known : currency.ToUpperInvariant() + " ";
        return (amount < 0 ? "-" : "") + symbol + Number(Math.Abs(amount), currency);
    }

    private static string Number(long amount, string currency)
    {
        var exponent = Exponent(currency);
        return (amount / (decimal)Math.Pow(10, exponent)).ToString("N" + exponent.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    private static string Symbol(string currency) => currency switch
    {
        "usd" => "$",
        "eur" => "€",
        "gbp" => "£",
        "jpy" => "¥",
        "inr" => "₹",
        _ => "",
    };

    private static FrozenSet<string> Set(string codes) => codes.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}

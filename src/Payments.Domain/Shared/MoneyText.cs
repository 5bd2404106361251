using System.Collections.Frozen;
using System.Globalization;

namespace Payments.Domain.Shared;

/// <summary>
/// Amounts for people, in the currency's own format, independent of any installed locale: <c>$19.99</c>,
/// <c>¥1,200</c>, <c>₹1,20,000.00</c>, <c>KWD 1.250</c>. Symbols and grouping follow the Unicode CLDR for English;
/// currencies without a well-known symbol show their code.
/// </summary>
public static class MoneyText
{
    private static readonly FrozenDictionary<string, string> Symbols = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["usd"] = "$", ["eur"] = "€", ["gbp"] = "£", ["jpy"] = "¥", ["inr"] = "₹", ["cad"] = "CA$", ["aud"] = "A$", ["nzd"] = "NZ$",
        ["cny"] = "CN¥", ["krw"] = "₩", ["brl"] = "R$", ["mxn"] = "MX$", ["ils"] = "₪", ["vnd"] = "₫", ["php"] = "₱", ["hkd"] = "HK$", ["twd"] = "NT$",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static string Format(Money money)
    {
        var currency = money.Currency;
        var digits = Int128.Abs(money.Minor)
            .ToString(CultureInfo.InvariantCulture).PadLeft(currency.Exponent + 1, '0');
        // ISK and UGX are counted in hundredths that nobody has; people read whole units.
        var shown = currency.Step == 100 ? 0 : currency.Exponent;
        var whole = Grouped(digits[..^currency.Exponent], lakhs: currency.Code == "inr");
        var fraction = shown == 0 ? "" : "." + digits[^currency.Exponent..];
        var symbol = Symbols.TryGetValue(currency.Code, out var known) ? known : currency.Code.ToUpperInvariant() + " ";
        return $"{(money.Minor < 0 ? "-" : "")}{symbol}{whole}{fraction}";
    }

    private static string Grouped(string digits, bool lakhs)
    {
        var at = digits.Length - 3;
        for (; at > 0; at -= lakhs ? 2 : 3)
        {
            digits = digits.Insert(at, ",");
        }

        return digits;
    }
}

using System.Globalization;

namespace Payments.Sandbox.Stripe.Pages;

/// <summary>Amounts as a buyer reads them: the currency's own symbol, decimals and grouping.</summary>
internal static class PageMoney
{
    /// <param name="amount">In the minor unit, as Stripe counts it.</param>
    /// <param name="currency">ISO code, either case.</param>
    /// <param name="exponent">How many decimals the minor unit stands for: 0, 2 or 3.</param>
    public static string Format(long amount, string currency, int exponent)
    {
        var code = currency.ToUpperInvariant();
        var scale = Enumerable.Repeat(10L, exponent).Aggregate(1L, static (product, ten) => product * ten);
        var whole = Math.Abs(amount / scale);
        var rest = Math.Abs(amount % scale);
        var digits = code is "INR" or "PKR" or "BDT" or "NPR" ? Lakhs(whole) : whole.ToString("N0", CultureInfo.InvariantCulture);
        // Stripe counts ISK and UGX in hundredths that do not exist.
        var decimals = exponent == 0 || (rest == 0 && code is "ISK" or "UGX")
            ? string.Empty
            : "." + rest.ToString(CultureInfo.InvariantCulture).PadLeft(exponent, '0');
        return $"{(amount < 0 ? "−" : string.Empty)}{Symbol(code)}{digits}{decimals}";
    }

    private static string Symbol(string code) => code switch
    {
        "USD" => "$",
        "EUR" => "€",
        "GBP" => "£",
        "JPY" => "¥",
        "INR" => "₹",
        "KRW" => "₩",
        "VND" => "₫",
        "ILS" => "₪",
        "NGN" => "₦",
        "PHP" => "₱",
        "AUD" => "A$",
        "BRL" => "R$",
        "CAD" => "CA$",
        "HKD" => "HK$",
        "MXN" => "MX$",
        "NZD" => "NZ$",
        "TWD" => "NT$",
        "CNY" => "CN¥",
        _ => code + "\u00a0",
    };

    // 1,23,45,678: the last three digits, then pairs.
    private static string Lakhs(long whole)
    {
        var digits = whole.ToString(CultureInfo.InvariantCulture);
        if (digits.Length <= 3)
        {
            return digits;
        }

        var head = digits[..^3];
        var first = head.Length % 2;
        var pairs = Enumerable.Range(0, head.Length / 2).Select(i => head.Substring(first + (2 * i), 2));
        return string.Join(',', [.. first == 0 ? pairs : pairs.Prepend(head[..1]), digits[^3..]]);
    }
}

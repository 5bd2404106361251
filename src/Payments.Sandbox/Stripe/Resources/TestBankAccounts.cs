using System.Collections.Frozen;
using System.Globalization;
using System.Numerics;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>How a bank debit ends.</summary>
/// <param name="Failure">Null when it succeeds.</param>
/// <param name="Slow">Three minutes later rather than soon.</param>
internal sealed record DebitOutcome(Decline? Failure, bool Slow)
{
    public Aftermath? Aftermath { get; init; }

    public static readonly DebitOutcome Succeeds = new(null, Slow: false);
    public static readonly DebitOutcome SucceedsLater = new(null, Slow: true);
    public static readonly DebitOutcome SucceedsAndIsDisputed = new(null, Slow: false) { Aftermath = new("debit_not_authorized") { IsFinal = true } };
}

/// <summary>Stripe's test IBANs and US accounts. Source: docs.stripe.com/testing.</summary>
internal static class TestBankAccounts
{
    private static readonly Decline SepaFailed = new("payment_method_customer_decline", null, "The customer's bank account could not be debited.");

    private static readonly FrozenDictionary<string, DebitOutcome> UsAccounts = new Dictionary<string, DebitOutcome>(StringComparer.Ordinal)
    {
        ["000123456789"] = DebitOutcome.Succeeds,
        ["000222222227"] = Fails("insufficient_funds", "The customer's account has insufficient funds to cover this payment."),
        ["000111111113"] = Fails("account_closed", "The customer's bank account has been closed."),
        ["000111111116"] = Fails("no_account", "The customer's bank account could not be located."),
        ["000333333335"] = Fails("debit_not_authorized", "The customer has notified their bank that this payment was unauthorized."),
        ["000777777771"] = Fails("payment_method_customer_decline", "The payment would exceed the account's weekly limit."),
        ["000555555559"] = DebitOutcome.SucceedsAndIsDisputed,
        ["000000004954"] = new(new Decline("payment_method_provider_decline", null, "This payment was blocked as too risky.") { Blocked = true }, Slow: false),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static DebitOutcome UsAccount(string account) => UsAccounts.GetValueOrDefault(account, DebitOutcome.Succeeds);

    public static bool IsRoutingNumber(string routing) => routing.Length == 9 && routing.All(char.IsAsciiDigit);

    /// <summary>The Austrian family tells by its last digits; the Italian one is what Stripe's CLI uses to fail.</summary>
    public static DebitOutcome Iban(string iban) => iban switch
    {
        "IT60X0542811101000000123456" => new DebitOutcome(SepaFailed, Slow: false),
        _ when !iban.StartsWith("AT", StringComparison.Ordinal) => DebitOutcome.Succeeds,
        _ => iban[^4..] switch
        {
            "3202" => new DebitOutcome(SepaFailed, Slow: false),
            "3203" => DebitOutcome.SucceedsAndIsDisputed,
            "3204" => DebitOutcome.SucceedsLater,
            "3205" => new DebitOutcome(SepaFailed, Slow: true),
            _ => DebitOutcome.Succeeds,
        },
    };

    /// <summary>Spaces gone, upper case; null when it cannot be an IBAN.</summary>
    public static string? NormalIban(string text)
    {
        var iban = text.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
        var shaped = iban.Length is >= 15 and <= 34 && iban.All(char.IsAsciiLetterOrDigit) && char.IsAsciiLetterUpper(iban[0]) && char.IsAsciiLetterUpper(iban[1]);
        // The published test IBANs are known by heart; not all of their copies have good check digits.
        var test = iban.StartsWith("AT", StringComparison.Ordinal) && iban.Contains("1904300", StringComparison.Ordinal);
        return shaped && (test || ChecksOut(iban)) ? iban : null;
    }

    private static bool ChecksOut(string iban)
    {
        var digits = string.Concat((iban[4..] + iban[..4]).Select(c => char.IsAsciiDigit(c) ? c.ToString() : (c - 'A' + 10).ToString(CultureInfo.InvariantCulture)));
        return BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture) % 97 == 1;
    }

    private static DebitOutcome Fails(string code, string message) => new(new Decline(code, null, message), Slow: false);
}

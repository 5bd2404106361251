using System.Globalization;
using System.Net.Mail;
using Microsoft.Extensions.Primitives;

namespace Payments.Sandbox.Stripe.Pages;

/// <summary>
/// What the buyer's form says, or per field why it cannot be sent: the checks that Stripe's own page makes before it asks
/// anyone. Whether a date is past is the engine's to say, for the sandbox's clock may be ahead of ours.
/// </summary>
internal sealed class CheckoutForm
{
    private readonly IFormCollection typed;
    private readonly CheckoutPageView view;
    private readonly Dictionary<string, string> errors = new(StringComparer.Ordinal);

    private CheckoutForm(IFormCollection typed, CheckoutPageView view)
    {
        this.typed = typed;
        this.view = view;
    }

    /// <summary>The message of each field that is at fault, by its name.</summary>
    public IReadOnlyDictionary<string, string> Errors => errors;

    public string Method => view.PaymentMethodTypes.Contains(this["method"], StringComparer.Ordinal)
        ? this["method"]
        : view.PaymentMethodTypes.FirstOrDefault("card");

    /// <summary>What was typed, trimmed; empty when nothing was.</summary>
    public string this[string field] => typed.TryGetValue(field, out var value) && !StringValues.IsNullOrEmpty(value)
        ? value[^1]!.Trim()
        : string.Empty;

    public static CheckoutForm Empty(CheckoutPageView view) => new(FormCollection.Empty, view);

    public static (CheckoutForm Form, PagePayment? Payment) Read(IFormCollection fields, CheckoutPageView view)
    {
        var form = new CheckoutForm(fields, view);
        var payment = form.ToPayment();
        return (form, form.errors.Count == 0 ? payment : null);
    }

    /// <summary>Stripe's name of a parameter as the page's field; null when the page has none.</summary>
    public static string? FieldOf(string? param) => param switch
    {
        "number" or "cvc" or "iban" or "routing_number" or "account_number" or "email" or "name" or "postal_code" => param,
        "exp_month" or "exp_year" => "expiry",
        _ => null,
    };

    public void Refuse(string field, string message) => errors.TryAdd(field, message);

    private PagePayment ToPayment()
    {
        var email = view.EmailLocked ? view.CustomerEmail : Email();
        var payment = new PagePayment
        {
            ExpectedAmount = long.TryParse(this["expected_amount"], NumberStyles.Integer, CultureInfo.InvariantCulture, out var expected)
                ? expected
                : -1,
            Email = email,
        };
        if (view.NoPaymentRequired)
        {
            return payment;
        }

        payment = payment with { Name = Name() };
        return Method switch
        {
            "sepa_debit" => payment with { Iban = Iban() },
            "us_bank_account" => payment with { Country = "US", RoutingNumber = RoutingNumber(), AccountNumber = AccountNumber() },
            _ => WithCard(payment),
        };
    }

    private PagePayment WithCard(PagePayment payment)
    {
        var number = Digits(this["number"]);
        if (this["number"].Length == 0 || number.Length < LengthOf(number))
        {
            Refuse("number", "Your card number is incomplete.");
        }
        else if (number.Length > 19 || this["number"].Any(char.IsLetter) || !PassesLuhn(number))
        {
            Refuse("number", "Your card number is invalid.");
        }

        var (month, year) = Expiry();
        var cvc = this["cvc"];
        if (cvc.Length != (IsAmex(number) ? 4 : 3) || !cvc.All(char.IsAsciiDigit))
        {
            Refuse("cvc", "Your card's security code is incomplete.");
        }

        var country = Country();
        return payment with
        {
            CardNumber = number,
            ExpMonth = month,
            ExpYear = year,
            Cvc = cvc,
            Country = country,
            PostalCode = PostalCode(country),
        };
    }

    private string Email()
    {
        var email = this["email"];
        if (email.Length == 0)
        {
            Refuse("email", "Enter your email address.");
        }
        else if (email.Length > 254 || !MailAddress.TryCreate(email, out var address) || !string.Equals(address.Address, email, StringComparison.Ordinal) || !address.Host.Contains('.', StringComparison.Ordinal))
        {
            Refuse("email", "Your email address is incomplete.");
        }

        return email;
    }

    private string Name()
    {
        if (this["name"].Length is 0 or > 150)
        {
            Refuse("name", Method is "card" ? "Enter the name on the card." : "Enter the account holder's name.");
        }

        return this["name"];
    }

    private (int Month, int Year) Expiry()
    {
        var digits = Digits(this["expiry"]);
        if (digits.Length is not (4 or 6))
        {
            Refuse("expiry", "Your card's expiration date is incomplete.");
            return default;
        }

        var month = int.Parse(digits[..2], CultureInfo.InvariantCulture);
        if (month is < 1 or > 12)
        {
            Refuse("expiry", "Your card's expiration month is invalid.");
        }

        return (month, int.Parse(digits[2..], CultureInfo.InvariantCulture));
    }

    private string Country()
    {
        if (!Countries.All.Any(c => string.Equals(c.Code, this["country"], StringComparison.Ordinal)))
        {
            Refuse("country", "Choose your country or region.");
        }

        return this["country"];
    }

    private string? PostalCode(string country)
    {
        if (!Countries.AsksPostalCode(country))
        {
            return this["postal_code"] is { Length: > 0 and <= 20 } given ? given : null;
        }

        var code = this["postal_code"];
        if (code.Length is 0 or > 20)
        {
            Refuse("postal_code", country is "US" ? "Enter your ZIP code." : "Enter your postal code.");
        }
        else if (country is "US" && Digits(code).Length is not (5 or 9))
        {
            Refuse("postal_code", "Your ZIP code is incomplete.");
        }

        return code;
    }

    private string Iban()
    {
        var iban = string.Concat(this["iban"].Where(c => !char.IsWhiteSpace(c))).ToUpperInvariant();
        if (iban.Length < 15)
        {
            Refuse("iban", "Your IBAN is incomplete.");
        }
        else if (!IsIban(iban) && !IsCopiedTestIban(iban))
        {
            Refuse("iban", "Your IBAN is invalid.");
        }

        return iban;
    }

    private string RoutingNumber()
    {
        var number = this["routing_number"];
        if (number.Length < 9)
        {
            Refuse("routing_number", "Your routing number is incomplete.");
        }
        else if (number.Length > 9 || !number.All(char.IsAsciiDigit) || !PassesAba(number))
        {
            Refuse("routing_number", "Your routing number is invalid.");
        }

        return number;
    }

    private string AccountNumber()
    {
        var number = this["account_number"];
        if (number.Length < 4)
        {
            Refuse("account_number", "Your account number is incomplete.");
        }
        else if (number.Length > 17 || !number.All(char.IsAsciiDigit))
        {
            Refuse("account_number", "Your account number is invalid.");
        }

        return number;
    }

    private static string Digits(string text) => string.Concat(text.Where(char.IsAsciiDigit));

    private static bool IsAmex(string number) => number.StartsWith("34", StringComparison.Ordinal) || number.StartsWith("37", StringComparison.Ordinal);

    private static int LengthOf(string number) => number switch
    {
        _ when IsAmex(number) => 15,
        ['3', '0' or '6' or '8' or '9', ..] => 14,
        _ => 16,
    };

    private static bool PassesLuhn(string number)
    {
        var sum = 0;
        for (var i = 0; i < number.Length; i++)
        {
            var digit = number[^(i + 1)] - '0';
            sum += i % 2 == 0 ? digit : (digit * 2 / 10) + (digit * 2 % 10);
        }

        return sum % 10 == 0;
    }

    private static bool IsIban(string iban)
    {
        if (iban.Length > 34 || !iban.All(char.IsAsciiLetterOrDigit) || !char.IsAsciiLetter(iban[0]) || !char.IsAsciiLetter(iban[1]))
        {
            return false;
        }

        var remainder = 0;
        foreach (var c in iban[4..] + iban[..4])
        {
            var value = char.IsAsciiDigit(c) ? c - '0' : c - 'A' + 10;
            remainder = ((remainder * (value > 9 ? 100 : 10)) + value) % 97;
        }

        return remainder == 1;
    }

    // Lists of Stripe's test IBANs go round in which 3547 has become 3457, and the check digits with it.
    private static bool IsCopiedTestIban(string iban) =>
        iban.Length == 20 && iban.StartsWith("AT", StringComparison.Ordinal) && iban.AsSpan(4, 13).SequenceEqual("1904300234573");

    private static bool PassesAba(string number)
    {
        ReadOnlySpan<int> weights = [3, 7, 1];
        var sum = 0;
        for (var i = 0; i < number.Length; i++)
        {
            sum += (number[i] - '0') * weights[i % 3];
        }

        return sum % 10 == 0;
    }
}

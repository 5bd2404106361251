using Payments.Application.Notifications;
using Payments.Application.Payments.Checkout;
using Payments.Application.Payments.Items;
using Payments.Application.Payments.Orders;
using Payments.Application.Payments.PaymentMethods;
using Payments.Application.Payments.Refunds;
using Payments.Application.Payments.Subscriptions;
using Payments.Application.Users.Credits;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Infrastructure.Configuration;

/// <summary>How selling works here, from the settings' names to the use cases' options.</summary>
internal static class SellingSettings
{
    private const string SessionId = "{CHECKOUT_SESSION_ID}";

    public static CheckoutOptions ReadCheckout(SettingsReader reader)
    {
        var least = reader.Whole("CREDIT_MIN", 10, 1, 1_000_000_000);
        var most = reader.Whole("CREDIT_MAX", Math.Max(100_000, least), 1, 1_000_000_000);
        if (most < least)
        {
            reader.Contradiction("CREDIT_MAX", "it is less than CREDIT_MIN; it wants at least as much, for example 100000");
        }

        return new CheckoutOptions
        {
            Enabled = reader.Flag("CHECKOUT_ENABLED", fallback: true),
            AllowedUsers = AllowedUsers(reader),
            SuccessUrl = SuccessUrl(reader),
            CancelUrl = CancelUrl(reader),
            SessionLifetime = TimeSpan.FromMinutes(reader.Whole("CHECKOUT_SESSION_MINUTES", 1440, 30, 1440)),
            CreditUnitPrice = UnitPrice(reader, least),
            CreditMinimum = least,
            CreditMaximum = most,
            CreditRefundPolicy = RefundPolicyOf(reader),
        };
    }

    public static CreditOptions ReadCredits(SettingsReader reader) => new()
    {
        HoldLifetime = TimeSpan.FromMinutes(reader.Whole("CREDIT_HOLD_MINUTES", 15, 1, 43_200)),
    };

    public static RefundOptions ReadRefunds(SettingsReader reader) => new()
    {
        SupportLimit = reader.Whole("REFUND_SUPPORT_LIMIT", 10_000, 0, 999_999_999),
        SupportDailyLimit = reader.Whole("REFUND_SUPPORT_DAILY_LIMIT", 50_000, 0, 999_999_999),
    };

    public static ItemOptions ReadItems(SettingsReader reader)
    {
        var days = reader.Whole("PURCHASE_REFUND_DAYS", 30, 0, ItemTerms.MostRefundDays);
        return new ItemOptions
        {
            CourseRefundDays = reader.Whole("PURCHASE_REFUND_DAYS_COURSE", days, 0, ItemTerms.MostRefundDays),
            LearningPathRefundDays = reader.Whole("PURCHASE_REFUND_DAYS_LEARNING_PATH", days, 0, ItemTerms.MostRefundDays),
            LabRefundDays = reader.Whole("PURCHASE_REFUND_DAYS_LAB", days, 0, ItemTerms.MostRefundDays),
        };
    }

    public static OrderOptions ReadOrders(SettingsReader reader) => new()
    {
        Lifetime = TimeSpan.FromMinutes(reader.Whole("ORDER_EXPIRY_MINUTES", 30, 1, 1440)),
    };

    public static NoticeOptions ReadNotices(SettingsReader reader)
    {
        var addresses = reader.List("ALERT_EMAIL");
        if (!addresses.All(a => System.Net.Mail.MailAddress.TryCreate(a, out var address) && address.Address == a))
        {
            reader.Malformed("ALERT_EMAIL", "one email address, or several comma-separated", "billing@example.com");
        }

        return new NoticeOptions { AlertEmails = addresses };
    }

    // The address stays text: as a Uri its braces would be escaped, and the provider would not fill them in.
    private static string SuccessUrl(SettingsReader reader)
    {
        const string wants = "the absolute http(s) address where a buyer comes back to; {CHECKOUT_SESSION_ID} in it is filled in, and appended when missing";
        const string example = "https://app.example.com/success?session_id={CHECKOUT_SESSION_ID}";
        var text = reader.Required("STRIPE_SUCCESS_URL", wants, example);
        if (text.Length == 0)
        {
            return "";
        }

        if (!Addresses.IsHttp(text.Replace(SessionId, "cs_test_1", StringComparison.Ordinal), out _))
        {
            reader.Malformed("STRIPE_SUCCESS_URL", wants, example);
            return "";
        }

        if (text.Contains(SessionId, StringComparison.Ordinal))
        {
            return text;
        }

        var hash = text.IndexOf('#', StringComparison.Ordinal);
        var (address, fragment) = hash < 0 ? (text, "") : (text[..hash], text[hash..]);
        var separator = !address.Contains('?', StringComparison.Ordinal) ? "?" : address[^1] is '?' or '&' ? "" : "&";
        return $"{address}{separator}session_id={SessionId}{fragment}";
    }

    private static string CancelUrl(SettingsReader reader)
    {
        const string wants = "the absolute http(s) address where a buyer who gave up comes back to";
        const string example = "https://app.example.com/cancel";
        var text = reader.Required("STRIPE_CANCEL_URL", wants, example);
        if (text.Length > 0 && !Addresses.IsHttp(text, out _))
        {
            reader.Malformed("STRIPE_CANCEL_URL", wants, example);
        }

        return text;
    }

    public static SubscriptionOptions ReadSubscriptions(SettingsReader reader) => new()
    {
        Grace = TimeSpan.FromDays(reader.Whole("SUBSCRIPTION_GRACE_DAYS", 7, 0, 60)),
        RenewalWindow = TimeSpan.FromHours(reader.Whole("SUBSCRIPTION_RENEWAL_WINDOW_HOURS", 6, 2, 72)),
        Notices = new NoticeTerms(
            Notice(reader.Whole("NOTICE_TRIAL_ENDING_DAYS", 3, 0, 60)),
            Notice(reader.Whole("NOTICE_GRACE_ENDING_DAYS", 1, 0, 60)),
            Notice(reader.Whole("NOTICE_RENEWAL_DAYS", 7, 0, 90))),
    };

    public static CardOptions ReadCards(SettingsReader reader) => new() { ExpiryNotice = Notice(reader.Whole("NOTICE_CARD_EXPIRING_DAYS", 31, 0, 365)) };

    // 0 switches one off.
    private static TimeSpan? Notice(int days) => days > 0 ? TimeSpan.FromDays(days) : null;

    private static RefundPolicy RefundPolicyOf(SettingsReader reader)
    {
        switch (reader.Optional("CREDIT_REFUND_POLICY"))
        {
            case null or "debt":
                return RefundPolicy.Debt;
            case "clamp":
                return RefundPolicy.Clamp;
            case "block":
                return RefundPolicy.Block;
            default:
                reader.Malformed("CREDIT_REFUND_POLICY", "debt, clamp or block", "debt");
                return RefundPolicy.Debt;
        }
    }

    private static HashSet<string> AllowedUsers(SettingsReader reader)
    {
        var users = reader.List("CHECKOUT_ALLOWED_USERS");
        if (users.Any(user => !Guid.TryParseExact(user, "D", out _) && user.IndexOf('@', StringComparison.Ordinal) is not > 0))
        {
            reader.Malformed("CHECKOUT_ALLOWED_USERS", "users' ids or email addresses with commas between them", "ada@example.com,0197a000-0000-7000-8000-000000000001");
        }

        return [.. users.Select(user => user.ToLowerInvariant())];
    }

    private static Money UnitPrice(SettingsReader reader, int least)
    {
        var code = reader.Optional("CREDIT_CURRENCY") ?? "usd";
        if (!Currency.TryParse(code, out var currency))
        {
            reader.Malformed("CREDIT_CURRENCY", "a three-letter ISO 4217 code", "usd");
        }
        else if (!currency.IsSupported)
        {
            reader.Contradiction("CREDIT_CURRENCY", $"the payment provider does not charge in {currency}; it wants a currency that is charged in, for example usd");
        }

        var minor = reader.Whole("CREDIT_UNIT_PRICE", 10, 1, 99_999_999);
        if (minor % currency.Step != 0)
        {
            reader.Contradiction("CREDIT_UNIT_PRICE", $"in {currency} amounts go in steps of {currency.Step}; it wants a multiple of it, for example {currency.Step}");
        }

        if ((long)minor * least < currency.LeastCharge)
        {
            var enough = (currency.LeastCharge + minor - 1) / minor;
            reader.Contradiction("CREDIT_MIN", $"so few credits cost less than the payment provider takes, {currency.LeastCharge} minor units of {currency}; at this CREDIT_UNIT_PRICE it wants {enough} or more, for example {enough}");
        }

        return new Money(minor, currency);
    }
}

using System.Globalization;

namespace Payments.Sandbox.Stripe.Pages;

/// <summary>A session, and what its buyer has typed so far, as checkout.html shows them.</summary>
internal static class CheckoutPage
{
    private static readonly string[] Fields =
        ["email", "number", "expiry", "cvc", "name", "country", "postal_code", "iban", "routing_number", "account_number"];

    public static PageModel Of(CheckoutPageView view, CheckoutForm form, string? alert, (string Code, string Message)? promotion)
    {
        var methods = view.PaymentMethodTypes.Where(IsOffered).DefaultIfEmpty("card").ToList();
        var free = view.NoPaymentRequired;
        var model = new PageModel
        {
            ["title"] = $"{Heading(view)} · {view.MerchantName}",
            ["session"] = Uri.EscapeDataString(view.SessionId),
            ["merchant"] = view.MerchantName,
            ["initial"] = Initial(view.MerchantName),
            ["cancel_url"] = PageUrl.OrNull(view.CancelUrl),
            ["test_mode"] = !view.Livemode,
            ["heading"] = Heading(view),
            ["priced"] = view.Mode is not "setup",
            ["total"] = Money(view.Total, view),
            ["total_minor"] = view.Total.ToString(CultureInfo.InvariantCulture),
            ["subtotal"] = Money(view.Subtotal, view),
            ["has_discount"] = view.Discount > 0,
            ["discount"] = Money(view.Discount, view),
            ["discount_label"] = view.DiscountLabel ?? "Discount",
            ["discount_removable"] = view is { DiscountRemovable: true, Discount: > 0 },
            ["asks_code"] = view is { AllowPromotionCodes: true, Discount: 0 },
            ["code_open"] = promotion is not null,
            ["code"] = promotion?.Code,
            ["code_error"] = promotion?.Message,
            ["has_lines"] = view.Lines.Count > 0,
            ["lines"] = (List<PageModel>)[.. view.Lines.Select(l => Line(l, view))],
            ["free"] = free,
            ["button"] = Button(view),
            ["alert"] = alert,
            ["email_locked"] = view.EmailLocked,
            ["email"] = form["email"] is { Length: > 0 } typed && !view.EmailLocked ? typed : view.CustomerEmail,
            ["name"] = form["name"],
            ["postal_code"] = form["postal_code"],
            ["one_method"] = methods.Count == 1,
            ["the_method"] = methods[0],
            ["methods"] = (List<PageModel>)[.. methods.Select(m => Method(m, string.Equals(m, form.Method, StringComparison.Ordinal)))],
            ["takes_card"] = !free && methods.Contains("card", StringComparer.Ordinal),
            ["takes_sepa"] = !free && methods.Contains("sepa_debit", StringComparer.Ordinal),
            ["takes_us_bank"] = !free && methods.Contains("us_bank_account", StringComparer.Ordinal),
            ["countries"] = (List<PageModel>)[.. CountriesFor(form["country"], view.Currency)],
            ["recurring"] = view.Mode is "subscription",
            ["pdf"] = PageUrl.OrNull(view.InvoicePdf),
            ["help"] = (List<PageModel>)[.. TestCards.For(methods)],
            ["mail_page"] = view.MailPage?.AbsoluteUri,
        };
        foreach (var field in Fields)
        {
            model[$"{field}_error"] = form.Errors.GetValueOrDefault(field);
        }

        return model;
    }

    internal static string Money(long amount, CheckoutPageView view) => PageMoney.Format(amount, view.Currency, view.CurrencyExponent);

    private static bool IsOffered(string method) => method is "card" or "sepa_debit" or "us_bank_account";

    private static string Heading(CheckoutPageView view) => view.Mode switch
    {
        "subscription" => $"Subscribe to {view.MerchantName}",
        "setup" => "Save your payment details",
        "invoice" => $"Invoice {view.InvoiceNumber} from {view.MerchantName}",
        _ => $"Pay {view.MerchantName}",
    };

    private static string Button(CheckoutPageView view) => (view.Mode, view.SubmitType) switch
    {
        ("setup", _) => "Save payment method",
        ("subscription", _) when view.NoPaymentRequired => "Start subscription",
        ("subscription", _) => "Subscribe",
        _ when view.NoPaymentRequired => "Complete order",
        (_, "book") => $"Book {Money(view.Total, view)}",
        (_, "donate") => $"Donate {Money(view.Total, view)}",
        (_, "subscribe") => "Subscribe",
        _ => $"Pay {Money(view.Total, view)}",
    };

    private static PageModel Line(CheckoutPageLine line, CheckoutPageView view) => new()
    {
        ["line_initial"] = Initial(line.Name),
        ["line_name"] = line.Name,
        ["line_description"] = line.Description,
        ["line_many"] = line.Quantity != 1,
        ["line_quantity"] = line.Quantity.ToString(CultureInfo.InvariantCulture),
        ["line_unit"] = Money(line.UnitAmount, view),
        ["line_amount"] = Money(line.Amount, view),
    };

    private static PageModel Method(string method, bool isChecked) => new()
    {
        ["method_value"] = method,
        ["method_checked"] = isChecked,
        ["method_icon"] = method is "card" ? "icon-card" : "icon-bank",
        ["method_label"] = method switch
        {
            "sepa_debit" => "SEPA debit",
            "us_bank_account" => "US bank account",
            _ => "Card",
        },
    };

    private static IEnumerable<PageModel> CountriesFor(string chosen, string currency)
    {
        var selected = chosen.Length > 0 ? chosen : HomeOf(currency);
        return Countries.All.Select(c => new PageModel
        {
            ["country_code"] = c.Code,
            ["country_name"] = c.Name,
            ["country_selected"] = string.Equals(c.Code, selected, StringComparison.Ordinal),
        });
    }

    // The likeliest country of who pays in it; the euro has no one home.
    private static string HomeOf(string currency) => currency.ToUpperInvariant() switch
    {
        "EUR" => "DE",
        { Length: 3 } code when Countries.All.Any(c => code.StartsWith(c.Code, StringComparison.Ordinal)) => code[..2],
        _ => "US",
    };

    private static string Initial(string name) =>
        name.EnumerateRunes().Where(System.Text.Rune.IsLetterOrDigit).Select(r => r.ToString().ToUpperInvariant()).FirstOrDefault("•");
}

/// <summary>The 3-D Secure challenge.</summary>
internal static class ChallengePage
{
    public static PageModel Of(ChallengeView view) => new()
    {
        ["intent"] = Uri.EscapeDataString(view.PaymentIntentId),
        ["merchant"] = view.MerchantName,
        ["amount"] = PageMoney.Format(view.Amount, view.Currency, view.CurrencyExponent),
        ["brand"] = view.CardBrand switch
        {
            "amex" => "American Express",
            "jcb" => "JCB",
            "unionpay" => "UnionPay",
            "" => "Card",
            var brand => char.ToUpperInvariant(brand[0]) + brand[1..],
        },
        ["last4"] = view.CardLast4,
    };
}

/// <summary>Where there is nothing left to pay.</summary>
internal static class ResultPage
{
    public static PageModel Of(CheckoutPageView view) => view switch
    {
        { Mode: "invoice", Status: "expired" } => Make(
            "over", $"Invoice {view.InvoiceNumber} is closed", "It was withdrawn, and nothing is to be paid.",
            null, view.InvoicePdf, "Download invoice", view.MailPage),
        { Mode: "invoice", PaymentStatus: "paid" } => Make(
            "done", "Invoice paid", $"Invoice {view.InvoiceNumber} from {view.MerchantName} has been paid.",
            CheckoutPage.Money(view.Total, view), view.InvoicePdf, "Download invoice", view.MailPage),
        { Status: "expired" } => Make(
            "over", "This checkout session has expired", "Nothing was charged. Go back and start again.",
            null, view.CancelUrl, $"Back to {view.MerchantName}", view.MailPage),
        { PaymentStatus: "unpaid" } => Make(
            "waiting", "Your payment is processing", $"The bank debit is under way. {view.MerchantName} will confirm your order when the money has arrived.",
            CheckoutPage.Money(view.Total, view), view.SuccessUrl, $"Return to {view.MerchantName}", view.MailPage),
        { Mode: "setup" } => Make(
            "done", "All done", "Your payment details are saved.",
            null, view.SuccessUrl, $"Return to {view.MerchantName}", view.MailPage),
        _ => Make(
            "done", "Thanks for your payment", $"{view.MerchantName} has received it. This page has done its work.",
            view.NoPaymentRequired ? null : CheckoutPage.Money(view.Total, view), view.SuccessUrl, $"Return to {view.MerchantName}", view.MailPage),
    };

    public static PageModel NotFound() => Make(
        "over", "There is nothing here", "The link is incomplete, or the checkout session belongs to a sandbox that has started over.");

    public static PageModel PortalGone() => Make(
        "over", "This link has expired", "Billing links are good for an hour. Go back to where you came from and open a new one.");

    public static PageModel ChallengeGone() => Make(
        "over", "Nothing to confirm", "This authentication has been answered already, or never existed. You can close this page.");

    public static PageModel OfChallenge(PageOutcome outcome) => outcome switch
    {
        PageOutcome.Succeeded or PageOutcome.Processing => Make("done", "Authentication complete", "You can close this page."),
        PageOutcome.Declined declined => Make("over", "The payment failed", declined.Message),
        PageOutcome.Refused refused => Make("over", "Nothing happened", refused.Message),
        _ => throw new NotSupportedException($"The challenge knows no outcome {outcome.GetType().Name}."),
    };

    private static PageModel Make(
        string kind, string heading, string text, string? amount = null, string? link = null, string? linkText = null, Uri? mailPage = null) => new()
    {
        ["kind"] = kind,
        ["is_done"] = kind is "done",
        ["is_waiting"] = kind is "waiting",
        ["is_over"] = kind is "over",
        ["heading"] = heading,
        ["text"] = text,
        ["amount"] = amount,
        ["link"] = PageUrl.OrNull(link),
        ["link_text"] = linkText,
        ["mail_page"] = mailPage?.AbsoluteUri,
    };
}

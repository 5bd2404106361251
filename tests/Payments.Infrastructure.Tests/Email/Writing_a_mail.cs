using System.Text.Json;
using Payments.Application.Payments.Contracts;
using Payments.Domain.Notifications;
using Payments.Infrastructure.Email;

namespace Payments.Infrastructure.Tests.Email;

public sealed class Writing_a_mail
{
    private static readonly PaymentSucceeded Paid = new(
        new Guid("a0000000-0000-4000-8000-000000000001"), new Guid("b0000000-0000-4000-8000-000000000001"), "CreditPack", "Starter", 1999, "usd", 100, 1234,
        new DateTimeOffset(2026, 7, 29, 14, 3, 5, TimeSpan.FromHours(2)));

    private static readonly PaymentFailed Failed = new(Paid.PaymentId, Paid.UserId, "CreditPack", "Starter", 1999, "usd", "card_declined", "Your card was declined.", Paid.At);

    private readonly MailTemplates templates = new();

    [Fact]
    public void confirms_a_payment_with_amount_and_balance_in_text_and_html()
    {
        var mail = Render(Paid, "Ada");

        mail.Subject.ShouldBe("Your payment for Starter is confirmed");
        foreach (var body in new[] { mail.Text, mail.Html })
        {
            body.ShouldContain("Hello Ada,");
            body.ShouldContain("$19.99");
            body.ShouldContain("1234 credits");
            body.ShouldContain("Payment a0000000-0000-4000-8000-000000000001, 29 July 2026 12:03 UTC");
        }

        mail.Text.ShouldNotContain("Your payment for Starter is confirmed\n");
        mail.Html.ShouldStartWith("<!doctype html>");
    }

    [Fact]
    public void tells_why_a_payment_failed()
    {
        var mail = Render(Failed, "Ada");

        mail.Subject.ShouldBe("Your payment for Starter did not go through");
        mail.Text.ShouldContain("$19.99");
        mail.Text.ShouldContain("Your card was declined.");
        mail.Html.ShouldContain("Your card was declined.");
    }

    [Theory]
    [InlineData("visa", "Visa")]
    [InlineData("amex", "American Express")]
    [InlineData("unknown", "payment")]
    public void says_which_card_expires_and_when(string brand, string name)
    {
        var mail = Render(new CardExpiring("pm_1", Paid.UserId, brand, "4242", 8, 2030, Paid.At), "Ada");

        mail.Subject.ShouldBe($"Your {name} card ending in 4242 expires soon");
        foreach (var body in new[] { mail.Text, mail.Html })
        {
            body.ShouldContain("Hello Ada,");
            body.ShouldContain(name);
            body.ShouldContain("4242");
            body.ShouldContain("08/2030");
            body.ShouldNotContain("{{");
            body.ShouldNotContain("pm_1");
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void has_a_reason_where_the_provider_gave_none(string? reason) =>
        Render(Failed with { Reason = reason }, "Ada").Text.ShouldContain("did not go through: the payment was not completed.");

    [Theory]
    [InlineData(1500, "jpy", "¥1,500")]
    [InlineData(12_000_000, "inr", "₹1,20,000.00")]
    [InlineData(1250, "kwd", "KWD 1.250")]
    public void shows_the_amount_in_the_currencys_own_format(long minor, string currency, string text)
    {
        var mail = Render(Paid with { AmountMinor = minor, Currency = currency }, null);

        mail.Text.ShouldContain(text);
        System.Net.WebUtility.HtmlDecode(mail.Html).ShouldContain(text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public void greets_nobody_by_an_empty_name(string? name) => Render(Paid, name).Text.ShouldContain("Hello,");

    [Fact]
    public void escapes_what_people_wrote_in_html_and_only_there()
    {
        var mail = Render(Paid with { Description = "<script>alert('x')</script> & Co" }, "<b>Ada</b>");

        mail.Html.ShouldNotContain("<script>");
        mail.Html.ShouldNotContain("<b>Ada");
        mail.Html.ShouldContain("&lt;script&gt;");
        mail.Html.ShouldContain("&amp; Co");
        mail.Text.ShouldContain("<script>alert('x')</script> & Co");
        mail.Subject.ShouldBe("Your payment for <script>alert('x')</script> & Co is confirmed");
    }

    [Theory]
    [InlineData("Starter\r\nBcc: everybody@example.com")]
    [InlineData("Starter\nBcc: everybody@example.com")]
    [InlineData("Starter\rBcc: everybody@example.com")]
    [InlineData("Starter\u2028Bcc: everybody@example.com")]
    public void lets_nobody_write_a_header(string description)
    {
        var mail = Render(Paid with { Description = description }, "Ada");

        mail.Subject.ShouldBe("Your payment for Starter Bcc: everybody@example.com is confirmed");
        mail.Text.ShouldContain("Hello Ada,");
    }

    [Fact]
    public void fills_in_what_looks_like_a_placeholder_only_once()
    {
        var mail = Render(Paid with { Description = "{{amount}} {{greeting}}" }, "{{balance}}");

        mail.Subject.ShouldBe("Your payment for {{amount}} {{greeting}} is confirmed");
        mail.Text.ShouldContain("Hello {{balance}},");
    }

    [Fact]
    public void leaves_no_placeholder_open()
    {
        foreach (var mail in new[] { Render(Paid, "Ada"), Render(Failed, "Ada"), Render(Paid with { Balance = null }, null), Render(Failed with { Code = null, Reason = null }, null) })
        {
            (mail.Subject + mail.Text + mail.Html).ShouldNotContain("{{");
        }
    }

    [Fact]
    public void tells_times_where_its_reader_lives_and_in_utc()
    {
        var mail = Write("trial-ending", Ending, "Asia/Tokyo");

        foreach (var body in new[] { mail.Text, mail.Html })
        {
            body.ShouldContain("2 August 2026 01:30 Asia/Tokyo (2026-08-01 16:30 UTC)");
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Europe/Atlantis")]
    [InlineData("../../etc/passwd")]
    public void tells_times_in_utc_where_it_does_not_know_the_zone(string? zone) =>
        Write("trial-ending", Ending, zone).Text.ShouldContain("ends on 1 August 2026 16:30 UTC.");

    [Fact]
    public void says_only_what_there_is_to_say()
    {
        var failed = new InvoicePaymentFailed(About, "in_1", 2, 1900, "usd", "https://pay.example.com/in_1?a=1&b=2", Paid.At.AddDays(3), Paid.At.AddDays(7), Paid.At);

        var mail = Write("invoice-payment-failed", failed, null);
        mail.Subject.ShouldBe("We could not collect $19.00 for Monthly");
        mail.Text.ShouldContain("try 2 to collect $19.00 for Monthly failed.");
        mail.Text.ShouldContain("here: https://pay.example.com/in_1?a=1&b=2");
        mail.Html.ShouldContain("href=\"https://pay.example.com/in_1?a=1&amp;b=2\"");
        mail.Text.ShouldContain("We try again on 1 August 2026 12:03 UTC.");
        mail.Text.ShouldContain("Until 5 August 2026 12:03 UTC you keep");

        var last = Write("invoice-payment-failed", failed with { PayUrl = null, NextAttemptAt = null, AccessUntil = null }, null);
        last.Text.ShouldContain("We do not try again by ourselves.");
        last.Html.ShouldNotContain("href");
        (last.Text + last.Html).ShouldNotContain("Until");
    }

    [Fact]
    public void shows_a_section_by_what_is_known_and_not_by_what_people_wrote() =>
        Write("renewal-receipt", Paid with { Invoice = new InvoiceSettled("A-1", null, "{{#balance}}Team{{/balance}}", true, null, null) }, null)
            .Subject.ShouldBe("{{#balance}}Team{{/balance}} was renewed for $19.99");

    [Fact]
    public void has_text_and_html_for_every_type()
    {
        foreach (var type in NoticeType.All)
        {
            var mail = templates.Render(type.Name, """{"at":"2026-07-29T12:03:05Z","amountMinor":1900,"currency":"usd","brand":"visa"}""", "Ada");

            foreach (var part in new[] { mail.Subject, mail.Text, mail.Html })
            {
                part.ShouldNotBeNullOrWhiteSpace(type.Name);
                part.ShouldNotContain("{{", Case.Sensitive, type.Name);
            }

            mail.Text.ShouldContain("Hello Ada,", Case.Sensitive, type.Name);
            mail.Html.ShouldContain("Hello Ada,", Case.Sensitive, type.Name);
        }
    }

    [Fact]
    public void does_not_make_one_up_where_there_is_no_template() => Should.Throw<IOException>(() => templates.Render("no-such", "{}", null));

    private static readonly SubscriptionAbout About = new(Paid.PaymentId, Paid.UserId, "Monthly", null, null);

    private static readonly TrialEnding Ending = new(About, new DateTimeOffset(2026, 8, 1, 16, 30, 0, TimeSpan.Zero), 1900, "usd", Paid.At);

    private RenderedMail Write<T>(string type, T fact, string? zone)
        where T : PaymentFact => templates.Render(type, JsonSerializer.Serialize(fact, JsonSerializerOptions.Web), "Ada", zone);

    private RenderedMail Render<T>(T fact, string? name)
        where T : PaymentFact => templates.Render(fact switch { PaymentSucceeded => "payment-succeeded", PaymentFailed => "payment-failed", _ => "card-expiring" }, JsonSerializer.Serialize(fact, JsonSerializerOptions.Web), name);
}

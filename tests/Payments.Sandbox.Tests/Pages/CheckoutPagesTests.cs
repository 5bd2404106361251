using System.Net;
using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe;

namespace Payments.Sandbox.Tests.Pages;

/// <summary>The hosted pages as a browser without script, and the page's own script, talk to them.</summary>
public sealed class CheckoutPagesTests : IAsyncLifetime
{
    private readonly PagesHost host = new();

    private FakeCheckout Checkout => host.Checkout;

    public Task InitializeAsync() => host.InitializeAsync();

    public Task DisposeAsync() => host.DisposeAsync();

    [Fact]
    public async Task An_open_session_shows_what_is_bought_and_what_it_costs()
    {
        Checkout.Add(FakeCheckout.Session());
        var page = await Page("/c/pay/cs_test_1");
        page.ShouldContain("Pay Nimbus Learning");
        page.ShouldContain("500 credits");
        page.ShouldContain("Run assignments, labs and evaluations");
        page.ShouldContain("$7.50 each");
        page.ShouldContain("<span class=\"pay-text\" id=\"pay-text\">Pay $34.99</span>");
        page.ShouldContain("TEST MODE");
        page.ShouldContain("href=\"http://shop.example/cart\"");
        page.ShouldNotContain("{{");
    }

    [Theory]
    [InlineData("jpy", 0, 3000, "¥3,000")]
    [InlineData("usd", 2, 1_234_567, "$12,345.67")]
    [InlineData("inr", 2, 1_234_567_890, "₹1,23,45,678.90")]
    [InlineData("inr", 2, 99_900, "₹999.00")]
    [InlineData("inr", 2, 10_000_000, "₹1,00,000.00")]
    [InlineData("kwd", 3, 12_340, "KWD&#xA0;12.340")]
    [InlineData("eur", 2, 5, "€0.05")]
    [InlineData("isk", 2, 50_000, "ISK&#xA0;500")]
    public async Task The_total_is_written_as_its_currency_is(string currency, int exponent, long amount, string text)
    {
        Checkout.Add(FakeCheckout.Session() with { Currency = currency, CurrencyExponent = exponent, Total = amount });
        (await Page("/c/pay/cs_test_1")).ShouldContain($"<p class=\"total\">{text}</p>");
    }

    [Fact]
    public async Task Whatever_a_merchant_or_a_buyer_writes_is_escaped()
    {
        const string evil = "\"><script>alert(1)</script>&'";
        Checkout.Add(FakeCheckout.Session() with
        {
            MerchantName = evil,
            Lines = [new CheckoutPageLine(evil, evil, 2, 1, 2)],
            Discount = 1,
            DiscountLabel = evil,
            DiscountRemovable = true,
            CustomerEmail = evil,
            CancelUrl = "javascript:alert(1)",
            SuccessUrl = "javascript:alert(1)",
        });
        var page = await Page("/c/pay/cs_test_1");
        page.ShouldNotContain("<script>");
        page.ShouldNotContain("javascript:");
        page.ShouldContain("&lt;script&gt;");

        var answered = await Post("/c/pay/cs_test_1", Card("4242") with { Name = evil, Email = evil });
        (await answered.Content.ReadAsStringAsync()).ShouldNotContain("<script>");
        var coded = await host.Client.PostAsync("/c/pay/cs_test_1/promotion-code", Form(("code", evil)));
        (await coded.Content.ReadAsStringAsync()).ShouldNotContain("<script>");

        Checkout.Add(FakeCheckout.Session() with { Status = "complete", PaymentStatus = "paid", MerchantName = evil, SuccessUrl = "javascript:alert(1)" });
        var over = await Page("/c/pay/cs_test_1");
        over.ShouldNotContain("<script>");
        over.ShouldNotContain("javascript:");
    }

    [Fact]
    public async Task A_strict_policy_comes_with_every_page_and_no_page_breaks_it()
    {
        Checkout.Add(FakeCheckout.Session());
        Checkout.Add(FakeCheckout.Session("cs_over") with { Status = "expired" });
        Checkout.Add(FakeCheckout.Challenge("cs_test_1"));
        foreach (var path in (string[])["/c/pay/cs_test_1", "/c/pay/cs_over", "/3ds/pi_1", "/c/pay/nothing"])
        {
            var answer = await host.Client.GetAsync(path);
            var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
            policy.ShouldContain("default-src 'none'");
            policy.ShouldNotContain("unsafe");
            answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
            answer.Headers.GetValues("X-Content-Type-Options").Single().ShouldBe("nosniff");
            answer.Headers.Contains("Set-Cookie").ShouldBeFalse();
            var page = await answer.Content.ReadAsStringAsync();
            page.ShouldNotContain(" style=");
            page.ShouldNotContain("<style");
            page.ShouldNotContain(" onclick=");
            page.Split("<script").Skip(1).ShouldAllBe(s => s.StartsWith(" src=\"/c/assets/checkout.js", StringComparison.Ordinal));
        }

        (await host.Client.GetAsync("/c/pay/cs_test_1")).Headers.GetValues("Content-Security-Policy").Single()
            .ShouldContain("form-action 'self' http://shop.example:80;");
        (await host.Client.GetStringAsync("/c/assets/checkout.css")).ShouldNotContain("@import");
        (await host.Client.GetAsync("/c/assets/checkout.html")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_paid_form_leads_to_the_success_url()
    {
        Checkout.Add(FakeCheckout.Session());
        var answer = await Post("/c/pay/cs_test_1", Card("4242"));
        answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        answer.Headers.Location!.ToString().ShouldBe("http://shop.example/ok?session=cs_test_1");
        var payment = Checkout.Payments.ShouldHaveSingleItem();
        payment.CardNumber.ShouldBe("4242424242424242");
        (payment.ExpMonth, payment.ExpYear, payment.Cvc).ShouldBe((12, 34, "123"));
        (payment.Name, payment.Email, payment.Country, payment.PostalCode).ShouldBe(("Ada Lovelace", "ada@example.com", "US", "94107"));
        payment.ExpectedAmount.ShouldBe(3499);
        (await Page("/c/pay/cs_test_1")).ShouldContain("Thanks for your payment");
    }

    [Fact]
    public async Task A_second_press_finds_the_first_ones_success_and_pays_nothing()
    {
        Checkout.Add(FakeCheckout.Session());
        await Post("/c/pay/cs_test_1", Card("4242"));
        var again = await Post("/c/pay/cs_test_1", Card("4242"));
        again.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        again.Headers.Location!.ToString().ShouldBe("http://shop.example/ok?session=cs_test_1");
        Checkout.Payments.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_declined_card_leaves_the_session_open_and_what_was_typed_but_not_the_card()
    {
        Checkout.Add(FakeCheckout.Session());
        var answer = await Post("/c/pay/cs_test_1", Card("0002"));
        answer.StatusCode.ShouldBe(HttpStatusCode.PaymentRequired);
        var page = await answer.Content.ReadAsStringAsync();
        page.ShouldContain("<p>Your card was declined.</p>");
        page.ShouldContain("value=\"Ada Lovelace\"");
        page.ShouldContain("value=\"ada@example.com\"");
        page.ShouldNotContain("value=\"4000000000000002\"");
        (await Post("/c/pay/cs_test_1", Card("4242"))).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    [Fact]
    public async Task A_decline_that_names_a_field_is_shown_at_that_field()
    {
        Checkout.Add(FakeCheckout.Session());
        var cvc = await (await Post("/c/pay/cs_test_1", Card("0127"))).Content.ReadAsStringAsync();
        cvc.ShouldContain("id=\"cvc-error\" aria-live=\"polite\">Your card&#x27;s security code is incorrect.</p>");
        cvc.ShouldContain("aria-describedby=\"cvc-error\" aria-invalid=\"true\"");
        var answer = await PostJson("/c/pay/cs_test_1", Card("0069"));
        answer.Body["outcome"]!.GetValue<string>().ShouldBe("declined");
        answer.Body["errors"]!["expiry"]!.GetValue<string>().ShouldBe("Your card has expired.");
    }

    [Theory]
    [InlineData("number", "4242 4242 4242", "Your card number is incomplete.")]
    [InlineData("number", "4242 4242 4242 4241", "Your card number is invalid.")]
    [InlineData("number", "", "Your card number is incomplete.")]
    [InlineData("expiry", "13 / 34", "Your card's expiration month is invalid.")]
    [InlineData("expiry", "12", "Your card's expiration date is incomplete.")]
    [InlineData("cvc", "12", "Your card's security code is incomplete.")]
    [InlineData("cvc", "1234", "Your card's security code is incomplete.")]
    [InlineData("email", "ada@", "Your email address is incomplete.")]
    [InlineData("email", "", "Enter your email address.")]
    [InlineData("name", " ", "Enter the name on the card.")]
    [InlineData("country", "ZZ", "Choose your country or region.")]
    [InlineData("postal_code", "", "Enter your ZIP code.")]
    [InlineData("postal_code", "941", "Your ZIP code is incomplete.")]
    public async Task What_cannot_be_right_is_refused_before_anyone_is_asked(string field, string value, string message)
    {
        Checkout.Add(FakeCheckout.Session());
        var answer = await PostJson("/c/pay/cs_test_1", Card("4242"), (field, value));
        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        answer.Body["outcome"]!.GetValue<string>().ShouldBe("invalid");
        answer.Body["errors"]!.AsObject().ShouldHaveSingleItem().Key.ShouldBe(field);
        answer.Body["errors"]![field]!.GetValue<string>().ShouldBe(message);
        Checkout.Payments.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("3782 822463 10005", "1234")]
    [InlineData("5555555555554444", "123")]
    [InlineData("3056 9300 0902 0004", "123")]
    [InlineData("6200 0000 0000 0005", "123")]
    public async Task Each_brand_has_its_own_lengths(string number, string cvc)
    {
        Checkout.Add(FakeCheckout.Session());
        var answer = await PostJson("/c/pay/cs_test_1", Card("4242"), ("number", number), ("cvc", cvc));
        answer.Body["outcome"]!.GetValue<string>().ShouldBe("succeeded");
    }

    [Theory]
    [InlineData("AT61 1904 3002 3457 3201", null)]
    [InlineData("at321904300235473204", null)]
    [InlineData("AT86 1904 3002 3547 3202", null)]
    [InlineData("AT05 1904 3002 3547 3205", null)]
    [InlineData("AT59 1904 3002 3547 3203", null)]
    [InlineData("AT86 1904 3002 3457 3202", null)]
    [InlineData("IT60 X054 2811 1010 0000 0123 456", null)]
    [InlineData("DE61 1904 3002 3457 3202", "Your IBAN is invalid.")]
    [InlineData("AT61 1904", "Your IBAN is incomplete.")]
    public async Task A_bank_debit_takes_an_IBAN(string iban, string? error)
    {
        Checkout.Add(FakeCheckout.Session());
        var answer = await PostJson("/c/pay/cs_test_1", Card("4242"), ("method", "sepa_debit"), ("iban", iban), ("number", ""), ("cvc", ""), ("expiry", ""));
        answer.Body["errors"]!["iban"]?.GetValue<string>().ShouldBe(error);
        if (error is null)
        {
            answer.Body["outcome"]!.GetValue<string>().ShouldBe("processing");
            answer.Body["redirect"]!.GetValue<string>().ShouldBe("http://shop.example/ok?session=cs_test_1");
            Checkout.Payments.ShouldHaveSingleItem().CardNumber.ShouldBeNull();
            (await Page("/c/pay/cs_test_1")).ShouldContain("Your payment is processing");
        }
    }

    [Theory]
    [InlineData("110000000", "000123456789", null, null)]
    [InlineData("110000001", "000123456789", "Your routing number is invalid.", null)]
    [InlineData("11000", "12", "Your routing number is incomplete.", "Your account number is incomplete.")]
    public async Task A_bank_debit_takes_a_US_account(string routing, string account, string? routingError, string? accountError)
    {
        Checkout.Add(FakeCheckout.Session());
        var answer = await PostJson("/c/pay/cs_test_1", Card("4242"), ("method", "us_bank_account"), ("routing_number", routing), ("account_number", account));
        answer.Body["errors"]!["routing_number"]?.GetValue<string>().ShouldBe(routingError);
        answer.Body["errors"]!["account_number"]?.GetValue<string>().ShouldBe(accountError);
        Checkout.Payments.Count.ShouldBe(routingError is null ? 1 : 0);
    }

    [Fact]
    public async Task A_method_that_the_session_does_not_take_is_not_offered_and_not_believed()
    {
        Checkout.Add(FakeCheckout.Session() with { PaymentMethodTypes = ["card"] });
        var page = await Page("/c/pay/cs_test_1");
        page.ShouldNotContain("IBAN");
        page.ShouldContain("<input type=\"hidden\" name=\"method\" value=\"card\"");
        var answer = await PostJson("/c/pay/cs_test_1", Card("4242"), ("method", "sepa_debit"), ("iban", "AT611904300234573201"), ("number", ""));
        answer.Body["errors"]!["number"]!.GetValue<string>().ShouldBe("Your card number is incomplete.");
    }

    [Fact]
    public async Task A_customers_own_email_cannot_be_changed()
    {
        Checkout.Add(FakeCheckout.Session() with { EmailLocked = true, CustomerEmail = "grace@example.com" });
        (await Page("/c/pay/cs_test_1")).ShouldNotContain("name=\"email\"");
        await Post("/c/pay/cs_test_1", Card("4242"));
        Checkout.Payments.ShouldHaveSingleItem().Email.ShouldBe("grace@example.com");
    }

    [Fact]
    public async Task An_amount_that_changed_meanwhile_is_shown_again_and_not_paid()
    {
        Checkout.Add(FakeCheckout.Session());
        var answer = await Post("/c/pay/cs_test_1", Card("4242"), ("expected_amount", "1"));
        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("The amount has changed.");
        Checkout.Payments.ShouldBeEmpty();
    }

    [Fact]
    public async Task Nothing_to_pay_asks_for_no_card()
    {
        Checkout.Add(FakeCheckout.Session() with { NoPaymentRequired = true, Discount = 3499, Total = 0 });
        var page = await Page("/c/pay/cs_test_1");
        page.ShouldContain("Complete order");
        page.ShouldNotContain("Card information");
        (await Post("/c/pay/cs_test_1", ("email", "ada@example.com"), ("expected_amount", "0"))).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    [Fact]
    public async Task A_promotion_code_goes_on_and_comes_off()
    {
        Checkout.Add(FakeCheckout.Session());
        var wrong = await host.Client.PostAsync("/c/pay/cs_test_1/promotion-code", Form(("code", "NOPE")));
        wrong.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await wrong.Content.ReadAsStringAsync()).ShouldContain("This code is invalid.");
        (await host.Client.PostAsync("/c/pay/cs_test_1/promotion-code", Form(("code", "save10")))).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        var discounted = await Page("/c/pay/cs_test_1");
        discounted.ShouldContain("−$3.50");
        discounted.ShouldContain("Pay $31.49");
        (await host.Client.PostAsync("/c/pay/cs_test_1/promotion-code/remove", Form())).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        (await Page("/c/pay/cs_test_1")).ShouldContain("Pay $34.99");
    }

    [Fact]
    public async Task Expired_and_unknown_sessions_say_so()
    {
        Checkout.Add(FakeCheckout.Session() with { Status = "expired" });
        var page = await Page("/c/pay/cs_test_1");
        page.ShouldContain("This checkout session has expired");
        page.ShouldContain("href=\"http://shop.example/cart\"");
        (await PostJson("/c/pay/cs_test_1", Card("4242"))).Body["outcome"]!.GetValue<string>().ShouldBe("over");
        Checkout.Payments.ShouldBeEmpty();
        (await host.Client.GetAsync("/c/pay/nothing")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Post("/c/pay/nothing", Card("4242"))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_completed_challenge_leads_to_the_success_url()
    {
        Checkout.Add(FakeCheckout.Session());
        var asked = await Post("/c/pay/cs_test_1", Card("3184"));
        asked.Headers.Location!.ToString().ShouldBe("/3ds/pi_1");
        var page = await Page("/3ds/pi_1");
        page.ShouldContain("Complete authentication");
        page.ShouldContain("Visa •••• 3184");
        page.ShouldContain("$34.99");
        var answer = await host.Client.PostAsync("/3ds/pi_1", Form(("outcome", "complete")));
        answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        answer.Headers.Location!.ToString().ShouldBe("http://shop.example/ok?session=cs_test_1");
        (await host.Client.GetAsync("/3ds/pi_1")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_failed_challenge_leads_back_to_the_open_session_and_says_why()
    {
        Checkout.Add(FakeCheckout.Session());
        await Post("/c/pay/cs_test_1", Card("3184"));
        var answer = await host.Client.PostAsync("/3ds/pi_1", Form(("outcome", "fail")));
        answer.Headers.Location!.ToString().ShouldBe("/c/pay/cs_test_1?declined=payment_intent_authentication_failure");
        (await Page(answer.Headers.Location.ToString())).ShouldContain("We are unable to authenticate your payment method.");
        (await Page("/c/pay/cs_test_1?declined=%3Cb%3E")).ShouldNotContain("<b>");
    }

    [Fact]
    public async Task A_challenge_without_a_session_leads_to_its_return_url()
    {
        Checkout.Add(FakeCheckout.Challenge(sessionId: null));
        (await host.Client.PostAsync("/3ds/pi_1", Form(("outcome", "maybe")))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        Checkout.Authentications.ShouldBeEmpty();
        var answer = await host.Client.PostAsync("/3ds/pi_1", Form(("outcome", "fail")));
        answer.Headers.Location!.ToString().ShouldBe("http://shop.example/return");
    }

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) =>
        new(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));

    private static CardFields Card(string last4) => new(last4 switch { "4242" => "4242424242424242", "3184" => "4000002760003184", _ => "400000000000" + last4 });

    private async Task<string> Page(string path)
    {
        var answer = await host.Client.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await answer.Content.ReadAsStringAsync();
    }

    private Task<HttpResponseMessage> Post(string path, CardFields card, params (string Name, string Value)[] changes) =>
        Post(path, card.With(changes));

    private Task<HttpResponseMessage> Post(string path, params (string Name, string Value)[] fields) =>
        host.Client.PostAsync(path, Form(fields));

    private async Task<(HttpStatusCode Status, JsonNode Body)> PostJson(string path, CardFields card, params (string Name, string Value)[] changes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Form(card.With(changes)) };
        request.Headers.Accept.ParseAdd("application/json");
        var answer = await host.Client.SendAsync(request);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    private sealed record CardFields(string Number, string Name = "Ada Lovelace", string Email = "ada@example.com")
    {
        public (string Name, string Value)[] With((string Name, string Value)[] changes)
        {
            var fields = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["expected_amount"] = "3499",
                ["method"] = "card",
                ["email"] = Email,
                ["number"] = Number,
                ["expiry"] = "12 / 34",
                ["cvc"] = "123",
                ["name"] = Name,
                ["country"] = "US",
                ["postal_code"] = "94107",
            };
            foreach (var (name, value) in changes)
            {
                fields[name] = value;
            }

            return [.. fields.Select(f => (f.Key, f.Value))];
        }
    }
}

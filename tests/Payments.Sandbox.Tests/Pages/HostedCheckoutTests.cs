using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Pages;
using Payments.Sandbox.Tests.Judges;

namespace Payments.Sandbox.Tests.Pages;

/// <summary>The hosted pages before the simulator itself: a person pays, and Stripe's events tell of it.</summary>
public sealed class HostedCheckoutTests(Browser browser) : IClassFixture<Browser>, IAsyncLifetime
{
    private Stage stage = null!;

    /// <summary>Every number that the page's own help offers.</summary>
    public static TheoryData<string, string, string> Offered
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var group in TestCards.For(["card", "sepa_debit", "us_bank_account"]))
            {
                foreach (var card in (IReadOnlyList<PageModel>)group["cards"]!)
                {
                    data.Add((string)group["help_title"]!, (string)card["method"]!, (string)card["number"]!);
                }
            }

            return data;
        }
    }

    public async Task InitializeAsync() => stage = await Stage.OpenAsync();

    public async Task DisposeAsync() => await stage.DisposeAsync();

    [Fact]
    public async Task A_person_pays_and_the_events_tell_of_it()
    {
        var (id, url) = await SessionAsync();
        await using var window = await browser.OpenAsync(stage.Simulator.Address, width: 360);
        await window.Page.GotoAsync(url);
        await window.FillAsync();
        await window.Page.ClickAsync("#pay");
        await window.ArriveAsync(new Uri($"{stage.Recorder.Shop}ok?session={id}"));
        (await stage.EventsAsync(7)).ShouldBe(
        [
            "charge.succeeded", "charge.updated", "checkout.session.completed", "payment_intent.created", "payment_intent.succeeded",
            "price.created", "product.created",
        ]);
        var session = stage.Recorder.Deliveries.Single(d => d.Type is "checkout.session.completed").Subject;
        session["payment_status"]!.GetValue<string>().ShouldBe("paid");
        session["customer_details"]!["email"]!.GetValue<string>().ShouldBe("ada@example.com");
        stage.Faults().ShouldBeEmpty();
        window.Complaints.ShouldBeEmpty();
        await window.Page.GotoAsync(url);
        (await window.Page.InnerTextAsync("h1")).ShouldBe("Thanks for your payment");
    }

    [Fact]
    public async Task A_declined_person_tries_again_on_the_same_session()
    {
        var (id, url) = await SessionAsync();
        await using var window = await browser.OpenAsync(stage.Simulator.Address);
        await window.Page.GotoAsync(url);
        await window.FillAsync("9995");
        await window.Page.ClickAsync("#pay");
        await window.Page.WaitForSelectorAsync("#alert p");
        (await window.Page.InnerTextAsync("#alert")).ShouldBe("Your card has insufficient funds.");
        await window.Page.FillAsync("#number", "4000 0000 0000 0127");
        await window.Page.ClickAsync("#pay");
        await window.Page.WaitForSelectorAsync("#cvc[aria-invalid]");
        await window.Page.FillAsync("#number", "4242 4242 4242 4242");
        await window.Page.ClickAsync("#pay");
        await window.ArriveAsync(new Uri($"{stage.Recorder.Shop}ok?session={id}"));
        (await stage.EventsAsync(11)).ShouldBe(
        [
            "charge.failed", "charge.failed", "charge.succeeded", "charge.updated", "checkout.session.completed",
            "payment_intent.created", "payment_intent.payment_failed", "payment_intent.payment_failed", "payment_intent.succeeded",
            "price.created", "product.created",
        ]);
        stage.Faults().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_person_fails_the_challenge_and_then_completes_it()
    {
        var (id, url) = await SessionAsync();
        await using var window = await browser.OpenAsync(stage.Simulator.Address);
        await window.Page.GotoAsync(url);
        await window.FillAsync(number: "4000 0027 6000 3184");
        await window.Page.ClickAsync("#pay");
        await window.Page.ClickAsync("text=Fail authentication");
        await window.Page.WaitForSelectorAsync("#alert p");
        (await window.Page.InnerTextAsync("#alert")).ShouldContain("unable to authenticate");
        await window.FillAsync(number: "4000 0027 6000 3184");
        await window.Page.ClickAsync("#pay");
        await window.Page.ClickAsync("text=Complete authentication");
        await window.ArriveAsync(new Uri($"{stage.Recorder.Shop}ok?session={id}"));
        (await stage.EventsAsync(10)).ShouldBe(
        [
            "charge.succeeded", "charge.updated", "checkout.session.completed", "payment_intent.created", "payment_intent.payment_failed",
            "payment_intent.requires_action", "payment_intent.requires_action", "payment_intent.succeeded", "price.created", "product.created",
        ]);
        stage.Faults().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_card_that_authenticates_and_then_lacks_funds_says_so_on_the_session()
    {
        var (_, url) = await SessionAsync();
        await using var window = await browser.OpenAsync(stage.Simulator.Address);
        await window.Page.GotoAsync(url);
        await window.FillAsync(number: "4000 0082 6000 3178");
        await window.Page.ClickAsync("#pay");
        await window.Page.ClickAsync("text=Complete authentication");
        await window.Page.WaitForSelectorAsync("#alert p");
        (await window.Page.InnerTextAsync("#alert")).ShouldBe("Your card has insufficient funds.");
    }

    [Fact]
    public async Task A_code_typed_on_the_page_is_what_is_charged()
    {
        var coupon = await PostAsync("/v1/coupons", "percent_off=10&duration=once");
        await PostAsync("/v1/promotion_codes", $"promotion[type]=coupon&promotion[coupon]={coupon["id"]}&code=SAVE10");
        var (id, url) = await SessionAsync("&allow_promotion_codes=true");
        await using var window = await browser.OpenAsync(stage.Simulator.Address);
        await window.Page.GotoAsync(url);
        await window.FillAsync();
        await window.Page.ClickAsync(".code summary");
        await window.Page.FillAsync("#code", "save10");
        await window.Page.PressAsync("#code", "Enter");
        await window.Page.WaitForSelectorAsync(".chip-remove");
        (await window.Page.InnerTextAsync("#pay-text")).ShouldBe("Pay $27.00");
        await window.Page.ClickAsync("#pay");
        await window.ArriveAsync(new Uri($"{stage.Recorder.Shop}ok?session={id}"));
        var session = JsonNode.Parse(await stage.Api.GetStringAsync($"/v1/checkout/sessions/{id}"))!;
        (session["amount_subtotal"]!.GetValue<long>(), session["amount_total"]!.GetValue<long>()).ShouldBe((3000, 2700));
        stage.Faults().ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Offered))]
    public async Task Every_number_in_the_help_does_what_the_help_says(string title, string method, string number)
    {
        var (id, url) = await SessionAsync(
            $"&payment_method_types[]=card{(method is "card" ? "" : $"&payment_method_types[]={method}")}", method is "sepa_debit" ? "eur" : "usd");
        var answer = await PayAsync(url, method, number);
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        body["outcome"]!.GetValue<string>().ShouldBe(
            title switch
            {
                "3-D Secure" => "action_required",
                "Declined" => "declined",
                "SEPA debit" or "US bank account" => "processing",
                _ => "succeeded",
            },
            body.ToJsonString());
        var session = JsonNode.Parse(await stage.Api.GetStringAsync($"/v1/checkout/sessions/{id}"))!;
        session["status"]!.GetValue<string>().ShouldBe(title is "3-D Secure" or "Declined" ? "open" : "complete");
        stage.Faults().ShouldBeEmpty();
    }

    [Fact]
    public async Task Twenty_presses_at_once_charge_once_and_all_end_well()
    {
        var (id, url) = await SessionAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PayAsync(url, "card", "4242424242424242")));
        foreach (var answer in answers)
        {
            var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            body["outcome"]!.GetValue<string>().ShouldBe("succeeded");
            body["redirect"]!.GetValue<string>().ShouldBe($"{stage.Recorder.Shop}ok?session={id}");
        }

        var charges = JsonNode.Parse(await stage.Api.GetStringAsync("/v1/charges?limit=100"))!["data"]!.AsArray();
        charges.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_date_that_is_past_by_the_sandboxs_clock_is_told_at_its_field()
    {
        var (_, url) = await SessionAsync();
        var answer = await PayAsync(url, "card", "4242424242424242", expiry: "01 / 20");
        answer.StatusCode.ShouldBe(HttpStatusCode.PaymentRequired);
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["errors"]!["expiry"]!.GetValue<string>().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Yen_have_no_decimals_and_rupees_are_grouped_their_own_way()
    {
        (await stage.Api.GetStringAsync((await SessionAsync(currency: "jpy", amount: 1500)).Url)).ShouldContain("<p class=\"total\">¥3,000</p>");
        (await stage.Api.GetStringAsync((await SessionAsync(currency: "inr", amount: 6172839)).Url)).ShouldContain("<p class=\"total\">₹1,23,456.78</p>");
    }

    private async Task<(string Id, string Url)> SessionAsync(string more = "", string currency = "usd", long amount = 1500)
    {
        var session = await PostAsync(
            "/v1/checkout/sessions",
            $"mode=payment&success_url={stage.Recorder.Shop}ok?session={{CHECKOUT_SESSION_ID}}&cancel_url={stage.Recorder.Shop}cart"
            + $"&line_items[0][quantity]=2&line_items[0][price_data][currency]={currency}&line_items[0][price_data][unit_amount]={amount}"
            + "&line_items[0][price_data][product_data][name]=100 credits"
            + more);
        return (session["id"]!.GetValue<string>(), session["url"]!.GetValue<string>());
    }

    private async Task<JsonNode> PostAsync(string path, string form)
    {
        using var content = new StringContent(form, new MediaTypeHeaderValue("application/x-www-form-urlencoded"));
        var answer = await stage.Api.PostAsync(path, content);
        var body = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, body);
        return JsonNode.Parse(body)!;
    }

    private async Task<HttpResponseMessage> PayAsync(string url, string method, string number, string expiry = "12 / 34")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["expected_amount"] = "3000",
                ["method"] = method,
                ["email"] = "ada@example.com",
                ["name"] = "Ada Lovelace",
                ["number"] = number,
                ["expiry"] = expiry,
                ["cvc"] = number.StartsWith("37", StringComparison.Ordinal) ? "1234" : "123",
                ["country"] = "US",
                ["postal_code"] = "94107",
                ["iban"] = number,
                ["routing_number"] = "110000000",
                ["account_number"] = number,
            }),
        };
        request.Headers.Accept.ParseAdd("application/json");
        return await stage.Api.SendAsync(request);
    }
}

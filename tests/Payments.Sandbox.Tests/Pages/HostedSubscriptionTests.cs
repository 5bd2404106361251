using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Payments.Sandbox.Tests.Judges;

namespace Payments.Sandbox.Tests.Pages;

/// <summary>The hosted pages where what is bought recurs: a person subscribes, tries, saves a card, pays an invoice.</summary>
public sealed class HostedSubscriptionTests(Browser browser) : IClassFixture<Browser>, IAsyncLifetime
{
    private Stage stage = null!;

    public async Task InitializeAsync() => stage = await Stage.OpenAsync();

    public async Task DisposeAsync() => await stage.DisposeAsync();

    [Fact]
    public async Task A_declined_person_subscribes_with_a_code_and_another_card()
    {
        var coupon = await PostAsync("/v1/coupons", "percent_off=50&duration=once");
        await PostAsync("/v1/promotion_codes", $"promotion[type]=coupon&promotion[coupon]={coupon["id"]}&code=HALF");
        var (id, url) = await SessionAsync("&allow_promotion_codes=true");
        await using var window = await browser.OpenAsync(stage.Simulator.Address, width: 360);
        await window.Page.GotoAsync(url);
        (await window.Page.InnerTextAsync("body")).ShouldContain("$15.00 every month");
        await window.Page.ClickAsync(".code summary");
        await window.Page.FillAsync("#code", "half");
        await window.Page.PressAsync("#code", "Enter");
        await window.Page.WaitForSelectorAsync(".chip-remove");
        await window.FillAsync("9995");
        await window.Page.ClickAsync("#pay");
        await window.Page.WaitForSelectorAsync("#alert p");
        (await GetAsync("/v1/subscriptions?status=all"))["data"]!.AsArray().ShouldBeEmpty();
        await window.Page.FillAsync("#number", "4242 4242 4242 4242");
        await window.Page.ClickAsync("#pay");
        await window.ArriveAsync(new Uri($"{stage.Recorder.Shop}ok?session={id}"));

        var session = await GetAsync($"/v1/checkout/sessions/{id}?expand[]=subscription&expand[]=invoice");
        session["payment_status"]!.GetValue<string>().ShouldBe("paid");
        session["subscription"]!["status"]!.GetValue<string>().ShouldBe("active");
        session["invoice"]!["amount_paid"]!.GetValue<long>().ShouldBe(1500);
        await stage.EventsAsync(21);
        stage.Faults().ShouldBeEmpty();
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_person_on_trial_gives_a_card_and_proves_to_be_its_owner()
    {
        var (id, url) = await SessionAsync("&subscription_data[trial_period_days]=14");
        await using var window = await browser.OpenAsync(stage.Simulator.Address);
        await window.Page.GotoAsync(url);
        (await window.Page.InnerTextAsync("#pay-text")).ShouldBe("Subscribe");
        await window.FillAsync(number: "4000 0025 0000 3155");
        await window.Page.ClickAsync("#pay");
        await window.Page.ClickAsync("text=Complete authentication");
        await window.ArriveAsync(new Uri($"{stage.Recorder.Shop}ok?session={id}"));

        var session = await GetAsync($"/v1/checkout/sessions/{id}?expand[]=subscription");
        session["payment_status"]!.GetValue<string>().ShouldBe("no_payment_required");
        session["subscription"]!["status"]!.GetValue<string>().ShouldBe("trialing");
        await stage.EventsAsync(14);
        stage.Faults().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_person_saves_a_card()
    {
        var customer = await PostAsync("/v1/customers", "name=Ada");
        var session = await PostAsync(
            "/v1/checkout/sessions", $"mode=setup&currency=usd&customer={customer["id"]}&success_url={stage.Recorder.Shop}ok?session={{CHECKOUT_SESSION_ID}}");
        await using var window = await browser.OpenAsync(stage.Simulator.Address);
        await window.Page.GotoAsync(session["url"]!.GetValue<string>());
        (await window.Page.InnerTextAsync("h1")).ShouldBe("Save your payment details");
        await window.FillAsync();
        await window.Page.ClickAsync("#pay");
        await window.ArriveAsync(new Uri($"{stage.Recorder.Shop}ok?session={session["id"]}"));
        (await GetAsync($"/v1/customers/{customer["id"]}/payment_methods"))["data"]!.AsArray().ShouldHaveSingleItem();
        await stage.EventsAsync(5);
        stage.Faults().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_person_pays_an_invoice_after_failing_the_challenge()
    {
        var customer = await PostAsync("/v1/customers", "name=Ada");
        var price = await PostAsync("/v1/prices", "currency=usd&unit_amount=1500&recurring[interval]=month&product_data[name]=Basic");
        var made = await PostAsync(
            "/v1/subscriptions", $"customer={customer["id"]}&items[0][price]={price["id"]}&payment_behavior=default_incomplete&expand[]=latest_invoice");
        var page = made["latest_invoice"]!["hosted_invoice_url"]!.GetValue<string>();
        await using var window = await browser.OpenAsync(stage.Simulator.Address);
        await window.Page.GotoAsync(page);
        await window.FillAsync(number: "4000 0027 6000 3184");
        await window.Page.ClickAsync("#pay");
        await window.Page.ClickAsync("text=Fail authentication");
        await window.Page.WaitForSelectorAsync("#number");
        await window.FillAsync(number: "4000 0027 6000 3184");
        await window.Page.ClickAsync("#pay");
        await window.Page.ClickAsync("text=Complete authentication");
        await window.Page.WaitForSelectorAsync("text=Invoice paid");
        (await GetAsync($"/v1/subscriptions/{made["id"]}"))["status"]!.GetValue<string>().ShouldBe("active");
        await stage.EventsAsync(20);
        stage.Faults().ShouldBeEmpty();
        window.Complaints.ShouldBeEmpty();
    }

    private async Task<(string Id, string Url)> SessionAsync(string more = "")
    {
        var session = await PostAsync(
            "/v1/checkout/sessions",
            $"mode=subscription&success_url={stage.Recorder.Shop}ok?session={{CHECKOUT_SESSION_ID}}&cancel_url={stage.Recorder.Shop}cart"
            + "&line_items[0][quantity]=2&line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=1500"
            + "&line_items[0][price_data][recurring][interval]=month&line_items[0][price_data][product_data][name]=Team"
            + more);
        return (session["id"]!.GetValue<string>(), session["url"]!.GetValue<string>());
    }

    private async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await stage.Api.GetStringAsync(path))!;

    private async Task<JsonNode> PostAsync(string path, string form)
    {
        using var content = new StringContent(form, new MediaTypeHeaderValue("application/x-www-form-urlencoded"));
        var answer = await stage.Api.PostAsync(path, content);
        var body = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, body);
        return JsonNode.Parse(body)!;
    }
}

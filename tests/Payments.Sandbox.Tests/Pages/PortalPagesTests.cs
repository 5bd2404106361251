using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Payments.Sandbox.Tests.Judges;

namespace Payments.Sandbox.Tests.Pages;

/// <summary>The billing portal in Chromium, over a simulator that runs.</summary>
public sealed class PortalPagesTests(Browser browser) : IClassFixture<Browser>, IAsyncLifetime
{
    private Stage stage = null!;
    private string customer = null!;

    public async Task InitializeAsync()
    {
        stage = await Stage.OpenAsync();
        customer = (await PostAsync("/v1/customers", "email=ada@example.com"))["id"]!.GetValue<string>();
    }

    public async Task DisposeAsync() => await stage.DisposeAsync();

    [Fact]
    public async Task A_person_adds_a_card_that_becomes_the_default()
    {
        await using var window = await OpenAsync();
        (await window.Page.InnerTextAsync("main")).ShouldContain("You have no plan.");
        await window.Page.ClickAsync("summary:text-is('Add a card')");
        await FillCardAsync(window, "4242 4242 4242 4241");
        await window.Page.WaitForSelectorAsync("#number[aria-invalid]");
        (await window.Page.InnerTextAsync("#number-error")).ShouldBe("Your card number is incorrect.");
        (await window.Page.InputValueAsync("#name")).ShouldBe("Ada Lovelace");
        await FillCardAsync(window, "4242 4242 4242 4242");
        await window.Page.WaitForSelectorAsync("[data-card] .pill:text-is('Default')");
        (await window.Page.InnerTextAsync("#done")).ShouldBe("Your card is saved, and pays from now on.");
        var saved = await GetAsync($"/v1/customers/{customer}");
        var card = saved["invoice_settings"]!["default_payment_method"]!.GetValue<string>();
        (await stage.EventsAsync(6)).ShouldBe(
        [
            "billing_portal.session.created", "customer.created", "customer.updated", "payment_method.attached", "setup_intent.created", "setup_intent.succeeded",
        ]);
        (await window.Page.GetAttributeAsync("[data-card]", "data-card")).ShouldBe(card);
        stage.Faults().ShouldBeEmpty();
        window.Complaints.ShouldBeEmpty();
        window.Requests.ShouldAllBe(r => r.StartsWith(stage.Simulator.Address.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_card_that_its_bank_asks_about_is_saved_after_the_challenge_and_not_before()
    {
        await using var window = await OpenAsync(width: 360);
        foreach (var (answer, heard) in new[] { ("Fail authentication", "unable to authenticate"), ("Complete authentication", "Your card is saved") })
        {
            await window.Page.ClickAsync("summary:text-is('Add a card')");
            await FillCardAsync(window, "4000 0027 6000 3184");
            await window.Page.ClickAsync($"text={answer}");
            await window.Page.WaitForSelectorAsync($"main :text('{heard}')");
        }

        (await GetAsync($"/v1/customers/{customer}/payment_methods"))["data"]!.AsArray().ShouldHaveSingleItem();
        (await window.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth")).ShouldBeTrue();
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_person_chooses_another_default_and_removes_a_card_by_keyboard()
    {
        var first = await AttachAsync("pm_card_visa");
        var second = await AttachAsync("pm_card_mastercard");
        await PostAsync($"/v1/customers/{customer}", $"invoice_settings[default_payment_method]={first}");
        await using var window = await OpenAsync(script: false);
        await window.Page.FocusAsync("[aria-label='Pay with Mastercard ending in 4444']");
        await window.Page.Keyboard.PressAsync("Enter");
        await window.Page.WaitForSelectorAsync($"[data-card={second}] .pill:text-is('Default')");
        await window.Page.FocusAsync("[aria-label='Remove Visa ending in 4242']");
        await window.Page.Keyboard.PressAsync("Enter");
        await window.Page.WaitForSelectorAsync("#done:has-text('The card is removed.')");
        (await GetAsync($"/v1/customers/{customer}"))["invoice_settings"]!["default_payment_method"]!.GetValue<string>().ShouldBe(second);
        (await GetAsync($"/v1/payment_methods/{first}"))["customer"].ShouldBeNull();
    }

    [Fact]
    public async Task A_person_cancels_at_the_periods_end_and_keeps_the_plan_after_all()
    {
        var subscription = await SubscribeAsync();
        await using var window = await OpenAsync();
        (await window.Page.InnerTextAsync("[data-subscription]")).ShouldContain("$10.00 per month");
        (await window.Page.InnerTextAsync("[data-subscription]")).ShouldContain("Renews on");
        await window.Page.ClickAsync("summary:text-is('Cancel plan')");
        await window.Page.SelectOptionAsync("select[name=feedback]", "too_expensive");
        await window.Page.ClickAsync("text=Cancel at the end of the period");
        await window.Page.WaitForSelectorAsync("#done:has-text('Your plan is cancelled.')");
        (await window.Page.InnerTextAsync("[data-subscription]")).ShouldContain("Ends on");
        var canceled = await GetAsync($"/v1/subscriptions/{subscription}");
        canceled["cancel_at_period_end"]!.GetValue<bool>().ShouldBeTrue();
        canceled["cancellation_details"]!["feedback"]!.GetValue<string>().ShouldBe("too_expensive");
        await window.Page.ClickAsync("text=Keep Basic");
        await window.Page.WaitForSelectorAsync("#done:has-text('Your plan goes on.')");
        (await GetAsync($"/v1/subscriptions/{subscription}"))["cancel_at"].ShouldBeNull();
        var updates = await UpdatesAsync("customer.subscription.updated", 2);
        updates.Select(e => e["data"]!["previous_attributes"]!["cancel_at_period_end"]!.GetValue<bool>()).Order().ShouldBe([false, true]);
        stage.Faults().ShouldBeEmpty();
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_person_cancels_now()
    {
        var subscription = await SubscribeAsync();
        await using var window = await OpenAsync(width: 360);
        await window.Page.ClickAsync("summary:text-is('Cancel plan')");
        await window.Page.ClickAsync("text=Cancel now");
        await window.Page.WaitForSelectorAsync("main :text('You have no plan.')");
        (await GetAsync($"/v1/subscriptions/{subscription}"))["status"]!.GetValue<string>().ShouldBe("canceled");
        (await UpdatesAsync("customer.subscription.deleted", 1)).ShouldHaveSingleItem();
        stage.Faults().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_person_switches_the_plan_and_sees_what_it_cost()
    {
        var subscription = await SubscribeAsync();
        var better = await PriceAsync("Premium", 3000);
        await using var window = await OpenAsync();
        await window.Page.ClickAsync("summary:text-is('Change plan')");
        await window.Page.SelectOptionAsync("select[name=price]", better);
        await window.Page.ClickAsync("button:text-is('Change plan')");
        await window.Page.WaitForSelectorAsync("#done:has-text('Your plan is changed.')");
        (await window.Page.InnerTextAsync("[data-subscription] h3")).ShouldStartWith("Premium");
        (await GetAsync($"/v1/subscriptions/{subscription}"))["items"]!["data"]![0]!["price"]!["id"]!.GetValue<string>().ShouldBe(better);
        (await window.Page.Locator("tbody tr").CountAsync()).ShouldBe(2, "the first invoice, and that of the difference");
        (await window.Page.Locator("tbody a:text-is('View')").First.GetAttributeAsync("href"))!.ShouldStartWith(stage.Simulator.Address.ToString());
        (await UpdatesAsync("invoice.paid", 2)).Select(e => e["data"]!["object"]!["billing_reason"]!.GetValue<string>()).Order()
            .ShouldBe(["subscription_create", "subscription_update"]);
        // Invoice items are not in the kept part of Stripe's document.
        stage.Faults().Where(f => !f.StartsWith("invoiceitem.created:", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_person_takes_more_seats()
    {
        var subscription = await SubscribeAsync();
        await using var window = await OpenAsync();
        await window.Page.ClickAsync("summary:text-is('Change quantity')");
        (await window.Page.InputValueAsync("input[name=quantity]")).ShouldBe("1");
        await window.Page.FillAsync("input[name=quantity]", "3");
        await window.Page.ClickAsync("button:text-is('Change quantity')");
        await window.Page.WaitForSelectorAsync("#done:has-text('Your plan is changed.')");
        (await window.Page.InnerTextAsync("[data-subscription]")).ShouldContain("$10.00 per month × 3");
        (await GetAsync($"/v1/subscriptions/{subscription}"))["items"]!["data"]![0]!["quantity"]!.GetValue<long>().ShouldBe(3);
        (await UpdatesAsync("invoice.paid", 2)).Select(e => e["data"]!["object"]!["amount_paid"]!.GetValue<long>()).Order().ShouldBe([1000, 2000]);
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_card_that_refuses_the_difference_leaves_the_plan_as_it_was()
    {
        var subscription = await SubscribeAsync();
        var better = await PriceAsync("Premium", 3000);
        var poor = await AttachAsync("pm_card_chargeCustomerFail");
        await PostAsync($"/v1/customers/{customer}", $"invoice_settings[default_payment_method]={poor}");
        await using var window = await OpenAsync();
        await window.Page.ClickAsync("summary:text-is('Change plan')");
        await window.Page.SelectOptionAsync("select[name=price]", better);
        await window.Page.ClickAsync("button:text-is('Change plan')");
        await window.Page.WaitForSelectorAsync("#alert p, #done:not(:empty), body:not(:has(#done))");
        (await window.Page.InnerTextAsync("#alert")).ShouldBe("Your card was declined.");
        (await GetAsync($"/v1/subscriptions/{subscription}"))["items"]!["data"]![0]!["price"]!["unit_amount"]!.GetValue<long>().ShouldBe(1000);
    }

    [Fact]
    public async Task A_new_card_pays_for_a_plan_that_had_a_card_of_its_own_and_the_paying_one_cannot_be_removed()
    {
        var subscription = await SubscribeAsync();
        var own = await AttachAsync("pm_card_visa");
        await PostAsync($"/v1/subscriptions/{subscription}", $"default_payment_method={own}");
        await using var window = await OpenAsync("&flow_data[type]=payment_method_update");
        (await window.Page.Locator($"[data-card={own}] [aria-label^=Remove]").CountAsync()).ShouldBe(0);
        await FillCardAsync(window, "5555 5555 5555 4444");
        await window.Page.WaitForSelectorAsync("[data-subscription] :text('Paid with •••• 4444.')");
        var now = (await GetAsync($"/v1/subscriptions/{subscription}"))["default_payment_method"]!.GetValue<string>();
        now.ShouldNotBe(own);
        (await window.Page.Locator($"[data-card={own}] [aria-label^=Remove]").CountAsync()).ShouldBe(1);
        (await UpdatesAsync("customer.subscription.updated", 2)).ShouldContain(
            e => e["data"]!["previous_attributes"]!["default_payment_method"] != null && e["data"]!["object"]!["default_payment_method"]!.GetValue<string>() == now);
        stage.Faults().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_link_is_good_for_an_hour_and_for_its_own_customer()
    {
        var mine = await SessionAsync();
        var stranger = (await PostAsync("/v1/customers", "email=eve@example.com"))["id"]!.GetValue<string>();
        var card = (await PostAsync("/v1/payment_methods/pm_card_visa/attach", $"customer={stranger}"))["id"]!.GetValue<string>();
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = stage.Simulator.Address };
        using var stolen = await http.PostAsync($"{new Uri(mine).AbsolutePath}/cards/{card}/remove", new FormUrlEncodedContent([]));
        stolen.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await GetAsync($"/v1/payment_methods/{card}"))["customer"]!.GetValue<string>().ShouldBe(stranger);

        using var page = await http.GetAsync(mine);
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        page.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("default-src 'none'");
        using var moved = await http.PostAsync("/sandbox/clock", new StringContent("""{ "advance": "PT61M" }""", new MediaTypeHeaderValue("application/json")));
        moved.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await http.GetAsync(mine)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await http.GetAsync("/p/session/bps_nothing")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static async Task FillCardAsync(Window window, string number)
    {
        await window.Page.FillAsync("#number", number);
        await window.Page.FillAsync("#expiry", "12 / 34");
        await window.Page.FillAsync("#cvc", "123");
        await window.Page.FillAsync("#name", "Ada Lovelace");
        await window.Page.ClickAsync("text=Save card");
    }

    private async Task<string> AttachAsync(string card) =>
        (await PostAsync($"/v1/payment_methods/{card}/attach", $"customer={customer}"))["id"]!.GetValue<string>();

    private async Task<string> SessionAsync(string more = "") =>
        (await PostAsync("/v1/billing_portal/sessions", $"customer={customer}&return_url={stage.Recorder.Shop}account{more}"))["url"]!.GetValue<string>();

    private async Task<string> PriceAsync(string name, long amount) => (await PostAsync(
        "/v1/prices", $"currency=usd&unit_amount={amount}&recurring[interval]=month&product_data[name]={name}"))["id"]!.GetValue<string>();

    private async Task<string> SubscribeAsync()
    {
        var card = await AttachAsync("pm_card_visa");
        await PostAsync($"/v1/customers/{customer}", $"invoice_settings[default_payment_method]={card}");
        return (await PostAsync("/v1/subscriptions", $"customer={customer}&items[0][price]={await PriceAsync("Basic", 1000)}"))["id"]!.GetValue<string>();
    }

    /// <summary>Waits until so many events of a type have been delivered.</summary>
    private async Task<List<JsonObject>> UpdatesAsync(string type, int count)
    {
        var limit = DateTime.UtcNow.AddSeconds(20);
        while (true)
        {
            var found = stage.Recorder.Deliveries.Where(d => string.Equals(d.Type, type, StringComparison.Ordinal)).Select(d => d.Event).ToList();
            if (found.Count >= count || DateTime.UtcNow > limit)
            {
                found.Count.ShouldBe(count);
                return found;
            }

            await Task.Delay(50);
        }
    }

    private async Task<Window> OpenAsync(string more = "", int width = 1280, bool script = true)
    {
        var window = await browser.OpenAsync(stage.Simulator.Address, width, script: script);
        await window.Page.GotoAsync(await SessionAsync(more));
        return window;
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

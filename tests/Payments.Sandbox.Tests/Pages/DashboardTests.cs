using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Payments.Sandbox.Tests.Judges;

namespace Payments.Sandbox.Tests.Pages;

/// <summary>The Dashboard in Chromium, over a simulator that runs.</summary>
public sealed class DashboardTests(Browser browser) : IClassFixture<Browser>, IAsyncLifetime
{
    private Stage stage = null!;

    public async Task InitializeAsync() => stage = await Stage.OpenAsync();

    public async Task DisposeAsync() => await stage.DisposeAsync();

    [Fact]
    public async Task A_person_refunds_a_part_as_in_the_dashboard()
    {
        var charge = await PayAsync();
        await using var window = await OpenAsync();
        await window.Page.ClickAsync($"[aria-label='Refund {charge}']");
        (await window.Page.InputValueAsync("#refund-amount")).ShouldBe("20.00");
        await window.Page.FillAsync("#refund-amount", "1.234");
        await window.Page.Keyboard.PressAsync("Enter");
        (await window.Page.InnerTextAsync("#refund-error")).ShouldBe("Enter an amount with up to 2 decimals.");
        await window.Page.FillAsync("#refund-amount", "30");
        await window.Page.Keyboard.PressAsync("Enter");
        await window.Page.WaitForSelectorAsync("#refund-error:has-text('greater than charge amount')");
        await window.Page.FillAsync("#refund-amount", "5.50");
        await window.Page.Keyboard.PressAsync("Enter");
        await window.Page.WaitForSelectorAsync("#payment-rows :text('$5.50')");
        (await window.Page.InnerTextAsync("#payment-rows")).ShouldContain("partially refunded");
        await stage.EventsAsync(8);
        var told = stage.Recorder.Deliveries.Single(d => d.Type is "refund.created").Subject;
        told["amount"]!.GetValue<long>().ShouldBe(550);
        told["metadata"]!.AsObject().ShouldBeEmpty();
        stage.Faults().ShouldBeEmpty();
        window.Complaints.ShouldBeEmpty();
        window.Requests.ShouldAllBe(r => r.StartsWith(stage.Simulator.Address.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_person_plays_the_bank_in_a_dispute()
    {
        var charge = await PayAsync();
        await using var window = await OpenAsync();
        await window.Page.ClickAsync($"[aria-label='Open an inquiry about {charge}']");
        await window.Page.ClickAsync("#dispute-rows button:text-is('Escalate')");
        await window.Page.WaitForSelectorAsync("#dispute-rows .pill:text-is('needs response')");
        await window.Page.ClickAsync("#dispute-rows button:text-is('Win')");
        await window.Page.WaitForSelectorAsync("#dispute-rows .pill:text-is('won')");
        var types = await stage.EventsAsync(9);
        types.Where(t => t.StartsWith("charge.dispute", StringComparison.Ordinal)).ShouldBe(
        [
            "charge.dispute.closed", "charge.dispute.created", "charge.dispute.funds_reinstated", "charge.dispute.funds_withdrawn", "charge.dispute.updated",
        ]);
        stage.Faults().ShouldBeEmpty();
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task On_a_phone_nothing_is_cut_off_and_every_field_and_button_has_a_name()
    {
        await PayAsync();
        await using var window = await OpenAsync(width: 360);
        (await window.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth")).ShouldBeTrue();
        var nameless = await window.Page.EvaluateAsync<int>(
            "[...document.querySelectorAll('button, input, select')].filter(e => !(e.textContent.trim() || e.labels?.length || e.getAttribute('aria-label'))).length");
        nameless.ShouldBe(0);
    }

    private async Task<string> PayAsync()
    {
        using var form = new FormUrlEncodedContent(
        [
            KeyValuePair.Create("amount", "2000"), KeyValuePair.Create("currency", "usd"), KeyValuePair.Create("confirm", "true"),
            KeyValuePair.Create("payment_method", "pm_card_visa"), KeyValuePair.Create("payment_method_types[]", "card"),
        ]);
        using var answer = await stage.Api.PostAsync("/v1/payment_intents", form);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["latest_charge"]!.GetValue<string>();
    }

    private async Task<Window> OpenAsync(int width = 1280)
    {
        var window = await browser.OpenAsync(stage.Simulator.Address, width);
        await window.Page.GotoAsync("/dashboard");
        await window.Page.WaitForSelectorAsync("#payment-rows tr", new PageWaitForSelectorOptions { State = WaitForSelectorState.Visible });
        return window;
    }
}

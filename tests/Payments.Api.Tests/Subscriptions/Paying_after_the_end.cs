using System.Text.Json.Nodes;
using Payments.Api.Tests.Cards;
using Payments.Api.Tests.Notices;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Subscriptions;

/// <summary>Hard case 20: what is paid for a subscription that has ended is never kept, and as far as we can help it never taken.</summary>
public sealed class Paying_after_the_end(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Who_cancels_while_past_due_can_pay_no_more()
    {
        using var ada = world.NewUser();
        await PastDueAsync(ada);
        (await ada.PostAsync($"subscriptions/{(await ada.SubscriptionAsync())["id"]}/cancel", new { atPeriodEnd = false })).EnsureSuccessStatusCode();
        await World.EventuallyAsync(async () => (await InvoicesAsync(ada)).TrueForAll(i => i["status"]!.ToString() is "paid" or "void"), "the open invoice is voided");
        await World.EventuallyAsync(
            async () => (await ada.GetAsync("invoices"))["items"]!.AsArray().Select(i => i!["status"]!.ToString()).SequenceEqual(["void", "paid"]), "its event has come");
        await world.SettleAsync();
        (await ada.GetAsync("payments/history"))["items"]!.AsArray().Select(p => p!["status"]!.ToString()).ShouldBe(["canceled", "succeeded"]);
    }

    [Fact]
    public async Task What_was_paid_before_the_invoice_could_be_voided_is_given_back_with_a_notice()
    {
        using var bob = world.NewUser();
        await PastDueAsync(bob);
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        var subscription = await world.ScalarAsync<string>("SELECT gateway_id FROM payments.subscriptions WHERE user_id = $1", bob.Id);
        (await world.Simulator.DeleteAsync($"/v1/subscriptions/{subscription}")).EnsureSuccessStatusCode();
        await Task.Delay(1100); // The provider's clock counts seconds.
        var open = (await InvoicesAsync(bob)).Single(i => i["status"]!.ToString() == "open")["id"];
        var card = await world.StripeAsync("/v1/payment_methods/pm_card_visa/attach", ("customer", await world.CustomerOfAsync(bob)));
        await world.StripeAsync($"/v1/invoices/{open}/pay", ("payment_method", card["id"]!.ToString()));
        await world.FaultsAsync(null);
        foreach (var e in (await world.EventsAsync()).Where(e => e["type"]!.ToString() is "invoice.paid" or "customer.subscription.deleted"))
        {
            (await world.DeliverAsync(e)).Dispose();
        }

        await World.EventuallyAsync(
            async () => (await bob.GetAsync("payments/history"))["items"]!.AsArray().Select(p => p!["status"]!.ToString()).SequenceEqual(["refunded", "succeeded"]), "the late payment goes back");
        await world.SettleAsync();
        (await bob.CreditsAsync()).ShouldBe(200);
        (await bob.GetAsync("access/lab/1"))["allowed"]!.GetValue<bool>().ShouldBeFalse();
        (await bob.TypesAsync()).Count(t => t == "payment-after-end").ShouldBe(1);
        await world.LedgerIsSoundAsync();
    }

    private async Task PastDueAsync(Caller caller)
    {
        await caller.PaidAsync(await caller.BuyAsync(new { planId = Plans.Monthly }));
        await world.SettleAsync();
        await world.UseCardAsync(caller, "tok_chargeCustomerFail");
        await world.MoveAsync((await caller.SubscriptionAsync()).Time("currentPeriodEnd").AddHours(3));
        (await caller.SubscriptionAsync())["status"]!.ToString().ShouldBe("past_due");
    }

    private async Task<List<JsonNode>> InvoicesAsync(Caller caller) =>
        [.. JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/invoices?customer={await world.CustomerOfAsync(caller)}"))!["data"]!.AsArray().Select(i => i!)];
}

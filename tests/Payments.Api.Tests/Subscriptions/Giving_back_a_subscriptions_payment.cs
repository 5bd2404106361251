using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Cards;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Subscriptions;

/// <summary>Hard case 22: what was paid goes back, so what it paid for ends.</summary>
public sealed class Giving_back_a_subscriptions_payment(World world) : IClassFixture<World>
{
    [Theory]
    [InlineData(null)]
    [InlineData(true)]
    public async Task A_full_refund_ends_the_subscription_and_its_access(bool? cancelSubscription)
    {
        using var ada = world.NewUser();
        var payment = await SubscribeAsync(ada);
        await RefundAsync(payment, cancelSubscription is null ? new { } : new { cancelSubscription });
        await EndedAsync(ada);
        (await AccessAsync(ada))["reason"]!.ToString().ShouldBe("revoked");
        (await ada.CreditsAsync()).ShouldBe(0);
        (await ada.GetAsync("users/me"))["subscriptionType"].ShouldBeNull();
        (await TruthAsync(ada))["status"]!.ToString().ShouldBe("canceled");
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task It_goes_on_when_the_refund_says_so()
    {
        using var ada = world.NewUser();
        var payment = await SubscribeAsync(ada);
        await RefundAsync(payment, new { cancelSubscription = false });
        await LookedAtAsync(ada);
        (await StatusAsync(ada)).ShouldBe("active");
        (await AccessAsync(ada))["allowed"]!.GetValue<bool>().ShouldBeTrue();
        (await ada.CreditsAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_part_ends_nothing_but_the_parts_that_make_all_of_it_do()
    {
        using var ada = world.NewUser();
        var payment = await SubscribeAsync(ada);
        await RefundAsync(payment, new { amount = 900 });
        await LookedAtAsync(ada);
        (await StatusAsync(ada)).ShouldBe("active");
        await RefundAsync(payment, new { amount = 1000 });
        await EndedAsync(ada);
    }

    [Fact]
    public async Task A_refund_in_the_dashboard_ends_it_too()
    {
        using var ada = world.NewUser();
        await SubscribeAsync(ada);
        await world.StripeAsync("/v1/refunds", ("payment_intent", await IntentAsync(ada)));
        await EndedAsync(ada);
        (await AccessAsync(ada))["reason"]!.ToString().ShouldBe("revoked");
    }

    [Fact]
    public async Task A_dispute_pauses_access_and_one_that_is_won_gives_back_what_was_paid_for()
    {
        using var ada = world.NewUser();
        await SubscribeAsync(ada);
        var until = (await ada.GetAsync("subscriptions/status"))["items"]![0]!["currentPeriodEnd"]!.ToString();
        (await world.Simulator.PostAsJsonAsync("/sandbox/disputes", new { payment_intent = await IntentAsync(ada) })).EnsureSuccessStatusCode();
        await EndedAsync(ada);
        (await AccessAsync(ada))["reason"]!.ToString().ShouldBe("paused");

        await RuleAsync(ada, "win");
        await World.EventuallyAsync(async () => (await AccessAsync(ada))["allowed"]!.GetValue<bool>(), "access is back");
        DateTimeOffset.Parse((await AccessAsync(ada))["until"]!.ToString(), CultureInfo.InvariantCulture).ShouldBe(DateTimeOffset.Parse(until, CultureInfo.InvariantCulture));
        (await ada.CreditsAsync()).ShouldBe(200);
        (await StatusAsync(ada)).ShouldBe("canceled", "it renews no more");
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task A_dispute_that_is_lost_takes_access_for_good()
    {
        using var ada = world.NewUser();
        await SubscribeAsync(ada);
        (await world.Simulator.PostAsJsonAsync("/sandbox/disputes", new { payment_intent = await IntentAsync(ada) })).EnsureSuccessStatusCode();
        await EndedAsync(ada);
        await RuleAsync(ada, "lose");
        await World.EventuallyAsync(async () => (await AccessAsync(ada))["reason"]!.ToString() == "revoked", "access is taken");
        (await ada.CreditsAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task While_the_provider_cannot_be_told_access_is_gone_already_and_it_is_told_later()
    {
        using var ada = world.NewUser();
        await SubscribeAsync(ada);
        await world.StripeAsync("/v1/refunds", ("payment_intent", await IntentAsync(ada)));
        await world.FaultsAsync(new { api = new { rateLimit = 1 } });
        try
        {
            await World.EventuallyAsync(async () => !(await AccessAsync(ada))["allowed"]!.GetValue<bool>(), "access is gone", 60);
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        await world.ScalarAsync<Guid>("UPDATE payments.subscriptions SET next_action_at = '2000-01-01' WHERE user_id = $1 RETURNING id", ada.Id);
        await EndedAsync(ada);
    }

    private async Task<string> SubscribeAsync(Caller caller)
    {
        var session = await caller.BuyAsync(new { planId = Plans.Monthly });
        await caller.PaidAsync(session);
        await world.SettleAsync();
        return session["paymentId"]!.ToString();
    }

    private async Task RefundAsync(string payment, object body)
    {
        using var admin = world.NewUser(null, "admin");
        using var answer = await admin.PostAsync($"payments/{payment}/refunds", body, Guid.NewGuid().ToString());
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }

    private Task<string> IntentAsync(Caller caller) => world.ScalarAsync<string>("SELECT payment_intent_id FROM payments.payments WHERE user_id = $1", caller.Id);

    private async Task RuleAsync(Caller caller, string verdict)
    {
        var disputes = JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/disputes?payment_intent={await IntentAsync(caller)}"))!["data"]!;
        (await world.Simulator.PostAsync($"/sandbox/disputes/{disputes[0]!["id"]}/{verdict}", null)).EnsureSuccessStatusCode();
    }

    private async Task<JsonNode> TruthAsync(Caller caller) =>
        JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/subscriptions/{await world.ScalarAsync<string>("SELECT gateway_id FROM payments.subscriptions WHERE user_id = $1", caller.Id)}"))!;

    /// <summary>Due work has come by since: it would have ended it.</summary>
    private async Task LookedAtAsync(Caller caller)
    {
        await world.SettleAsync();
        await world.ScalarAsync<Guid>("UPDATE payments.subscriptions SET next_action_at = '2000-01-01' WHERE user_id = $1 RETURNING id", caller.Id);
        await World.EventuallyAsync(async () => await world.ScalarAsync<long>("SELECT count(*) FROM payments.subscriptions WHERE user_id = $1 AND next_action_at > now()", caller.Id) == 1, "it was looked at");
        await world.SettleAsync();
    }

    private static Task<JsonNode> AccessAsync(Caller caller) => caller.GetAsync("access/lab/1");

    private static async Task<string> StatusAsync(Caller caller) => (await caller.GetAsync("subscriptions/status"))["items"]![0]!["status"]!.ToString();

    private static Task EndedAsync(Caller caller) => World.EventuallyAsync(async () => await StatusAsync(caller) == "canceled", "it ends", 60);
}

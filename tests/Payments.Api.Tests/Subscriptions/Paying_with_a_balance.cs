using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Subscriptions;

/// <summary>What a change gave back pays later invoices: the history shows what was really taken, and no more than that can be given back.</summary>
public sealed class Paying_with_a_balance(World world) : IClassFixture<World>
{
    [Fact]
    public async Task A_renewal_that_the_balance_pays_in_part_is_a_payment_of_the_rest()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        await ada.PaidAsync(await ada.BuyAsync(new { planId = Plans.Team, quantity = 10 }));
        await world.SettleAsync();
        var id = (await ada.GetAsync("subscriptions/status"))["items"]![0]!["id"]!.ToString();
        await MoveAsync("P3D");
        using (var changed = await ada.Http.PutAsJsonAsync($"api/v1/subscriptions/{id}", new { quantity = 9, proration = "now" }))
        {
            changed.StatusCode.ShouldBe(HttpStatusCode.OK, await changed.Content.ReadAsStringAsync());
        }

        await MoveAsync("P31DT3H");
        await world.SettleAsync();
        var gatewayId = await world.ScalarAsync<string>("SELECT gateway_id FROM payments.subscriptions WHERE user_id = $1", ada.Id);
        var renewal = JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/invoices?subscription={gatewayId}&limit=10"))!["data"]!.AsArray().First(i => i!["billing_reason"]!.ToString() == "subscription_cycle")!;
        renewal["total"]!.GetValue<long>().ShouldBe(10800);
        var taken = renewal["amount_paid"]!.GetValue<long>();
        taken.ShouldBeInRange(9600, 10700);

        var payment = (await ada.GetAsync("payments/history"))["items"]![0]!;
        payment["amount"]!["amount"]!.GetValue<long>().ShouldBe(taken);
        payment["status"]!.ToString().ShouldBe("succeeded");
        (await ada.CreditsAsync()).ShouldBe(1900);

        using (var refused = await admin.PostAsync($"payments/{payment["id"]}/refunds", new { amount = taken + 1 }, "too-much"))
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.Conflict, await refused.Content.ReadAsStringAsync());
            JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["code"]!.ToString().ShouldBe("refund.exceeds_refundable");
        }

        using var refunded = await admin.PostAsync($"payments/{payment["id"]}/refunds", new { amount = taken, cancelSubscription = false }, "all-of-it");
        refunded.StatusCode.ShouldBe(HttpStatusCode.OK, await refunded.Content.ReadAsStringAsync());
        await world.SettleAsync();
        (await ada.GetAsync("payments/history"))["items"]![0]!["status"]!.ToString().ShouldBe("refunded");
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task A_renewal_that_the_balance_pays_whole_took_nothing_and_gives_nothing_back()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        await ada.PaidAsync(await ada.BuyAsync(new { planId = Plans.Yearly }));
        await world.SettleAsync();
        var id = (await ada.GetAsync("subscriptions/status"))["items"]![0]!["id"]!.ToString();
        using (var changed = await ada.Http.PutAsJsonAsync($"api/v1/subscriptions/{id}", new { planId = Plans.Monthly, proration = "now" }))
        {
            changed.StatusCode.ShouldBe(HttpStatusCode.OK, await changed.Content.ReadAsStringAsync());
        }

        await MoveAsync("P31DT3H");
        await world.SettleAsync();
        var payments = (await ada.GetAsync("payments/history"))["items"]!.AsArray();
        payments.Count.ShouldBe(2);
        payments[0]!["amount"]!["amount"]!.GetValue<long>().ShouldBe(0);
        payments[0]!["status"]!.ToString().ShouldBe("succeeded");
        (await ada.GetAsync("access/lab/1"))["allowed"]!.GetValue<bool>().ShouldBeTrue();
        // The year's credits were had at once; they are what the months would give.
        (await ada.CreditsAsync()).ShouldBe(2400);
        using var refused = await admin.PostAsync($"payments/{payments[0]!["id"]}/refunds", new { }, "nothing");
        refused.StatusCode.ShouldBe(HttpStatusCode.Conflict, await refused.Content.ReadAsStringAsync());
        await world.LedgerIsSoundAsync();
    }

    private async Task MoveAsync(string duration)
    {
        using var moved = await world.Simulator.PostAsJsonAsync("/sandbox/clock", new { advance = duration });
        moved.StatusCode.ShouldBe(HttpStatusCode.OK, await moved.Content.ReadAsStringAsync());
    }
}

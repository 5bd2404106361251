using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Notices;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Subscriptions;

/// <summary>Hard case 15 for subscriptions: an edit of the catalog is for those who come after it.</summary>
public sealed class What_was_agreed_stays(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Credits_access_and_word_of_a_plan_stay_for_who_has_it()
    {
        using var admin = world.NewUser(null, "admin");
        using var ada = world.NewUser();
        var plan = await NewPlanAsync(admin);
        await SubscribeAsync(ada, plan);
        await EditAsync(admin, plan, p => (p["creditsPerPeriod"], p["access"], p["type"]) = (10, new JsonObject { ["type"] = "course", ["id"] = "only-this" }, "smaller"));
        await world.MoveAsync((await ada.SubscriptionAsync()).Time("currentPeriodEnd").AddHours(3));
        (await ada.CreditsAsync()).ShouldBe(400);
        (await ada.GetAsync("access/lab/1"))["allowed"]!.GetValue<bool>().ShouldBeTrue();
        var word = (await ada.GetAsync("users/me"))["subscriptionType"]!.ToString();
        word.ShouldNotBe("smaller");

        using var eve = world.NewUser();
        await SubscribeAsync(eve, plan);
        (await eve.CreditsAsync()).ShouldBe(10);
        (await eve.GetAsync("access/lab/1"))["allowed"]!.GetValue<bool>().ShouldBeFalse();
        (await eve.GetAsync("access/course/only-this"))["allowed"]!.GetValue<bool>().ShouldBeTrue();
        (await eve.GetAsync("users/me"))["subscriptionType"]!.ToString().ShouldBe("smaller");
    }

    [Fact]
    public async Task Who_has_the_page_open_gets_what_it_showed()
    {
        using var admin = world.NewUser(null, "admin");
        using var ada = world.NewUser();
        var plan = await NewPlanAsync(admin);
        var page = await ada.CheckoutAsync(new { planId = plan });
        await EditAsync(admin, plan, p => (p["creditsPerPeriod"], p["access"]) = (10, new JsonObject { ["type"] = "course", ["id"] = "only-this" }));
        (await world.PayAsync(page["sessionId"]!.ToString())).Dispose();
        await ada.PaidAsync(page);
        await world.SettleAsync();
        (await ada.CreditsAsync()).ShouldBe(200);
        (await ada.GetAsync("access/lab/1"))["allowed"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task A_plan_that_moves_to_another_family_ends_nobodys_subscription()
    {
        using var admin = world.NewUser(null, "admin");
        using var ada = world.NewUser();
        var (one, other) = (await NewPlanAsync(admin), await NewPlanAsync(admin));
        await SubscribeAsync(ada, one);
        await Task.Delay(1100); // The provider's clock counts seconds.
        await SubscribeAsync(ada, other);
        var family = (await admin.GetAsync($"admin/plans/{one}"))["family"]!.ToString();
        await EditAsync(admin, other, p => p["family"] = family);
        await world.MoveAsync((await ada.GetAsync("subscriptions/status"))["items"]![0]!.Time("currentPeriodEnd").AddHours(3));
        (await ada.GetAsync("subscriptions/status"))["items"]!.AsArray().Select(s => s!["status"]!.ToString()).ShouldBe(["active", "active"]);
        (await ada.CreditsAsync()).ShouldBe(800);
    }

    [Fact]
    public async Task A_notice_names_the_price_that_was_agreed()
    {
        using var admin = world.NewUser(null, "admin");
        using var ada = world.NewUser();
        var plan = await NewPlanAsync(admin, trialDays: 14, seats: 5);
        await ada.PaidAsync(await ada.BuyAsync(new { planId = plan, quantity = 2 }, "pm_card_mastercard_prepaid"));
        await world.SettleAsync();
        await EditAsync(admin, plan, p => p["price"] = new JsonObject { ["amount"] = 3900, ["currency"] = "usd" });
        await world.MoveAsync((await ada.SubscriptionAsync()).Time("trialEnd").AddDays(-3).AddMinutes(1));
        var text = (await ada.ToldAsync()).Single(n => n["type"]!.ToString() == "trial-ending")["text"]!.ToString();
        text.ShouldContain("$30.00");
    }

    private async Task SubscribeAsync(Caller caller, string plan)
    {
        await caller.PaidAsync(await caller.BuyAsync(new { planId = plan }));
        await world.SettleAsync();
    }

    private static async Task<string> NewPlanAsync(Caller admin, int trialDays = 0, int seats = 1)
    {
        var word = "p" + Guid.NewGuid().ToString("N")[..8];
        using var made = await admin.PostAsync("admin/plans", new
        {
            name = word, family = word, interval = "month", trialDays, creditsPerPeriod = 200, maximumQuantity = seats, price = new { amount = 1500, currency = "usd" },
        });
        var text = await made.Content.ReadAsStringAsync();
        made.IsSuccessStatusCode.ShouldBeTrue(text);
        return JsonNode.Parse(text)!["id"]!.ToString();
    }

    private static async Task EditAsync(Caller admin, string plan, Action<JsonNode> change)
    {
        var terms = await admin.GetAsync($"admin/plans/{plan}");
        terms.AsObject().Remove("id");
        change(terms);
        using var edited = await admin.Http.PutAsJsonAsync($"api/v1/admin/plans/{plan}", terms);
        edited.StatusCode.ShouldBe(HttpStatusCode.OK, await edited.Content.ReadAsStringAsync());
    }
}

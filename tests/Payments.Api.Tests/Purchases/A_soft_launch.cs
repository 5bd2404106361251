using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Cards;
using Payments.Api.Tests.Notices;
using Payments.Api.Tests.Subscriptions;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Purchases;

public sealed class SoftLaunchWorld : World
{
    protected override void Configure() => Set("CHECKOUT_ALLOWED_USERS", "invited@example.com");
}

public sealed class A_soft_launch(SoftLaunchWorld world) : IClassFixture<SoftLaunchWorld>
{
    [Fact]
    public async Task Only_invited_users_may_buy()
    {
        using var invited = world.NewUser("Invited@Example.com");
        using var other = world.NewUser();
        await invited.PaidAsync(await invited.BuyAsync());
        using var refused = await other.PostAsync("payments/checkout-session", new { creditPackId = World.Starter });
        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["code"]!.ToString().ShouldBe("checkout.not_allowed");
    }

    [Fact]
    public async Task Only_invited_users_may_save_cards_and_everybody_may_see_theirs()
    {
        using var invited = world.NewUser("invited@example.com");
        using var other = world.NewUser();
        using (var allowed = await invited.PostAsync("payments/setup-intent", new { }))
        {
            allowed.StatusCode.ShouldBe(HttpStatusCode.OK, await allowed.Content.ReadAsStringAsync());
        }

        foreach (var (path, body) in new[] { ("setup-intent", new object()), ("methods", new { paymentMethodId = "pm_1" }), ("customer-portal", new { }) })
        {
            using var refused = await other.PostAsync($"payments/{path}", body);
            refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["code"]!.ToString().ShouldBe("checkout.not_allowed");
        }

        (await other.GetAsync("payments/methods"))["items"]!.AsArray().ShouldBeEmpty();
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.customers WHERE user_id = $1", other.Id)).ShouldBe(0);
    }

    [Fact]
    public async Task Who_has_bought_sees_to_cards_and_the_portal_although_not_invited_any_more()
    {
        var id = Guid.NewGuid();
        using var before = new Caller(world, id, world.ClientOf(id, "invited@example.com"));
        await before.PaidAsync(await before.BuyAsync());
        using var after = new Caller(world, id, world.ClientOf(id, "not-invited@example.com"));
        foreach (var path in new[] { "setup-intent", "customer-portal" })
        {
            using var allowed = await after.PostAsync($"payments/{path}", new { });
            allowed.StatusCode.ShouldBe(HttpStatusCode.OK, await allowed.Content.ReadAsStringAsync());
        }

        await after.SaveCardAsync(await world.NewCardAsync("tok_mastercard"));
    }

    [Fact]
    public async Task Who_may_not_buy_any_more_keeps_a_subscription_and_makes_it_smaller_but_not_dearer()
    {
        var id = Guid.NewGuid();
        using var before = new Caller(world, id, world.ClientOf(id, "invited@example.com"));
        await before.PaidAsync(await before.BuyAsync(new { planId = Plans.Team, quantity = 3 }));
        await world.SettleAsync();
        using var after = new Caller(world, id, world.ClientOf(id, "not-invited@example.com"));
        var subscription = (await after.SubscriptionAsync())["id"];
        using (var more = await after.Http.PutAsJsonAsync($"api/v1/subscriptions/{subscription}", new { quantity = 4 }))
        {
            more.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            JsonNode.Parse(await more.Content.ReadAsStringAsync())!["code"]!.ToString().ShouldBe("checkout.not_allowed");
        }

        using (var fewer = await after.Http.PutAsJsonAsync($"api/v1/subscriptions/{subscription}", new { quantity = 2 }))
        {
            fewer.StatusCode.ShouldBe(HttpStatusCode.OK, await fewer.Content.ReadAsStringAsync());
        }

        using var cancelled = await after.PostAsync($"subscriptions/{subscription}/cancel", new { atPeriodEnd = true });
        cancelled.StatusCode.ShouldBe(HttpStatusCode.OK, await cancelled.Content.ReadAsStringAsync());
    }
}

public sealed class ClosedShopWorld : World
{
    protected override void Configure() => Set("CHECKOUT_ENABLED", "false");
}

public sealed class A_closed_shop(ClosedShopWorld world) : IClassFixture<ClosedShopWorld>
{
    [Fact]
    public async Task Sells_nothing_by_any_way_and_shows_its_catalog_all_the_same()
    {
        using var ada = world.NewUser();
        foreach (var (path, body) in new[]
        {
            ("checkout-session", new { creditPackId = World.Starter }), ("checkout-session", new { planId = Plans.Monthly }), ("payment-intent", (object)new { planId = Plans.Plus }),
            ("payment-intent", new { creditAmount = 100 }), ("setup-intent", new { }),
        })
        {
            using var refused = await ada.PostAsync($"payments/{path}", body);
            refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden, path);
            JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["code"]!.ToString().ShouldBe("checkout.disabled");
        }

        (await ada.GetAsync("plans"))["items"]!.AsArray().Count.ShouldBe(4);
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.customers WHERE user_id = $1", ada.Id)).ShouldBe(0);
    }
}

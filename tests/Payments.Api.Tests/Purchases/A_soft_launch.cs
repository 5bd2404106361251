using System.Net;
using System.Text.Json.Nodes;
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
    public async Task Who_has_bought_reaches_the_portal_although_not_invited_any_more()
    {
        var id = Guid.NewGuid();
        using var before = new Caller(world, id, world.ClientOf(id, "invited@example.com"));
        await before.PaidAsync(await before.BuyAsync());
        using var after = new Caller(world, id, world.ClientOf(id, "not-invited@example.com"));
        using (var refused = await after.PostAsync("payments/setup-intent", new { }))
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        }

        using var portal = await after.PostAsync("payments/customer-portal", new { });
        portal.StatusCode.ShouldBe(HttpStatusCode.OK, await portal.Content.ReadAsStringAsync());
    }
}

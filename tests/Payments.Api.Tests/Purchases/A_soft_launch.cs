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
}

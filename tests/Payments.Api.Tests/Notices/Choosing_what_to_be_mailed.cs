using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Subscriptions;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Notices;

public sealed class Choosing_what_to_be_mailed(World world) : IClassFixture<World>
{
    [Fact]
    public async Task A_muted_type_is_shown_and_not_mailed()
    {
        using var ada = world.NewUser();
        (await Email(ada, "subscription-started")).ShouldBeTrue();
        using (var set = await SetAsync(ada, "subscription-started", false))
        {
            set.StatusCode.ShouldBe(HttpStatusCode.OK, await set.Content.ReadAsStringAsync());
        }

        (await Email(ada, "subscription-started")).ShouldBeFalse();
        await ada.PaidAsync(await ada.BuyAsync(new { planId = Plans.Monthly }));
        await world.SettleAsync();

        var told = (await ada.ToldAsync()).ToDictionary(n => n["type"]!.ToString(), n => n["status"]!.ToString());
        told.ShouldBe(new Dictionary<string, string> { ["subscription-receipt"] = "sent", ["subscription-started"] = "muted" }, ignoreOrder: true);
        world.Mail.Messages.Where(m => m.To == ada.Address()).Select(m => m.Subject).ShouldBe(["Your payment for Monthly is confirmed"]);

        using var back = await SetAsync(ada, "subscription-started", true);
        (await Email(ada, "subscription-started")).ShouldBeTrue();
    }

    [Theory]
    [InlineData("renewal-receipt", HttpStatusCode.Conflict, "notification.always_sent")]
    [InlineData("grace-ending", HttpStatusCode.Conflict, "notification.always_sent")]
    [InlineData("gossip", HttpStatusCode.BadRequest, "notification.type_unknown")]
    public async Task What_is_about_money_or_unknown_cannot_be_switched_off(string type, HttpStatusCode status, string code)
    {
        using var ada = world.NewUser();
        using var refused = await SetAsync(ada, type, false);
        refused.StatusCode.ShouldBe(status);
        JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["code"]!.ToString().ShouldBe(code);
    }

    [Fact]
    public async Task Everybody_sees_only_what_they_were_told_page_by_page()
    {
        using var ada = world.NewUser();
        using var eve = world.NewUser();
        for (var i = 0; i < 3; i++)
        {
            await ada.PaidAsync(await ada.BuyAsync());
        }

        await world.SettleAsync();
        var first = await ada.GetAsync("notifications?limit=2");
        var second = await ada.GetAsync($"notifications?limit=2&cursor={first["nextCursor"]}");
        first["items"]!.AsArray().Concat(second["items"]!.AsArray()).Select(n => n!["id"]!.ToString()).ShouldBeUnique();
        (first["items"]!.AsArray().Count, second["items"]!.AsArray().Count, second["nextCursor"]).ShouldBe((2, 1, null));
        first["items"]![0]!["title"]!.ToString().ShouldBe("Your payment for Starter is confirmed");
        (await eve.TypesAsync()).ShouldBeEmpty();
    }

    private static async Task<bool> Email(Caller user, string type) =>
        (await user.GetAsync("notifications/preferences"))["items"]!.AsArray().Single(p => p!["type"]!.ToString() == type)!["email"]!.GetValue<bool>();

    private static Task<HttpResponseMessage> SetAsync(Caller user, string type, bool email) =>
        user.Http.PutAsJsonAsync("api/v1/notifications/preferences", new { items = new[] { new { type, email } } });
}

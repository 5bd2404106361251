using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Notices;

/// <summary>What people are told, as they see it, and the clock that it follows.</summary>
internal static class Notices
{
    /// <summary>In the order in which they were told.</summary>
    public static async Task<List<JsonNode>> ToldAsync(this Caller user) =>
        [.. (await user.GetAsync("notifications?limit=100"))["items"]!.AsArray().Select(n => n!).Reverse()];

    public static async Task<List<string>> TypesAsync(this Caller user) => [.. (await user.ToldAsync()).Select(n => n["type"]!.ToString())];

    public static string Address(this Caller user) => $"{user.Id:N}@example.com";

    public static async Task<JsonNode> SubscriptionAsync(this Caller user) => (await user.GetAsync("subscriptions/status"))["items"]!.AsArray().ShouldHaveSingleItem()!;

    public static DateTimeOffset Time(this JsonNode node, string name) => DateTimeOffset.Parse(node[name]!.ToString(), CultureInfo.InvariantCulture);

    public static async Task MoveAsync(this World world, DateTimeOffset to)
    {
        using var moved = await world.Simulator.PostAsJsonAsync("/sandbox/clock", new { to = to.UtcDateTime });
        moved.IsSuccessStatusCode.ShouldBeTrue(await moved.Content.ReadAsStringAsync());
        await world.SettleAsync(60);
    }

    /// <summary>From now on the subscription is charged to one of the provider's test cards.</summary>
    public static async Task UseCardAsync(this World world, Caller caller, string card)
    {
        var customer = await world.ScalarAsync<string>("SELECT gateway_id FROM payments.customers WHERE user_id = $1", caller.Id);
        var subscription = await world.ScalarAsync<string>("SELECT gateway_id FROM payments.subscriptions WHERE user_id = $1", caller.Id);
        using var attach = new FormUrlEncodedContent(new Dictionary<string, string> { ["customer"] = customer });
        using var attached = await world.Simulator.PostAsync($"/v1/payment_methods/{card}/attach", attach);
        var method = JsonNode.Parse(await attached.Content.ReadAsStringAsync())!["id"]!.ToString();
        using var update = new FormUrlEncodedContent(new Dictionary<string, string> { ["default_payment_method"] = method });
        (await world.Simulator.PostAsync($"/v1/subscriptions/{subscription}", update)).EnsureSuccessStatusCode();
        await world.SettleAsync();
    }

    /// <summary>Every event of the past, delivered once more as if it had never been.</summary>
    public static async Task DeliverAllAgainAsync(this World world)
    {
        foreach (var e in await world.EventsAsync())
        {
            e["id"] = e["id"] + "_again";
            (await world.DeliverAsync(e)).Dispose();
        }

        await world.SettleAsync(60);
    }
}

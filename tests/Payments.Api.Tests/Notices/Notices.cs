using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Cards;
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

    /// <summary>From now on the subscriptions are charged to one of the provider's test cards, as the web app has it: a new default.</summary>
    public static async Task UseCardAsync(this World world, Caller caller, string token)
    {
        await caller.SaveCardAsync(await world.NewCardAsync(token), makeDefault: true);
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

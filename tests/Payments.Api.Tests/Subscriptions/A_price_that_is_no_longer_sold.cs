using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;
using Shouldly;

namespace Payments.Api.Tests.Subscriptions;

/// <summary>Hard case 5: somebody switched a plan's price off at the provider, and nobody told us.</summary>
public sealed class A_price_that_is_no_longer_sold(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Is_replaced_once_by_the_first_who_subscribe()
    {
        using (var before = world.NewUser())
        {
            await before.PaidAsync(await before.BuyAsync(new { planId = Plans.Monthly }));
        }

        await SwitchOffAsync(Plans.Monthly);
        var callers = Enumerable.Range(0, 8).Select(_ => world.NewUser()).ToList();
        var sessions = await Task.WhenAll(callers.Select(c => c.CheckoutAsync(new { planId = Plans.Monthly })));

        (await PricesAsync(Plans.Monthly)).Count(p => p["active"]!.GetValue<bool>()).ShouldBe(1);
        (await world.PayAsync(sessions[0]["sessionId"]!.ToString())).Dispose();
        await callers[0].PaidAsync(sessions[0]);
        await world.SettleAsync();
        (await callers[0].GetAsync("subscriptions/status"))["items"]!.AsArray().ShouldHaveSingleItem()!["planId"]!.ToString().ShouldBe(Plans.Monthly.ToString());
        (await callers[0].CreditsAsync()).ShouldBe(200);
        callers.ForEach(c => c.Dispose());
    }

    [Fact]
    public async Task Does_not_keep_a_subscriber_from_another_plan_nor_from_more_seats()
    {
        using var ada = world.NewUser();
        await ada.PaidAsync(await ada.BuyAsync(new { planId = Plans.Team, quantity = 2 }));
        await world.SettleAsync();
        var id = (await ada.GetAsync("subscriptions/status"))["items"]![0]!["id"]!;
        await SwitchOffAsync(Plans.Team);
        using (var more = await ada.Http.PutAsJsonAsync(new Uri($"api/v1/subscriptions/{id}", UriKind.Relative), new { quantity = 3 }))
        {
            more.StatusCode.ShouldBe(HttpStatusCode.OK, await more.Content.ReadAsStringAsync());
        }

        using var grace = world.NewUser();
        await grace.PaidAsync(await grace.BuyAsync(new { planId = Plans.Monthly }));
        using (var other = world.NewUser())
        {
            await other.PaidAsync(await other.BuyAsync(new { planId = Plans.Yearly }));
        }

        await world.SettleAsync();
        await SwitchOffAsync(Plans.Yearly);
        var her = (await grace.GetAsync("subscriptions/status"))["items"]![0]!["id"]!;
        var preview = await grace.GetAsync($"subscriptions/{her}/preview?planId={Plans.Yearly}");
        await SwitchOffAsync(Plans.Yearly);
        using var changed = await grace.Http.PutAsJsonAsync(new Uri($"api/v1/subscriptions/{her}", UriKind.Relative), new { planId = Plans.Yearly, at = preview["at"]!.ToString() });
        changed.StatusCode.ShouldBe(HttpStatusCode.OK, await changed.Content.ReadAsStringAsync());
        (await grace.GetAsync("subscriptions/status"))["items"]![0]!["planId"]!.ToString().ShouldBe(Plans.Yearly.ToString());
    }

    private async Task SwitchOffAsync(Guid plan)
    {
        foreach (var price in (await PricesAsync(plan)).Where(p => p["active"]!.GetValue<bool>()))
        {
            using var content = new FormUrlEncodedContent([new("active", "false")]);
            (await world.Simulator.PostAsync(new Uri($"/v1/prices/{price["id"]}", UriKind.Relative), content)).EnsureSuccessStatusCode();
        }
    }

    private async Task<List<JsonNode>> PricesAsync(Guid plan) =>
        [.. JsonNode.Parse(await world.Simulator.GetStringAsync("/v1/prices?limit=100"))!["data"]!.AsArray().Select(p => p!).Where(p => p["metadata"]!["plan_id"]?.ToString() == plan.ToString())];
}

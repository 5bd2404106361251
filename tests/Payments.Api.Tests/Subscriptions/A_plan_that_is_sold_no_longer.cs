using System.Net.Http.Json;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Subscriptions;

public sealed class A_plan_that_is_sold_no_longer(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Is_shown_to_its_subscribers_at_the_price_that_was_agreed()
    {
        using var ada = world.NewUser();
        await ada.PaidAsync(await ada.BuyAsync(new { planId = Plans.Monthly }));
        await world.SettleAsync();
        await world.ScalarAsync<Guid>("UPDATE payments.plans SET price_minor = 2500, active = false WHERE id = $1 RETURNING id", Plans.Monthly);

        var subscription = (await ada.GetAsync("subscriptions/status"))["items"]![0]!;
        (subscription["plan"]!["name"]!.ToString(), subscription["plan"]!["price"]!["amount"]!.GetValue<long>()).ShouldBe(("Monthly", 1900));

        // What a change answers is shown as the list shows it.
        using var answer = await ada.PostAsync($"subscriptions/{subscription["id"]}/cancel", new { atPeriodEnd = true });
        (await answer.Content.ReadFromJsonAsync<System.Text.Json.Nodes.JsonNode>())!["plan"]!["price"]!["amount"]!.GetValue<long>().ShouldBe(1900);
    }
}

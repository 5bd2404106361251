using Payments.Api.Tests.Cards;
using Payments.Api.Tests.Notices;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Subscriptions;

/// <summary>What is done on the provider's own page is heard of by events alone.</summary>
public sealed class Changing_it_in_the_portal(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Another_plan_is_another_plan_here()
    {
        using var ada = await SubscriberAsync();
        using var shopper = world.NewUser();
        await shopper.CheckoutAsync(new { planId = Plans.Yearly });
        var yearly = await world.ScalarAsync<string>("SELECT gateway_price_id FROM payments.plan_prices WHERE plan_id = $1 LIMIT 1", Plans.Yearly);

        await ActAsync(ada, "plan", ("price", yearly));

        await World.EventuallyAsync(async () => (await ada.SubscriptionAsync())["planId"]!.ToString() == Plans.Yearly.ToString(), "the plan is another one");
        await world.SettleAsync();
        (await ada.GetAsync("users/me"))["subscriptionType"]!.ToString().ShouldBe("yearly");
        (await ada.CreditsAsync()).ShouldBeInRange(2400, 2401);
        (await ada.GetAsync("payments/history"))["items"]!.AsArray().Count.ShouldBe(2);
        await world.LedgerIsSoundAsync();
    }

    [Theory]
    [InlineData("period_end", "active", true)]
    [InlineData("now", "canceled", false)]
    public async Task A_cancellation_is_a_cancellation_here(string when, string status, bool access)
    {
        using var ada = await SubscriberAsync();
        await ActAsync(ada, "cancel", ("when", when));
        await World.EventuallyAsync(
            async () => await ada.SubscriptionAsync() is var s && s["status"]!.ToString() == status && s["cancelAtPeriodEnd"]!.GetValue<bool>() == access, "it is cancelled");
        await world.SettleAsync();
        (await ada.GetAsync("access/lab/1"))["allowed"]!.GetValue<bool>().ShouldBe(access);
        if (access)
        {
            var end = (await ada.SubscriptionAsync()).Time("cancelAt");
            (await ada.GetAsync("access/lab/1")).Time("until").ShouldBe(end);
            await world.MoveAsync(end);
            (await ada.GetAsync("access/lab/1"))["allowed"]!.GetValue<bool>().ShouldBeFalse();
        }

        (await ada.SubscriptionAsync())["status"]!.ToString().ShouldBe("canceled");
        (await ada.TypesAsync()).Count(t => t == "subscription-ended").ShouldBe(1);
    }

    private async Task<Caller> SubscriberAsync()
    {
        var caller = world.NewUser();
        await caller.PaidAsync(await caller.BuyAsync(new { planId = Plans.Monthly }));
        await world.SettleAsync();
        return caller;
    }

    private async Task ActAsync(Caller caller, string what, (string Name, string Value) field)
    {
        using var opened = await caller.PostAsync("payments/customer-portal", new { });
        var session = new Uri((await Cards.Cards.OkAsync(opened))["url"]!.ToString());
        var subscription = await world.ScalarAsync<string>("SELECT gateway_id FROM payments.subscriptions WHERE user_id = $1", caller.Id);
        using var form = new FormUrlEncodedContent([KeyValuePair.Create(field.Name, field.Value)]);
        using var done = await world.Simulator.PostAsync(new Uri($"{session}/subscriptions/{subscription}/{what}"), form);
        ((int)done.StatusCode).ShouldBeLessThan(400, await done.Content.ReadAsStringAsync());
    }
}

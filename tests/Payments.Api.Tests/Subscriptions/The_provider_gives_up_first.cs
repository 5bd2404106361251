using System.Net;
using System.Net.Http.Json;
using Payments.Api.Tests.Notices;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Subscriptions;

/// <summary>The provider's tries are over before our grace: what the mails promised holds, and the end is ours.</summary>
public sealed class The_provider_gives_up_first(World world) : IClassFixture<World>
{
    [Theory]
    [InlineData("cancel", "canceled")]
    [InlineData("unpaid", "unpaid")]
    public async Task Access_stays_for_the_grace_and_the_end_is_told_as_unpaid(string finalAction, string status)
    {
        int[] retryAfterDays = [1, 1];
        (await world.Simulator.PostAsJsonAsync("/sandbox/billing", new { retryAfterDays, finalAction })).EnsureSuccessStatusCode();
        using var ada = world.NewUser();
        await ada.PaidAsync(await ada.BuyAsync(new { planId = Plans.Monthly }));
        await world.SettleAsync();
        var ends = (await ada.SubscriptionAsync()).Time("currentPeriodEnd");
        await world.UseCardAsync(ada, "tok_chargeCustomerFail");

        await world.MoveAsync(ends.AddDays(2).AddHours(6));
        (await ada.SubscriptionAsync())["status"]!.ToString().ShouldBe(status);
        var access = await ada.GetAsync("access/lab/1");
        (access["allowed"]!.GetValue<bool>(), access.Time("until")).ShouldBe((true, ends.AddDays(7)));
        (await ada.GetAsync("users/me"))["subscriptionType"]!.ToString().ShouldBe("monthly");
        (await ada.TypesAsync()).ShouldNotContain("subscription-ended");
        (await ada.TypesAsync()).ShouldNotContain("subscription-unpaid");

        await world.MoveAsync(ends.AddDays(7).AddMinutes(10));
        (await ada.GetAsync("access/lab/1"))["allowed"]!.GetValue<bool>().ShouldBeFalse();
        await World.EventuallyAsync(async () => (await ada.SubscriptionAsync())["status"]!.ToString() == "canceled", "it is over", 60);
        await world.SettleAsync();
        (await ada.GetAsync("users/me"))["subscriptionType"].ShouldBeNull();
        (await ada.TypesAsync()).Where(t => t.StartsWith("subscription-", StringComparison.Ordinal)).Order().ShouldBe(["subscription-receipt", "subscription-started", "subscription-unpaid"]);
        using var again = await ada.PostAsync("payments/checkout-session", new { planId = Plans.Monthly });
        again.StatusCode.ShouldBe(HttpStatusCode.OK, await again.Content.ReadAsStringAsync());
    }
}

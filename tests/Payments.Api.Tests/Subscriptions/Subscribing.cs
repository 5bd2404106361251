using System.Net;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;
using Shouldly;

namespace Payments.Api.Tests.Subscriptions;

public sealed class Subscribing(World world) : IClassFixture<World>
{
    [Fact]
    public async Task A_paid_checkout_of_a_plan_grants_the_periods_credits_and_access_once()
    {
        using var ada = world.NewUser();
        var session = await ada.BuyAsync(new { planId = Plans.Monthly });
        await ada.PaidAsync(session);
        await world.SettleAsync();

        var subscription = (await ada.GetAsync("subscriptions/status"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        subscription["status"]!.ToString().ShouldBe("active");
        subscription["planId"]!.ToString().ShouldBe(Plans.Monthly.ToString());
        subscription["quantity"]!.GetValue<int>().ShouldBe(1);
        subscription["plan"]!.ToJsonString().ShouldBe("""{"name":"Monthly","family":"pro","price":{"amount":1900,"currency":"usd"},"interval":"month","intervalCount":1,"maximumQuantity":1}""");

        var me = await ada.GetAsync("users/me");
        me["credits"]!.GetValue<long>().ShouldBe(200);
        me["subscriptionType"]!.ToString().ShouldBe("monthly");
        DateTimeOffset.Parse(me["subscriptionExpires"]!.ToString(), System.Globalization.CultureInfo.InvariantCulture)
            .ShouldBe(DateTimeOffset.Parse(subscription["currentPeriodEnd"]!.ToString(), System.Globalization.CultureInfo.InvariantCulture));
        (await ada.GetAsync("access/course/anything"))["allowed"]!.GetValue<bool>().ShouldBeTrue();

        var payment = (await ada.GetAsync("payments/history"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        payment["kind"]!.ToString().ShouldBe("subscription");
        payment["amount"]!["amount"]!.GetValue<long>().ShouldBe(1900);
        var invoice = (await ada.GetAsync("invoices"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        invoice["status"]!.ToString().ShouldBe("paid");
        invoice["paymentId"]!.ToString().ShouldBe(payment["id"]!.ToString());
        invoice["number"].ShouldNotBeNull();
        invoice["lines"]!.AsArray().ShouldHaveSingleItem();
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task The_return_page_alone_is_enough()
    {
        using var ada = world.NewUser();
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        try
        {
            var session = await ada.BuyAsync(new { planId = Plans.Monthly });
            var verified = await ada.GetAsync($"payments/checkout-session/{session["sessionId"]}");
            verified["status"]!.ToString().ShouldBe("succeeded", verified.ToJsonString());
            (await ada.CreditsAsync()).ShouldBe(200);
            (await ada.GetAsync("access/course/anything"))["allowed"]!.GetValue<bool>().ShouldBeTrue();
        }
        finally
        {
            await world.FaultsAsync(null);
        }
    }

    [Fact]
    public async Task A_trial_costs_nothing_gives_access_and_no_credits_and_is_had_once()
    {
        using var ada = world.NewUser();
        var session = await ada.BuyAsync(new { planId = Plans.Plus });
        await ada.PaidAsync(session);
        await world.SettleAsync();
        var subscription = (await ada.GetAsync("subscriptions/status"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        subscription["status"]!.ToString().ShouldBe("trialing");
        (await ada.CreditsAsync()).ShouldBe(0);
        (await ada.GetAsync("access/lab/1"))["allowed"]!.GetValue<bool>().ShouldBeTrue();

        using var cancelled = await ada.PostAsync($"subscriptions/{subscription["id"]}/cancel", new { atPeriodEnd = false });
        cancelled.StatusCode.ShouldBe(HttpStatusCode.OK, await cancelled.Content.ReadAsStringAsync());
        (await ada.GetAsync("access/lab/1"))["allowed"]!.GetValue<bool>().ShouldBeFalse();
        var again = await ada.CheckoutAsync(new { planId = Plans.Plus });
        (await world.Simulator.GetAsync($"/v1/payment_pages/{again["sessionId"]}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/payment_pages/{again["sessionId"]}"))!["amount_total"]!.GetValue<long>().ShouldBe(2900);
    }

    [Fact]
    public async Task Seats_are_paid_and_granted_each()
    {
        using var ada = world.NewUser();
        await ada.PaidAsync(await ada.BuyAsync(new { planId = Plans.Team, quantity = 3 }));
        await world.SettleAsync();
        (await ada.CreditsAsync()).ShouldBe(300);
        (await ada.GetAsync("payments/history"))["items"]!.AsArray().ShouldHaveSingleItem()!["amount"]!["amount"]!.GetValue<long>().ShouldBe(3600);
    }

    [Fact]
    public async Task A_second_live_one_of_a_family_is_refused_and_an_open_page_is_handed_back()
    {
        using var ada = world.NewUser();
        var first = await ada.CheckoutAsync(new { planId = Plans.Monthly }, "one");
        var second = await ada.CheckoutAsync(new { planId = Plans.Monthly }, "two");
        second["sessionId"]!.ToString().ShouldBe(first["sessionId"]!.ToString());
        (await world.PayAsync(first["sessionId"]!.ToString())).Dispose();
        await ada.PaidAsync(first);
        using var refused = await ada.PostAsync("payments/checkout-session", new { planId = Plans.Yearly });
        refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["code"]!.ToString().ShouldBe("subscription.exists");
    }
}

/// <summary>The seeded plans.</summary>
internal static class Plans
{
    public static readonly Guid Monthly = new("d0000000-0000-4000-8000-000000000001");
    public static readonly Guid Yearly = new("d0000000-0000-4000-8000-000000000002");
    public static readonly Guid Team = new("d0000000-0000-4000-8000-000000000003");
    public static readonly Guid Plus = new("d0000000-0000-4000-8000-000000000004");
}

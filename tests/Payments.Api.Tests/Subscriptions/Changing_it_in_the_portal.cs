using System.Text.Json.Nodes;
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
        var yearly = await world.PriceOfAsync(Plans.Yearly);

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

    [Fact]
    public async Task What_was_cancelled_there_can_be_kept_there()
    {
        using var ada = await SubscriberAsync();
        await ActAsync(ada, "cancel", ("when", "period_end"));
        await World.EventuallyAsync(async () => (await ada.SubscriptionAsync())["cancelAtPeriodEnd"]!.GetValue<bool>(), "it is cancelled");
        await ActAsync(ada, "resume", ("", ""));
        await World.EventuallyAsync(async () => !(await ada.SubscriptionAsync())["cancelAtPeriodEnd"]!.GetValue<bool>(), "it goes on");
        await world.MoveAsync((await ada.SubscriptionAsync()).Time("currentPeriodEnd").AddHours(3));
        (await ada.SubscriptionAsync())["status"]!.ToString().ShouldBe("active");
        (await ada.CreditsAsync()).ShouldBe(400);
    }

    [Fact]
    public async Task More_seats_are_more_seats_here()
    {
        using var ada = world.NewUser();
        await ada.PaidAsync(await ada.BuyAsync(new { planId = Plans.Team, quantity = 2 }));
        await world.SettleAsync();
        await Task.Delay(1100); // The provider's clock counts seconds, and the history is in the order of time.
        await ActAsync(ada, "quantity", ("quantity", "5"));
        await World.EventuallyAsync(async () => (await ada.SubscriptionAsync())["quantity"]!.GetValue<int>() == 5, "there are five");
        await world.SettleAsync();
        (await ada.CreditsAsync()).ShouldBeInRange(499, 500);
        (await ada.GetAsync("payments/history"))["items"]!.AsArray().Select(p => p!["amount"]!["amount"]!.GetValue<long>()).ShouldBe([3600, 2400]);
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task A_card_that_is_added_there_is_the_default_here_and_pays()
    {
        using var ada = await SubscriberAsync();
        var before = (await ada.CardsAsync()).ShouldHaveSingleItem()!["id"]!.ToString();
        await OnPageAsync(ada, "cards", ("number", "5555555555554444"), ("expiry", "12 / 40"), ("cvc", "123"), ("name", "Ada Lovelace"));
        await World.EventuallyAsync(async () => await ada.CardsAsync() is { Count: 2 } cards && cards[0]!["last4"]!.ToString() == "4444" && cards[0]!["isDefault"]!.GetValue<bool>(), "the new card is the default");
        var added = (await ada.CardsAsync())[0]!["id"]!.ToString();

        await OnPageAsync(ada, $"cards/{before}/remove");
        await World.EventuallyAsync(async () => (await ada.CardsAsync()).Count == 1, "the old one is gone");
        await world.MoveAsync((await ada.SubscriptionAsync()).Time("currentPeriodEnd").AddHours(3));
        JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/charges?customer={await world.CustomerOfAsync(ada)}"))!["data"]![0]!["payment_method"]!.ToString().ShouldBe(added);
        (await ada.CreditsAsync()).ShouldBe(400);
    }

    [Fact]
    public async Task A_card_that_is_chosen_there_is_the_default_here()
    {
        using var ada = await SubscriberAsync();
        var saved = await world.NewCardAsync("tok_mastercard");
        await ada.SaveCardAsync(saved);
        (await ada.CardsAsync()).Single(c => c!["id"]!.ToString() == saved)!["isDefault"]!.GetValue<bool>().ShouldBeFalse();
        await OnPageAsync(ada, $"cards/{saved}/default");
        await World.EventuallyAsync(async () => (await ada.CardsAsync()).Single(c => c!["id"]!.ToString() == saved)!["isDefault"]!.GetValue<bool>(), "it is the default");
        await World.EventuallyAsync(() => world.ScalarAsync<bool>("SELECT payment_method_id = $2 FROM payments.subscriptions WHERE user_id = $1", ada.Id, saved), "it pays for the subscription");
    }

    /// <summary>Hard case 27, for two that were no rivals when they began: what was paid for before they met stays paid.</summary>
    [Theory]
    [InlineData(Older, "as it comes")]
    [InlineData(Newer, "as it comes")]
    [InlineData(Older, "the last first")]
    [InlineData(Newer, "the last first")]
    [InlineData(Older, "by asking")]
    [InlineData(Newer, "by asking")]
    public async Task Another_family_where_a_subscription_lives_already_ends_the_newer_one_and_gives_back_what_was_paid_for_both(string whoMoves, string heard)
    {
        using var ada = await SubscriberAsync();
        var older = await SubscriptionOfAsync(ada, Plans.Monthly);
        await Task.Delay(1100); // The provider's clock counts seconds.
        await ada.PaidAsync(await ada.BuyAsync(new { planId = Plans.Team }));
        await world.SettleAsync();
        var newer = await SubscriptionOfAsync(ada, Plans.Team);
        await world.MoveAsync((await ada.GetAsync("subscriptions/status"))["items"]!.AsArray().Max(s => s!.Time("currentPeriodEnd")).AddHours(3));
        (await PaidAsync(newer)).ShouldBe(["succeeded", "succeeded"]);
        var (monthly, team) = (await world.PriceOfAsync(Plans.Monthly), await world.PriceOfAsync(Plans.Team));

        var before = (await world.EventsAsync()).Select(e => e["id"]!.ToString()).ToHashSet(StringComparer.Ordinal);
        await world.FaultsAsync(heard == "as it comes" ? null : new { deliveries = new { drop = 1.0 } });
        await (whoMoves == Older ? ActAsync(ada, older, "plan", ("price", team)) : ActAsync(ada, newer, "plan", ("price", monthly)));
        await world.FaultsAsync(null);
        foreach (var e in heard == "the last first" ? (await world.EventsAsync()).Where(e => !before.Contains(e["id"]!.ToString())).Reverse() : [])
        {
            (await world.DeliverAsync(e)).Dispose();
            await world.SettleAsync();
        }

        if (heard == "by asking")
        {
            await Task.Delay(1100); // The provider's clock counts seconds; ours asks later than that.
            await world.DeliverAsync(JsonNode.Parse(
                $$$"""
                {"id":"evt_{{{Guid.NewGuid():N}}}","object":"event","type":"customer.subscription.updated","api_version":"2019-01-01","created":{{{world.Stripe.Now.ToUnixTimeSeconds()}}},"livemode":false,
                 "data":{"object":{"id":"{{{(whoMoves == Older ? older : newer)}}}","object":"subscription"} } }
                """)!);
        }

        await World.EventuallyAsync(
            async () => await world.ScalarAsync<string>("SELECT status FROM payments.subscriptions WHERE gateway_id = $1", newer) == "canceled", "the newer one gives way", 60);
        await World.EventuallyAsync(async () => (await PaidAsync(newer))[1] == "partiallyRefunded", "its money goes back", 60);
        await world.SettleAsync();
        string[] left = whoMoves == Older ? ["succeeded", "partiallyRefunded"] : ["succeeded", "partiallyRefunded", "refunded"];
        (await PaidAsync(newer)).ShouldBe(left, "the month before they met was used, of the one in which they met all but the hours before; what the move cost goes back");
        (await world.ScalarAsync<long>("SELECT refunded_minor FROM payments.payments p JOIN payments.subscriptions s ON s.id = p.subscription_id WHERE s.gateway_id = $1 AND p.status = 'partiallyRefunded'", newer)).ShouldBeInRange(1190, 1199);
        (await PaidAsync(older)).ShouldAllBe(status => status == "succeeded");
        (await world.ScalarAsync<string>("SELECT status FROM payments.subscriptions WHERE gateway_id = $1", older)).ShouldBe("active");
        (await ada.TypesAsync()).Count(t => t == "subscription-superseded").ShouldBe(1);
        await world.LedgerIsSoundAsync();
    }

    private const string Older = "the older one";
    private const string Newer = "the newer one";

    private Task<string> SubscriptionOfAsync(Caller caller, Guid plan) =>
        world.ScalarAsync<string>("SELECT gateway_id FROM payments.subscriptions WHERE user_id = $1 AND plan_id = $2", caller.Id, plan);

    /// <summary>What became of its payments, oldest first; what cost nothing is left out.</summary>
    private async Task<string[]> PaidAsync(string subscription) => await world.ScalarAsync<string[]>(
        "SELECT array_agg(p.status ORDER BY p.created_at) FROM payments.payments p JOIN payments.subscriptions s ON s.id = p.subscription_id WHERE s.gateway_id = $1 AND p.total_minor > 0", subscription);

    private async Task<Caller> SubscriberAsync()
    {
        var caller = world.NewUser();
        await caller.PaidAsync(await caller.BuyAsync(new { planId = Plans.Monthly }));
        await world.SettleAsync();
        return caller;
    }

    private async Task ActAsync(Caller caller, string what, (string Name, string Value) field) =>
        await ActAsync(caller, await world.ScalarAsync<string>("SELECT gateway_id FROM payments.subscriptions WHERE user_id = $1", caller.Id), what, field);

    private Task ActAsync(Caller caller, string subscription, string what, (string Name, string Value) field) => OnPageAsync(caller, $"subscriptions/{subscription}/{what}", field);

    private async Task OnPageAsync(Caller caller, string path, params (string Name, string Value)[] fields)
    {
        using var opened = await caller.PostAsync("payments/customer-portal", new { });
        var session = new Uri((await Cards.Cards.OkAsync(opened))["url"]!.ToString());
        using var form = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        using var done = await world.Simulator.PostAsync(new Uri($"{session}/{path}"), form);
        ((int)done.StatusCode).ShouldBeLessThan(400, await done.Content.ReadAsStringAsync());
    }
}

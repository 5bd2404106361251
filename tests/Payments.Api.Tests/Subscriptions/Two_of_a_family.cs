using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Cards;
using Payments.Api.Tests.Notices;
using Payments.Api.Tests.Worlds;
using Shouldly;

namespace Payments.Api.Tests.Subscriptions;

/// <summary>Hard case 27: of two live subscriptions of one family the older one stays, whatever arrives first.</summary>
public sealed class Two_of_a_family(World world) : IClassFixture<World>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_open_pages_both_paid_leave_one_subscription_one_refund_and_one_notice(bool newerIsHeardOfFirst)
    {
        using var ada = world.NewUser();
        var monthly = await ada.CheckoutAsync(new { planId = Plans.Monthly });
        var yearly = await ada.CheckoutAsync(new { planId = Plans.Yearly });
        var before = (await world.EventsAsync()).Select(e => e["id"]!.ToString()).ToHashSet(StringComparer.Ordinal);
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        (await world.PayAsync(monthly["sessionId"]!.ToString())).Dispose();
        await Task.Delay(1100); // The provider's clock counts seconds.
        (await world.PayAsync(yearly["sessionId"]!.ToString())).Dispose();
        await world.FaultsAsync(null);
        var events = (await world.EventsAsync()).Where(e => !before.Contains(e["id"]!.ToString())).ToList();
        if (newerIsHeardOfFirst)
        {
            events.Reverse();
        }

        foreach (var e in events)
        {
            (await world.DeliverAsync(e)).Dispose();
            await world.SettleAsync();
        }

        await World.EventuallyAsync(
            async () => (await ada.GetAsync("subscriptions/status"))["items"]!.AsArray().Select(s => s!["status"]!.ToString()).Order().SequenceEqual(["active", "canceled"]),
            "one of them is cancelled", 60);
        await World.EventuallyAsync(async () => await ada.StatusAsync(yearly) == "refunded", "the loser's payment is given back", 60);
        (await ada.StatusAsync(monthly)).ShouldBe("succeeded");
        await world.SettleAsync();
        (await ada.CreditsAsync()).ShouldBe(200);
        var me = await ada.GetAsync("users/me");
        me["subscriptionType"]!.ToString().ShouldBe("monthly");
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.refunds r JOIN payments.payments p ON p.id = r.payment_id WHERE p.user_id = $1", ada.Id)).ShouldBe(1);
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.outbox WHERE type = 'subscription.refused' AND data->'about'->>'userId' = $1", ada.Id.ToString())).ShouldBe(1);
        world.Mail.Messages.Count(m => m.To == ada.Address() && m.Subject!.Contains("You had two subscriptions", StringComparison.Ordinal)).ShouldBe(1);
        (await ada.TypesAsync()).Count(t => t is "subscription-superseded").ShouldBe(1);
        await world.LedgerIsSoundAsync();
    }

    /// <summary>
    /// A second page for one plan is the first one again, as long as we open both. Somebody else may open one: a payment link,
    /// the seller's own code, a copy of this service on another database.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_open_pages_for_one_plan_both_paid_leave_one_subscription_one_refund_and_one_notice(bool foreignIsPaidFirst)
    {
        using var ada = world.NewUser();
        var ours = (await ada.CheckoutAsync(new { planId = Plans.Monthly }))["sessionId"]!.ToString();
        (await ada.CheckoutAsync(new { planId = Plans.Monthly }))["sessionId"]!.ToString().ShouldBe(ours);
        var theirs = (await world.StripeAsync(
            "/v1/checkout/sessions", ("mode", "subscription"), ("customer", await world.CustomerOfAsync(ada)), ("line_items[0][price]", await world.PriceOfAsync(Plans.Monthly)), ("line_items[0][quantity]", "1"), ("success_url", "https://example.com")))["id"]!.ToString();
        string[] pages = foreignIsPaidFirst ? [theirs, ours] : [ours, theirs];
        (await world.PayAsync(pages[0])).Dispose();
        await Task.Delay(1100); // The provider's clock counts seconds.
        (await world.PayAsync(pages[1])).Dispose();
        await world.SettleAsync();

        await World.EventuallyAsync(
            async () => (await ada.GetAsync("subscriptions/status"))["items"]!.AsArray().Select(s => s!["status"]!.ToString()).SequenceEqual(["canceled", "active"]), "the newer one is cancelled", 60);
        await World.EventuallyAsync(
            async () => (await ada.GetAsync("payments/history"))["items"]!.AsArray().Select(p => p!["status"]!.ToString()).Order().SequenceEqual(["refunded", "succeeded"]), "the newer one's payment is given back", 60);
        await world.SettleAsync();
        var loser = (await ada.GetAsync("subscriptions/status"))["items"]![0]!["id"]!.GetValue<Guid>();
        (await world.ScalarAsync<string>("SELECT p.status FROM payments.payments p WHERE p.subscription_id = $1", loser)).ShouldBe("refunded");
        (await ada.CreditsAsync()).ShouldBe(200);
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.refunds r JOIN payments.payments p ON p.id = r.payment_id WHERE p.user_id = $1", ada.Id)).ShouldBe(1);
        (await ada.TypesAsync()).Count(t => t is "subscription-superseded").ShouldBe(1);
        world.Mail.Messages.Count(m => m.To == ada.Address() && m.Subject!.Contains("You had two subscriptions", StringComparison.Ordinal)).ShouldBe(1);
        await world.LedgerIsSoundAsync();
    }

    /// <summary>The first that is heard of it is where it has moved to; when it did, only its invoices tell.</summary>
    [Fact]
    public async Task One_that_moved_in_before_anything_was_heard_of_it_gives_back_no_more_than_what_was_for_both()
    {
        var story = Stories.Named("A move to an older one's family, paid now");
        await new Stage(world).TellAsync(story, [0], async actors =>
        {
            var actor = actors.Single();
            var newer = await actor.TruthAsync();
            var older = actor.Order.Where(e => e["created"]!.GetValue<long>() < newer["created"]!.GetValue<long>()).ToList();
            var moved = actor.Order.Last(e => e["type"]!.ToString() == "customer.subscription.updated" && e["data"]!["object"]!["id"]!.ToString() == newer["id"]!.ToString());
            foreach (var e in (IEnumerable<JsonNode>)[.. older, moved, .. actor.Order.Except([.. older, moved])])
            {
                (await world.DeliverAsync(e)).Dispose();
                await world.SettleAsync();
            }

            await actor.EndsAsync(story, "the move first");
        });
    }

    [Fact]
    public async Task While_the_provider_cannot_be_asked_two_of_them_wait_and_afterwards_one_gives_way()
    {
        var story = Stories.Named("Two pages of a family, both paid");
        var stage = new Stage(world);
        await stage.TellAsync(story, [0], async actors =>
        {
            var actor = actors.Single();
            await world.FaultsAsync(new { api = new { error = 1.0 } });
            foreach (var e in actor.Order)
            {
                (await world.DeliverAsync(e)).Dispose();
            }

            await World.EventuallyAsync(() => world.ScalarAsync<bool>("SELECT count(*) = 2 FROM payments.subscriptions WHERE user_id = $1 AND status = 'active' AND NOT is_placed", actor.Caller.Id), "both are heard of");
            await stage.SilenceAsync();
            await stage.AskAsync(actor);
            await actor.EndsAsync(story, "asked afterwards");
        });
    }

    [Fact]
    public async Task A_new_one_after_the_old_one_ended_is_no_rival()
    {
        using var ada = world.NewUser();
        await ada.PaidAsync(await ada.BuyAsync(new { planId = Plans.Monthly }));
        var first = (await ada.GetAsync("subscriptions/status"))["items"]![0]!["id"]!.ToString();
        (await ada.PostAsync($"subscriptions/{first}/cancel", new { atPeriodEnd = false })).EnsureSuccessStatusCode();
        await ada.PaidAsync(await ada.BuyAsync(new { planId = Plans.Monthly }));
        await world.SettleAsync();
        (await ada.GetAsync("subscriptions/status"))["items"]!.AsArray().Select(s => s!["status"]!.ToString()).ShouldBe(["active", "canceled"]);
        (await ada.CreditsAsync()).ShouldBe(400);
    }

    [Fact]
    public async Task A_saved_card_that_had_a_trial_begins_none_on_a_page_of_ones_own_either()
    {
        using var ada = world.NewUser();
        using var eve = world.NewUser();
        foreach (var caller in new[] { ada, eve })
        {
            var card = await world.NewCardAsync("tok_discover");
            await caller.SaveCardAsync(card);
            using var started = await caller.PostAsync("payments/payment-intent", new { planId = Plans.Plus, paymentMethodId = card });
            await Cards.Cards.OkAsync(started);
            await world.SettleAsync();
            await Task.Delay(1100); // The provider's clock counts seconds.
        }

        await World.EventuallyAsync(
            async () => (await eve.GetAsync("subscriptions/status"))["items"]!.AsArray().Single()!["status"]!.ToString() == "canceled", "the second trial of the card is ended", 60);
        (await ada.GetAsync("subscriptions/status"))["items"]!.AsArray().Single()!["status"]!.ToString().ShouldBe("trialing");
        (await eve.GetAsync("access/lab/1"))["allowed"]!.GetValue<bool>().ShouldBeFalse();
        JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/charges?customer={await world.CustomerOfAsync(eve)}"))!["data"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_has_paid_and_changes_to_a_card_that_once_had_a_trial_stays()
    {
        using var ada = world.NewUser();
        using var eve = world.NewUser();
        await ada.PaidAsync(await ada.BuyAsync(new { planId = Plans.Plus }, "pm_card_unionpay"));
        await world.SettleAsync();
        await Task.Delay(1100); // The provider's clock counts seconds.
        await eve.PaidAsync(await eve.BuyAsync(new { planId = Plans.Plus }, "pm_card_jcb"));
        await world.SettleAsync();
        await world.MoveAsync((await eve.SubscriptionAsync()).Time("trialEnd").AddDays(1));
        await world.UseCardAsync(eve, "tok_unionpay");
        await world.MoveAsync((await eve.SubscriptionAsync()).Time("currentPeriodEnd").AddDays(1));
        (await eve.SubscriptionAsync())["status"]!.ToString().ShouldBe("active");
        (await eve.GetAsync("payments/history"))["items"]!.AsArray().ShouldAllBe(p => p!["status"]!.ToString() == "succeeded");
        (await eve.CreditsAsync()).ShouldBe(800);
    }

    [Fact]
    public async Task A_trial_on_a_card_that_had_one_is_ended_and_costs_nothing()
    {
        using var ada = world.NewUser();
        using var eve = world.NewUser();
        await ada.PaidAsync(await ada.BuyAsync(new { planId = Plans.Plus }, "pm_card_mastercard_debit"));
        await world.SettleAsync();
        await Task.Delay(1100);
        await ada.GetAsync("subscriptions/status");
        await eve.PaidAsync(await eve.BuyAsync(new { planId = Plans.Plus }, "pm_card_mastercard_debit"));
        await World.EventuallyAsync(
            async () => (await eve.GetAsync("subscriptions/status"))["items"]!.AsArray().Single()!["status"]!.ToString() == "canceled", "the second trial of the card is ended", 60);
        (await ada.GetAsync("subscriptions/status"))["items"]!.AsArray().Single()!["status"]!.ToString().ShouldBe("trialing");
        (await eve.GetAsync("access/lab/1"))["allowed"]!.GetValue<bool>().ShouldBeFalse();
        var charges = JsonNode.Parse(await world.Simulator.GetStringAsync("/v1/charges?limit=100"))!["data"]!.AsArray();
        charges.ShouldNotContain(c => c!["billing_details"]!["email"] != null && c["billing_details"]!["email"]!.ToString() == $"{eve.Id:N}@example.com");
    }
}

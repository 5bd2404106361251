using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Cards;
using Payments.Api.Tests.Notices;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Subscriptions;

/// <summary>A change is made once, whatever becomes of its answer, and its key gets to hear so.</summary>
public sealed class Asking_again_for_a_change(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Seats_whose_answer_was_cut_off_are_charged_once_and_the_same_key_is_answered_how_it_stands()
    {
        using var ada = world.NewUser();
        var id = await SubscribeAsync(ada, 2);
        await world.FaultsAsync(new { api = new { cutAfterEffect = 1 } });
        using (var cut = await PutAsync(ada, id, new { quantity = 4, proration = "now" }, "kk"))
        {
            cut.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable, await cut.Content.ReadAsStringAsync());
        }

        await world.FaultsAsync(null);
        (await AnsweredAsync(() => PutAsync(ada, id, new { quantity = 4, proration = "now" }, "kk")))["quantity"]!.GetValue<int>().ShouldBe(4);
        await world.SettleAsync();
        (await ada.GetAsync("payments/history"))["items"]!.AsArray().Count.ShouldBe(2);

        // What came of it is known, so another change need not wait.
        using var other = await PutAsync(ada, id, new { quantity = 3 }, "other");
        (await Cards.Cards.OkAsync(other))["quantity"]!.GetValue<int>().ShouldBe(3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cancellation_whose_answer_was_cut_off_is_answered_under_its_key(bool atPeriodEnd)
    {
        using var ada = world.NewUser();
        var id = await SubscribeAsync(ada, 1);
        await world.FaultsAsync(new { api = new { cutAfterEffect = 1 } });
        (await ada.PostAsync($"subscriptions/{id}/cancel", new { atPeriodEnd }, "kc")).Dispose();
        await world.FaultsAsync(null);
        var answer = await AnsweredAsync(() => ada.PostAsync($"subscriptions/{id}/cancel", new { atPeriodEnd }, "kc"));
        (answer["cancelAtPeriodEnd"]!.GetValue<bool>(), answer["status"]!.ToString()).ShouldBe(atPeriodEnd ? (true, "active") : (false, "canceled"));
    }

    [Fact]
    public async Task One_key_for_several_operations_makes_each_of_them()
    {
        using var ada = world.NewUser();
        var id = await SubscribeAsync(ada, 2);
        using var cancelled = await ada.PostAsync($"subscriptions/{id}/cancel", new { atPeriodEnd = true }, "k-1");
        (await Cards.Cards.OkAsync(cancelled))["cancelAtPeriodEnd"]!.GetValue<bool>().ShouldBeTrue();
        using var resumed = await ada.PostAsync($"subscriptions/{id}/resume", new { }, "k-1");
        (await Cards.Cards.OkAsync(resumed))["cancelAtPeriodEnd"]!.GetValue<bool>().ShouldBeFalse();
        using var changed = await PutAsync(ada, id, new { quantity = 3 }, "k-1");
        (await Cards.Cards.OkAsync(changed))["quantity"]!.GetValue<int>().ShouldBe(3);
    }

    [Fact]
    public async Task An_end_that_was_set_elsewhere_is_taken_back_too()
    {
        using var ada = world.NewUser();
        var id = await SubscribeAsync(ada, 1);
        var end = (await ada.SubscriptionAsync()).Time("currentPeriodEnd");
        await world.StripeAsync($"/v1/subscriptions/{await GatewayIdAsync(ada)}", ("cancel_at", end.AddDays(-5).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
        await World.EventuallyAsync(async () => (await ada.SubscriptionAsync())["cancelAt"] is not null, "the end is told");
        (await ada.SubscriptionAsync()).Time("cancelAt").ShouldBe(end.AddDays(-5));
        using var resumed = await ada.PostAsync($"subscriptions/{id}/resume", new { });
        (await Cards.Cards.OkAsync(resumed))["cancelAt"].ShouldBeNull();
        await world.MoveAsync(end.AddHours(3));
        (await ada.SubscriptionAsync())["status"]!.ToString().ShouldBe("active");
    }

    [Fact]
    public async Task One_whose_trial_ended_without_a_card_goes_on_once_there_is_one()
    {
        using var ada = world.NewUser();
        await ada.SaveCardAsync(await world.NewCardAsync());
        using var shopper = world.NewUser();
        await shopper.CheckoutAsync(new { planId = Plans.Plus });
        var price = await world.PriceOfAsync(Plans.Plus);
        (await ada.Http.DeleteAsync($"api/v1/payments/methods/{(await ada.CardsAsync())[0]!["id"]}")).EnsureSuccessStatusCode();
        await world.StripeAsync(
            "/v1/subscriptions", ("customer", await world.CustomerOfAsync(ada)), ("items[0][price]", price), ("trial_period_days", "2"), ("trial_settings[end_behavior][missing_payment_method]", "pause"));
        await world.SettleAsync();
        await world.MoveAsync(world.Stripe.Now.AddDays(2).AddHours(1));
        var paused = await ada.SubscriptionAsync();
        paused["status"]!.ToString().ShouldBe("paused");

        using (var refused = await ada.PostAsync($"subscriptions/{paused["id"]}/resume", new { }))
        {
            await Cards.Cards.RefusedAsync(refused, HttpStatusCode.Conflict, "subscription.no_card");
        }

        await ada.SaveCardAsync(await world.NewCardAsync("tok_mastercard"), makeDefault: true);
        using var resumed = await ada.PostAsync($"subscriptions/{paused["id"]}/resume", new { });
        (await Cards.Cards.OkAsync(resumed))["status"]!.ToString().ShouldBe("active");
        await world.SettleAsync();
        (await ada.GetAsync("access/lab/1"))["allowed"]!.GetValue<bool>().ShouldBeTrue();
        (await ada.CreditsAsync()).ShouldBe(400);
    }

    /// <summary>While nobody knows what came of it, its key is told to wait; the claim's lease of a minute is no part of that.</summary>
    private static async Task<JsonNode> AnsweredAsync(Func<Task<HttpResponseMessage>> ask)
    {
        JsonNode? answer = null;
        await World.EventuallyAsync(
            async () =>
            {
                using var asked = await ask();
                if (asked.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.ServiceUnavailable)
                {
                    await Task.Delay(300);
                    return false;
                }

                answer = await Cards.Cards.OkAsync(asked);
                return true;
            },
            "its outcome is known");
        return answer!;
    }

    private async Task<string> SubscribeAsync(Caller caller, int quantity)
    {
        await caller.PaidAsync(await caller.BuyAsync(new { planId = Plans.Team, quantity }));
        await world.SettleAsync();
        return (await caller.SubscriptionAsync())["id"]!.ToString();
    }

    private Task<string> GatewayIdAsync(Caller caller) => world.ScalarAsync<string>("SELECT gateway_id FROM payments.subscriptions WHERE user_id = $1", caller.Id);

    private static Task<HttpResponseMessage> PutAsync(Caller caller, string id, object body, string key)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, $"api/v1/subscriptions/{id}") { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", key);
        return caller.Http.SendAsync(request);
    }
}

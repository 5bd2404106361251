using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Cards;
using Payments.Api.Tests.Notices;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Subscriptions;

public sealed class Subscribing_on_a_page_of_ones_own(World world) : IClassFixture<World>
{
    [Fact]
    public async Task A_saved_card_is_charged_and_the_plan_begins_in_the_same_answer()
    {
        using var ada = world.NewUser();
        var started = await StartAsync(ada, Plans.Monthly, await SavedAsync(ada, "tok_visa"));
        started["status"]!.ToString().ShouldBe("succeeded", started.ToJsonString());
        (await StatusAsync(ada)).ShouldBe("active");
        (await ada.CreditsAsync()).ShouldBe(200);
        (await ada.GetAsync("access/lab/1"))["allowed"]!.GetValue<bool>().ShouldBeTrue();
        await world.SettleAsync();
        (await ada.CreditsAsync()).ShouldBe(200);
        (await ada.GetAsync("payments/history"))["items"]!.AsArray().Count.ShouldBe(1);
        await world.LedgerIsSoundAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_answer_says_what_became_of_the_payment_even_when_events_have_told_less_of_it_already(bool firstAnswerIsLost)
    {
        using var ada = world.NewUser();
        using var shopper = world.NewUser();
        await StartAsync(shopper, Plans.Monthly, null); // The plan's price is there from now on.
        await SavedAsync(ada, "tok_visa");
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 }, api = new { cutAfterEffect = firstAnswerIsLost ? 1.0 : 0 } });
        using (var first = await ada.PostAsync("payments/payment-intent", new { planId = Plans.Monthly }))
        {
            first.StatusCode.ShouldBe(firstAnswerIsLost ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK, await first.Content.ReadAsStringAsync());
        }

        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        var customer = await world.CustomerOfAsync(ada);
        (await world.DeliverAsync((await world.EventsAsync("customer.subscription.created")).Single(e => e["data"]!["object"]!["customer"]!.ToString() == customer))).Dispose();
        await world.SettleAsync();
        (await StatusAsync(ada)).ShouldBe("incomplete");
        var intent = await world.ScalarAsync<string>("SELECT intent_id FROM payments.invoices WHERE user_id = $1", ada.Id);
        await world.StripeAsync($"/v1/payment_intents/{intent}/confirm", ("payment_method", "pm_card_visa"), ("return_url", "http://127.0.0.1:3000/back"));
        await world.FaultsAsync(null);

        using var again = await ada.PostAsync("payments/payment-intent", new { planId = Plans.Monthly });
        (await Cards.Cards.OkAsync(again))["status"]!.ToString().ShouldBe("succeeded");
        (await ada.CreditsAsync()).ShouldBe(200);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Asked_again_after_a_renewal_it_is_still_the_first_payment(bool trial)
    {
        using var ada = world.NewUser();
        var card = await SavedAsync(ada, trial ? "tok_jcb" : "tok_visa");
        var wish = new { planId = trial ? Plans.Plus : Plans.Monthly, paymentMethodId = card };
        using var first = await ada.PostAsync("payments/payment-intent", wish, "long-ago");
        var began = await Cards.Cards.OkAsync(first);
        await world.SettleAsync();
        var subscription = await ada.SubscriptionAsync();
        await world.MoveAsync(subscription.Time("currentPeriodEnd").AddHours(3));
        (await ada.GetAsync("payments/history"))["items"]!.AsArray().Count.ShouldBe(2);
        await world.ScalarAsync<long>("WITH forgotten AS (DELETE FROM payments.idempotency_keys RETURNING 1) SELECT count(*) FROM forgotten");

        using var again = await ada.PostAsync("payments/payment-intent", wish, "long-ago");

        var answer = await Cards.Cards.OkAsync(again);
        (answer["paymentId"]!.ToString(), answer["status"]!.ToString()).ShouldBe((began["paymentId"]!.ToString(), "succeeded"));
        answer["clientSecret"]?.ToString().ShouldBe(began["clientSecret"]?.ToString());
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.payment_attempts WHERE payment_id = $1", Guid.Parse(began["paymentId"]!.ToString()))).ShouldBe(trial ? 0 : 1);
    }

    [Fact]
    public async Task A_card_that_wants_three_d_secure_begins_it_once_it_is_confirmed()
    {
        using var ada = world.NewUser();
        var started = await StartAsync(ada, Plans.Monthly, await SavedAsync(ada, "tok_threeDSecure2Required"));
        started["status"]!.ToString().ShouldBe("requiresAction", started.ToJsonString());
        var secret = started["clientSecret"]!.ToString();
        secret.ShouldContain("_secret_");
        (await StatusAsync(ada)).ShouldBe("incomplete");
        (await ada.GetAsync("access/lab/1"))["allowed"]!.GetValue<bool>().ShouldBeFalse();
        (await ada.CreditsAsync()).ShouldBe(0);

        (await world.Simulator.PostAsJsonAsync($"/sandbox/intents/{secret.Split("_secret_")[0]}/authenticate", new { accepted = true })).EnsureSuccessStatusCode();
        await World.EventuallyAsync(async () => await StatusAsync(ada) == "active", "it begins");
        await world.SettleAsync();
        (await ada.CreditsAsync()).ShouldBe(200);
        (await ada.StatusAsync(started)).ShouldBe("succeeded");
    }

    [Fact]
    public async Task A_card_that_is_declined_begins_nothing_and_another_one_may_still_pay()
    {
        using var ada = world.NewUser();
        var started = await StartAsync(ada, Plans.Monthly, await SavedAsync(ada, "tok_chargeCustomerFail"));
        started["status"]!.ToString().ShouldBe("failed", started.ToJsonString());
        (await StatusAsync(ada)).ShouldBe("incomplete");
        (await ada.CreditsAsync()).ShouldBe(0);

        await world.StripeAsync($"/v1/payment_intents/{started["clientSecret"]!.ToString().Split("_secret_")[0]}/confirm", ("payment_method", "pm_card_visa"), ("return_url", "http://127.0.0.1:3000/back"));
        await World.EventuallyAsync(async () => await StatusAsync(ada) == "active", "it begins");
        await world.SettleAsync();
        (await ada.CreditsAsync()).ShouldBe(200);
    }

    [Fact]
    public async Task Without_a_card_the_page_gets_a_secret_to_pay_the_first_invoice_by()
    {
        using var ada = world.NewUser();
        var started = await StartAsync(ada, Plans.Monthly, null);
        (await StatusAsync(ada)).ShouldBe("incomplete");
        await world.StripeAsync($"/v1/payment_intents/{started["clientSecret"]!.ToString().Split("_secret_")[0]}/confirm", ("payment_method", "pm_card_visa"), ("return_url", "http://127.0.0.1:3000/back"));
        await World.EventuallyAsync(async () => await StatusAsync(ada) == "active", "it begins");
        await world.SettleAsync();
        (await ada.CreditsAsync()).ShouldBe(200);
    }

    [Fact]
    public async Task A_trial_costs_nothing_and_begins_at_once()
    {
        using var ada = world.NewUser();
        var started = await StartAsync(ada, Plans.Plus, await SavedAsync(ada, "tok_amex"));
        started["status"]!.ToString().ShouldBe("succeeded", started.ToJsonString());
        (await StatusAsync(ada)).ShouldBe("trialing");
        (await ada.CreditsAsync()).ShouldBe(0);
        (await ada.GetAsync("access/lab/1"))["allowed"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task What_nobody_pays_for_a_day_is_over_and_may_be_begun_anew()
    {
        using var ada = world.NewUser();
        var started = await StartAsync(ada, Plans.Monthly, await SavedAsync(ada, "tok_chargeCustomerFail"));
        using (var moved = await world.Simulator.PostAsJsonAsync("/sandbox/clock", new { advance = "PT23H10M" }))
        {
            moved.StatusCode.ShouldBe(HttpStatusCode.OK, await moved.Content.ReadAsStringAsync());
        }

        await World.EventuallyAsync(async () => await StatusAsync(ada) == "incomplete_expired", "it is over");
        await world.SettleAsync();
        (await ada.StatusAsync(started)).ShouldBe("canceled");
        (await ada.CreditsAsync()).ShouldBe(0);
        (await StartAsync(ada, Plans.Monthly, await SavedAsync(ada, "tok_visa")))["status"]!.ToString().ShouldBe("succeeded");
    }

    [Fact]
    public async Task The_same_key_begins_one_subscription()
    {
        using var ada = world.NewUser();
        var card = await SavedAsync(ada, "tok_visa");
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ada.PostAsync("payments/payment-intent", new { planId = Plans.Monthly, paymentMethodId = card }, "plan-once")));
        answers.ShouldContain(a => a.StatusCode == HttpStatusCode.OK);
        answers.ShouldAllBe(a => a.StatusCode == HttpStatusCode.OK || a.StatusCode == HttpStatusCode.Conflict);
        await world.SettleAsync();
        (await ada.GetAsync("subscriptions/status"))["items"]!.AsArray().Count.ShouldBe(1);
        (await ada.CreditsAsync()).ShouldBe(200);
    }

    [Fact]
    public async Task Six_at_once_without_a_key_charge_the_card_once()
    {
        using var ada = world.NewUser();
        var card = await SavedAsync(ada, "tok_visa");
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => ada.PostAsync("payments/payment-intent", new { planId = Plans.Monthly, paymentMethodId = card })));
        answers.ShouldContain(a => a.StatusCode == HttpStatusCode.OK);
        answers.ShouldAllBe(a => a.StatusCode == HttpStatusCode.OK || a.StatusCode == HttpStatusCode.Conflict || a.StatusCode == HttpStatusCode.ServiceUnavailable);
        await world.SettleAsync();
        (await ada.GetAsync("subscriptions/status"))["items"]!.AsArray().Count.ShouldBe(1);
        JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/charges?customer={await world.CustomerOfAsync(ada)}"))!["data"]!.AsArray().Count.ShouldBe(1);
        (await ada.CreditsAsync()).ShouldBe(200);
    }

    private async Task<string> SavedAsync(Caller caller, string token)
    {
        var card = await world.NewCardAsync(token);
        await caller.SaveCardAsync(card);
        return card;
    }

    private static async Task<string> StatusAsync(Caller caller) => (await caller.GetAsync("subscriptions/status"))["items"]![0]!["status"]!.ToString();

    private static async Task<JsonNode> StartAsync(Caller caller, Guid plan, string? card)
    {
        using var answer = await caller.PostAsync("payments/payment-intent", new { planId = plan, paymentMethodId = card });
        return await Cards.Cards.OkAsync(answer);
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Cards;
using Payments.Api.Tests.Subscriptions;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Purchases;

/// <summary>A card is charged in the very call that opens its payment: once a key, and only while somebody asks for it.</summary>
public sealed class Charging_a_saved_card(World world) : IClassFixture<World>
{
    private static readonly object Forty = new { creditAmount = 40, paymentMethodId = "pm_card_visa" };

    [Fact]
    public async Task The_same_key_after_a_lost_answer_tells_of_the_one_charge()
    {
        using var ada = await BuyerAsync();
        (await CutAsync(new { cutAfterEffect = 1.0 }, ada, Forty, "lost")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        await World.EventuallyAsync(async () => await ada.CreditsAsync() == 40, "the webhook fulfils");

        var answer = await ada.DoAsync("payments/payment-intent", Forty, "lost");

        answer["status"]!.ToString().ShouldBe("succeeded");
        answer["clientSecret"]!.ToString().ShouldContain("_secret_");
        await IsChargedOnceAsync(ada, 400);
        (await ada.GetAsync("payments/history"))["items"]!.AsArray().ShouldHaveSingleItem()!["id"]!.ToString().ShouldBe(answer["paymentId"]!.ToString());
        (await ada.CreditsAsync()).ShouldBe(40);
    }

    [Fact]
    public async Task The_same_key_before_any_event_came_is_fulfilled_by_its_answer()
    {
        using var ada = await BuyerAsync();
        (await CutAsync(new { cutAfterEffect = 1.0 }, ada, Forty, "early", drop: true)).ShouldBe(HttpStatusCode.ServiceUnavailable);

        (await ada.DoAsync("payments/payment-intent", Forty, "early"))["status"]!.ToString().ShouldBe("succeeded");

        await IsChargedOnceAsync(ada, 400);
        (await ada.CreditsAsync()).ShouldBe(40);
    }

    [Fact]
    public async Task The_same_key_long_after_everybody_has_forgotten_the_answer_tells_how_it_stands_now()
    {
        using var ada = await BuyerAsync();
        var paid = await ada.DoAsync("payments/payment-intent", Forty, "old");
        using var admin = world.NewUser(null, "admin");
        await admin.RefundAsync(paid);
        await ada.BecomesAsync(paid, "refunded");
        await ForgetAnswersAsync();
        await world.ScalarAsync<Guid>("UPDATE payments.gateway_requests SET prepared_at = prepared_at - interval '2 days' WHERE subject_id = $1 RETURNING subject_id", Guid.Parse(paid["paymentId"]!.ToString()));

        var again = await ada.DoAsync("payments/payment-intent", Forty, "old");

        (again["paymentId"]!.ToString(), again["status"]!.ToString()).ShouldBe((paid["paymentId"]!.ToString(), "refunded"));
        await IsChargedOnceAsync(ada, 400);
    }

    [Fact]
    public async Task The_same_key_with_another_card_or_amount_is_refused()
    {
        using var ada = await BuyerAsync();
        (await CutAsync(new { error = 1.0 }, ada, Forty, "changed")).ShouldBe(HttpStatusCode.ServiceUnavailable);

        foreach (var other in new object[] { new { creditAmount = 40, paymentMethodId = "pm_card_mastercard" }, new { creditAmount = 40 }, new { creditAmount = 41, paymentMethodId = "pm_card_visa" }, new { creditAmount = 20, quantity = 2, paymentMethodId = "pm_card_visa" } })
        {
            var (status, problem) = await ada.TryAsync("payments/payment-intent", other, "changed");
            (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.UnprocessableEntity, "idempotency.key_reused"));
        }

        (await ada.DoAsync("payments/payment-intent", Forty, "changed"))["status"]!.ToString().ShouldBe("succeeded");
        await IsChargedOnceAsync(ada, 400);
    }

    [Fact]
    public async Task Nobody_is_charged_who_was_told_that_it_failed_and_did_not_ask_again()
    {
        using var ada = await BuyerAsync();
        (await CutAsync(new { error = 1.0 }, ada, Forty, "gone")).ShouldBe(HttpStatusCode.ServiceUnavailable);

        await world.LaterAsync("PT30M");

        (await ChargesAsync(ada)).ShouldBeEmpty();
        var left = (await ada.GetAsync("payments/history"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        (left["status"]!.ToString(), left["failure"]!["code"]!.ToString()).ShouldBe(("canceled", "given_up"));
        var (status, problem) = await ada.TryAsync("payments/payment-intent", Forty, "gone");
        (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.Conflict, "payment.given_up"));
        (await ada.DoAsync("payments/payment-intent", Forty, "anew"))["status"]!.ToString().ShouldBe("succeeded");
        await IsChargedOnceAsync(ada, 400);
    }

    [Fact]
    public async Task Who_asks_again_with_another_key_is_charged_for_that_alone()
    {
        using var ada = await BuyerAsync();
        (await CutAsync(new { error = 1.0 }, ada, Forty, "first")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await ada.DoAsync("payments/payment-intent", Forty, "second"))["status"]!.ToString().ShouldBe("succeeded");

        await world.LaterAsync("PT30M");

        await IsChargedOnceAsync(ada, 400);
        (await ada.CreditsAsync()).ShouldBe(40);
    }

    [Fact]
    public async Task A_charge_whose_answer_and_events_were_lost_is_found_and_fulfilled()
    {
        using var ada = await BuyerAsync();
        (await CutAsync(new { cutAfterEffect = 1.0 }, ada, Forty, "found", drop: true)).ShouldBe(HttpStatusCode.ServiceUnavailable);

        await world.LaterAsync("PT2M");

        (await ada.CreditsAsync()).ShouldBe(40);
        await IsChargedOnceAsync(ada, 400);
        (await ada.GetAsync("payments/history"))["items"]!.AsArray().ShouldHaveSingleItem()!["status"]!.ToString().ShouldBe("succeeded");
    }

    [Fact]
    public async Task An_order_is_cancelled_without_charging_the_card_that_it_could_not_be_paid_with()
    {
        using var ada = await BuyerAsync();
        var product = await world.NewProductAsync(5);
        var order = await ada.OrderAsync(product);
        (await CutAsync(new { error = 1.0 }, ada, new { orderId = order["id"]!.ToString(), paymentMethodId = "pm_card_visa" }, "order")).ShouldBe(HttpStatusCode.ServiceUnavailable);

        // It may be on its way for as long as a call to the provider may take.
        (await ada.TryAsync($"orders/{order["id"]}/cancel", new { })).Body["code"]!.ToString().ShouldBe("order.being_paid");
        await world.LaterAsync("PT10M");

        await ada.OrderBecomesAsync(order, "CANCELLED");
        (await ChargesAsync(ada)).ShouldBeEmpty();
        (await world.StockAsync(product)).ShouldBe((5, 0, 0));
    }

    [Fact]
    public async Task Another_card_for_the_same_order_does_not_charge_the_first_one()
    {
        using var ada = await BuyerAsync();
        var order = await ada.OrderAsync(await world.NewProductAsync(5));
        (await CutAsync(new { error = 1.0 }, ada, new { orderId = order["id"]!.ToString(), paymentMethodId = "pm_card_visa" }, "card-1")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        var other = new { orderId = order["id"]!.ToString(), paymentMethodId = "pm_card_mastercard" };

        (await ada.TryAsync("payments/payment-intent", other, "card-2")).Body["code"]!.ToString().ShouldBe("order.being_paid");
        await world.LaterAsync("PT10M");
        (await ada.DoAsync("payments/payment-intent", other, "card-2"))["status"]!.ToString().ShouldBe("succeeded");

        await ada.OrderBecomesAsync(order, "CONFIRMED");
        (await IsChargedOnceAsync(ada, 1000))["payment_method_details"]!["card"]!["brand"]!.ToString().ShouldBe("mastercard");
    }

    [Fact]
    public async Task A_plan_is_not_begun_for_somebody_who_was_told_that_it_failed()
    {
        using var ada = await BuyerAsync();
        var plan = new { planId = Plans.Monthly, paymentMethodId = await SavedAsync(ada) };
        (await CutAsync(new { error = 1.0 }, ada, plan, "plan-gone")).ShouldBe(HttpStatusCode.ServiceUnavailable);

        await world.LaterAsync("PT30M");

        (await ada.GetAsync("subscriptions/status"))["items"]!.AsArray().ShouldBeEmpty();
        (await ChargesAsync(ada)).ShouldBeEmpty();
        (await ada.TryAsync("payments/payment-intent", plan, "plan-gone")).Body["code"]!.ToString().ShouldBe("payment.given_up");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_plan_whose_answer_was_lost_is_begun_once(bool asksAgain)
    {
        using var ada = await BuyerAsync();
        var key = $"plan-lost-{asksAgain}";
        var plan = new { planId = Plans.Monthly, paymentMethodId = await SavedAsync(ada) };
        (await CutAsync(new { cutAfterEffect = 1.0 }, ada, plan, key, drop: true)).ShouldBe(HttpStatusCode.ServiceUnavailable);

        if (asksAgain)
        {
            (await ada.DoAsync("payments/payment-intent", plan, key))["status"]!.ToString().ShouldBe("succeeded");
            await ForgetAnswersAsync();
            (await ada.DoAsync("payments/payment-intent", plan, key))["clientSecret"]!.ToString().ShouldContain("_secret_");
        }
        else
        {
            await world.LaterAsync("PT2M");
        }

        (await ada.GetAsync("subscriptions/status"))["items"]!.AsArray().ShouldHaveSingleItem()!["status"]!.ToString().ShouldBe("active");
        await IsChargedOnceAsync(ada, 1900);
        (await ada.CreditsAsync()).ShouldBe(200);
    }

    [Fact]
    public async Task Somebody_elses_card_is_refused_by_its_field()
    {
        using var ada = await BuyerAsync();
        var card = await SavedAsync(ada);
        using var grace = world.NewUser();

        foreach (var body in new object[] { new { creditAmount = 40, paymentMethodId = card }, new { planId = Plans.Monthly, paymentMethodId = card } })
        {
            var (status, problem) = await grace.TryAsync("payments/payment-intent", body);
            status.ShouldBe(HttpStatusCode.BadRequest, problem.ToJsonString());
            problem["errors"]!.AsObject().Select(e => e.Key).ShouldBe(["paymentMethodId"], problem.ToJsonString());
        }

        (await ChargesAsync(ada)).ShouldBeEmpty();
    }

    /// <summary>Asks while the provider fails, and lets it be well again.</summary>
    private async Task<HttpStatusCode> CutAsync(object api, Caller buyer, object body, string key, bool drop = false)
    {
        await world.FaultsAsync(drop ? new { api, deliveries = new { drop = 1.0 } } : new { api });
        try
        {
            return (await buyer.TryAsync("payments/payment-intent", body, key)).Status;
        }
        finally
        {
            await world.FaultsAsync(null);
        }
    }

    /// <summary>Somebody whom the provider knows already, so that faults strike the charge.</summary>
    private async Task<Caller> BuyerAsync()
    {
        var buyer = world.NewUser();
        using var setup = await buyer.PostAsync("payments/setup-intent", new { });
        setup.StatusCode.ShouldBe(HttpStatusCode.OK, await setup.Content.ReadAsStringAsync());
        return buyer;
    }

    private async Task<string> SavedAsync(Caller buyer)
    {
        var card = await world.NewCardAsync();
        await buyer.SaveCardAsync(card);
        return card;
    }

    private async Task ForgetAnswersAsync() => await world.ScalarAsync<long>("WITH gone AS (DELETE FROM payments.idempotency_keys RETURNING 1) SELECT count(*) FROM gone");

    private async Task<JsonNode> IsChargedOnceAsync(Caller buyer, long amount)
    {
        await world.SettleAsync();
        var charge = (await ChargesAsync(buyer)).ShouldHaveSingleItem()!;
        (charge["amount"]!.GetValue<long>(), charge["status"]!.ToString()).ShouldBe((amount, "succeeded"));
        await world.LedgerIsSoundAsync();
        return charge;
    }

    private async Task<JsonArray> ChargesAsync(Caller buyer)
    {
        var customers = await world.Simulator.GetFromJsonAsync<JsonNode>($"/v1/customers?email={buyer.Id:N}@example.com");
        var customer = customers!["data"]!.AsArray().ShouldHaveSingleItem()!["id"];
        return (await world.Simulator.GetFromJsonAsync<JsonNode>($"/v1/charges?customer={customer}&limit=100"))!["data"]!.AsArray();
    }
}

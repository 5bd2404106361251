using System.Net;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Cards;

public sealed class Saving_a_card(World world) : IClassFixture<World>
{
    [Fact]
    public async Task A_card_set_up_on_the_page_is_saved_and_pays()
    {
        using var ada = world.NewUser();
        using var opened = await ada.PostAsync("payments/setup-intent", new { });
        var setup = await Cards.OkAsync(opened);
        setup["status"]!.ToString().ShouldBe("requiresPaymentMethod");
        var id = setup["id"]!.ToString();
        setup["clientSecret"]!.ToString().ShouldStartWith(id + "_secret_");

        var made = await world.StripeAsync($"/v1/setup_intents/{id}/confirm", ("payment_method", "pm_card_visa"), ("return_url", "http://127.0.0.1:3000/back"));
        made["usage"]!.ToString().ShouldBe("off_session");
        await World.EventuallyAsync(async () => (await ada.CardsAsync()).Count == 1, "the card is saved");

        var card = (await ada.CardsAsync()).ShouldHaveSingleItem()!;
        card.AsObject().Select(p => p.Key).ShouldBe(["id", "brand", "last4", "expMonth", "expYear", "isDefault"]);
        (card["id"]!.ToString(), card["brand"]!.ToString(), card["last4"]!.ToString()).ShouldBe((made["payment_method"]!.ToString(), "visa", "4242"));
        (await world.ScalarAsync<string>("SELECT fingerprint FROM payments.payment_methods WHERE id = $1", card["id"]!.ToString())).ShouldNotBeEmpty();

        using var bought = await ada.PostAsync("payments/payment-intent", new { creditAmount = 40, paymentMethodId = card["id"]!.ToString() });
        (await Cards.OkAsync(bought))["status"]!.ToString().ShouldBe("succeeded");
    }

    [Fact]
    public async Task The_events_alone_keep_the_rows()
    {
        using var ada = world.NewUser();
        (await ada.CardsAsync()).ShouldBeEmpty("nobody is asked about a user who never paid");
        await ada.SaveCardAsync(await world.NewCardAsync());
        var customer = await world.CustomerOfAsync(ada);
        await ada.CardsAsync();

        var second = await world.NewCardAsync("tok_amex");
        await world.StripeAsync($"/v1/payment_methods/{second}/attach", ("customer", customer));
        await world.StripeAsync($"/v1/customers/{customer}", ("invoice_settings[default_payment_method]", second));
        await world.StripeAsync($"/v1/payment_methods/{second}", ("card[exp_month]", "7"), ("card[exp_year]", "2041"));
        await World.EventuallyAsync(async () => await ada.CardsAsync() is { Count: 2 } seen && seen[0]!["expYear"]!.GetValue<int>() == 2041, "the events are heard");

        var cards = await ada.CardsAsync();
        (cards[0]!["id"]!.ToString(), cards[0]!["isDefault"]!.GetValue<bool>(), cards[0]!["expMonth"]!.GetValue<int>(), cards[0]!["expYear"]!.GetValue<int>()).ShouldBe((second, true, 7, 2041));
        cards[1]!["isDefault"]!.GetValue<bool>().ShouldBeFalse();

        await world.StripeAsync($"/v1/payment_methods/{second}/detach");
        await World.EventuallyAsync(async () => await ada.CardsAsync() is [{ } left] && !left["isDefault"]!.GetValue<bool>(), "the removal is heard");
    }

    [Fact]
    public async Task Events_in_any_order_and_number_end_as_the_provider_has_it()
    {
        using var ada = world.NewUser();
        await ada.SaveCardAsync(await world.NewCardAsync());
        var customer = await world.CustomerOfAsync(ada);
        var gone = await world.NewCardAsync("tok_mastercard");
        await world.StripeAsync($"/v1/payment_methods/{gone}/attach", ("customer", customer));
        await world.StripeAsync($"/v1/customers/{customer}", ("invoice_settings[default_payment_method]", gone));
        await world.StripeAsync($"/v1/payment_methods/{gone}/detach");
        var stays = await world.NewCardAsync("tok_amex");
        await world.StripeAsync($"/v1/payment_methods/{stays}/attach", ("customer", customer));
        await world.StripeAsync($"/v1/payment_methods/{stays}", ("card[exp_month]", "7"), ("card[exp_year]", "2041"));
        await world.StripeAsync($"/v1/customers/{customer}", ("invoice_settings[default_payment_method]", stays));
        // Who asks while all of it is being told may be answered 409: try again.
        await world.SettleAsync();
        await World.EventuallyAsync(
            async () => await ada.CardsAsync() is { Count: 2 } seen && seen[0]!["id"]!.ToString() == stays && seen[0]!["expYear"]!.GetValue<int>() == 2041, "the events are heard");
        await world.SettleAsync();
        var truth = (await ada.CardsAsync()).ToJsonString();

        var events = (await world.EventsAsync()).Where(e => e["type"]!.ToString() is var type && (type.StartsWith("payment_method.", StringComparison.Ordinal) || type == "customer.updated")
            && e.ToJsonString().Contains(customer, StringComparison.Ordinal)).ToList();
        events.Count.ShouldBeGreaterThan(6);
        var random = new Random(20261126);
        for (var round = 0; round < 5; round++)
        {
            await world.ScalarAsync<long>("WITH gone AS (DELETE FROM payments.payment_methods WHERE customer_id = (SELECT id FROM payments.customers WHERE gateway_id = $1) RETURNING 1) SELECT count(*) FROM gone", customer);
            foreach (var one in events.Concat(events).OrderBy(_ => random.Next()).ToList())
            {
                var copy = one.DeepClone();
                copy["id"] = $"evt_{Guid.NewGuid():N}";
                (await world.DeliverAsync(copy)).StatusCode.ShouldBe(HttpStatusCode.OK);
            }

            await world.SettleAsync();
            (await world.ScalarAsync<long>("SELECT count(*) FROM payments.webhook_events WHERE status IN ('dead', 'parked')")).ShouldBe(0);
            JsonNode.Parse((await ada.CardsAsync()).ToJsonString())!.AsArray().OrderBy(c => c!["id"]!.ToString(), StringComparer.Ordinal).Select(c => c!.ToJsonString())
                .ShouldBe(JsonNode.Parse(truth)!.AsArray().OrderBy(c => c!["id"]!.ToString(), StringComparer.Ordinal).Select(c => c!.ToJsonString()), $"round {round}");
        }
    }

    [Fact]
    public async Task The_first_card_becomes_the_default_and_a_later_one_only_when_asked()
    {
        using var ada = world.NewUser();
        var (first, second, third) = (await world.NewCardAsync(), await world.NewCardAsync("tok_amex"), await world.NewCardAsync("tok_mastercard"));
        (await ada.SaveCardAsync(first))["isDefault"]!.GetValue<bool>().ShouldBeTrue();
        (await ada.SaveCardAsync(second))["isDefault"]!.GetValue<bool>().ShouldBeFalse();
        (await ada.SaveCardAsync(third, makeDefault: true))["isDefault"]!.GetValue<bool>().ShouldBeTrue();
        (await ada.CardsAsync())[0]!["id"]!.ToString().ShouldBe(third);

        using var chosen = await ada.PostAsync($"payments/methods/{second}/default", new { }, "choose-1");
        (await Cards.OkAsync(chosen))["isDefault"]!.GetValue<bool>().ShouldBeTrue();
        await world.SettleAsync();
        var cards = await ada.CardsAsync();
        cards.Count(c => c!["isDefault"]!.GetValue<bool>()).ShouldBe(1);
        cards[0]!["id"]!.ToString().ShouldBe(second);
        var customer = JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/customers/{await world.CustomerOfAsync(ada)}"))!;
        customer["invoice_settings"]!["default_payment_method"]!.ToString().ShouldBe(second);
    }

    [Fact]
    public async Task Saving_it_twice_is_saving_it_once()
    {
        using var ada = world.NewUser();
        var card = await world.NewCardAsync();
        await ada.SaveCardAsync(card);
        await ada.SaveCardAsync(card);
        (await ada.CardsAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_same_key_opens_one_setup()
    {
        using var ada = world.NewUser();
        using var first = await ada.PostAsync("payments/setup-intent", new { }, "setup-1");
        using var second = await ada.PostAsync("payments/setup-intent", new { }, "setup-1");
        (await Cards.OkAsync(second)).ToJsonString().ShouldBe((await Cards.OkAsync(first)).ToJsonString());
    }

    [Fact]
    public async Task A_setup_whose_answer_was_cut_off_is_the_same_one_when_it_is_asked_for_again()
    {
        using var ada = world.NewUser();
        await ada.SaveCardAsync(await world.NewCardAsync());
        await world.FaultsAsync(new { api = new { cutAfterEffect = 1 } });
        using (var cut = await ada.PostAsync("payments/setup-intent", new { }, "setup-cut"))
        {
            await Cards.RefusedAsync(cut, HttpStatusCode.ServiceUnavailable, "gateway.unavailable");
        }

        await world.FaultsAsync(null);
        using var again = await ada.PostAsync("payments/setup-intent", new { }, "setup-cut");
        var setup = await Cards.OkAsync(again);

        var all = JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/setup_intents?customer={await world.CustomerOfAsync(ada)}"))!["data"]!.AsArray();
        all.ShouldHaveSingleItem()!["id"]!.ToString().ShouldBe(setup["id"]!.ToString());
    }

    [Fact]
    public async Task A_declined_card_is_refused_in_words_for_its_owner()
    {
        using var ada = world.NewUser();
        using var answer = await ada.PostAsync("payments/methods", new { paymentMethodId = await world.NewCardAsync("tok_chargeDeclinedStolenCard") });
        var text = await answer.Content.ReadAsStringAsync();
        await Cards.RefusedAsync(answer, HttpStatusCode.PaymentRequired, "payment.declined");
        text.ShouldNotContain("stolen");
        (await ada.CardsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Anothers_card_is_not_there()
    {
        using var ada = world.NewUser();
        using var eve = world.NewUser();
        var card = await world.NewCardAsync();
        await ada.SaveCardAsync(card);
        await eve.SaveCardAsync(await world.NewCardAsync("tok_amex"));

        using var taken = await eve.PostAsync("payments/methods", new { paymentMethodId = card });
        await Cards.RefusedAsync(taken, HttpStatusCode.NotFound, "payment_method.not_found");
        using var chosen = await eve.PostAsync($"payments/methods/{card}/default", new { });
        await Cards.RefusedAsync(chosen, HttpStatusCode.NotFound, "payment_method.not_found");
        using var removed = await eve.Http.DeleteAsync($"api/v1/payments/methods/{card}");
        await Cards.RefusedAsync(removed, HttpStatusCode.NotFound, "payment_method.not_found");
        using var unknown = await eve.PostAsync("payments/methods", new { paymentMethodId = "pm_unknown" });
        await Cards.RefusedAsync(unknown, HttpStatusCode.NotFound, "payment_method.not_found");
        (await ada.CardsAsync()).Count.ShouldBe(1);
        using var stranger = world.NewUser();
        using var none = await stranger.Http.DeleteAsync($"api/v1/payments/methods/{card}");
        await Cards.RefusedAsync(none, HttpStatusCode.NotFound, "payment_method.not_found");
    }

    [Fact]
    public async Task What_is_no_card_is_not_saved()
    {
        using var ada = world.NewUser();
        var debit = await world.StripeAsync("/v1/payment_methods", ("type", "sepa_debit"), ("sepa_debit[iban]", "AT611904300234573201"), ("billing_details[name]", "Ada"), ("billing_details[email]", "ada@example.com"));
        using var answer = await ada.PostAsync("payments/methods", new { paymentMethodId = debit["id"]!.ToString() });
        await Cards.RefusedAsync(answer, HttpStatusCode.BadRequest, "payment_method.not_a_card");
    }
}

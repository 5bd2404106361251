using System.Net;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Cards;

public sealed class Removing_a_card(World world) : IClassFixture<World>
{
    [Fact]
    public async Task It_is_gone_here_and_at_the_provider_for_good()
    {
        using var ada = world.NewUser();
        var card = await world.NewCardAsync();
        await ada.SaveCardAsync(card);

        (await RemoveAsync(ada, card)).ShouldBe(HttpStatusCode.NoContent);

        (await ada.CardsAsync()).ShouldBeEmpty();
        JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/payment_methods/{card}"))!["customer"].ShouldBeNull();
        (await RemoveAsync(ada, card)).ShouldBe(HttpStatusCode.NotFound);
        using var again = await ada.PostAsync("payments/methods", new { paymentMethodId = card });
        await Cards.RefusedAsync(again, HttpStatusCode.Conflict, "payment_method.not_attachable");
        await world.SettleAsync();
        (await ada.CardsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task One_that_the_provider_removed_already_is_removed_here()
    {
        using var ada = world.NewUser();
        var card = await world.NewCardAsync();
        // Not even that it was attached is told: on hearing of that late, we would ask, and see that it is gone.
        await world.FaultsAsync(new { deliveries = new { drop = 1 } });
        await ada.SaveCardAsync(card);
        (await ada.CardsAsync()).Count.ShouldBe(1);
        await world.StripeAsync($"/v1/payment_methods/{card}/detach");

        (await RemoveAsync(ada, card)).ShouldBe(HttpStatusCode.NoContent);
        await world.FaultsAsync(null);
        (await ada.CardsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_removal_whose_answer_was_cut_off_is_looked_up_and_done()
    {
        using var ada = world.NewUser();
        var card = await world.NewCardAsync();
        await ada.SaveCardAsync(card);
        await world.FaultsAsync(new { api = new { cutAfterEffect = 1 } });
        var first = await RemoveAsync(ada, card);
        await world.FaultsAsync(null);

        // Reads are cut too, so the caller may have to ask again; by then the card is gone, and its event has told.
        first.ShouldBeOneOf(HttpStatusCode.NoContent, HttpStatusCode.ServiceUnavailable);
        (await RemoveAsync(ada, card)).ShouldBeOneOf(HttpStatusCode.NoContent, HttpStatusCode.NotFound);
        (await ada.CardsAsync()).ShouldBeEmpty();
        JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/payment_methods/{card}"))!["customer"].ShouldBeNull();
    }

    [Fact]
    public async Task While_the_provider_is_away_the_card_stays()
    {
        using var ada = world.NewUser();
        var card = await world.NewCardAsync();
        await ada.SaveCardAsync(card);
        await world.FaultsAsync(new { api = new { rateLimit = 1 } });
        (await RemoveAsync(ada, card)).ShouldBe(HttpStatusCode.ServiceUnavailable);
        await world.FaultsAsync(null);

        (await ada.CardsAsync()).Count.ShouldBe(1);
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.payment_methods WHERE id = $1 AND removal_asked_at IS NULL", card)).ShouldBe(1);
        (await RemoveAsync(ada, card)).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_deleted_customer_takes_the_cards_along_and_the_next_card_makes_a_new_one()
    {
        using var ada = world.NewUser();
        await ada.SaveCardAsync(await world.NewCardAsync());
        var old = await world.CustomerOfAsync(ada);
        (await world.Simulator.DeleteAsync($"/v1/customers/{old}")).EnsureSuccessStatusCode();
        await World.EventuallyAsync(async () => (await ada.CardsAsync()).Count == 0, "the deletion is heard");
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.payment_methods m JOIN payments.customers c ON c.id = m.customer_id WHERE c.gateway_id = $1 AND m.detached_at IS NULL", old)).ShouldBe(0);

        await ada.SaveCardAsync(await world.NewCardAsync("tok_amex"));
        (await world.CustomerOfAsync(ada)).ShouldNotBe(old);
        (await ada.CardsAsync()).ShouldHaveSingleItem()!["brand"]!.ToString().ShouldBe("amex");
    }

    [Fact]
    public async Task A_customer_deleted_without_a_word_is_noticed_when_it_is_used()
    {
        using var ada = world.NewUser();
        await ada.SaveCardAsync(await world.NewCardAsync());
        var old = await world.CustomerOfAsync(ada);
        await world.FaultsAsync(new { deliveries = new { drop = 1 } });
        (await world.Simulator.DeleteAsync($"/v1/customers/{old}")).EnsureSuccessStatusCode();

        using var setup = await ada.PostAsync("payments/setup-intent", new { });
        await Cards.OkAsync(setup);
        await world.FaultsAsync(null);
        (await world.CustomerOfAsync(ada)).ShouldNotBe(old);
        (await ada.CardsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_last_one_of_a_live_subscription_stays_unless_it_is_forced()
    {
        using var ada = world.NewUser();
        var card = await world.NewCardAsync();
        await ada.SaveCardAsync(card);
        using (var started = await ada.PostAsync("payments/payment-intent", new { planId = new Guid("d0000000-0000-4000-8000-000000000001"), paymentMethodId = card }))
        {
            await Cards.OkAsync(started);
        }

        using (var refused = await ada.Http.DeleteAsync($"api/v1/payments/methods/{card}"))
        {
            await Cards.RefusedAsync(refused, HttpStatusCode.Conflict, "payment_method.last_of_subscription");
        }

        var other = await world.NewCardAsync("tok_mastercard");
        await ada.SaveCardAsync(other);
        (await RemoveAsync(ada, card)).ShouldBe(HttpStatusCode.NoContent);
        (await RemoveAsync(ada, other)).ShouldBe(HttpStatusCode.Conflict);
        (await RemoveAsync(ada, other + "?force=true")).ShouldBe(HttpStatusCode.NoContent);
        (await ada.CardsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_last_one_of_a_subscription_that_has_ended_may_go()
    {
        using var ada = world.NewUser();
        var card = await world.NewCardAsync();
        await ada.SaveCardAsync(card);
        using (var started = await ada.PostAsync("payments/payment-intent", new { planId = new Guid("d0000000-0000-4000-8000-000000000001"), paymentMethodId = card }))
        {
            await Cards.OkAsync(started);
        }

        var subscription = (await ada.GetAsync("subscriptions/status"))["items"]![0]!["id"];
        using (var cancelled = await ada.PostAsync($"subscriptions/{subscription}/cancel", new { atPeriodEnd = false }))
        {
            await Cards.OkAsync(cancelled);
        }

        (await RemoveAsync(ada, card)).ShouldBe(HttpStatusCode.NoContent);
    }

    private static async Task<HttpStatusCode> RemoveAsync(Caller user, string card)
    {
        using var answer = await user.Http.DeleteAsync($"api/v1/payments/methods/{card}");
        return answer.StatusCode;
    }
}

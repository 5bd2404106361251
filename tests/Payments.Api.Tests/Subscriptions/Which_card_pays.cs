using System.Net;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Cards;
using Payments.Api.Tests.Notices;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Subscriptions;

/// <summary>The provider's page gives a subscription a card of its own, which goes before the customer's default.</summary>
public sealed class Which_card_pays(World world) : IClassFixture<World>
{
    [Fact]
    public async Task A_new_default_pays_the_live_subscription_too()
    {
        using var ada = await SubscriberAsync();
        var saved = await world.NewCardAsync("tok_mastercard");
        await ada.SaveCardAsync(saved);
        (await ChargedAsync(ada)).ShouldNotBe(saved, "it is saved, not chosen");
        using (var chosen = await ada.PostAsync($"payments/methods/{saved}/default", new { }))
        {
            await Cards.Cards.OkAsync(chosen);
        }

        (await ChargedAsync(ada)).ShouldBe(saved);
        var added = await world.NewCardAsync("tok_amex");
        await ada.SaveCardAsync(added, makeDefault: true);
        (await ChargedAsync(ada)).ShouldBe(added);
        await world.MoveAsync((await ada.SubscriptionAsync()).Time("currentPeriodEnd").AddHours(3));
        var charges = JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/charges?customer={await world.CustomerOfAsync(ada)}"))!["data"]!.AsArray();
        charges[0]!["payment_method"]!.ToString().ShouldBe(added);
    }

    [Fact]
    public async Task When_the_paying_card_is_removed_another_one_pays_and_is_the_default()
    {
        using var ada = await SubscriberAsync();
        var paying = await ChargedAsync(ada);
        var spare = await world.NewCardAsync("tok_mastercard");
        await ada.SaveCardAsync(spare);
        using (var chosen = await ada.PostAsync($"payments/methods/{paying}/default", new { }))
        {
            await Cards.Cards.OkAsync(chosen);
        }

        using (var removed = await ada.Http.DeleteAsync($"api/v1/payments/methods/{paying}"))
        {
            removed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        (await ChargedAsync(ada)).ShouldBe(spare);
        (await ada.CardsAsync()).ShouldHaveSingleItem()!["isDefault"]!.GetValue<bool>().ShouldBeTrue();
        await world.SettleAsync();
        (await ada.CardsAsync()).ShouldHaveSingleItem()!["isDefault"]!.GetValue<bool>().ShouldBeTrue();
        await world.MoveAsync((await ada.SubscriptionAsync()).Time("currentPeriodEnd").AddHours(3));
        (await ada.SubscriptionAsync())["status"]!.ToString().ShouldBe("active");
    }

    [Fact]
    public async Task Its_owner_is_told_that_the_card_expires_which_is_really_charged()
    {
        using var ada = await SubscriberAsync();
        var paying = await ChargedAsync(ada);
        var soon = world.Stripe.Now.AddMonths(2);
        await world.StripeAsync($"/v1/payment_methods/{paying}", ("card[exp_month]", $"{soon.Month}"), ("card[exp_year]", $"{soon.Year}"));
        await world.SettleAsync();
        await World.EventuallyAsync(async () => (await ada.CardsAsync())[0]!["expYear"]!.GetValue<int>() == soon.Year, "the expiry is known");
        await world.MoveAsync(new DateTimeOffset(soon.Year, soon.Month, 2, 0, 0, 0, TimeSpan.Zero));
        (await ada.TypesAsync()).Count(t => t == "card-expiring").ShouldBe(1);
    }

    private async Task<Caller> SubscriberAsync()
    {
        var caller = world.NewUser();
        await caller.PaidAsync(await caller.BuyAsync(new { planId = Plans.Monthly }));
        await world.SettleAsync();
        return caller;
    }

    private async Task<string> ChargedAsync(Caller caller)
    {
        var id = await world.ScalarAsync<string>("SELECT gateway_id FROM payments.subscriptions WHERE user_id = $1", caller.Id);
        return JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/subscriptions/{id}"))!["default_payment_method"]!.ToString();
    }
}

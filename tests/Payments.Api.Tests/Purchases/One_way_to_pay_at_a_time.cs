using System.Net;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Subscriptions;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Purchases;

/// <summary>Nobody wants an item, an order or a plan twice: of all that was opened for it only one can be paid.</summary>
public sealed class One_way_to_pay_at_a_time(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Is_found_again_however_many_other_pages_were_left_lying()
    {
        using var ada = world.NewUser();
        var order = await ada.OrderAsync(await world.NewProductAsync(3));
        object[] wanted = [new { itemId = ThingSteps.Course }, new { orderId = order["id"]!.ToString() }, new { planId = Plans.Monthly }];
        var pages = new List<JsonNode>();
        foreach (var thing in wanted)
        {
            pages.Add(await ada.CheckoutAsync(thing));
        }

        for (var i = 0; i < 21; i++)
        {
            await ada.CheckoutAsync(new { creditAmount = 10 + i });
        }

        for (var i = 0; i < wanted.Length; i++)
        {
            (await ada.CheckoutAsync(wanted[i]))["sessionId"]!.ToString().ShouldBe(pages[i]["sessionId"]!.ToString());
        }

        // And of credits only the page for as many.
        var credits = await ada.CheckoutAsync(new { creditAmount = 10 });
        (await ada.CheckoutAsync(new { creditAmount = 10 }))["sessionId"]!.ToString().ShouldBe(credits["sessionId"]!.ToString());
    }

    [Fact]
    public async Task A_debit_under_way_is_not_forgotten_either()
    {
        using var ada = world.NewUser();
        var purchase = await ada.DoAsync("purchases", new { itemId = ThingSteps.Course });
        await world.ScalarAsync<Guid>("UPDATE payments.payments SET status = 'processing', next_check_at = NULL WHERE id = $1 RETURNING id", Guid.Parse(purchase["id"]!.ToString()));
        for (var i = 0; i < 21; i++)
        {
            await ada.CheckoutAsync(new { creditAmount = 10 + i });
        }

        var (status, problem) = await ada.TryAsync("payments/payment-intent", new { itemId = ThingSteps.Course });

        (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.Conflict, "item.being_paid"));
    }

    [Fact]
    public async Task A_page_closes_before_an_intent_for_the_same_item_is_opened_and_the_other_way_round()
    {
        using var ada = world.NewUser();
        var page = await ada.DoAsync("purchases", new { itemId = ThingSteps.Course });

        var intent = await ada.DoAsync("payments/payment-intent", new { itemId = ThingSteps.Course });
        (await ada.StatusAsync(page)).ShouldBe("expired");
        using (var late = await world.PayAsync(page["sessionId"]!.ToString()))
        {
            late.IsSuccessStatusCode.ShouldBeFalse();
        }

        var again = await ada.DoAsync("purchases", new { itemId = ThingSteps.Course });
        (await ada.StatusAsync(intent)).ShouldBe("canceled");
        (await world.ConfirmIntentAsync(intent)).ShouldNotBe(HttpStatusCode.OK);
        (await world.PayAsync(again["sessionId"]!.ToString())).EnsureSuccessStatusCode();
        await ada.PaidAsync(again);
        (await ada.MayUseAsync("course/cloud-foundations")).ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_paid_at_the_last_moment_stays_paid()
    {
        using var ada = world.NewUser();
        var page = await ada.DoAsync("purchases", new { itemId = ThingSteps.Lab });
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        try
        {
            (await world.PayAsync(page["sessionId"]!.ToString())).EnsureSuccessStatusCode();
            var (status, problem) = await ada.TryAsync("payments/payment-intent", new { itemId = ThingSteps.Lab });
            (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.Conflict, "item.owned"));
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        (await ada.StatusAsync(page)).ShouldBe("succeeded");
    }

    [Fact]
    public async Task A_page_closes_before_a_subscription_without_it_begins_and_the_other_way_round()
    {
        using var ada = world.NewUser();
        var page = await ada.CheckoutAsync(new { planId = Plans.Monthly });

        var intent = await ada.DoAsync("payments/payment-intent", new { planId = Plans.Monthly });
        (await ada.StatusAsync(page)).ShouldBe("expired");
        (await ada.DoAsync("payments/payment-intent", new { planId = Plans.Monthly }))["paymentId"]!.ToString().ShouldBe(intent["paymentId"]!.ToString());

        var again = await ada.CheckoutAsync(new { planId = Plans.Monthly });
        (await ada.StatusAsync(intent)).ShouldBe("canceled");
        (await world.ConfirmIntentAsync(intent)).ShouldNotBe(HttpStatusCode.OK);
        (await world.PayAsync(again["sessionId"]!.ToString())).EnsureSuccessStatusCode();
        await ada.PaidAsync(again);
        await world.SettleAsync();
        (await ada.GetAsync("subscriptions/status"))["items"]!.AsArray().Select(s => s!["status"]!.ToString()).Order().ShouldBe(["active", "incomplete_expired"]);
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.refunds r JOIN payments.payments p ON p.id = r.payment_id WHERE p.user_id = $1", ada.Id)).ShouldBe(0);
    }
}

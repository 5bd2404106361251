using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Purchases;

public sealed class ShopWorld : World
{
    protected override void Configure() => Set("PURCHASE_REFUND_DAYS_LAB", "1");
}

public sealed class Buying_an_item(ShopWorld world) : IClassFixture<ShopWorld>
{
    private const string TheCourse = "course/cloud-foundations";
    private const string TheLab = "lab/kubernetes";

    [Fact]
    public async Task Gives_access_to_it_and_stands_in_the_history()
    {
        using var ada = world.NewUser();
        (await ada.MayUseAsync(TheCourse)).ShouldBeFalse();

        var purchase = await world.BuyItemAsync(ada, ThingSteps.Course);

        (await ada.GetAsync($"access/{TheCourse}")).ToJsonString().ShouldBe("""{"allowed":true,"until":null,"reason":"purchase"}""");
        (await ada.MayUseAsync("learningPath/platform-engineer")).ShouldBeFalse();
        var status = await ada.GetAsync($"purchases/{purchase["id"]}/status");
        (status["status"]!.ToString(), status["owned"]!.GetValue<bool>(), status["itemId"]!.ToString()).ShouldBe(("succeeded", true, ThingSteps.Course.ToString()));
        status["refundableUntil"]!.GetValue<DateTimeOffset>().ShouldBe(status["completedAt"]!.GetValue<DateTimeOffset>().AddDays(30));
        await ada.BuyAsync();
        (await ada.GetAsync("purchases"))["items"]!.AsArray().ShouldHaveSingleItem()!["id"]!.ToString().ShouldBe(purchase["id"]!.ToString());
        using var bob = world.NewUser();
        using var foreign = await bob.Http.GetAsync($"api/v1/purchases/{purchase["id"]}/status");
        foreign.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task Shows_the_history_a_page_at_a_time()
    {
        using var ada = world.NewUser();
        foreach (var item in new[] { ThingSteps.Course, ThingSteps.Path, ThingSteps.Lab })
        {
            await ada.DoAsync("purchases", new { itemId = item });
        }

        var first = await ada.GetAsync("purchases?limit=2");
        var second = await ada.GetAsync($"purchases?limit=2&cursor={first["nextCursor"]}");

        first["items"]!.AsArray().Concat(second["items"]!.AsArray()).Select(p => p!["itemId"]!.ToString())
            .ShouldBe([ThingSteps.Lab.ToString(), ThingSteps.Path.ToString(), ThingSteps.Course.ToString()]);
        second["nextCursor"].ShouldBeNull();
    }

    [Fact]
    public async Task That_is_owned_is_refused()
    {
        using var ada = world.NewUser();
        await world.BuyItemAsync(ada, ThingSteps.Course);

        foreach (var (path, body) in new (string, object)[]
        {
            ("purchases", new { itemId = ThingSteps.Course }),
            ("payments/checkout-session", new { itemId = ThingSteps.Course }),
            ("payments/payment-intent", new { itemId = ThingSteps.Course }),
        })
        {
            var (status, problem) = await ada.TryAsync(path, body);
            (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.Conflict, "item.owned"));
        }
    }

    [Fact]
    public async Task Twice_hands_the_open_page_back_whatever_the_key()
    {
        using var ada = world.NewUser();
        var first = await ada.DoAsync("purchases", new { itemId = ThingSteps.Course });

        (await ada.DoAsync("purchases", new { itemId = ThingSteps.Course }, Guid.NewGuid().ToString()))["sessionId"]!.ToString().ShouldBe(first["sessionId"]!.ToString());
        (await ada.CheckoutAsync(new { itemId = ThingSteps.Course }))["sessionId"]!.ToString().ShouldBe(first["sessionId"]!.ToString());
        (await ada.DoAsync("purchases", new { itemId = ThingSteps.Lab }))["sessionId"]!.ToString().ShouldNotBe(first["sessionId"]!.ToString());
        var intent = await ada.DoAsync("payments/payment-intent", new { itemId = ThingSteps.Path });
        (await ada.DoAsync("payments/payment-intent", new { itemId = ThingSteps.Path }))["paymentId"]!.ToString().ShouldBe(intent["paymentId"]!.ToString());
    }

    [Fact]
    public async Task While_a_debit_for_it_is_under_way_is_refused()
    {
        using var ada = world.NewUser();
        var purchase = await ada.DoAsync("purchases", new { itemId = ThingSteps.Course });
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        try
        {
            // The bank takes days; of these only the beginning is heard.
            await world.ScalarAsync<Guid>("UPDATE payments.payments SET status = 'processing', next_check_at = NULL WHERE id = $1 RETURNING id", Guid.Parse(purchase["id"]!.ToString()));

            var (status, problem) = await ada.TryAsync("purchases", new { itemId = ThingSteps.Course });

            (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.Conflict, "item.being_paid"));
        }
        finally
        {
            await world.FaultsAsync(null);
        }
    }

    [Fact]
    public async Task Twice_all_the_same_gives_the_second_payment_back_with_a_notice()
    {
        using var ada = world.NewUser();
        var (page, intent) = await TwoWaysAsync(ada, ThingSteps.Course);
        (await world.PayAsync(page["sessionId"]!.ToString())).Dispose();
        await ada.PaidAsync(page);

        (await world.ConfirmIntentAsync(intent)).ShouldBe(HttpStatusCode.OK);

        await ada.BecomesAsync(intent, "refunded");
        await world.SettleAsync();
        (await ada.GetAsync($"purchases/{intent["paymentId"]}/status"))["undelivered"]!.ToString().ShouldBe("alreadyOwned");
        (await ada.MayUseAsync(TheCourse)).ShouldBeTrue();
        (await ada.StatusAsync(page)).ShouldBe("succeeded");
        var refund = (await ada.RefundsAsync(intent)).ShouldHaveSingleItem()!;
        (refund["origin"]!.ToString(), refund["amount"]!["amount"]!.GetValue<long>()).ShouldBe(("automatic", 4900));
        world.MailsTo(ada).ShouldBe(["Your payment for Cloud foundations is confirmed", "You paid twice for Cloud foundations", "Your refund of $49.00 is on its way"], ignoreOrder: true);
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task Twice_at_the_very_same_moment_keeps_one_and_gives_the_other_back()
    {
        var buyers = Enumerable.Range(0, 10).Select(_ => world.NewUser()).ToList();
        var both = await Task.WhenAll(buyers.Select(b => TwoWaysAsync(b, ThingSteps.Path)));

        await Task.WhenAll(both.SelectMany(b => new[] { world.PayAsync(b.Page["sessionId"]!.ToString()).ContinueWith(t => t.Result.Dispose(), TaskScheduler.Default), world.ConfirmIntentAsync(b.Intent) }));

        for (var i = 0; i < buyers.Count; i++)
        {
            var (page, intent) = both[i];
            await World.EventuallyAsync(
                async () => new[] { await buyers[i].StatusAsync(page), await buyers[i].StatusAsync(intent) }.Order().SequenceEqual(["refunded", "succeeded"]), "one is kept and one goes back", 60);
            (await buyers[i].MayUseAsync("learningPath/platform-engineer")).ShouldBeTrue();
            buyers[i].Dispose();
        }
    }

    /// <summary>A page and an intent for one item that can both be paid, which takes a page that is still open though we have heard that it expired.</summary>
    private async Task<(JsonNode Page, JsonNode Intent)> TwoWaysAsync(Caller buyer, Guid item)
    {
        var page = await buyer.DoAsync("purchases", new { itemId = item });
        await world.ScalarAsync<Guid>("UPDATE payments.payments SET status = 'expired' WHERE id = $1 RETURNING id", Guid.Parse(page["id"]!.ToString()));
        return (page, await buyer.DoAsync("payments/payment-intent", new { itemId = item }));
    }

    [Fact]
    public async Task Is_given_back_by_its_buyer_within_the_window_and_may_be_bought_again()
    {
        using var ada = world.NewUser();
        var purchase = await world.BuyItemAsync(ada, ThingSteps.Course);

        var refund = await ada.DoAsync($"purchases/{purchase["id"]}/refund", new { }, "give-back");

        (refund["origin"]!.ToString(), refund["amount"]!["amount"]!.GetValue<long>()).ShouldBe(("selfService", 4900));
        (await ada.DoAsync($"purchases/{purchase["id"]}/refund", new { }, "give-back"))["id"]!.ToString().ShouldBe(refund["id"]!.ToString());
        await ada.BecomesAsync(purchase, "refunded");
        (await ada.GetAsync($"access/{TheCourse}"))["reason"]!.ToString().ShouldBe("revoked");
        var (again, problem) = await ada.TryAsync($"purchases/{purchase["id"]}/refund", new { });
        (again, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.Conflict, "refund.exceeds_refundable"));
        await world.BuyItemAsync(ada, ThingSteps.Course);
        (await ada.MayUseAsync(TheCourse)).ShouldBeTrue();
        (await world.RefundsAtProviderAsync(purchase)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Is_not_given_back_once_its_types_window_is_over_by_the_clock()
    {
        using var ada = world.NewUser();
        using var bob = world.NewUser();
        var early = await world.BuyItemAsync(ada, ThingSteps.Lab);
        var late = await world.BuyItemAsync(bob, ThingSteps.Lab);
        var until = (await ada.GetAsync($"purchases/{early["id"]}/status"))["refundableUntil"]!.GetValue<DateTimeOffset>();
        (await bob.GetAsync($"purchases/{late["id"]}/status"))["refundableUntil"]!.GetValue<DateTimeOffset>().ShouldBeGreaterThanOrEqualTo(until);

        await world.LaterAsync($"PT{(int)(until - world.Stripe.Now).TotalSeconds - 30}S");
        await ada.DoAsync($"purchases/{early["id"]}/refund", new { });
        (await bob.GetAsync($"purchases/{late["id"]}/status"))["refundable"]!.GetValue<bool>().ShouldBeTrue();
        await world.LaterAsync("PT5M");

        (await bob.GetAsync($"purchases/{late["id"]}/status"))["refundable"]!.GetValue<bool>().ShouldBeFalse();
        (await ada.GetAsync("purchases"))["items"]![0]!["refundable"]!.GetValue<bool>().ShouldBeFalse();
        var (status, problem) = await bob.TryAsync($"purchases/{late["id"]}/refund", new { });
        (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.Conflict, "purchase.refund_window_over"));
        problem["detail"]!.ToString().ShouldContain(until.ToString("yyyy-MM-dd", null));
        (await bob.MayUseAsync(TheLab)).ShouldBeTrue();
    }

    [Fact]
    public async Task Rests_while_it_is_disputed_and_is_back_when_that_is_won()
    {
        using var ada = world.NewUser();
        var purchase = await world.BuyItemAsync(ada, ThingSteps.Course);

        var dispute = await world.DisputeAsync(purchase);
        await ada.BecomesAsync(purchase, "disputed");
        (await ada.GetAsync($"access/{TheCourse}"))["reason"]!.ToString().ShouldBe("paused");
        var (status, problem) = await ada.TryAsync("purchases", new { itemId = ThingSteps.Course });
        (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.Conflict, "item.owned"));
        await world.VerdictAsync(dispute, "win");
        await ada.BecomesAsync(purchase, "succeeded");

        (await ada.MayUseAsync(TheCourse)).ShouldBeTrue();
    }

    [Fact]
    public async Task Goes_when_a_dispute_about_it_is_lost()
    {
        using var ada = world.NewUser();
        var purchase = await world.BuyItemAsync(ada, ThingSteps.Course);

        await world.VerdictAsync(await world.DisputeAsync(purchase), "lose");

        await ada.BecomesAsync(purchase, "lost");
        (await ada.GetAsync($"access/{TheCourse}"))["reason"]!.ToString().ShouldBe("revoked");
    }

    [Fact]
    public async Task Stays_with_its_buyer_when_only_a_part_is_given_back()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var purchase = await world.BuyItemAsync(ada, ThingSteps.Course);

        await admin.RefundAsync(purchase, new { amount = 1000 });
        await ada.BecomesAsync(purchase, "partiallyRefunded");
        (await ada.MayUseAsync(TheCourse)).ShouldBeTrue();

        var rest = await ada.DoAsync($"purchases/{purchase["id"]}/refund", new { });
        rest["amount"]!["amount"]!.GetValue<long>().ShouldBe(3900);
        await ada.BecomesAsync(purchase, "refunded");
        (await ada.MayUseAsync(TheCourse)).ShouldBeFalse();
    }

    [Fact]
    public async Task Comes_to_the_same_in_any_order_of_its_events_and_however_often_they_come()
    {
        using var ada = world.NewUser();
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        JsonNode purchase;
        try
        {
            purchase = await ada.DoAsync("purchases", new { itemId = ThingSteps.Course });
            (await world.PayAsync(purchase["sessionId"]!.ToString())).Dispose();
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        var mine = (await world.EventsAsync()).Where(e => e.ToJsonString().Contains(purchase["id"]!.ToString(), StringComparison.Ordinal)).Reverse().ToList();
        mine.ShouldNotBeEmpty();
        await Task.WhenAll(Enumerable.Range(0, 10).SelectMany(_ => mine).Select(async e => (await world.DeliverAsync(e)).Dispose()));

        await ada.PaidAsync(purchase);
        await world.SettleAsync();
        (await ada.MayUseAsync(TheCourse)).ShouldBeTrue();
        (await world.ScalarAsync<long>("SELECT count(*) FROM users.access_grants WHERE user_id = $1", ada.Id)).ShouldBe(1);
        world.MailsTo(ada).ShouldBe(["Your payment for Cloud foundations is confirmed"]);
    }

    [Theory]
    [InlineData("""{ "itemId": "e0000000-0000-4000-8000-000000000001", "quantity": 2 }""", 400, "quantity.invalid")]
    [InlineData("""{ "itemId": "e0000000-0000-4000-8000-00000000dead" }""", 404, "item.not_found")]
    [InlineData("""{ "itemId": "e0000000-0000-4000-8000-000000000001", "creditAmount": 50 }""", 400, "request.invalid")]
    public async Task That_cannot_be_is_refused(string body, int status, string code)
    {
        using var ada = world.NewUser();

        var (answered, problem) = await ada.TryAsync("payments/checkout-session", JsonNode.Parse(body)!);

        ((int)answered, code == "request.invalid" ? code : problem["code"]!.ToString()).ShouldBe((status, code));
    }

    [Fact]
    public async Task Keeps_what_was_agreed_when_the_catalog_changes_meanwhile()
    {
        using var admin = world.NewUser(null, "admin");
        var item = await admin.DoAsync("admin/items", new { name = "Old name", type = "course", resourceId = $"r-{Guid.NewGuid():N}", price = new { amount = 700, currency = "usd" }, refundWindowDays = 5 });
        var id = Guid.Parse(item["id"]!.ToString());
        using var ada = world.NewUser();
        var purchase = await ada.DoAsync("purchases", new { itemId = id });
        using var edited = await admin.Http.PutAsJsonAsync($"api/v1/admin/items/{id}", new { name = "New name", type = "lab", resourceId = "elsewhere", price = new { amount = 900, currency = "usd" }, refundWindowDays = 0 });
        edited.StatusCode.ShouldBe(HttpStatusCode.OK, await edited.Content.ReadAsStringAsync());

        (await world.PayAsync(purchase["sessionId"]!.ToString())).Dispose();
        await ada.PaidAsync(purchase);

        (await ada.MayUseAsync($"course/{item["resourceId"]}")).ShouldBeTrue();
        await ada.DoAsync($"purchases/{purchase["id"]}/refund", new { });
    }
}

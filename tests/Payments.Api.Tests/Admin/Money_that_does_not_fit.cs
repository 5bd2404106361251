using System.Net;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;
using Shouldly;

namespace Payments.Api.Tests.Admin;

/// <summary>Hard case 16: what differs from what was agreed is parked, and an admin accepts or refunds it. Hard case 20: what was paid twice goes back by itself.</summary>
public sealed class Money_that_does_not_fit(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Is_accepted_by_an_admin_and_grants_what_was_bought()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var session = await world.PaidOtherwiseAsync(ada, new { creditPackId = World.Starter });

        var payment = await admin.PaymentAsync(session);
        payment["mismatch"]!["decision"].ShouldBeNull();
        payment["mismatch"]!["asked"]!["amount"]!.GetValue<long>().ShouldBe(payment["amount"]!["amount"]!.GetValue<long>() + 1);
        (await admin.GetAsync("admin/payments?awaitsDecision=true&limit=100"))["items"]!.AsArray().ShouldContain(p => p!["id"]!.ToString() == session["paymentId"]!.ToString());

        (await admin.GetAsync($"admin/payments?needsAttention=true&userId={ada.Id}"))["items"]!.AsArray().ShouldHaveSingleItem();
        (await admin.TryAsync($"admin/payments/{session["paymentId"]}/mismatch/accept", new { })).Body["errors"]!["reason"].ShouldNotBeNull();
        var accepted = await admin.DoAsync($"admin/payments/{session["paymentId"]}/mismatch/accept", new { reason = "One cent, by our own mistake." });

        accepted["status"]!.ToString().ShouldBe("succeeded");
        (await ada.CreditsAsync()).ShouldBeGreaterThan(0);
        (await admin.TryAsync($"admin/payments/{session["paymentId"]}/mismatch/refund", new { reason = "Twice." })).Status.ShouldBe(HttpStatusCode.Conflict);
        (await admin.GetAsync("admin/payments?awaitsDecision=true&limit=100"))["items"]!.AsArray().ShouldNotContain(p => p!["id"]!.ToString() == session["paymentId"]!.ToString());
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task Is_given_back_by_an_admin_once_and_ends_the_order_that_it_was_for()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var product = await world.NewProductAsync(3);
        var order = await ada.OrderAsync(product, 2);
        var session = await world.PaidOtherwiseAsync(ada, new { orderId = order["id"]!.ToString() });

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => admin.TryAsync($"admin/payments/{session["paymentId"]}/mismatch/refund", new { reason = "Not what was agreed." })));

        answers.Count(a => a.Status == HttpStatusCode.OK).ShouldBe(1);
        answers.Where(a => a.Status != HttpStatusCode.OK).ShouldAllBe(a => a.Body["code"]!.ToString() == "payment.no_mismatch");
        await world.SettleAsync();
        var back = (await world.RefundsAtProviderAsync(session)).ShouldHaveSingleItem();
        back["amount"]!.GetValue<long>().ShouldBe(2000);
        (await ada.StatusAsync(session)).ShouldBe("canceled");
        await ada.OrderBecomesAsync(order, "CANCELLED");
        (await world.StockAsync(product)).ShouldBe((3, 0, 0));

        // Whatever is told of it again changes nothing.
        foreach (var told in (await world.EventsAsync()).Where(e => e.ToJsonString().Contains(session["sessionId"]!.ToString(), StringComparison.Ordinal)))
        {
            using var again = await world.DeliverAsync(told);
            again.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        using var verified = await ada.Http.GetAsync(new Uri($"api/v1/payments/checkout-session/{session["sessionId"]}", UriKind.Relative));
        await world.SettleAsync();
        (await ada.StatusAsync(session)).ShouldBe("canceled");
        (await world.RefundsAtProviderAsync(session)).Count.ShouldBe(1);
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.audit_log WHERE action = 'payment.return_mismatch' AND subject = $1", session["paymentId"]!.ToString())).ShouldBe(1);
    }

    [Fact]
    public async Task Because_it_was_paid_twice_goes_back_by_itself_with_a_notice()
    {
        using var ada = world.NewUser();
        var session = await ada.BuyAsync(new { creditPackId = World.Starter });
        await ada.PaidAsync(session);
        var credits = await ada.CreditsAsync();

        var (original, second) = await SecondPageAsync(session);
        (await world.PayAsync(second["id"]!.ToString())).EnsureSuccessStatusCode();
        await world.SettleAsync();

        var twin = new JsonObject { ["sessionId"] = second["id"]!.ToString() };
        await World.EventuallyAsync(async () => (await world.RefundsAtProviderAsync(twin)).Count == 1, "the second payment goes back");
        await world.SettleAsync();
        (await world.RefundsAtProviderAsync(twin)).ShouldHaveSingleItem()["amount"]!.GetValue<long>().ShouldBe(original["amount_total"]!.GetValue<long>());
        (await world.RefundsAtProviderAsync(session)).ShouldBeEmpty();
        (await ada.StatusAsync(session)).ShouldBe("succeeded");
        (await ada.CreditsAsync()).ShouldBe(credits);
        (await world.ScalarAsync<long>("SELECT count(*) FROM notifications.notifications WHERE template = 'payment-twice' AND user_id = $1", ada.Id)).ShouldBe(1);
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.webhook_events WHERE status IN ('dead', 'parked') AND payment_id = $1", Guid.Parse(session["paymentId"]!.ToString()))).ShouldBe(0);
    }

    [Fact]
    public async Task Paid_a_second_time_and_not_to_be_given_back_waits_for_somebody()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var session = await ada.BuyAsync();
        await ada.PaidAsync(session);
        var (_, second) = await SecondPageAsync(session);

        (await world.PayAsync(second["id"]!.ToString(), "pm_card_refundFail")).EnsureSuccessStatusCode();

        var twin = new JsonObject { ["sessionId"] = second["id"]!.ToString() };
        await World.EventuallyAsync(async () => (await world.RefundsAtProviderAsync(twin)) is [var only] && only["status"]!.ToString() == "failed", "the bank cannot take it", 60);
        await World.EventuallyAsync(
            async () => (await admin.GetAsync($"admin/payments?needsAttention=true&userId={ada.Id}"))["items"]!.AsArray().Select(p => p!["id"]!.ToString()).SequenceEqual([session["paymentId"]!.ToString()]), "it is listed", 60);
        (await ada.StatusAsync(session)).ShouldBe("succeeded");
    }

    /// <summary>As after an answer that never came: the provider has two pages of one payment.</summary>
    private async Task<(JsonNode First, JsonNode Second)> SecondPageAsync(JsonNode session)
    {
        var original = JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/checkout/sessions/{session["sessionId"]}"))!;
        using var form = new FormUrlEncodedContent(
        [
            new("mode", "payment"), new("customer", original["customer"]!.ToString()), new("success_url", "https://shop.example/ok"),
            new("line_items[0][quantity]", "1"), new("line_items[0][price_data][currency]", original["currency"]!.ToString()),
            new("line_items[0][price_data][unit_amount]", original["amount_total"]!.ToString()), new("line_items[0][price_data][product_data][name]", "Once more"),
            .. original["metadata"]!.AsObject().SelectMany(m => new KeyValuePair<string, string>[] { new($"metadata[{m.Key}]", m.Value!.ToString()), new($"payment_intent_data[metadata][{m.Key}]", m.Value!.ToString()) }),
        ]);
        using var opened = await world.Simulator.PostAsync(new Uri("/v1/checkout/sessions", UriKind.Relative), form);
        var second = JsonNode.Parse(await opened.Content.ReadAsStringAsync())!;
        return (original, second);
    }
}

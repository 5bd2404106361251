using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Orders;

public sealed class Ordering(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Reserves_then_sells_when_it_is_paid()
    {
        using var ada = world.NewUser();
        var (poster, mug) = (await world.NewProductAsync(5, 7900), await world.NewProductAsync(9, 1250));
        var order = await ada.DoAsync("orders", new { items = new[] { new { productId = poster, quantity = 1 }, new { productId = mug, quantity = 2 } } });
        (order["status"]!.ToString(), order["total"]!["amount"]!.GetValue<long>(), order["paymentId"]).ShouldBe(("PENDING", 10400, null));
        (await world.StockAsync(mug)).ShouldBe((7, 2, 0));
        (await ada.GetAsync($"payments/status/{order["id"]}"))["status"]!.ToString().ShouldBe("pending");

        var session = await ada.CheckoutAsync(new { orderId = order["id"]!.ToString() });
        var lines = (await world.Simulator.GetFromJsonAsync<JsonNode>($"/v1/checkout/sessions/{session["sessionId"]}/line_items"))!["data"]!.AsArray();
        lines.Select(l => (l!["quantity"]!.GetValue<int>(), l["amount_total"]!.GetValue<long>())).ShouldBe([(1, 7900L), (2, 2500L)]);
        using (var page = await world.Anonymous().GetAsync(session["url"]!.ToString()))
        {
            var html = await page.Content.ReadAsStringAsync();
            foreach (var line in order["lines"]!.AsArray())
            {
                html.ShouldContain(line!["name"]!.ToString());
            }
        }

        (await world.PayAsync(session["sessionId"]!.ToString())).Dispose();

        await ada.OrderBecomesAsync(order, "CONFIRMED");
        (await world.StockAsync(poster)).ShouldBe((4, 0, 1));
        (await world.StockAsync(mug)).ShouldBe((7, 0, 2));
        var paid = await ada.GetAsync($"payments/status/{order["id"]}");
        (paid["status"]!.ToString(), paid["orderStatus"]!.ToString(), paid["paymentId"]!.ToString()).ShouldBe(("succeeded", "CONFIRMED", session["paymentId"]!.ToString()));
        var (status, problem) = await ada.TryAsync("payments/checkout-session", new { orderId = order["id"]!.ToString() });
        (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.Conflict, "order.confirmed"));
        (status, problem) = await ada.TryAsync($"orders/{order["id"]}/cancel", new { });
        (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.Conflict, "order.confirmed"));
        (await ada.GetAsync("orders"))["items"]!.AsArray().ShouldHaveSingleItem()!["id"]!.ToString().ShouldBe(order["id"]!.ToString());
        await world.SettleAsync();
        world.MailsTo(ada).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Of_more_than_there_is_is_refused_and_reserves_nothing()
    {
        using var ada = world.NewUser();
        var (some, none) = (await world.NewProductAsync(5), await world.NewProductAsync(1));

        var (status, problem) = await ada.TryAsync("orders", new { items = new[] { new { productId = some, quantity = 3 }, new { productId = none, quantity = 2 } } });

        (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.Conflict, "order.out_of_stock"));
        (await world.StockAsync(some)).ShouldBe((5, 0, 0));
        (await world.StockAsync(none)).ShouldBe((1, 0, 0));
    }

    [Fact]
    public async Task What_cannot_be_is_refused()
    {
        using var ada = world.NewUser();
        var (usd, eur) = (await world.NewProductAsync(5), await world.NewProductAsync(5, currency: "eur"));
        foreach (var (body, wants, code) in new (object, HttpStatusCode, string?)[]
        {
            (new { items = new[] { new { productId = usd, quantity = 1 }, new { productId = eur, quantity = 1 } } }, HttpStatusCode.BadRequest, "order.currencies_mixed"),
            (new { items = new[] { new { productId = usd, quantity = 1 }, new { productId = usd, quantity = 1 } } }, HttpStatusCode.BadRequest, null),
            (new { items = Array.Empty<object>() }, HttpStatusCode.BadRequest, null),
            (new { items = new[] { new { productId = usd, quantity = 0 } } }, HttpStatusCode.BadRequest, null),
            (new { items = new[] { new { productId = Guid.NewGuid(), quantity = 1 } } }, HttpStatusCode.NotFound, "product.not_found"),
        })
        {
            var (status, problem) = await ada.TryAsync("orders", body);
            status.ShouldBe(wants, problem.ToJsonString());
            (code ?? problem["code"]!.ToString()).ShouldBe(problem["code"]!.ToString());
        }

        (await world.StockAsync(usd)).ShouldBe((5, 0, 0));
    }

    [Fact]
    public async Task Of_another_is_not_found()
    {
        using var ada = world.NewUser();
        using var bob = world.NewUser();
        var order = await ada.OrderAsync(await world.NewProductAsync(1));

        foreach (var path in new[] { $"orders/{order["id"]}", $"payments/status/{order["id"]}" })
        {
            using var read = await bob.Http.GetAsync($"api/v1/{path}");
            read.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        (await bob.TryAsync($"orders/{order["id"]}/cancel", new { })).Status.ShouldBe(HttpStatusCode.NotFound);
        (await bob.TryAsync("payments/checkout-session", new { orderId = order["id"]!.ToString() })).Status.ShouldBe(HttpStatusCode.NotFound);
        (await bob.TryAsync("payments/payment-intent", new { orderId = order["id"]!.ToString() })).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Under_one_key_places_one_order_even_after_a_crash_forgot_the_answer()
    {
        using var ada = world.NewUser();
        var product = await world.NewProductAsync(5);
        var order = await ada.OrderAsync(product, 2, "order-key");
        await world.ScalarAsync<long>("WITH gone AS (DELETE FROM payments.idempotency_keys RETURNING 1) SELECT count(*) FROM gone");

        (await ada.OrderAsync(product, 2, "order-key"))["id"]!.ToString().ShouldBe(order["id"]!.ToString());
        await world.ScalarAsync<long>("WITH gone AS (DELETE FROM payments.idempotency_keys RETURNING 1) SELECT count(*) FROM gone");
        (await ada.TryAsync("orders", new { items = new[] { new { productId = product, quantity = 1 } } }, "order-key")).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);

        (await world.StockAsync(product)).ShouldBe((3, 2, 0));
    }

    [Fact]
    public async Task Has_one_payment_at_a_time()
    {
        using var ada = world.NewUser();
        var product = await world.NewProductAsync(5);
        var order = await ada.OrderAsync(product);
        var id = order["id"]!.ToString();
        var page = await ada.CheckoutAsync(new { orderId = id });

        (await ada.CheckoutAsync(new { orderId = id }, Guid.NewGuid().ToString()))["sessionId"]!.ToString().ShouldBe(page["sessionId"]!.ToString());
        var intent = await ada.DoAsync("payments/payment-intent", new { orderId = id });
        (await ada.StatusAsync(page)).ShouldBe("expired");
        (await ada.DoAsync("payments/payment-intent", new { orderId = id }))["paymentId"]!.ToString().ShouldBe(intent["paymentId"]!.ToString());
        (await ada.GetAsync($"orders/{id}"))["paymentId"]!.ToString().ShouldBe(intent["paymentId"]!.ToString());
        (await ada.OrderStatusAsync(order)).ShouldBe("PENDING");
        (await world.ConfirmIntentAsync(intent)).ShouldBe(HttpStatusCode.OK);

        await ada.OrderBecomesAsync(order, "CONFIRMED");
        (await world.StockAsync(product)).ShouldBe((4, 0, 1));
    }

    [Fact]
    public async Task Is_paid_with_another_card_when_the_first_was_declined()
    {
        using var ada = world.NewUser();
        var product = await world.NewProductAsync(5);
        var order = await ada.OrderAsync(product);
        var id = order["id"]!.ToString();
        (await ada.DoAsync("payments/payment-intent", new { orderId = id, paymentMethodId = "pm_card_visa_chargeDeclined" }))["status"]!.ToString().ShouldBe("failed");
        (await ada.OrderStatusAsync(order)).ShouldBe("PENDING");

        (await ada.DoAsync("payments/payment-intent", new { orderId = id, paymentMethodId = "pm_card_visa" }))["status"]!.ToString().ShouldBe("succeeded");

        (await ada.OrderStatusAsync(order)).ShouldBe("CONFIRMED");
        (await world.StockAsync(product)).ShouldBe((4, 0, 1));
    }

    [Fact]
    public async Task Is_cancelled_by_its_buyer_and_its_page_closes_first()
    {
        using var ada = world.NewUser();
        var product = await world.NewProductAsync(5);
        var order = await ada.OrderAsync(product, 2);
        var session = await ada.CheckoutAsync(new { orderId = order["id"]!.ToString() });

        var cancelled = await ada.DoAsync($"orders/{order["id"]}/cancel", new { });

        (cancelled["status"]!.ToString(), cancelled["cancelReason"]!.ToString()).ShouldBe(("CANCELLED", "byBuyer"));
        (await world.Simulator.GetFromJsonAsync<JsonNode>($"/v1/checkout/sessions/{session["sessionId"]}"))!["status"]!.ToString().ShouldBe("expired");
        (await ada.DoAsync($"orders/{order["id"]}/cancel", new { }))["status"]!.ToString().ShouldBe("CANCELLED");
        await world.SettleAsync();
        foreach (var e in (await world.EventsAsync("checkout.session.expired")).Where(e => e.ToJsonString().Contains(session["sessionId"]!.ToString(), StringComparison.Ordinal)))
        {
            (await world.DeliverAsync(e)).Dispose();
            (await world.DeliverAsync(e)).Dispose();
        }

        await world.SettleAsync();
        (await world.StockAsync(product)).ShouldBe((5, 0, 0));
        var (status, problem) = await ada.TryAsync("payments/checkout-session", new { orderId = order["id"]!.ToString() });
        (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.Conflict, "order.cancelled"));
    }

    [Fact]
    public async Task Is_cancelled_when_its_page_closes()
    {
        using var ada = world.NewUser();
        var product = await world.NewProductAsync(5);
        var order = await ada.OrderAsync(product);
        var session = await ada.CheckoutAsync(new { orderId = order["id"]!.ToString() });

        (await world.Simulator.PostAsync($"/v1/checkout/sessions/{session["sessionId"]}/expire", null)).Dispose();

        await ada.OrderBecomesAsync(order, "CANCELLED");
        (await ada.GetAsync($"orders/{order["id"]}"))["cancelReason"]!.ToString().ShouldBe("paymentExpired");
        (await world.StockAsync(product)).ShouldBe((5, 0, 0));
    }

    [Fact]
    public async Task Is_cancelled_when_its_debit_fails_but_not_when_a_card_is_declined()
    {
        using var ada = world.NewUser();
        var product = await world.NewProductAsync(5);
        var order = await ada.OrderAsync(product);
        var session = await ada.CheckoutAsync(new { orderId = order["id"]!.ToString() });
        (await world.PayAsync(session["sessionId"]!.ToString(), "pm_card_visa_chargeDeclined")).Dispose();
        await ada.BecomesAsync(session, "failed");
        await world.SettleAsync();
        (await ada.OrderStatusAsync(order)).ShouldBe("PENDING");

        await world.DebitAsync(session, "000222222227");

        await ada.OrderBecomesAsync(order, "CANCELLED");
        (await ada.GetAsync($"orders/{order["id"]}"))["cancelReason"]!.ToString().ShouldBe("paymentFailed");
        (await world.StockAsync(product)).ShouldBe((5, 0, 0));
    }

    [Fact]
    public async Task Expires_half_an_hour_after_it_was_placed_page_or_not()
    {
        using var ada = world.NewUser();
        using var bob = world.NewUser();
        var product = await world.NewProductAsync(5);
        var (without, with) = (await ada.OrderAsync(product), await bob.OrderAsync(product));
        var session = await bob.CheckoutAsync(new { orderId = with["id"]!.ToString() });

        await world.LaterAsync("PT29M");
        (await ada.OrderStatusAsync(without), await bob.OrderStatusAsync(with)).ShouldBe(("PENDING", "PENDING"));
        await world.LaterAsync("PT2M");

        (await ada.OrderStatusAsync(without), await bob.OrderStatusAsync(with)).ShouldBe(("CANCELLED", "CANCELLED"));
        (await bob.GetAsync($"orders/{with["id"]}"))["cancelReason"]!.ToString().ShouldBe("timeOver");
        (await bob.StatusAsync(session)).ShouldBe("expired");
        (await world.StockAsync(product)).ShouldBe((5, 0, 0));
    }

    [Fact]
    public async Task That_was_paid_unheard_is_confirmed_when_its_time_is_over()
    {
        using var ada = world.NewUser();
        var product = await world.NewProductAsync(5);
        var order = await ada.OrderAsync(product);
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        try
        {
            var session = await ada.CheckoutAsync(new { orderId = order["id"]!.ToString() });
            await world.ScalarAsync<Guid>("UPDATE payments.payments SET next_check_at = NULL WHERE id = $1 RETURNING id", Guid.Parse(session["paymentId"]!.ToString()));
            (await world.PayAsync(session["sessionId"]!.ToString())).Dispose();
            await world.LaterAsync("PT31M");
            await ada.OrderBecomesAsync(order, "CONFIRMED");
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        (await world.StockAsync(product)).ShouldBe((4, 0, 1));
    }

    [Fact]
    public async Task That_was_paid_unheard_is_confirmed_when_its_buyer_cancels_it()
    {
        using var ada = world.NewUser();
        var product = await world.NewProductAsync(5);
        var order = await ada.OrderAsync(product);
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        try
        {
            var session = await ada.CheckoutAsync(new { orderId = order["id"]!.ToString() });
            (await world.PayAsync(session["sessionId"]!.ToString())).Dispose();

            var (status, problem) = await ada.TryAsync($"orders/{order["id"]}/cancel", new { });

            (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.Conflict, "order.confirmed"));
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        (await ada.OrderStatusAsync(order)).ShouldBe("CONFIRMED");
        (await world.StockAsync(product)).ShouldBe((4, 0, 1));
    }

    [Fact]
    public async Task Whose_debit_is_under_way_is_neither_cancelled_nor_expired()
    {
        using var ada = world.NewUser();
        var product = await world.NewProductAsync(5);
        var order = await ada.OrderAsync(product);
        var session = await ada.CheckoutAsync(new { orderId = order["id"]!.ToString() });
        await world.ScalarAsync<Guid>("UPDATE payments.payments SET status = 'processing', next_check_at = NULL WHERE id = $1 RETURNING id", Guid.Parse(session["paymentId"]!.ToString()));

        var (status, problem) = await ada.TryAsync($"orders/{order["id"]}/cancel", new { });
        (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.Conflict, "order.being_paid"));

        // Its time is over, and the page that it was paid on is about to close at the provider too.
        await world.LaterAsync("PT30M");

        (await ada.OrderStatusAsync(order)).ShouldBe("PENDING");
        (await world.StockAsync(product)).ShouldBe((4, 1, 0));
    }

    [Fact]
    public async Task That_is_paid_after_it_was_cancelled_gets_its_money_back_with_a_notice()
    {
        using var ada = world.NewUser();
        var product = await world.NewProductAsync(5);
        var order = await ada.OrderAsync(product);
        var session = await ada.CheckoutAsync(new { orderId = order["id"]!.ToString() });

        // As if the provider had let it be paid all the same.
        await world.ScalarAsync<Guid>("UPDATE payments.orders SET status = 'cancelled', cancelled = 'timeOver', due_at = NULL, completed_at = now() WHERE id = $1 RETURNING id", Guid.Parse(order["id"]!.ToString()));
        await world.ScalarAsync<Guid>("UPDATE payments.stock SET available = available + 1, reserved = reserved - 1 WHERE product_id = $1 RETURNING product_id", product);
        (await world.PayAsync(session["sessionId"]!.ToString())).Dispose();

        await ada.BecomesAsync(session, "refunded");
        await world.SettleAsync();
        (await ada.OrderStatusAsync(order)).ShouldBe("CANCELLED");
        (await world.StockAsync(product)).ShouldBe((5, 0, 0));
        (await world.RefundsAtProviderAsync(session)).ShouldHaveSingleItem()["amount"]!.GetValue<long>().ShouldBe(1000);
        world.MailsTo(ada).ShouldContain(subject => subject.EndsWith("came after the order was cancelled", StringComparison.Ordinal));
        world.MailsTo(ada).ShouldNotContain(subject => subject.EndsWith("is confirmed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task That_is_cancelled_while_it_is_paid_ends_one_way_or_the_other()
    {
        var product = await world.NewProductAsync(20);
        var buyers = Enumerable.Range(0, 20).Select(_ => world.NewUser()).ToList();
        var orders = await Task.WhenAll(buyers.Select(async b =>
        {
            var order = await b.OrderAsync(product);
            return (Order: order, Session: await b.CheckoutAsync(new { orderId = order["id"]!.ToString() }));
        }));

        await Task.WhenAll(orders.Select((o, i) => Task.WhenAll(
            world.PayAsync(o.Session["sessionId"]!.ToString()).ContinueWith(t => t.Result.Dispose(), TaskScheduler.Default),
            buyers[i].TryAsync($"orders/{o.Order["id"]}/cancel", new { }))));
        await world.SettleAsync(60);

        var sold = 0;
        for (var i = 0; i < buyers.Count; i++)
        {
            var (order, session) = orders[i];
            var (status, payment) = (await buyers[i].OrderStatusAsync(order), await buyers[i].StatusAsync(session));
            (status, payment).ShouldBeOneOf(("CONFIRMED", "succeeded"), ("CANCELLED", "expired"));
            sold += status == "CONFIRMED" ? 1 : 0;
            buyers[i].Dispose();
        }

        (await world.StockAsync(product)).ShouldBe((20 - sold, 0, sold));
    }

    [Fact]
    public async Task Comes_back_to_the_shelf_when_a_refund_says_so_and_once()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var product = await world.NewProductAsync(5);
        var order = await ada.OrderAsync(product, 3);
        var session = await ada.CheckoutAsync(new { orderId = order["id"]!.ToString() });
        (await world.PayAsync(session["sessionId"]!.ToString())).Dispose();
        await ada.OrderBecomesAsync(order, "CONFIRMED");

        await admin.RefundAsync(session, new { amount = 2000, restock = new[] { new { productId = product, quantity = 2 } } }, "restock");
        await admin.RefundAsync(session, new { amount = 2000, restock = new[] { new { productId = product, quantity = 2 } } }, "restock");

        (await world.StockAsync(product)).ShouldBe((4, 0, 1));
        var (status, problem) = await admin.TryRefundAsync(session, new { restock = new[] { new { productId = product, quantity = 2 } } });
        (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.BadRequest, "order.restock_exceeded"));
        (await world.RefundsAtProviderAsync(session)).Count.ShouldBe(1);
        await admin.RefundAsync(session);
        await ada.BecomesAsync(session, "refunded");
        (await world.StockAsync(product)).ShouldBe((4, 0, 1));
        (await ada.GetAsync($"orders/{order["id"]}"))["lines"]![0]!["restocked"]!.GetValue<int>().ShouldBe(2);
    }

    [Fact]
    public async Task Does_not_come_back_to_a_shelf_that_is_full()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var product = await world.NewProductAsync(5);
        var order = await ada.OrderAsync(product, 2);
        var session = await ada.CheckoutAsync(new { orderId = order["id"]!.ToString() });
        (await world.PayAsync(session["sessionId"]!.ToString())).Dispose();
        await ada.OrderBecomesAsync(order, "CONFIRMED");
        using var set = await admin.Http.PutAsJsonAsync($"api/v1/admin/products/{product}/stock", new { available = 999_999_999 });
        set.StatusCode.ShouldBe(HttpStatusCode.OK);

        var (status, problem) = await admin.TryRefundAsync(session, new { restock = new[] { new { productId = product, quantity = 2 } } });

        (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.Conflict, "stock.full"));
        (await world.StockAsync(product)).ShouldBe((999_999_999, 0, 2));
        await admin.RefundAsync(session, new { restock = new[] { new { productId = product, quantity = 1 } } });
        (await world.StockAsync(product)).ShouldBe((1_000_000_000, 0, 1));
    }
}

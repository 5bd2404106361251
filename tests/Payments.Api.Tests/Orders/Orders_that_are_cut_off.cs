using System.Net;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Refunds;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Orders;

/// <summary>Whatever is cut off and wherever: the stock is released once, and only when nobody can pay any more.</summary>
public sealed class Orders_that_are_cut_off(KillableWorld world) : IClassFixture<KillableWorld>
{
    [Fact]
    public async Task Keep_their_stock_until_the_provider_has_closed_the_page()
    {
        using var ada = world.NewUser();
        var product = await world.NewProductAsync(5);
        var order = await ada.OrderAsync(product);
        var session = await ada.CheckoutAsync(new { orderId = order["id"]!.ToString() });
        await world.FaultsAsync(new { api = new { error = 1.0 }, deliveries = new { drop = 1.0 } });
        try
        {
            var cut = ada.TryAsync($"orders/{order["id"]}/cancel", new { });
            await World.EventuallyAsync(async () => await world.ScalarAsync<long>("SELECT count(*) FROM payments.orders WHERE id = $1 AND closing = 'byBuyer'", Guid.Parse(order["id"]!.ToString())) == 1, "the closing is saved");
            await world.Process!.KillAsync();
            await Should.ThrowAsync<HttpRequestException>(() => cut);
            (await world.StockAsync(product)).ShouldBe((4, 1, 0));
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        await world.Process!.StartAgainAsync();
        var (status, problem) = await ada.TryAsync("payments/checkout-session", new { orderId = order["id"]!.ToString() });
        (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.Conflict, "order.cancelled"));
        await world.LaterAsync("PT5M");

        await ada.OrderBecomesAsync(order, "CANCELLED");
        (await ada.GetAsync($"orders/{order["id"]}"))["cancelReason"]!.ToString().ShouldBe("byBuyer");
        (await ada.StatusAsync(session)).ShouldBe("expired");
        (await world.StockAsync(product)).ShouldBe((5, 0, 0));
    }

    [Fact]
    public async Task Are_closed_by_the_answer_that_was_lost()
    {
        using var ada = world.NewUser();
        var product = await world.NewProductAsync(5);
        var order = await ada.OrderAsync(product);
        await ada.CheckoutAsync(new { orderId = order["id"]!.ToString() });
        await world.FaultsAsync(new { api = new { cutAfterEffect = 1.0 }, deliveries = new { drop = 1.0 } });
        try
        {
            (await ada.TryAsync($"orders/{order["id"]}/cancel", new { })).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        (await world.StockAsync(product)).ShouldBe((4, 1, 0));
        await world.LaterAsync("PT5M");
        await ada.OrderBecomesAsync(order, "CANCELLED");
        (await world.StockAsync(product)).ShouldBe((5, 0, 0));
    }

    [Fact]
    public async Task Whose_opening_was_cut_off_close_what_it_may_have_made()
    {
        using var ada = world.NewUser();
        var product = await world.NewProductAsync(5);
        var order = await ada.OrderAsync(product);
        await ada.CheckoutAsync();
        await world.FaultsAsync(new { api = new { cutAfterEffect = 1.0 } });
        try
        {
            (await ada.TryAsync("payments/checkout-session", new { orderId = order["id"]!.ToString() })).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        (await ada.DoAsync($"orders/{order["id"]}/cancel", new { }))["status"]!.ToString().ShouldBe("CANCELLED");

        (await world.StockAsync(product)).ShouldBe((5, 0, 0));
        var payment = await world.ScalarAsync<string>("SELECT session_id FROM payments.payments WHERE order_id = $1", Guid.Parse(order["id"]!.ToString()));
        (await world.PayAsync(payment)).StatusCode.ShouldNotBe(HttpStatusCode.OK);
    }
}

using System.Net;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Orders;

/// <summary>
/// A hundred buyers want ten pieces while pages expire, cards are declined, orders are cancelled and the provider fails:
/// at every instant the pieces add up, and in the end whoever was charged has goods or the money.
/// </summary>
public sealed class A_rush_on_ten_pieces(World world) : IClassFixture<World>
{
    private const int Pieces = 10;
    private const int Buyers = 100;

    [Fact]
    public async Task Sells_each_once_and_charges_nobody_for_nothing()
    {
        var product = await world.NewProductAsync(Pieces, 1900);
        var buyers = Enumerable.Range(0, Buyers).Select(_ => world.NewUser()).ToList();
        using var watched = new CancellationTokenSource();
        var watch = WatchAsync(product, watched.Token);
        await world.FaultsAsync(new { deliveries = new { duplicate = 0.3, reorder = 0.3, drop = 0.1 }, api = new { error = 0.05, cutAfterEffect = 0.05 }, seed = 11 });
        try
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, Buyers), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) => await TryToBuyAsync(buyers[i], i, product));
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        await world.LaterAsync("PT2H");
        await world.SettleAsync(120);
        await watched.CancelAsync();
        (await watch).ShouldBeGreaterThan(10, "the pieces were counted while they moved");

        var sold = 0;
        for (var i = 0; i < Buyers; i++)
        {
            var confirmed = new HashSet<string>();
            foreach (var order in (await buyers[i].GetAsync("orders?limit=100"))["items"]!.AsArray())
            {
                order!["status"]!.ToString().ShouldBeOneOf("CONFIRMED", "CANCELLED");
                if (order["status"]!.ToString() == "CONFIRMED")
                {
                    confirmed.Add(order["paymentId"]!.ToString());
                    sold++;
                }
            }

            foreach (var payment in (await buyers[i].GetAsync("payments/history?limit=100"))["items"]!.AsArray())
            {
                var (id, status) = (payment!["id"]!.ToString(), payment["status"]!.ToString());
                var charged = await ChargedAsync(payment["sessionId"]?.ToString());
                charged.ShouldBe(confirmed.Contains(id) ? 1900 : 0, $"{status} of buyer {i}");
                status.ShouldBeOneOf(confirmed.Contains(id) ? ["succeeded"] : ["expired", "failed", "canceled", "refunded"]);
            }

            buyers[i].Dispose();
        }

        (await world.StockAsync(product)).ShouldBe((Pieces - sold, 0, sold));
        sold.ShouldBeGreaterThan(0);
        await world.LedgerIsSoundAsync();
    }

    private async Task TryToBuyAsync(Caller buyer, int i, Guid product)
    {
        var random = new Random(i);
        for (var attempt = 0; attempt < 4; attempt++)
        {
            var (status, order) = await buyer.TryAsync("orders", new { items = new[] { new { productId = product, quantity = 1 } } });
            if (status == HttpStatusCode.Conflict)
            {
                await Task.Delay(random.Next(50, 300));
                continue;
            }

            status.ShouldBe(HttpStatusCode.OK, order.ToJsonString());
            var (opened, session) = await buyer.TryAsync("payments/checkout-session", new { orderId = order["id"]!.ToString() });
            if (opened != HttpStatusCode.OK)
            {
                continue;
            }

            var page = session["sessionId"]!.ToString();
            switch (random.Next(6))
            {
                case 0:
                    await buyer.TryAsync($"orders/{order["id"]}/cancel", new { });
                    break;
                case 1:
                    await TryExpireAsync(page);
                    break;
                case 2:
                    await TryPayAsync(page, "pm_card_visa_chargeDeclined");
                    break;
                case 3:
                    await Task.WhenAll(TryPayAsync(page, "pm_card_visa"), buyer.TryAsync($"orders/{order["id"]}/cancel", new { }));
                    return;
                default:
                    await TryPayAsync(page, "pm_card_visa");
                    return;
            }
        }
    }

    /// <summary>The provider's faults strike whoever calls it; what was cut off after its effect is done.</summary>
    private async Task TryExpireAsync(string session)
    {
        try
        {
            (await world.Simulator.PostAsync($"/v1/checkout/sessions/{session}/expire", null)).Dispose();
        }
        catch (HttpRequestException)
        {
            // Cut off, as the faults ask for: open or closed, the page is judged like any other in the end.
        }
    }

    /// <summary>The page may have closed meanwhile.</summary>
    private async Task TryPayAsync(string session, string card)
    {
        using var answer = await world.PayAsync(session, card);
        answer.StatusCode.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.PaymentRequired, HttpStatusCode.BadRequest);
    }

    /// <summary>What the provider has taken on a page and not given back.</summary>
    private async Task<long> ChargedAsync(string? sessionId)
    {
        if (sessionId is null || (await GetAsync($"/v1/checkout/sessions/{sessionId}"))["payment_intent"]?.ToString() is not { } intentId)
        {
            return 0;
        }

        var charges = (await GetAsync($"/v1/charges?payment_intent={intentId}&limit=100"))["data"]!.AsArray();
        return charges.Where(c => c!["status"]!.ToString() == "succeeded").Sum(c => c!["amount_captured"]!.GetValue<long>() - c["amount_refunded"]!.GetValue<long>());
    }

    private async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await world.Simulator.GetStringAsync(path))!;

    /// <summary>Counts the pieces until told to stop, and how often it did.</summary>
    private async Task<int> WatchAsync(Guid product, CancellationToken stop)
    {
        var counted = 0;
        while (!stop.IsCancellationRequested)
        {
            // One statement, one instant.
            var sum = await world.ScalarAsync<string>(
                """
                SELECT s.available || ' ' || s.reserved || ' ' || s.sold || ' '
                    || (SELECT coalesce(sum(l.quantity), 0) FROM payments.order_lines l JOIN payments.orders o ON o.id = l.order_id WHERE l.product_id = s.product_id AND o.status = 'pending') || ' '
                    || (SELECT coalesce(sum(l.quantity - l.restocked), 0) FROM payments.order_lines l JOIN payments.orders o ON o.id = l.order_id WHERE l.product_id = s.product_id AND o.status = 'confirmed')
                FROM payments.stock s WHERE s.product_id = $1
                """,
                product);
            var numbers = sum.Split(' ').Select(int.Parse).ToList();
            (numbers[0] + numbers[1] + numbers[2]).ShouldBe(Pieces, sum);
            numbers.Min().ShouldBeGreaterThanOrEqualTo(0, sum);
            (numbers[1], numbers[2]).ShouldBe((numbers[3], numbers[4]), sum);
            counted++;
            await Task.Delay(20, CancellationToken.None);
        }

        return counted;
    }
}

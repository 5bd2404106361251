using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Refunds;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Failures;

/// <summary>Whatever is cut off and wherever, a card is charged once for each purchase that somebody asked for until it was answered.</summary>
public sealed class Saved_cards_that_are_cut_off(KillableWorld world) : IClassFixture<KillableWorld>
{
    private const int CreditPriceMinor = 10;
    private static readonly bool Full = Environment.GetEnvironmentVariable("PAYMENTS_TEST_FULL") == "1";

    /// <summary>Longer than the claim of a key outlives the process that made it, and a request after that.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Are_charged_once_a_purchase_under_faults()
    {
        var purchases = Full ? 300 : 16;
        var users = new List<Caller>();
        for (var i = 0; i < (Full ? 30 : 4); i++)
        {
            users.Add(await BuyerAsync());
        }

        var answered = new ConcurrentBag<(Caller Buyer, JsonNode Answer)>();
        await world.FaultsAsync(new
        {
            deliveries = new { duplicate = 0.5, reorder = 0.5, drop = 0.2 },
            api = new { error = 0.3, cutAfterEffect = 0.5, cutBeforeEffect = 0.1 },
            seed = 11,
        });
        try
        {
            await Parallel.ForEachAsync(
                Enumerable.Range(0, purchases),
                new ParallelOptions { MaxDegreeOfParallelism = 6 },
                async (i, _) => answered.Add((users[i % users.Count], await ChargeAsync(users[i % users.Count], $"charge-{i}", 10 + i))));
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        answered.Select(a => a.Answer["paymentId"]!.ToString()).Distinct().Count().ShouldBe(purchases);
        await ComesOutRightAsync(users, purchases / users.Count);
    }

    /// <summary>Three causes at once: the price is edited, the pack is deleted, and the process dies between the provider's answer and our commit.</summary>
    [Fact]
    public async Task And_pages_too_are_what_was_shown_when_the_process_dies_and_the_pack_is_edited_and_deleted_meanwhile()
    {
        using var admin = world.NewUser(null, "admin");
        using var ada = await BuyerAsync();
        var pack = await admin.DoAsync("admin/credit-packs", new { name = "Shown", credits = 30, price = new { amount = 300, currency = "usd" } });
        var page = new { creditPackId = pack["id"]!.ToString() };
        var card = new { creditPackId = pack["id"]!.ToString(), paymentMethodId = "pm_card_visa" };
        var made = await MadeAsync();
        await world.FaultsAsync(new { api = new { cutAfterEffect = 1.0 }, deliveries = new { drop = 1.0 } });
        Task<HttpResponseMessage>[] cut = [ada.PostAsync("payments/checkout-session", page, "page"), ada.PostAsync("payments/payment-intent", card, "card")];
        await World.EventuallyAsync(async () => await MadeAsync() == made + 2, "both have had their effect");
        await world.Process!.KillAsync();
        foreach (var request in cut)
        {
            await LostAsync(request);
        }

        await world.FaultsAsync(null);
        await world.Process.StartAgainAsync();

        (await admin.Http.PutAsJsonAsync($"api/v1/admin/credit-packs/{pack["id"]}", new { name = "Dearer", credits = 20, price = new { amount = 900, currency = "usd" } })).EnsureSuccessStatusCode();
        (await admin.Http.DeleteAsync($"api/v1/admin/credit-packs/{pack["id"]}")).EnsureSuccessStatusCode();

        var charged = await AgainAsync(() => ada.PostAsync("payments/payment-intent", card, "card"));
        charged["status"]!.ToString().ShouldBe("succeeded");
        var session = await AgainAsync(() => ada.PostAsync("payments/checkout-session", page, "page"));
        (await world.PayAsync(session["sessionId"]!.ToString())).EnsureSuccessStatusCode();
        await ada.PaidAsync(session);

        (await PagesAsync(ada)).ShouldBe(1);
        (await ada.CreditsAsync()).ShouldBe(60);
        (await ChargesAsync(ada)).Select(c => c!["amount"]!.GetValue<long>()).ShouldBe([300, 300]);
        await world.SettleAsync();
        await world.LedgerIsSoundAsync();
    }

    private async Task<Caller> BuyerAsync()
    {
        var buyer = world.NewUser();
        using var setup = await buyer.PostAsync("payments/setup-intent", new { });
        setup.EnsureSuccessStatusCode();
        return buyer;
    }

    /// <summary>As a web app does it: asks again under the same key until there is an answer.</summary>
    private static async Task<JsonNode> ChargeAsync(Caller buyer, string key, int credits)
    {
        var answer = await AgainAsync(() => buyer.PostAsync("payments/payment-intent", new { creditAmount = credits, paymentMethodId = "pm_card_visa" }, key));
        answer["status"]!.ToString().ShouldBe("succeeded", key);
        return answer;
    }

    private static async Task<JsonNode> AgainAsync(Func<Task<HttpResponseMessage>> ask)
    {
        var until = DateTime.UtcNow + Patience;
        while (true)
        {
            try
            {
                using var answer = await ask();
                var text = await answer.Content.ReadAsStringAsync();
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return JsonNode.Parse(text)!;
                }

                // Only these may be asked again: anything else is a bug that the test must show.
                (answer.StatusCode == HttpStatusCode.ServiceUnavailable || text.Contains("idempotency.in_progress", StringComparison.Ordinal)).ShouldBeTrue(text);
            }
            catch (HttpRequestException)
            {
                // Not up again yet.
            }

            DateTime.UtcNow.ShouldBeLessThan(until, "no answer");
            await Task.Delay(200);
        }
    }

    private static async Task LostAsync(Task<HttpResponseMessage> request)
    {
        try
        {
            using var answer = await request;
            answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        }
        catch (HttpRequestException)
        {
            // The process died first.
        }
    }

    private async Task ComesOutRightAsync(List<Caller> users, int each)
    {
        await World.EventuallyAsync(
            async () =>
            {
                (await world.Simulator.PostAsync("/sandbox/deliveries/resend-undelivered", null)).EnsureSuccessStatusCode();
                return (await world.Simulator.GetFromJsonAsync<JsonNode>("/sandbox/deliveries?status=undelivered&limit=1"))!["items"]!.AsArray().Count == 0;
            },
            "every event is delivered",
            120);
        await world.SettleAsync(120);
        foreach (var user in users)
        {
            var charges = await ChargesAsync(user);
            charges.Count.ShouldBe(each);
            charges.ShouldAllBe(c => c!["status"]!.ToString() == "succeeded");
            (await user.CreditsAsync()).ShouldBe(charges.Sum(c => c!["amount"]!.GetValue<long>()) / CreditPriceMinor);
            user.Dispose();
        }

        await world.LedgerIsSoundAsync();
    }

    /// <summary>Pages and charges that the provider has, which its controls tell even while its calls fail.</summary>
    private async Task<int> MadeAsync()
    {
        var state = (await world.Simulator.GetFromJsonAsync<JsonNode>("/sandbox/state"))!;
        return state["sessions"]!.GetValue<int>() + state["charges"]!.GetValue<int>();
    }

    private async Task<JsonArray> ChargesAsync(Caller buyer) => (await ListAsync(buyer, "charges"))["data"]!.AsArray();

    private async Task<int> PagesAsync(Caller buyer) => (await ListAsync(buyer, "checkout/sessions"))["data"]!.AsArray().Count;

    private async Task<JsonNode> ListAsync(Caller buyer, string collection)
    {
        var customers = await world.Simulator.GetFromJsonAsync<JsonNode>($"/v1/customers?email={buyer.Id.ToString("N", CultureInfo.InvariantCulture)}@example.com");
        var customer = customers!["data"]!.AsArray().ShouldHaveSingleItem()!["id"];
        return (await world.Simulator.GetFromJsonAsync<JsonNode>($"/v1/{collection}?customer={customer}&limit=100"))!;
    }
}

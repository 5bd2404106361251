using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Webhooks;

/// <summary>P3: any order, duplication and delay of a scenario's events ends in the same state.</summary>
public sealed class Any_order(World world) : IClassFixture<World>
{
    private static readonly bool Full = Environment.GetEnvironmentVariable("PAYMENTS_TEST_FULL") == "1";

    [Theory]
    [InlineData("paid", "succeeded", 100)]
    [InlineData("declined", "failed", 0)]
    [InlineData("declined, paid", "succeeded", 100)]
    [InlineData("debit", "succeeded", 100)]
    [InlineData("bad debit", "failed", 0)]
    [InlineData("challenge refused", "failed", 0)]
    [InlineData("challenge accepted", "succeeded", 100)]
    [InlineData("expired", "expired", 0)]
    [InlineData("declined, expired", "expired", 0)]
    public async Task Every_scenario_ends_the_same_in_any_order_with_duplicates(string scenario, string status, long credits)
    {
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        try
        {
            var runs = Full ? 40 : 4;
            for (var run = 0; run < runs; run++)
            {
                await RunAsync(scenario, status, credits, seed: run);
            }
        }
        finally
        {
            await world.FaultsAsync(null);
        }
    }

    private async Task RunAsync(string scenario, string status, long credits, int seed)
    {
        using var user = world.NewUser();
        var before = (await world.EventsAsync()).Select(e => e["id"]!.ToString()).ToHashSet(StringComparer.Ordinal);
        var session = await user.CheckoutAsync(key: Guid.NewGuid().ToString());
        await PlayAsync(scenario, session["sessionId"]!.ToString());
        var mine = (await world.EventsAsync()).Where(e => !before.Contains(e["id"]!.ToString())).ToList();
        mine.Count.ShouldBeGreaterThan(0);

        // Run 0 as Stripe made them, run 1 reversed, the rest shuffled; a third of them twice.
        var random = new Random(seed);
        var order = seed == 0 ? mine : seed == 1 ? [.. mine.AsEnumerable().Reverse()] : mine.OrderBy(_ => random.Next()).ToList();
        order = [.. order, .. order.Where(_ => random.Next(3) == 0)];
        foreach (var e in order)
        {
            using var answer = await world.DeliverAsync(e);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            if (random.Next(2) == 0)
            {
                await world.SettleAsync();
            }
        }

        await world.SettleAsync();
        var story = $"{scenario}, seed {seed}: {string.Join(" → ", order.Select(e => e["type"]))}";
        (await user.StatusAsync(session)).ShouldBe(status, story);
        (await user.CreditsAsync()).ShouldBe(credits, story);
    }

    private async Task PlayAsync(string scenario, string sessionId)
    {
        foreach (var step in scenario.Split(", "))
        {
            switch (step)
            {
                case "paid":
                    (await world.PayAsync(sessionId)).Dispose();
                    break;
                case "declined":
                    (await world.PayAsync(sessionId, "pm_card_visa_chargeDeclined")).Dispose();
                    break;
                case "debit":
                case "bad debit":
                    await DebitAsync(sessionId, step == "debit" ? "000123456789" : "000222222227");
                    break;
                case "challenge refused":
                case "challenge accepted":
                    (await world.PayAsync(sessionId, "pm_card_threeDSecure2Required")).Dispose();
                    var intent = (await world.Simulator.GetFromJsonAsync<JsonNode>($"/v1/checkout/sessions/{sessionId}"))!["payment_intent"]!.ToString();
                    (await world.Simulator.PostAsJsonAsync($"/sandbox/intents/{intent}/authenticate", new { accepted = step.EndsWith("accepted", StringComparison.Ordinal) })).Dispose();
                    break;
                case "expired":
                    (await world.Simulator.PostAsync($"/v1/checkout/sessions/{sessionId}/expire", null)).Dispose();
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(scenario), step, "unknown step");
            }
        }
    }

    private async Task DebitAsync(string sessionId, string account)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["type"] = "us_bank_account", ["us_bank_account[account_number]"] = account, ["us_bank_account[routing_number]"] = "110000000",
            ["us_bank_account[account_holder_type]"] = "individual", ["billing_details[name]"] = "Ada", ["billing_details[email]"] = "ada@example.com",
        });
        using var made = await world.Simulator.PostAsync("/v1/payment_methods", form);
        (await world.PayAsync(sessionId, JsonNode.Parse(await made.Content.ReadAsStringAsync())!["id"]!.ToString())).Dispose();
        await World.EventuallyAsync(
            async () => (await world.EventsAsync()).Any(e => e["type"]!.ToString().StartsWith("checkout.session.async", StringComparison.Ordinal) && e["data"]!["object"]!["id"]!.ToString() == sessionId),
            "the debit is settled");
    }
}

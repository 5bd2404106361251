using System.Net;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Refunds;

/// <summary>P3 for money that goes back: any order, duplication and delay of the events ends in the same state.</summary>
public sealed class Refunds_in_any_order(World world) : IClassFixture<World>
{
    private static readonly bool Full = Environment.GetEnvironmentVariable("PAYMENTS_TEST_FULL") == "1";

    [Theory]
    [InlineData("refund 333, refund 333", "pm_card_visa", "partiallyRefunded", 34, 0, 666)]
    [InlineData("refund all", "pm_card_visa", "refunded", 0, 0, 999)]
    [InlineData("refund all", "pm_card_pendingRefund", "refunded", 0, 0, 999)]
    [InlineData("refund 500", "pm_card_refundFail", "succeeded", 100, 0, 0)]
    [InlineData("dispute, win", "pm_card_visa", "succeeded", 100, 0, 0)]
    [InlineData("dispute, lose", "pm_card_visa", "lost", 0, 0, 0)]
    [InlineData("refund 499, dispute, win", "pm_card_visa", "partiallyRefunded", 51, 0, 499)]
    [InlineData("refund 499, dispute, lose", "pm_card_visa", "lost", 0, 0, 499)]
    [InlineData("inquiry", "pm_card_visa", "succeeded", 100, 0, 0)]
    [InlineData("inquiry, escalate", "pm_card_visa", "disputed", 0, 100, 0)]
    public async Task Every_story_ends_the_same(string story, string card, string status, long credits, long held, long refunded)
    {
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        try
        {
            for (var seed = 0; seed < (Full ? 30 : 3); seed++)
            {
                await RunAsync(story, card, status, (credits, held), refunded, seed);
            }
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        await world.LedgerIsSoundAsync();
    }

    private async Task RunAsync(string story, string card, string status, (long Credits, long Held) left, long refunded, int seed)
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var before = (await world.EventsAsync()).Select(e => e["id"]!.ToString()).ToHashSet(StringComparer.Ordinal);
        var session = await ada.BuyAsync(paymentMethod: card);
        await PlayAsync(story, session, card);
        var events = (await world.EventsAsync()).Where(e => !before.Contains(e["id"]!.ToString())).ToList();

        // Run 0 as they were made, run 1 reversed, the rest shuffled; a third of them twice.
        var random = new Random(seed);
        var order = seed == 0 ? events : seed == 1 ? [.. events.AsEnumerable().Reverse()] : events.OrderBy(_ => random.Next()).ToList();
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
        var told = $"{story}, seed {seed}: {string.Join(" → ", order.Select(e => e["type"]))}";
        (await ada.StatusAsync(session)).ShouldBe(status, told);
        var statement = await ada.CreditsOfAsync();
        (statement["credits"]!.GetValue<long>(), statement["held"]!.GetValue<long>()).ShouldBe(left, told);
        (await ada.GetAsync($"payments/{session["paymentId"]}"))["refunded"]!["amount"]!.GetValue<long>().ShouldBe(refunded, told);
    }

    private async Task PlayAsync(string story, JsonNode session, string card)
    {
        JsonNode? dispute = null;
        foreach (var step in story.Split(", "))
        {
            switch (step.Split(' '))
            {
                case ["refund", var amount]:
                    await world.DashboardRefundAsync(session, amount == "all" ? null : long.Parse(amount, null));
                    break;
                case ["dispute"]:
                case ["inquiry"]:
                    dispute = await world.DisputeAsync(session, inquiry: step == "inquiry");
                    break;
                default:
                    await world.VerdictAsync(dispute!, step);
                    break;
            }
        }

        if (card != "pm_card_visa")
        {
            await World.EventuallyAsync(
                async () => (await world.RefundsAtProviderAsync(session)).All(r => r["status"]!.ToString() == "failed" || r["destination_details"]!["card"]!["reference"] is not null),
                "the bank has had its say");
        }
    }
}

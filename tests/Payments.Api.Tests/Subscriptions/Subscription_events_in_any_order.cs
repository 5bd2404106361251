using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Subscriptions;

/// <summary>P3 for subscriptions: any order, duplication and loss of a story's events ends in the same state, and that is the provider's.</summary>
public sealed class Subscription_events_in_any_order(World world) : IClassFixture<World>
{
    private static readonly bool Full = Environment.GetEnvironmentVariable("PAYMENTS_TEST_FULL") == "1";
    private static readonly int Orders = Full ? 200 : 4;
    private const int AtOnce = 25;

    public static TheoryData<string> Names => [.. Stories.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_story_ends_the_same(string name)
    {
        var story = Stories.Named(name);
        for (var first = 0; first < Orders; first += AtOnce)
        {
            await RunAsync(story, Enumerable.Range(first, Math.Min(AtOnce, Orders - first)));
        }

        await world.LedgerIsSoundAsync();
    }

    private async Task RunAsync(Story story, IEnumerable<int> seeds)
    {
        var stage = new Stage(world);
        await PriceAsync();
        var actors = await stage.PlayAsync(story, seeds);
        try
        {
            await Parallel.ForEachAsync(actors, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (actor, _) => await DeliverAsync(actor));
            await world.SettleAsync(120);
            foreach (var actor in actors.Where(Loses))
            {
                await stage.AskAsync(actor);
            }

            foreach (var actor in actors)
            {
                await EndsAsync(story, actor);
            }
        }
        finally
        {
            await stage.ClearAsync(actors);
            await world.FaultsAsync(null);
        }
    }

    /// <summary>Seed 0 as they were made, 1 reversed, the rest shuffled; a third of them twice; of every fourth order one is lost.</summary>
    private async Task DeliverAsync(Actor actor)
    {
        var random = new Random(actor.Seed);
        var made = actor.Order;
        made.Count.ShouldBeGreaterThan(0);
        List<JsonNode> order = actor.Seed == 0 ? made : actor.Seed == 1 ? [.. made.AsEnumerable().Reverse()] : [.. made.OrderBy(_ => random.Next())];
        if (Loses(actor))
        {
            order.RemoveAt(random.Next(order.Count));
        }

        actor.Order = [.. order, .. order.Where(_ => random.Next(3) == 0)];
        foreach (var e in actor.Order)
        {
            using var answer = await world.DeliverAsync(e);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            if (random.Next(2) == 0)
            {
                await Task.Delay(random.Next(60));
            }
        }
    }

    private static bool Loses(Actor actor) => actor.Seed % 4 == 3;

    private async Task EndsAsync(Story story, Actor actor)
    {
        var told = $"{story.Name}, seed {actor.Seed}: {string.Join(" → ", actor.Order.Select(e => e["type"]))}";
        var lastSeen = "";
        try
        {
            await World.EventuallyAsync(async () => (lastSeen = await DifferenceAsync(story, actor)).Length == 0, "the same end", 40);
        }
        catch (ShouldAssertException)
        {
            throw new ShouldAssertException($"{lastSeen}\n{told}");
        }
    }

    /// <summary>Empty when all is as the story and the provider say.</summary>
    private static async Task<string> DifferenceAsync(Story story, Actor actor)
    {
        var truth = await actor.TruthAsync();
        var subscriptions = (await actor.Caller.GetAsync("subscriptions/status"))["items"]!.AsArray();
        if (subscriptions.Count != 1)
        {
            return $"{subscriptions.Count} subscriptions";
        }

        var mine = subscriptions[0]!;
        var me = await actor.Caller.GetAsync("users/me");
        var access = await actor.Caller.GetAsync("access/lab/1");
        var payments = (await actor.Caller.GetAsync("payments/history?limit=100"))["items"]!.AsArray().Select(p => p!).ToList();
        var invoices = (await actor.Caller.GetAsync("invoices?limit=100"))["items"]!.AsArray().Select(i => i!).ToList();
        var theirs = await actor.ListAsync($"/v1/invoices?limit=100&subscription={truth["id"]}");
        var issued = theirs.Where(i => i["status"]!.ToString() != "draft").ToList();
        var differences = new List<string>();
        Same("status", story.Status, mine["status"]!.ToString());
        Same("provider's status", story.Status, truth["status"]!.ToString());
        Same("quantity", truth["items"]!["data"]![0]!["quantity"]!.ToString(), mine["quantity"]!.ToString());
        Same("period end", Seconds(truth["items"]!["data"]![0]!["current_period_end"]), Parsed(mine["currentPeriodEnd"]));
        Same("cancelAt", Seconds(truth["cancel_at"]), Parsed(mine["cancelAt"]));
        Same("cancelAtPeriodEnd", truth["cancel_at_period_end"]!.ToString(), mine["cancelAtPeriodEnd"]!.ToString());
        Same("pause", truth["pause_collection"]?["behavior"]?.ToString(), mine["pause"]?["behavior"]?.ToString());
        Same("access", story.Access, access["allowed"]!.GetValue<bool>());
        Same("profile", story.Access, me["subscriptionType"] is not null);
        Same("payments", string.Join(",", story.Payments.Order()), string.Join(",", payments.Select(p => p["status"]!.ToString()).Order()));
        Same("given back", story.Refunds, payments.Sum(p => p["refunded"]!["amount"]!.GetValue<long>()));
        Same("invoices", Listed(issued.Select(i => (i["number"]!.ToString(), i["status"]!.ToString(), i["amount_paid"]!.GetValue<long>()))),
            Listed(invoices.Select(i => (i["number"]!.ToString(), i["status"]!.ToString(), i["amountPaid"]!["amount"]!.GetValue<long>()))));
        Same("money", Listed(theirs.Where(i => i["status"]!.ToString() == "paid" && i["amount_paid"]!.GetValue<long>() > 0).Select(i => ("", "", i["amount_paid"]!.GetValue<long>()))),
            Listed(payments.Where(p => p["completedAt"] is not null && p["amount"]!["amount"]!.GetValue<long>() > 0).Select(p => ("", "", p["amount"]!["amount"]!.GetValue<long>()))));
        var credits = me["credits"]!.GetValue<long>();
        if (Math.Abs(credits - story.Credits) > story.Tolerance)
        {
            differences.Add($"credits: {story.Credits} expected, {credits} found");
        }

        var stuck = await actor.World.ScalarAsync<string>(
            "SELECT coalesce(string_agg(type || ' ' || status || ' ' || coalesce(last_error, ''), '; '), '') FROM payments.webhook_events WHERE id = ANY($1) AND status NOT IN ('processed', 'unhandled', 'foreign')",
            actor.Order.Select(e => e["id"]!.ToString()).ToArray());
        Same("events left over", "", stuck);
        return string.Join("\n", differences);

        void Same<T>(string what, T expected, T found)
        {
            if (!Equals(expected, found))
            {
                differences.Add($"{what}: {expected} expected, {found} found");
            }
        }
    }

    private static string Listed(IEnumerable<(string, string, long)> items) => string.Join(" | ", items.Order());

    private static long? Seconds(JsonNode? time) => time?.GetValue<long>();

    private static long? Parsed(JsonNode? time) => time is null ? null : DateTimeOffset.Parse(time.ToString(), CultureInfo.InvariantCulture).ToUnixTimeSeconds();

    /// <summary>Prices are made when they are first asked for; a change at the provider needs them before.</summary>
    private async Task PriceAsync()
    {
        if (await world.ScalarAsync<long>("SELECT count(DISTINCT plan_id) FROM payments.plan_prices WHERE gateway_price_id IS NOT NULL") < 4)
        {
            using var shopper = world.NewUser();
            foreach (var plan in new[] { Plans.Monthly, Plans.Yearly, Plans.Team, Plans.Plus })
            {
                await shopper.CheckoutAsync(new { planId = plan });
            }
        }
    }
}

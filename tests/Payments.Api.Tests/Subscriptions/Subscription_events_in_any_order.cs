using System.Net;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Subscriptions;

/// <summary>P3 for subscriptions: any order, duplication and loss of a story's events ends in the same state, and that is the provider's.</summary>
public sealed class Subscription_events_in_any_order(World world) : IClassFixture<World>
{
    private static readonly bool Full = Environment.GetEnvironmentVariable("PAYMENTS_TEST_FULL") == "1";
    private static readonly int Orders = Full ? 200 : 4;

    public static TheoryData<string> Names => [.. Stories.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_story_ends_the_same(string name)
    {
        var story = Stories.Named(name);
        for (var first = 0; first < Orders; first += story.AtOnce)
        {
            await RunAsync(story, Enumerable.Range(first, Math.Min(story.AtOnce, Orders - first)));
        }

        await world.LedgerIsSoundAsync();
    }

    private async Task RunAsync(Story story, IEnumerable<int> seeds)
    {
        var stage = new Stage(world);
        await stage.TellAsync(story, seeds, async actors =>
        {
            await Parallel.ForEachAsync(actors, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (actor, _) => await DeliverAsync(actor));
            await world.SettleAsync(120);
            foreach (var actor in actors.Where(a => a.Lost is not null))
            {
                await stage.AskAsync(actor);
            }

            foreach (var actor in actors.Where(a => a.Lost is null || !story.OnlyEventsTell))
            {
                await actor.EndsAsync(story, $"{story.Name}, seed {actor.Seed}");
            }

            foreach (var actor in actors.Where(a => a.Lost is not null))
            {
                await DeliverAsync(actor.Lost!);
            }

            await world.SettleAsync(120);
            foreach (var actor in actors.Where(a => a.Lost is not null))
            {
                await actor.EndsAsync(story, $"{story.Name}, seed {actor.Seed}, and what was lost comes after all");
            }
        });
    }

    /// <summary>Seed 0 as they were made, 1 reversed, the rest shuffled; a third of them twice; of every fourth order one is lost, and comes when all was asked for.</summary>
    private async Task DeliverAsync(Actor actor)
    {
        var random = new Random(actor.Seed);
        var made = actor.Order;
        made.Count.ShouldBeGreaterThan(0);
        List<JsonNode> order = actor.Seed == 0 ? made : actor.Seed == 1 ? [.. made.AsEnumerable().Reverse()] : [.. made.OrderBy(_ => random.Next())];
        if (actor.Seed % 4 == 3)
        {
            var lost = random.Next(order.Count);
            actor.Lost = order[lost];
            order.RemoveAt(lost);
        }

        actor.Order = [.. order, .. order.Where(_ => random.Next(3) == 0)];
        foreach (var e in actor.Order)
        {
            await DeliverAsync(e);
            if (random.Next(2) == 0)
            {
                await Task.Delay(random.Next(60));
            }
        }
    }

    private async Task DeliverAsync(JsonNode e)
    {
        using var answer = await world.DeliverAsync(e);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}

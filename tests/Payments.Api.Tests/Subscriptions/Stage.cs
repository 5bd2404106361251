using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Payments.Api.Tests.Cards;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Subscriptions;

/// <summary>Plays stories while nothing reaches the API, and hands out the events that each of its people has caused.</summary>
internal sealed partial class Stage(World world)
{
    private static readonly object UsualDunning = new { retryAfterDays = new[] { 3, 5, 7 }, finalAction = "cancel" };

    /// <summary>Plays a story, has its events told, and clears up however that ends.</summary>
    public async Task TellAsync(Story story, IEnumerable<int> seeds, Func<List<Actor>, Task> tell)
    {
        var actors = await PlayAsync(story, seeds);
        try
        {
            await tell(actors);
        }
        finally
        {
            // Whatever the provider was made to fail at meanwhile: it is to end what is left, and to say nothing of it.
            await SilenceAsync();
            await ClearAsync(actors);
            await world.FaultsAsync(null);
        }
    }

    /// <summary>Nothing that happens is told.</summary>
    public Task SilenceAsync() => world.FaultsAsync(new { deliveries = new { drop = 1.0 } });

    /// <summary>Plays a story for many at once. Afterwards the API knows of it what its own calls were answered, and no more; its clock stands where the provider's stands.</summary>
    private async Task<List<Actor>> PlayAsync(Story story, IEnumerable<int> seeds)
    {
        await PriceAsync();
        var began = world.Stripe.Now;
        var actors = seeds.Select(seed => new Actor(world, seed)).ToList();
        await SilenceAsync();
        await DunningAsync(story.Dunning ?? UsualDunning);
        try
        {
            foreach (var step in story.Steps)
            {
                await (step is string duration ? MoveAloneAsync(duration) : TogetherAsync(actors, (Func<Actor, Task>)step));
            }

            // Nobody asks by himself: all that is learned is learned from events.
            var users = actors.SelectMany(a => a.People).Select(p => p.Id).ToArray();
            await world.ScalarAsync<long>("WITH silent AS (UPDATE payments.payments SET next_check_at = NULL WHERE user_id = ANY($1) RETURNING 1) SELECT count(*) FROM silent", users);
            await world.ScalarAsync<long>("WITH silent AS (UPDATE payments.subscriptions SET next_action_at = NULL WHERE user_id = ANY($1) RETURNING 1) SELECT count(*) FROM silent", users);
        }
        finally
        {
            await FollowAsync();
        }

        await SpendFreelyAsync();
        foreach (var (actor, events) in await EventsOfAsync(actors, began))
        {
            actor.Order = events;
        }

        return actors;
    }

    private static async Task TogetherAsync(List<Actor> actors, Func<Actor, Task> step)
    {
        foreach (var actor in actors)
        {
            await step(actor);
        }
    }

    /// <summary>Ends what the story left running, so that it does not renew beside the next one.</summary>
    private async Task ClearAsync(List<Actor> actors)
    {
        foreach (var actor in actors)
        {
            foreach (var person in actor.People)
            {
                foreach (var live in (await actor.ListAsync($"/v1/subscriptions?customer={await world.CustomerOfAsync(person)}")).Where(s => s["status"]!.ToString() != "incomplete_expired").Select(s => s["id"]))
                {
                    (await world.Simulator.DeleteAsync($"/v1/subscriptions/{live}")).EnsureSuccessStatusCode();
                }

                await world.ScalarAsync<long>("WITH silent AS (UPDATE payments.subscriptions SET next_action_at = NULL, card_fingerprint = 'past:' || id WHERE user_id = $1 RETURNING 1) SELECT count(*) FROM silent", person.Id);
                await world.ScalarAsync<long>("WITH silent AS (UPDATE payments.payments SET next_check_at = NULL WHERE user_id = $1 RETURNING 1) SELECT count(*) FROM silent", person.Id);
            }

            actor.Dispose();
        }

        await DunningAsync(UsualDunning);
    }

    /// <summary>As due work would in its time: asks about everything of theirs that is not over.</summary>
    public async Task AskAsync(Actor actor)
    {
        var users = actor.People.Select(p => p.Id).ToArray();
        await world.ScalarAsync<long>(
            "WITH due AS (UPDATE payments.payments SET next_check_at = '2000-01-01' WHERE user_id = ANY($1) AND completed_at IS NULL AND status NOT IN ('canceled', 'expired') RETURNING 1) SELECT count(*) FROM due", users);
        await world.ScalarAsync<long>(
            "WITH due AS (UPDATE payments.disputes d SET due_at = '2000-01-01' FROM payments.payments p WHERE p.id = d.payment_id AND p.user_id = ANY($1) AND d.due_at IS NOT NULL RETURNING 1) SELECT count(*) FROM due", users);
        await world.ScalarAsync<long>("WITH due AS (UPDATE payments.subscriptions SET next_action_at = '2000-01-01' WHERE user_id = ANY($1) RETURNING 1) SELECT count(*) FROM due", users);
    }

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

    /// <summary>The provider's clock alone; the API lives on in the past.</summary>
    private async Task MoveAloneAsync(string duration)
    {
        world.Stripe.SetApi(new Uri(world.Api, "api/v1/webhooks/stripe"), null);
        try
        {
            using var moved = await world.Simulator.PostAsJsonAsync("/sandbox/clock", new { advance = duration });
            moved.StatusCode.ShouldBe(HttpStatusCode.OK, await moved.Content.ReadAsStringAsync());
        }
        finally
        {
            world.Stripe.SetApi(new Uri(world.Api, "api/v1/webhooks/stripe"), world.Api);
        }
    }

    private async Task DunningAsync(object settings) => (await world.Simulator.PostAsJsonAsync("/sandbox/billing", settings)).EnsureSuccessStatusCode();

    private async Task FollowAsync()
    {
        using var service = world.Internal();
        using var moved = await service.PutAsJsonAsync("sandbox/clock", new { now = world.Stripe.Now });
        moved.StatusCode.ShouldBe(HttpStatusCode.OK, await moved.Content.ReadAsStringAsync());
    }

    /// <summary>The budget of reads spares the real provider; here it would only make the test slow.</summary>
    private Task<bool> SpendFreelyAsync() => world.ScalarAsync<bool>(
        "INSERT INTO payments.gateway_budget AS b (one, second, used) VALUES (true, 99999999999, -100000000) ON CONFLICT (one) DO UPDATE SET second = excluded.second, used = excluded.used RETURNING b.one");

    /// <summary>Events belong together when they name the same object; one of these is a person's customer.</summary>
    private async Task<List<(Actor, List<JsonNode>)>> EventsOfAsync(List<Actor> actors, DateTimeOffset began)
    {
        var events = await AllAsync(began);
        var parents = new Dictionary<string, string>(StringComparer.Ordinal);
        var named = events.ConvertAll(e => OneCustomersId().Matches(e["data"]!["object"]!.ToJsonString()).Select(m => m.Groups["id"].Value).Distinct().ToList());
        foreach (var ids in named)
        {
            foreach (var id in ids.Skip(1))
            {
                parents[Root(id)] = Root(ids[0]);
            }
        }

        var found = new List<(Actor, List<JsonNode>)>();
        foreach (var actor in actors)
        {
            var roots = new List<string>();
            foreach (var person in actor.People)
            {
                roots.Add(Root(await world.CustomerOfAsync(person)));
            }

            found.Add((actor, [.. events.Where((_, i) => named[i].Count > 0 && roots.Contains(Root(named[i][0])))]));
        }

        return found;

        string Root(string id)
        {
            while (parents.GetValueOrDefault(id, id) is var parent && parent != id)
            {
                id = parent;
            }

            return id;
        }
    }

    /// <summary>All events since then, oldest first.</summary>
    private async Task<List<JsonNode>> AllAsync(DateTimeOffset since)
    {
        var all = new List<JsonNode>();
        for (JsonNode? page = null; page is null || page["has_more"]!.GetValue<bool>();)
        {
            using var answer = await world.Simulator.GetAsync($"/v1/events?limit=100&created[gte]={since.ToUnixTimeSeconds()}{(all.Count == 0 ? "" : $"&starting_after={all[^1]["id"]}")}");
            if (answer.StatusCode == HttpStatusCode.BadRequest)
            {
                // Events are listed for 30 days, and the one that the last page ended with has just become older: from the start again.
                all.Clear();
                page = null;
                continue;
            }

            page = JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!;
            all.AddRange(page["data"]!.AsArray().Select(e => e!.DeepClone()));
        }

        all.Reverse();
        return all;
    }

    [GeneratedRegex("\"(?<id>(cus|sub|in|pi|ch|py|re|cs|du|dp|seti|inpay)_[A-Za-z0-9_]+?)(_secret_[A-Za-z0-9]+)?\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OneCustomersId();
}

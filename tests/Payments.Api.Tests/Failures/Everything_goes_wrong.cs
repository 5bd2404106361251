using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;
using Payments.Sandbox.Postgres;

namespace Payments.Api.Tests.Failures;

/// <summary>The API as a process that can be killed, and a database server of its own that can be stopped.</summary>
public sealed class FragileWorld : World
{
    public override Task InitializeAsync() => BeginAsync(ownServer: true, ownProcess: true);
}

/// <summary>
/// The main flow while deliveries are doubled, reordered and lost, the provider fails before and after its effects, the
/// API is killed and the database goes away: in the end everybody has exactly the credits that were paid for.
/// </summary>
public sealed class Everything_goes_wrong(FragileWorld world) : IClassFixture<FragileWorld>
{
    private const int CreditPriceMinor = 10;
    private static readonly bool Full = Environment.GetEnvironmentVariable("PAYMENTS_TEST_FULL") == "1";
    private static readonly int Purchases = Full ? 500 : 24;
    private static readonly int Users = Full ? 50 : 8;
    private static readonly int Kills = Full ? 10 : 2;
    private static readonly int Outages = Full ? 3 : 1;

    private static readonly object Faults = new
    {
        deliveries = new { duplicate = 0.5, reorder = 0.5, drop = 0.2 },
        api = new { error = 0.2, cutAfterEffect = 0.1 },
        seed = 42,
    };

    private int bought;

    [Fact]
    public async Task Credits_are_what_was_paid_under_faults() => await RunAsync(trouble: null);

    [Fact]
    public async Task Credits_are_what_was_paid_when_the_api_is_killed_again_and_again() => await RunAsync(async buying =>
    {
        for (var kill = 0; kill < Kills; kill++)
        {
            await BoughtAsync(Purchases * kill / Kills, buying);
            await world.Process!.KillAsync();
            await world.Process.StartAgainAsync();
        }
    });

    [Fact]
    public async Task Credits_are_what_was_paid_when_the_database_goes_away_and_webhooks_answer_503_meanwhile() => await RunAsync(async buying =>
    {
        for (var outage = 0; outage < Outages; outage++)
        {
            await BoughtAsync(Purchases * (outage + 1) / (Outages + 2), buying);
            await world.Postgres.StopAsync(PostgresStop.Immediate);
            var orphan = new JsonObject
            {
                ["id"] = $"evt_outage{outage}", ["object"] = "event", ["api_version"] = "2026-07-29.dahlia", ["created"] = 1, ["livemode"] = false,
                ["type"] = "customer.created", ["data"] = new JsonObject { ["object"] = new JsonObject { ["id"] = "cus_x", ["object"] = "customer" } },
            };
            using (var answer = await world.DeliverAsync(orphan))
            {
                answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
                answer.Headers.RetryAfter.ShouldNotBeNull();
            }

            await world.Postgres.StartAgainAsync();
        }
    });

    /// <summary>So far into it that the trouble strikes while people buy, on a fast machine as on a slow one.</summary>
    private async Task BoughtAsync(int purchases, Task buying)
    {
        await World.EventuallyAsync(() => Task.FromResult(Volatile.Read(ref bought) >= purchases), $"{purchases} purchases", 300);
        await Task.Delay(Random.Shared.Next(50));
        buying.IsCompleted.ShouldBeFalse();
    }

    private async Task RunAsync(Func<Task, Task>? trouble)
    {
        await world.FaultsAsync(Faults);
        var users = Enumerable.Range(0, Users).Select(_ => world.NewUser()).ToList();
        var lost = new ConcurrentBag<string>();
        try
        {
            var buying = Parallel.ForEachAsync(Enumerable.Range(0, Purchases), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
            {
                await BuyAsync(users[i % Users], i, lost);
                Interlocked.Increment(ref bought);
            });
            await Task.WhenAll(buying, trouble?.Invoke(buying) ?? Task.CompletedTask);
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        lost.ShouldBeEmpty();
        await world.Process!.ReadyAsync();
        await RedeliverAsync();
        await world.SettleAsync(120);
        foreach (var user in users)
        {
            var paid = await PaidAsync(user);
            (await user.CreditsAsync()).ShouldBe(paid / CreditPriceMinor, user.Id.ToString());
            user.Dispose();
        }

        await world.LedgerIsSoundAsync();
    }

    /// <summary>As a web app does it: asks again with the same key until there is an answer, then the buyer pays and comes back.</summary>
    private async Task BuyAsync(Caller user, int number, ConcurrentBag<string> lost)
    {
        var key = $"purchase-{user.Id}-{number}";
        var session = await AgainAsync(() => user.PostAsync("payments/checkout-session", new { creditAmount = 10 + (number % 90) }, key));
        if (session is null)
        {
            lost.Add($"{key} never got a session");
            return;
        }

        (await world.PayAsync(session["sessionId"]!.ToString(), number % 10 == 9 ? "pm_card_visa_chargeDeclined" : "pm_card_visa")).Dispose();
        if (number % 3 == 0)
        {
            await AgainAsync(() => user.Http.GetAsync($"api/v1/payments/checkout-session/{session["sessionId"]}"));
        }
    }

    private static async Task<JsonNode?> AgainAsync(Func<Task<HttpResponseMessage>> ask)
    {
        var until = DateTime.UtcNow.AddSeconds(180);
        while (DateTime.UtcNow < until)
        {
            try
            {
                using var answer = await ask();
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return JsonNode.Parse(await answer.Content.ReadAsStringAsync());
                }

                // Only these may be asked again: anything else is a bug that the test must show.
                answer.StatusCode.ShouldBeOneOf(HttpStatusCode.ServiceUnavailable, HttpStatusCode.Conflict, HttpStatusCode.BadGateway, HttpStatusCode.TooManyRequests);
            }
            catch (HttpRequestException)
            {
                // Killed, or not up again yet.
            }

            await Task.Delay(200);
        }

        return null;
    }

    private async Task RedeliverAsync() => await World.EventuallyAsync(
        async () =>
        {
            using var resent = await world.Simulator.PostAsync("/sandbox/deliveries/resend-undelivered", null);
            resent.EnsureSuccessStatusCode();
            var left = await world.Simulator.GetFromJsonAsync<JsonNode>("/sandbox/deliveries?status=undelivered&limit=1");
            return left!["items"]!.AsArray().Count == 0;
        },
        "every event is delivered",
        180);

    private async Task<long> PaidAsync(Caller user)
    {
        var customers = await world.Simulator.GetFromJsonAsync<JsonNode>($"/v1/customers?email={user.Id.ToString("N", CultureInfo.InvariantCulture)}@example.com");
        customers!["data"]!.AsArray().Count.ShouldBe(1, "one customer a user");
        var truth = await world.Simulator.GetFromJsonAsync<JsonNode>($"/sandbox/truth?customer={customers["data"]![0]!["id"]}");
        return truth!["payments"]!.AsArray().Sum(p => p!["amount"]!.GetValue<long>());
    }
}

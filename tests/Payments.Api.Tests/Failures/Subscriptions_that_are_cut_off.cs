using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Cards;
using Payments.Api.Tests.Subscriptions;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Failures;

/// <summary>
/// Plans are bought, changed and cancelled while the provider fails before and after its effects, deliveries are lost and
/// the API is killed: in the end everybody has one subscription, as the provider has it, and was charged once for each step.
/// </summary>
public sealed class Subscriptions_that_are_cut_off(FragileWorld world) : IClassFixture<FragileWorld>
{
    private static readonly bool Full = Environment.GetEnvironmentVariable("PAYMENTS_TEST_FULL") == "1";
    private static readonly int Users = Full ? 40 : 3;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_subscription_is_as_the_provider_has_it(bool killed)
    {
        var users = Enumerable.Range(0, Users).Select(_ => world.NewUser()).ToList();
        await world.FaultsAsync(new { deliveries = new { duplicate = 0.5, reorder = 0.5, drop = 0.2 }, api = new { error = 0.1, cutAfterEffect = 0.1 }, seed = 7 });
        try
        {
            var living = Parallel.ForEachAsync(users, new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (user, _) => await LiveAsync(user, users.IndexOf(user)));
            await Task.WhenAll(living, killed ? KillAsync(living) : Task.CompletedTask);
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        await world.Process!.ReadyAsync();
        using (var resent = await world.Simulator.PostAsync("/sandbox/deliveries/resend-undelivered", null))
        {
            resent.EnsureSuccessStatusCode();
        }

        await world.SettleAsync(120);
        foreach (var user in users)
        {
            await World.EventuallyAsync(async () => await DifferenceAsync(user, users.IndexOf(user)) is null, $"{user.Id}: {await DifferenceAsync(user, users.IndexOf(user))}", 60);
            user.Dispose();
        }

        await world.LedgerIsSoundAsync();
    }

    /// <summary>As a web app does it: asks again with the same key until there is an answer.</summary>
    private async Task LiveAsync(Caller user, int number)
    {
        var session = await AgainAsync(() => user.PostAsync("payments/checkout-session", new { planId = Plans.Team, quantity = 2 }, $"buy-{user.Id}"));
        (await world.PayAsync(session["sessionId"]!.ToString())).Dispose();
        await AgainAsync(() => user.Http.GetAsync($"api/v1/payments/checkout-session/{session["sessionId"]}"), body => body["status"]!.ToString() == "succeeded");
        var id = (await AgainAsync(() => user.Http.GetAsync("api/v1/subscriptions/status"), body => body["items"]!.AsArray().Count == 1))["items"]![0]!["id"]!.ToString();
        if (number % 3 < 2)
        {
            await AgainAsync(() => SendAsync(user, HttpMethod.Put, $"subscriptions/{id}", new { quantity = 5, proration = "now" }, $"change-{user.Id}"), made: "subscription.unchanged");
        }

        if (number % 3 > 0)
        {
            await AgainAsync(() => SendAsync(user, HttpMethod.Post, $"subscriptions/{id}/cancel", new { atPeriodEnd = number % 2 == 0 }, $"cancel-{user.Id}"), made: number % 2 == 0 ? "subscription.unchanged" : "subscription.over");
        }
    }

    private async Task KillAsync(Task done)
    {
        var random = new Random(11);
        for (var kill = 0; kill < (Full ? 8 : 2) && !done.IsCompleted; kill++)
        {
            await Task.Delay(random.Next(300, 1500));
            await world.Process!.KillAsync();
            await world.Process.StartAgainAsync();
        }
    }

    /// <summary>Null when it is as the steps and the provider say.</summary>
    private async Task<string?> DifferenceAsync(Caller user, int number)
    {
        var customer = await world.CustomerOfAsync(user);
        var theirs = JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/subscriptions?status=all&customer={customer}"))!["data"]!.AsArray();
        var mine = (await user.GetAsync("subscriptions/status"))["items"]!.AsArray();
        if (theirs.Count != 1 || mine.Count != 1)
        {
            return $"{theirs.Count} there, {mine.Count} here";
        }

        var (there, here) = (theirs[0]!, mine[0]!);
        var seats = there["items"]!["data"]![0]!["quantity"]!.GetValue<int>();
        var status = number % 3 > 0 && number % 2 == 1 ? "canceled" : "active";
        var paid = JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/invoices?customer={customer}&limit=100"))!["data"]!.AsArray().Where(i => i!["status"]!.ToString() == "paid").Sum(i => i!["amount_paid"]!.GetValue<long>());
        var shown = (await user.GetAsync("payments/history"))["items"]!.AsArray().Where(p => p!["status"]!.ToString() == "succeeded").Sum(p => p!["amount"]!["amount"]!.GetValue<long>());
        var credits = await user.CreditsAsync();
        return there["status"]!.ToString() != status || here["status"]!.ToString() != status ? $"{status} expected: {there["status"]} there, {here["status"]} here"
            : seats != (number % 3 < 2 ? 5 : 2) || here["quantity"]!.GetValue<int>() != seats ? $"{seats} seats there, {here["quantity"]} here"
            : here["cancelAtPeriodEnd"]!.GetValue<bool>() != there["cancel_at_period_end"]!.GetValue<bool>() ? "cancelAtPeriodEnd"
            : paid != shown ? $"{paid} paid there, {shown} here"
            : Math.Abs(credits - (seats * 100)) > 1 ? $"{credits} credits for {seats} seats"
            : null;
    }

    private static Task<HttpResponseMessage> SendAsync(Caller user, HttpMethod method, string path, object body, string key)
    {
        var request = new HttpRequestMessage(method, $"api/v1/{path}") { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", key);
        return user.Http.SendAsync(request);
    }

    /// <param name="made">The refusal that says that an earlier try was made after all.</param>
    private static async Task<JsonNode> AgainAsync(Func<Task<HttpResponseMessage>> ask, Func<JsonNode, bool>? enough = null, string? made = null)
    {
        var until = DateTime.UtcNow.AddSeconds(180);
        var last = "";
        while (DateTime.UtcNow < until)
        {
            try
            {
                using var answer = await ask();
                last = await answer.Content.ReadAsStringAsync();
                if (answer.StatusCode == HttpStatusCode.OK && JsonNode.Parse(last) is { } body && enough?.Invoke(body) != false)
                {
                    return body;
                }

                if (made is not null && answer.StatusCode == HttpStatusCode.Conflict && JsonNode.Parse(last)!["code"]!.ToString() == made)
                {
                    return JsonNode.Parse(last)!;
                }

                // Only these may be asked again: anything else is a bug that the test must show.
                answer.StatusCode.ShouldBeOneOf([HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable, HttpStatusCode.Conflict, HttpStatusCode.BadGateway, HttpStatusCode.TooManyRequests], last);
            }
            catch (HttpRequestException)
            {
                // Killed, or not up again yet.
            }

            await Task.Delay(250);
        }

        throw new ShouldAssertException($"No answer in three minutes; the last one: {last}");
    }
}

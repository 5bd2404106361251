using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Notices;

public sealed class Hearing_it_live(World world) : IClassFixture<World>
{
    [Fact]
    public async Task The_balance_comes_first_and_then_what_happens_to_its_own_user()
    {
        using var ada = world.NewUser();
        using var eve = world.NewUser();
        await using var page = await Page.OpenAsync(ada);
        await using var other = await Page.OpenAsync(eve);
        await page.HeardAsync("credits", data => data["credits"]!.GetValue<long>() == 0);

        var session = await ada.BuyAsync();

        await page.HeardAsync("credits", data => data["credits"]!.GetValue<long>() == 100);
        await page.HeardAsync("payment", data => data["paymentId"]!.ToString() == session["paymentId"]!.ToString() && data["event"]!.ToString() == "payment.succeeded");
        await page.HeardAsync("notification", data => data["type"]!.ToString() == "payment-succeeded");
        (await ada.ToldAsync()).Select(n => n["id"]!.ToString()).ShouldContain(page.Events.Single(e => e.Kind == "notification").Data["id"]!.ToString());
        other.Events.ShouldAllBe(e => e.Kind == "credits" && e.Data["credits"]!.GetValue<long>() == 0);
    }

    [Fact]
    public async Task What_another_replica_says_is_heard_too()
    {
        using var ada = world.NewUser();
        await using var page = await Page.OpenAsync(ada);
        await page.HeardAsync("credits", _ => true);

        await world.ScalarAsync<object>("SELECT pg_notify('live_events', $1)", new JsonObject { ["User"] = ada.Id, ["Kind"] = "subscription", ["Data"] = """{"subscriptionId":"1"}""" }.ToJsonString());

        await page.HeardAsync("subscription", data => data["subscriptionId"]!.ToString() == "1");
    }

    [Fact]
    public async Task One_user_has_only_so_many_and_a_closed_one_makes_room()
    {
        using var ada = world.NewUser();
        var pages = new List<Page>();
        for (var i = 0; i < 8; i++)
        {
            pages.Add(await Page.OpenAsync(ada));
        }

        using (var refused = await ada.Http.GetAsync("api/v1/notifications/stream"))
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
            JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["code"]!.ToString().ShouldBe("stream.too_many");
        }

        await pages[0].DisposeAsync();
        await World.EventuallyAsync(
            async () =>
            {
                using var again = await ada.Http.GetAsync("api/v1/notifications/stream", HttpCompletionOption.ResponseHeadersRead);
                return again.StatusCode == HttpStatusCode.OK;
            },
            "the place of the page that left is free");
        foreach (var page in pages.Skip(1))
        {
            await page.DisposeAsync();
        }
    }

    [Fact]
    public async Task Nobody_hears_anything_without_a_token()
    {
        using var anyone = world.Anonymous();
        using var refused = await anyone.GetAsync("api/v1/notifications/stream");
        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }
}

public sealed class Hearing_it_to_the_end(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Streams_end_well_when_the_process_stops()
    {
        using var ada = world.NewUser();
        await using var page = await Page.OpenAsync(ada);
        await page.HeardAsync("credits", _ => true);

        await world.StopApiAsync();

        await page.EndedAsync();
        await world.StartApiAsync();
    }
}

/// <summary>A page that reads the stream by fetch.</summary>
internal sealed class Page : IAsyncDisposable
{
    private readonly HttpResponseMessage answer;
    private readonly CancellationTokenSource left = new();
    private readonly Task reading;
    private readonly ConcurrentQueue<(string Kind, JsonNode Data)> events = new();

    private Page(HttpResponseMessage answer)
    {
        this.answer = answer;
        reading = ReadAsync();
    }

    public IReadOnlyCollection<(string Kind, JsonNode Data)> Events => events;

    public static async Task<Page> OpenAsync(Caller user)
    {
        var opened = await user.Http.GetAsync("api/v1/notifications/stream", HttpCompletionOption.ResponseHeadersRead);
        opened.StatusCode.ShouldBe(HttpStatusCode.OK);
        opened.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        return new Page(opened);
    }

    public Task HeardAsync(string kind, Func<JsonNode, bool> fits) =>
        World.EventuallyAsync(() => Task.FromResult(events.Any(e => e.Kind == kind && fits(e.Data))), $"{kind} is heard, of {string.Join(' ', events)}");

    /// <summary>The stream came to its end by itself, and was not cut off.</summary>
    public Task EndedAsync() => reading.WaitAsync(TimeSpan.FromSeconds(60));

    public async ValueTask DisposeAsync()
    {
        await left.CancelAsync();
        answer.Dispose();
        try
        {
            await reading;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // It was we who left.
        }

        left.Dispose();
    }

    private async Task ReadAsync()
    {
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(left.Token));
        var kind = "";
        while (await reader.ReadLineAsync(left.Token) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                kind = line[7..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                events.Enqueue((kind, JsonNode.Parse(line[6..])!));
            }
        }
    }
}

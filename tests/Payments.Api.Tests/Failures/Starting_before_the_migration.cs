using System.Net;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Failures;

public sealed class Starting_before_the_migration(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Waits_says_what_is_missing_and_serves_once_it_is_there()
    {
        await world.Postgres.CreateDatabaseAsync("unmigrated");
        var settings = world.SettingsOn(world.Postgres.Url("unmigrated"));
        await using var api = await ApiProcess.StartAsync(settings, untilReady: false);
        using var client = new HttpClient { BaseAddress = api.Address };
        await World.EventuallyAsync(async () => await StatusAsync(client, "health/live") == HttpStatusCode.OK, "it has started");

        // Every worker has looked for work by then.
        await Task.Delay(5000);
        (await StatusAsync(client, "health/live")).ShouldBe(HttpStatusCode.OK);
        using (var ready = await client.GetAsync("health/ready"))
        {
            ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await ready.Content.ReadAsStringAsync()).ShouldContain("2026");
        }

        var (code, output) = await World.CommandAsync(settings, "migrate");
        code.ShouldBe(0, output);
        await api.ReadyAsync();
    }

    private static async Task<HttpStatusCode?> StatusAsync(HttpClient client, string path)
    {
        try
        {
            using var answer = await client.GetAsync(path);
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}

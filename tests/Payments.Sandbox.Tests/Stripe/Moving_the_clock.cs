using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Payments.Sandbox.Tests.Stripe;

public sealed class Moving_the_clock
{
    [Fact]
    public async Task Answers_the_time_and_the_offset_and_then_ticks_on()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var moved = await sandbox.AdvanceAsync("PT1H");
        moved["offset"].ShouldBe("PT1H");
        var now = DateTimeOffset.Parse(moved["now"]!, CultureInfo.InvariantCulture);
        (now - DateTimeOffset.UtcNow).TotalMinutes.ShouldBeInRange(59, 61);
        var to = await sandbox.ControlAsync("/sandbox/clock", $$"""{ "to": "{{now.AddHours(2):O}}" }""");
        to.Status.ShouldBe(HttpStatusCode.OK);
        (sandbox.Simulator.Now - DateTimeOffset.UtcNow).TotalMinutes.ShouldBeInRange(179, 181);
        var created = (await sandbox.PostAsync("/v1/customers"))["created"]!;
        DateTimeOffset.FromUnixTimeSeconds(long.Parse(created, CultureInfo.InvariantCulture)).ShouldBeGreaterThan(now.AddHours(2).AddSeconds(-1));
    }

    [Theory]
    [InlineData("P1M", 0, "06-15T10:00:00Z")]
    [InlineData("P1Y", 1, "05-15T10:00:00Z")]
    [InlineData("P1Y1M1DT2H", 1, "06-16T12:00:00Z")]
    [InlineData("P30D", 0, "06-14T10:00:00Z")]
    public async Task Months_and_years_are_the_calendars(string advance, int years, string then)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var year = DateTimeOffset.UtcNow.Year + 1;
        (await sandbox.ControlAsync("/sandbox/clock", $$"""{ "to": "{{year}}-05-15T10:00:00Z" }""")).Status.ShouldBe(HttpStatusCode.OK);

        (await sandbox.AdvanceAsync(advance)).Status.ShouldBe(HttpStatusCode.OK);

        (sandbox.Simulator.Now - DateTimeOffset.Parse($"{year + years}-{then}", CultureInfo.InvariantCulture)).TotalMinutes.ShouldBeInRange(0, 5);
    }

    [Theory]
    [InlineData("""{ "advance": "P99999M" }""")]
    [InlineData("""{ "advance": "P" }""")]
    [InlineData("""{ "advance": "-PT1H" }""")]
    [InlineData("""{ "to": "2001-01-01T00:00:00Z" }""")]
    [InlineData("""{ "advance": "an hour" }""")]
    [InlineData("""{ "advance": "P20000D" }""")]
    [InlineData("""{ "to": "soon" }""")]
    [InlineData("""{ "advance": "PT1H", "to": "2099-01-01T00:00:00Z" }""")]
    [InlineData("""{ "forward": "PT1H" }""")]
    [InlineData("{}")]
    [InlineData("now")]
    public async Task Backwards_or_nowhere_is_refused(string body)
    {
        await using var sandbox = await Sandbox.StartAsync();
        (await sandbox.ControlAsync("/sandbox/clock", body)).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await sandbox.GetAsync("/sandbox/clock"))["offset"].ShouldBe("PT0S");
    }

    [Fact]
    public async Task Takes_the_API_along_from_due_thing_to_due_thing_and_waits_for_it()
    {
        await using var api = await FakeApi.StartAsync();
        await using var sandbox = await Sandbox.StartAsync(o => o with { ApiBase = api.Address, InternalApiKey = "internal" });
        var session = await sandbox.SessionAsync();
        await sandbox.PayAsync(await sandbox.SessionAsync());
        await sandbox.Receiver.WaitForAsync(8);
        api.BusyFor = 5;

        (await sandbox.AdvanceAsync("P2D")).Status.ShouldBe(HttpStatusCode.OK);

        // The balance of the charge, the session's expiry, and the target itself.
        api.Moves.Count.ShouldBe(3);
        api.Moves.ShouldBe(api.Moves.Order());
        api.Keys.ShouldAllBe(k => k == "internal");
        var expired = (await sandbox.Receiver.WaitForAsync(1, d => d.Type == "checkout.session.expired"))[0];
        var expiresAt = long.Parse(session["expires_at"]!, CultureInfo.InvariantCulture);
        api.Moves.ElementAt(1).ToUnixTimeSeconds().ShouldBeInRange(expiresAt, expiresAt + 1);
        long.Parse(expired.Signature.Split(',')[0][2..], CultureInfo.InvariantCulture).ShouldBeInRange(expiresAt, expiresAt + 5);
        ((long)expired.Json["created"]!).ShouldBeInRange(expiresAt, expiresAt + 5);
    }

    [Fact]
    public async Task Says_what_has_not_come_to_rest()
    {
        await using var api = await FakeApi.StartAsync();
        await using var sandbox = await Sandbox.StartAsync(o => o with { ApiBase = api.Address, ClockStepTimeout = TimeSpan.FromMilliseconds(200) });
        api.BusyFor = int.MaxValue;
        var stuck = await sandbox.ControlAsync("/sandbox/clock", """{ "advance": "PT1M" }""");
        stuck.Status.ShouldBe(HttpStatusCode.GatewayTimeout);
        stuck["error.message"]!.ShouldContain("outbox");
    }

    [Fact]
    public async Task By_itself_brings_what_is_due()
    {
        await using var sandbox = await Sandbox.StartAsync(o => o with { BalanceDelay = TimeSpan.FromMilliseconds(300) });
        await sandbox.PayAsync(await sandbox.SessionAsync());
        await sandbox.Receiver.WaitForAsync(1, d => d.Type == "charge.updated");
    }

    [Fact]
    public async Task The_truth_lists_what_was_paid()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var customer = await sandbox.PostAsync("/v1/customers", "email=ada@example.com&metadata[user]=ada");
        var session = await sandbox.SessionAsync(more: $"customer={customer["id"]}&payment_intent_data[metadata][payment]=p1");
        await sandbox.PayAsync(session);
        await sandbox.PayAsync(await sandbox.SessionAsync(), "pm_card_chargeDeclined");

        var truth = await sandbox.GetAsync("/sandbox/truth");

        truth.Json["payments"]!.AsArray().Count.ShouldBe(1);
        truth["payments.0.session"].ShouldBe(session["id"]);
        truth["payments.0.amount"].ShouldBe("3000");
        truth["payments.0.metadata.payment"].ShouldBe("p1");
        truth["customers.0.metadata.user"].ShouldBe("ada");
        truth["customers.0.paid.usd"].ShouldBe("3000");
        truth["totals.usd"].ShouldBe("3000");
    }

    private sealed class FakeApi : IAsyncDisposable
    {
        private readonly WebApplication app;

        private FakeApi(WebApplication app) => this.app = app;

        public Uri Address { get; private set; } = null!;

        public int BusyFor { get; set; }

        public ConcurrentQueue<DateTimeOffset> Moves { get; } = new();

        public ConcurrentQueue<string> Keys { get; } = new();

        public static async Task<FakeApi> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            builder.Logging.ClearProviders();
            var api = new FakeApi(builder.Build());
            api.app.MapPut("/sandbox/clock", async (HttpRequest request) =>
            {
                var body = await JsonNode.ParseAsync(request.Body);
                api.Moves.Enqueue(DateTimeOffset.Parse((string)body!["now"]!, CultureInfo.InvariantCulture));
                api.Keys.Enqueue(request.Headers["X-Internal-Api-Key"].ToString());
            });
            api.app.MapGet("/sandbox/idle", () => api.BusyFor-- > 0 ? Results.Json(new { idle = false, outbox = 3 }) : Results.Json(new { idle = true }));
            await api.app.StartAsync();
            api.Address = new Uri(api.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
            return api;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}

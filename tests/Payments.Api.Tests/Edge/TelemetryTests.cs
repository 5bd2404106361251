using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Payments.Api.Edge.Logging;
using Payments.Infrastructure.Configuration;
using Payments.Infrastructure.Telemetry;

namespace Payments.Api.Tests.Edge;

public sealed class Exporting_telemetry
{
    // The framework reads the switch once a process, and another test's host may be the first.
    [ModuleInitializer]
    internal static void LetTheFrameworkDescribeItsSpans() => AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);

    [Fact]
    public async Task Spans_and_meters_reach_the_collector_without_the_paths_token()
    {
        var received = new ConcurrentDictionary<string, ConcurrentQueue<byte[]>>(StringComparer.Ordinal);
        await using var collector = await CollectorAsync(received);
        var settings = new TelemetrySettings { Endpoint = new Uri(collector.Urls.Single()), OverHttp = true };
        var host = await EdgeHost.StartAsync(new EdgeHost { Services = services => services.AddTelemetry(settings, PathMask.Of) });

        (await host.PostAsync("/api/v1/webhooks/probe/" + EdgeHost.PathToken, "{}")).Status.ShouldBe(200);
        (await host.GetAsync("/probe/user", EdgeHost.Token())).Status.ShouldBe(200);
        await host.DisposeAsync(); // Sends what is left.

        var spans = Text(received["/v1/traces"]);
        spans.ShouldContain("/api/v1/webhooks/probe/***");
        spans.ShouldContain("/probe/user");
        var meters = Text(received["/v1/metrics"]);
        meters.ShouldContain("http.server.request.duration");
        foreach (var secret in new[] { EdgeHost.PathToken, EdgeHost.JwtSecret, EdgeHost.InternalKey })
        {
            (spans + meters).ShouldNotContain(secret);
        }
    }

    [Fact]
    public void A_span_keeps_what_is_no_secret()
    {
        using var span = new Activity("POST /api/v1/webhooks/stripe/topsecret");
        span.SetTag("url.path", "/api/v1/webhooks/stripe/topsecret").SetTag("http.route", "/api/v1/webhooks/stripe/{token}").SetTag("http.response.status_code", 200);
        using var masked = new MaskedSpans(PathMask.Of);

        masked.OnEnd(span);

        span.GetTagItem("url.path").ShouldBe("/api/v1/webhooks/stripe/***");
        span.GetTagItem("http.response.status_code").ShouldBe(200);
        span.DisplayName.ShouldBe("POST /api/v1/webhooks/stripe/***");
    }

    private static async Task<WebApplication> CollectorAsync(ConcurrentDictionary<string, ConcurrentQueue<byte[]>> received)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = builder.Build();
        collector.MapPost("/v1/{kind}", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.GetOrAdd(context.Request.Path.Value!, _ => new ConcurrentQueue<byte[]>()).Enqueue(body.ToArray());
        });
        await collector.StartAsync();
        return collector;
    }

    private static string Text(ConcurrentQueue<byte[]> bodies) => string.Concat(bodies.Select(Encoding.UTF8.GetString));
}

using System.IO.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Edge;

public sealed class Opening_a_page(EdgeHost host) : IClassFixture<EdgeHost>
{
    private static readonly (string, string) Browser = ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");

    [Theory]
    [InlineData("/", "Shop")]
    [InlineData("/success", "Payment")]
    [InlineData("/cancel", "Nothing was paid")]
    [InlineData("/admin", "Admin")]
    [InlineData("/sandbox", "Sandbox")]
    [InlineData("/sandbox/", "Sandbox")]
    public async Task It_stands_at_its_address_and_trusts_nothing_but_its_own_files(string path, string heading)
    {
        var page = await host.GetAsync(path);

        (page.Status, page.MediaType).ShouldBe((200, "text/html"));
        page.Body.ShouldContain(heading);
        var policy = page.Header("Content-Security-Policy")!.Split("; ");
        foreach (var rule in new[] { "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "form-action 'none'", "base-uri 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'" })
        {
            policy.ShouldContain(rule);
        }

        page.Header("X-Content-Type-Options").ShouldBe("nosniff");
        page.Header("Referrer-Policy").ShouldBe("no-referrer");
        page.Header("Cross-Origin-Opener-Policy").ShouldBe("same-origin");
        page.Body.ShouldNotContain("<script>");
        page.Body.ShouldNotContain("<style");
        page.Body.ShouldNotContain(" style=");
        page.Body.ShouldNotContain("://");
    }

    [Fact]
    public async Task It_is_asked_for_each_time_and_sent_when_it_has_changed()
    {
        var first = await host.GetAsync("/assets/payments.css");
        var again = await host.GetAsync("/assets/payments.css", null, ("If-None-Match", first.Header("ETag")!));
        var other = await host.GetAsync("/assets/payments.css", null, ("If-None-Match", "\"of another version\""));

        (first.Status, first.MediaType, first.Header("Cache-Control")).ShouldBe((200, "text/css", "no-cache"));
        (again.Status, again.Body, again.Header("ETag"), again.Header("Cache-Control")).ShouldBe((304, "", first.Header("ETag"), "no-cache"));
        (other.Status, other.Body).ShouldBe((200, first.Body));
    }

    [Theory]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("gzip;q=0.5", "gzip")]
    [InlineData("br;q=0, gzip", "gzip")]
    public async Task It_comes_compressed_to_who_can_read_that(string accepts, string encoding)
    {
        var plain = await host.GetAsync("/assets/payments.css");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/assets/payments.css");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepts);

        using var answer = await host.Client.SendAsync(request);

        var sent = await answer.Content.ReadAsByteArrayAsync();
        answer.Content.Headers.ContentEncoding.ShouldBe([encoding]);
        answer.Headers.Vary.ShouldContain("Accept-Encoding");
        answer.Headers.ETag!.Tag.ShouldNotBe(plain.Header("ETag"));
        sent.Length.ShouldBeLessThan(plain.Body.Length / 2);
        await using Stream reading = encoding == "br" ? new BrotliStream(new MemoryStream(sent), CompressionMode.Decompress) : new GZipStream(new MemoryStream(sent), CompressionMode.Decompress);
        using var reader = new StreamReader(reading);
        (await reader.ReadToEndAsync()).ShouldBe(plain.Body);
    }

    [Fact]
    public async Task A_page_is_a_line_in_the_log_and_its_files_are_none()
    {
        await host.GetAsync("/assets/format.js");
        await host.GetAsync("/cancel");

        await World.EventuallyAsync(() => Task.FromResult(host.Logs.All.Contains("GET /cancel answered 200", StringComparison.Ordinal)), "the page is logged");
        host.Logs.All.ShouldNotContain("/assets/format.js");
    }

    [Theory]
    [InlineData("/nothing")]
    [InlineData("/index.html")]
    [InlineData("/account.html")]
    [InlineData("/assets/nothing.js")]
    [InlineData("/assets/../../Program.cs")]
    [InlineData("/assets/%2e%2e/%2e%2e/Program.cs")]
    [InlineData("/appsettings.json")]
    public async Task What_is_no_page_is_said_so_to_people_on_a_page_and_to_programs_as_a_problem(string path)
    {
        var person = await host.GetAsync(path, null, Browser);

        (person.Status, person.MediaType).ShouldBe((404, "text/html"));
        person.Body.ShouldContain("Nothing here");
        person.Header("Content-Security-Policy")!.ShouldContain("default-src 'none'");
        (await host.GetAsync(path)).ShouldBeProblem(404, "request.unknown_path");
        (await host.GetAsync(path, null, ("Accept", "application/json"))).ShouldBeProblem(404, "request.unknown_path");
    }

    [Fact]
    public async Task Below_the_api_nobody_gets_a_page() => (await host.GetAsync("/api/v1/nothing", null, Browser)).ShouldBeProblem(404, "request.unknown_path");

    [Fact]
    public async Task Nothing_is_posted_to_it() => (await host.PostAsync("/", "{}")).ShouldBeProblem(404, "request.unknown_path");

    [Theory]
    [InlineData("Development")]
    [InlineData("Production")]
    public async Task Beside_the_real_provider_all_is_there_but_the_sandbox(string environment)
    {
        await using var disposing = new Started(await EdgeHost.StartAsync(new EdgeHost { Environment = environment, Options = EdgeHost.Standard(sandbox: false) }));

        (await disposing.Host.GetAsync("/")).Status.ShouldBe(200);
        (await disposing.Host.GetAsync("/success")).Status.ShouldBe(200);
        (await disposing.Host.GetAsync("/assets/site.js")).Body.ShouldContain("sandbox = false");
        (await host.GetAsync("/assets/site.js")).Body.ShouldContain("sandbox = true");
        foreach (var path in new[] { "/sandbox", "/Sandbox/", "/sandbox/site.js", "/sandbox/users", "/sandbox/mail", "/sandbox/clock", "/.//sandbox", "/.//sandbox/site.js" })
        {
            (await disposing.Host.GetAsync(path)).ShouldBeProblem(404, "request.unknown_path");
        }

        (await disposing.Host.GetAsync("/sandbox", null, Browser)).Body.ShouldContain("Nothing here");
    }
}

/// <summary>The edge beside a simulator that only says what it was asked.</summary>
public sealed class Calling_the_sandbox_through_the_api : IAsyncLifetime
{
    private WebApplication simulator = null!;
    private EdgeHost host = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        simulator = builder.Build();
        simulator.MapFallback(async (HttpRequest request, HttpResponse response) =>
        {
            using var reader = new StreamReader(request.Body);
            response.StatusCode = StatusCodes.Status202Accepted;
            response.ContentType = "text/plain";
            response.Headers.ContentSecurityPolicy = "sandbox";
            response.Headers["X-Own"] = "of the simulator";
            await response.WriteAsync($"{request.Method} {request.Path}{request.QueryString} {request.ContentType} {await reader.ReadToEndAsync()}");
        });
        await simulator.StartAsync();
        host = await EdgeHost.StartAsync(new EdgeHost { Options = EdgeHost.Standard(simulator: new Uri(simulator.Urls.Single())) });
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        await simulator.DisposeAsync();
    }

    [Theory]
    [InlineData("GET", "/sandbox/users")]
    [InlineData("GET", "/sandbox/addresses")]
    [InlineData("GET", "/sandbox/clock")]
    [InlineData("POST", "/sandbox/clock")]
    [InlineData("GET", "/sandbox/faults")]
    [InlineData("POST", "/sandbox/faults")]
    [InlineData("DELETE", "/sandbox/faults")]
    [InlineData("GET", "/sandbox/deliveries?status=failed&limit=5")]
    [InlineData("POST", "/sandbox/deliveries/resend-undelivered")]
    [InlineData("POST", "/sandbox/deliveries/evt_1/resend")]
    [InlineData("GET", "/sandbox/mail?limit=10")]
    [InlineData("DELETE", "/sandbox/mail")]
    [InlineData("GET", "/sandbox/mail/7/html")]
    public async Task What_the_page_needs_is_handed_on_as_it_is(string method, string path)
    {
        var body = method == "POST" ? """{"advance":"PT1H"}""" : null;

        var answer = await host.SendAsync(new HttpMethod(method), path, json: body, headers: ("Origin", Own));

        answer.Status.ShouldBe(202, answer.Body);
        answer.Body.ShouldBe($"{method} {path} {(body is null ? "" : "application/json; charset=utf-8")} {body}");
        answer.Header("Content-Security-Policy").ShouldBe("sandbox");
        answer.Header("Cache-Control").ShouldBe("no-store");
        answer.Header("X-Own").ShouldBeNull();
        answer.Header("Access-Control-Allow-Origin").ShouldBeNull();
    }

    [Theory]
    [InlineData("/sandbox/truth")]
    [InlineData("/sandbox/state")]
    [InlineData("/sandbox/mail/x/html")]
    [InlineData("/sandbox/users/1")]
    public async Task Nothing_else_is(string path) => (await host.GetAsync(path)).ShouldBeProblem(404, "request.unknown_path");

    [Theory]
    [InlineData("Origin", "https://evil.example.com", "sandbox.foreign_page")]
    [InlineData("Origin", "null", "sandbox.foreign_page")]
    [InlineData("Origin", EdgeHost.Frontend, "sandbox.foreign_page")]
    [InlineData("Sec-Fetch-Site", "cross-site", "sandbox.foreign_page")]
    [InlineData("Sec-Fetch-Site", "same-site", "sandbox.foreign_page")]
    [InlineData("X-Forwarded-For", "203.0.113.9", "sandbox.elsewhere")]
    [InlineData("Forwarded", "for=203.0.113.9", "sandbox.elsewhere")]
    public async Task Other_sites_pages_and_who_comes_from_elsewhere_get_nothing(string header, string value, string code)
    {
        (await host.GetAsync("/sandbox/users", null, (header, value))).ShouldBeProblem(403, code);
        (await host.PostAsync("/sandbox/clock", "{}", null, (header, value))).ShouldBeProblem(403, code);
    }

    [Fact]
    public async Task A_name_that_only_points_here_gets_nothing() =>
        (await host.GetAsync("/sandbox/users", null, ("Host", $"evil.example.com:{host.Address.Port}"))).ShouldBeProblem(421, "sandbox.elsewhere");

    [Theory]
    [InlineData("Sec-Fetch-Site", "same-origin")]
    [InlineData("Sec-Fetch-Site", "none")]
    public async Task Its_own_page_may(string header, string value) => (await host.GetAsync("/sandbox/users", null, (header, value))).Status.ShouldBe(202);

    [Fact]
    public async Task A_simulator_that_is_gone_is_said_so()
    {
        await simulator.StopAsync();

        (await host.GetAsync("/sandbox/clock")).ShouldBeProblem(503, "sandbox.unreachable");
    }

    [Fact]
    public async Task A_token_changes_nothing_and_is_not_handed_on() => (await host.GetAsync("/sandbox/users", EdgeHost.TokenOf("admin"))).Status.ShouldBe(202);

    private string Own => host.Address.GetLeftPart(UriPartial.Authority);
}

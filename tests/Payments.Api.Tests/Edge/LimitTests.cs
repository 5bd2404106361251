using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Hosting;
using Payments.Api.Edge.Limits;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Edge;

public sealed class Calling_too_often
{
    [Fact]
    public async Task A_user_gets_a_burst_then_429_and_then_the_rate()
    {
        await using var disposing = new Started(await EdgeHost.StartAsync(new EdgeHost { Options = EdgeHost.Standard(perSecond: 2, burst: 5) }));
        var host = disposing.Host;
        var ada = EdgeHost.Token();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => host.GetAsync("/probe/user", ada)));
        answers.Count(answer => answer.Status == 200).ShouldBe(5);
        var refused = answers.First(answer => answer.Status == 429).ShouldBeProblem(429, "request.rate_limited");
        int.Parse(refused.Header("Retry-After")!, CultureInfo.InvariantCulture).ShouldBeInRange(1, 5);

        // Others are not hers: another user, callers without a token, our own services, webhooks, health.
        (await host.GetAsync("/probe/user", EdgeHost.Token(Guid.NewGuid().ToString()))).Status.ShouldBe(200);
        (await host.GetAsync("/probe/open")).Status.ShouldBe(200);
        for (var i = 0; i < 10; i++)
        {
            (await host.GetAsync("/probe/internal", null, ("X-Internal-Api-Key", EdgeHost.InternalKey))).Status.ShouldBe(200);
            (await host.PostAsync("/api/v1/webhooks/probe", "{}")).Status.ShouldBe(200);
            (await host.GetAsync("/health/live")).Status.ShouldBe(200);
        }

        await Task.Delay(1200);
        (await host.GetAsync("/probe/user", ada)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Callers_without_a_valid_token_share_their_addresss_bucket()
    {
        await using var disposing = new Started(await EdgeHost.StartAsync(new EdgeHost { Options = EdgeHost.Standard(perSecond: 1, burst: 4) }));
        var host = disposing.Host;

        (await host.GetAsync("/probe/open")).Status.ShouldBe(200);
        (await host.GetAsync("/probe/user", "garbage")).Status.ShouldBe(401);
        (await host.GetAsync("/probe/internal", null, ("X-Internal-Api-Key", "guess"))).Status.ShouldBe(401);
        (await host.GetAsync("/nothing")).Status.ShouldBe(404);
        (await host.GetAsync("/probe/internal", null, ("X-Internal-Api-Key", "guess"))).ShouldBeProblem(429, "request.rate_limited");
        (await host.GetAsync("/probe/user", EdgeHost.Token())).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Behind_a_known_proxy_the_address_is_the_forwarded_one_and_else_it_is_not()
    {
        await using var behind = new Started(await EdgeHost.StartAsync(new EdgeHost { Options = EdgeHost.Standard(perSecond: 1, burst: 2, proxies: [IPNetwork.Parse("127.0.0.0/8")]) }));
        for (var i = 0; i < 6; i++)
        {
            (await behind.Host.GetAsync("/probe/open", null, ("X-Forwarded-For", $"203.0.113.{i}"))).Status.ShouldBe(200);
        }

        await using var direct = new Started(await EdgeHost.StartAsync(new EdgeHost { Options = EdgeHost.Standard(perSecond: 1, burst: 2) }));
        var answers = new List<int>();
        for (var i = 0; i < 6; i++)
        {
            answers.Add((await direct.Host.GetAsync("/probe/open", null, ("X-Forwarded-For", $"203.0.113.{i}"))).Status);
        }

        answers.ShouldContain(429);
    }

    [Fact]
    public void One_ipv6_network_is_one_caller()
    {
        RateLimits.NetworkOf(IPAddress.Parse("2001:db8:1:2::1")).ShouldBe(RateLimits.NetworkOf(IPAddress.Parse("2001:db8:1:2:ffff::9")));
        RateLimits.NetworkOf(IPAddress.Parse("2001:db8:1:2::1")).ShouldNotBe(RateLimits.NetworkOf(IPAddress.Parse("2001:db8:1:3::1")));
        RateLimits.NetworkOf(IPAddress.Parse("::ffff:192.0.2.1")).ShouldBe(IPAddress.Parse("192.0.2.1"));
    }
}

public sealed class Sending_too_much(EdgeHost host) : IClassFixture<EdgeHost>
{
    [Theory]
    [InlineData(300 * 1024)]
    [InlineData(4 * 1024 * 1024)]
    public async Task A_large_body_is_413_and_the_sender_gets_to_read_it(int bytes)
    {
        var answer = await host.PostAsync("/probe/body", $$"""{"name":"{{new string('x', bytes)}}"}""");

        answer.ShouldBeProblem(413, "request.too_large");
    }

    [Theory]
    [InlineData("/probe/body")]
    [InlineData("/api/v1/webhooks/probe")]
    public async Task A_sender_that_writes_all_before_it_reads_gets_its_413(string path)
    {
        const int bytes = 4_000_000;

        (await host.RawAsync($"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {bytes}\r\n\r\n{new string('x', bytes)}")).ShouldStartWith("HTTP/1.1 413");
    }

    [Theory]
    [InlineData(300 * 1024)]
    [InlineData(3 * 1024 * 1024)]
    public async Task A_large_body_of_unannounced_length_is_413(int bytes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/probe/body") { Content = new StringContent($$"""{"name":"{{new string('x', bytes)}}"}""", Encoding.UTF8, "application/json") };
        request.Headers.TransferEncodingChunked = true;
        using var response = await host.Client.SendAsync(request);

        ((int)response.StatusCode).ShouldBe(413);
        (await response.Content.ReadAsStringAsync()).ShouldContain("request.too_large");
    }

    [Fact]
    public async Task A_body_within_the_limit_is_read_also_in_chunks()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/probe/body") { Content = new StringContent($$"""{"name":"{{new string('x', 200 * 1024)}}"}""", Encoding.UTF8, "application/json") };
        request.Headers.TransferEncodingChunked = true;
        using var response = await host.Client.SendAsync(request);

        ((int)response.StatusCode).ShouldBe(400); // The other fields are missing: it was read to its end.
    }

    [Theory]
    [InlineData(1024 * 1024, false, 200)]
    [InlineData(1024 * 1024, true, 200)]
    [InlineData(1024 * 1024 + 1, false, 413)]
    [InlineData(1024 * 1024 + 1, true, 413)]
    [InlineData(4 * 1024 * 1024, false, 413)]
    [InlineData(0, false, 200)]
    [InlineData(0, true, 200)]
    [InlineData(70_000, true, 200)]
    [InlineData(70_000, false, 200)]
    [InlineData(16 * 1024, false, 200)]
    public async Task A_webhook_may_have_a_mebibyte(int bytes, bool chunked, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/webhooks/probe") { Content = new ByteArrayContent(new byte[bytes]) };
        request.Headers.TransferEncodingChunked = chunked;
        using var response = await host.Client.SendAsync(request);

        ((int)response.StatusCode).ShouldBe(status);
        if (status == 200)
        {
            (await response.Content.ReadAsStringAsync()).ShouldContain($"\"bytes\":{bytes},");
        }
    }

    [Fact]
    public async Task Only_so_many_large_webhooks_are_in_memory_before_their_signatures_are_known()
    {
        const string path = "/api/v1/webhooks/probe";
        var large = new byte[100_000];
        var open = new List<TcpClient>();
        try
        {
            for (var i = 0; i < LargeBodies.AtOnce; i++)
            {
                var socket = new TcpClient();
                open.Add(socket);
                await socket.ConnectAsync(host.Address.Host, host.Address.Port);
                await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {large.Length + 1}\r\n\r\n"));
                await socket.GetStream().WriteAsync(large);
            }

            await World.EventuallyAsync(async () => await StatusAsync(large) == 503, "all places are taken");
            (await StatusAsync(new byte[10_000])).ShouldBe(200, "a small one needs no place");
        }
        finally
        {
            open.ForEach(socket => socket.Dispose());
        }

        await World.EventuallyAsync(async () => await StatusAsync(large) == 200, "whoever hangs up leaves their place");

        async Task<int> StatusAsync(byte[] body)
        {
            using var content = new ByteArrayContent(body);
            using var answer = await host.Client.PostAsync(new Uri(path, UriKind.Relative), content);
            return (int)answer.StatusCode;
        }
    }

    [Fact]
    public async Task Headers_of_more_than_64_KiB_are_431()
    {
        (await host.GetAsync("/probe/open", null, Enumerable.Range(0, 7).Select(i => ($"X-Large-{i}", new string('x', 8 * 1024))).ToArray())).Status.ShouldBe(200);
        (await host.GetAsync("/probe/open", null, Enumerable.Range(0, 9).Select(i => ($"X-Large-{i}", new string('x', 8 * 1024))).ToArray())).Status.ShouldBe(431);
    }

    [Theory]
    [InlineData(9, 8 * 1024)]
    [InlineData(110, 4)]
    public async Task Headers_that_are_too_large_or_too_many_are_a_problem_with_a_body(int count, int length)
    {
        var answer = await host.GetAsync("/probe/open", null, Enumerable.Range(0, count).Select(i => ($"X-Large-{i}", new string('x', length))).ToArray());

        answer.ShouldBeProblem(431, "request.headers_too_large");
    }

    [Fact]
    public async Task An_address_that_is_too_long_is_a_problem_with_a_body()
    {
        (await host.GetAsync("/probe/open?q=" + new string('x', 7 * 1024))).Status.ShouldBe(200);
        (await host.GetAsync("/probe/open?q=" + new string('x', 9 * 1024))).ShouldBeProblem(414, "request.address_too_long");
    }

    [Fact]
    public async Task Beyond_what_the_server_itself_reads_there_is_a_bare_status()
    {
        (await host.RawAsync($"GET /probe/open HTTP/1.1\r\nHost: x\r\nX-Large: {new string('x', 200 * 1024)}\r\n\r\n")).ShouldStartWith("HTTP/1.1 431");
        (await host.RawAsync($"GET /{new string('x', 40 * 1024)} HTTP/1.1\r\nHost: x\r\n\r\n")).ShouldStartWith("HTTP/1.1 414");
        (await host.RawAsync("GET /probe/%00 HTTP/1.1\r\nHost: x\r\n\r\n")).ShouldStartWith("HTTP/1.1 400");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_ends_early_is_not_an_error_of_ours(bool reset)
    {
        // Many at once: what the server notices first, the end of the body or of the connection, is a matter of luck.
        var traces = Enumerable.Range(0, 100).Select(_ => Guid.NewGuid().ToString("N")).ToArray();
        await Task.WhenAll(traces.Select(async trace =>
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(host.Address.Host, host.Address.Port);
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /probe/body HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTraceparent: 00-{trace}-b7ad6b7169203331-01\r\nContent-Length: 100\r\n\r\n{{\"na"));
            if (reset)
            {
                // Reading has begun by then; a reset takes back even what was sent.
                await Task.Delay(Random.Shared.Next(20));
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
        }));

        // A connection that is reset soon enough was never a request; all others are answered.
        var began = TimeProvider.System.GetTimestamp();
        while (traces.Any(trace => !LinesOf(trace).Any(IsAnswer)) && TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(reset ? 1 : 20))
        {
            await Task.Delay(50);
        }

        traces.Count(trace => LinesOf(trace).Any(IsAnswer)).ShouldBeInRange(reset ? 1 : traces.Length, traces.Length);
        traces.SelectMany(LinesOf).Where(line => line.StartsWith("Error", StringComparison.Ordinal)).ShouldBeEmpty();

        IEnumerable<string> LinesOf(string trace) => host.Logs.Lines.Where(line => line.Contains(trace, StringComparison.Ordinal));

        static bool IsAnswer(string line) => line.Contains("POST /probe/body answered", StringComparison.Ordinal);
    }
}

public sealed class Going_straight_through(EdgeHost host) : IClassFixture<EdgeHost>
{
    [Fact]
    public async Task A_webhook_meets_no_authentication_no_cors_and_no_request_log()
    {
        var answer = await host.PostAsync("/api/v1/webhooks/probe", "{}", EdgeHost.Token(), ("Origin", EdgeHost.Frontend));

        answer.Status.ShouldBe(200, answer.Body);
        ((bool)answer.Json["authenticated"]!).ShouldBeFalse();
        answer.Header("Access-Control-Allow-Origin").ShouldBeNull();
        host.Logs.Lines.ShouldNotContain(line => line.Contains("POST /api/v1/webhooks/probe", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_webhook_throws_is_a_problem_and_is_logged()
    {
        var answer = (await host.SendAsync(HttpMethod.Put, "/api/v1/webhooks/probe")).ShouldBeProblem(500, "internal");

        answer.Body.ShouldNotContain("secret-detail");
        host.Logs.Lines.ShouldContain(line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains((string)answer.Json["traceId"]!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Its_problems_trace_is_the_senders_or_a_new_one_and_the_same_in_the_log()
    {
        const string trace = "0af7651916cd43dd8448eb211c80319c";

        var sent = (await host.SendAsync(HttpMethod.Put, "/api/v1/webhooks/probe", null, null, ("traceparent", $"00-{trace}-b7ad6b7169203331-01"))).ShouldBeProblem(500, "internal");
        var own = (await host.SendAsync(HttpMethod.Put, "/api/v1/webhooks/probe")).ShouldBeProblem(500, "internal");

        ((string?)sent.Json["traceId"]).ShouldBe(trace);
        var id = ((string?)own.Json["traceId"]).ShouldNotBeNull();
        id.ShouldMatch("^[0-9a-f]{32}$");
        host.Logs.Lines.ShouldContain(line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains(id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wrong_method_is_405() => (await host.GetAsync("/api/v1/webhooks/probe")).ShouldBeProblem(405, "request.method_not_allowed");

    [Fact]
    public async Task The_paths_token_opens_and_any_other_is_404()
    {
        (await host.PostAsync("/api/v1/webhooks/probe/" + EdgeHost.PathToken, "{}")).Status.ShouldBe(200);
        (await host.PostAsync("/api/v1/webhooks/probe/" + EdgeHost.PathToken + "x", "{}")).Status.ShouldBe(404);
        (await host.PostAsync("/api/v1/webhooks/probe/x", "{}")).Status.ShouldBe(404);
    }
}

public sealed class Coming_from_a_browser(EdgeHost host) : IClassFixture<EdgeHost>
{
    [Fact]
    public async Task The_frontends_preflight_is_allowed()
    {
        var answer = await host.SendAsync(HttpMethod.Options, "/probe/user", null, null,
            ("Origin", EdgeHost.Frontend), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,content-type,idempotency-key"));

        answer.Status.ShouldBe(204);
        answer.Header("Access-Control-Allow-Origin").ShouldBe(EdgeHost.Frontend);
        answer.Header("Access-Control-Allow-Headers")!.ShouldContain("Idempotency-Key");
        answer.Header("Access-Control-Allow-Credentials").ShouldBeNull();
    }

    [Theory]
    [InlineData("https://evil.example.com", "POST", "authorization")]
    [InlineData("http://app.example.com", "POST", "authorization")]
    [InlineData("https://app.example.com.evil.org", "POST", "authorization")]
    [InlineData("null", "POST", "authorization")]
    public async Task Anyone_elses_preflight_is_not(string origin, string method, string headers)
    {
        var answer = await host.SendAsync(HttpMethod.Options, "/probe/user", null, null,
            ("Origin", origin), ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", headers));

        answer.Header("Access-Control-Allow-Origin").ShouldBeNull();
    }

    [Fact]
    public async Task The_internal_key_is_no_header_for_pages()
    {
        var answer = await host.SendAsync(HttpMethod.Options, "/probe/internal", null, null,
            ("Origin", EdgeHost.Frontend), ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "x-internal-api-key"));

        (answer.Header("Access-Control-Allow-Headers") ?? "").ShouldNotContain("X-Internal-Api-Key", Case.Insensitive);
    }

    [Theory]
    [InlineData("/probe/open", 200)]
    [InlineData("/probe/user", 401)]
    [InlineData("/probe/throws/bug", 500)]
    [InlineData("/nothing", 404)]
    public async Task The_frontend_may_read_answers_and_problems_alike(string path, int status)
    {
        var answer = await host.GetAsync(path, null, ("Origin", EdgeHost.Frontend));

        answer.Status.ShouldBe(status);
        answer.Header("Access-Control-Allow-Origin").ShouldBe(EdgeHost.Frontend);
    }

    [Theory]
    [InlineData("/probe/open", 200)]
    [InlineData("/probe/user", 401)]
    [InlineData("/probe/throws/bug", 500)]
    [InlineData("/nothing", 404)]
    public async Task Caches_keep_answers_apart_by_origin_whoever_asks(string path, int status)
    {
        foreach (var origin in new[] { null, EdgeHost.Frontend, "https://evil.example.com" })
        {
            var answer = await host.GetAsync(path, null, origin is null ? [] : [("Origin", origin)]);

            answer.Status.ShouldBe(status);
            answer.Header("Vary").ShouldNotBeNull().Split(", ").Count(name => name == "Origin").ShouldBe(1);
        }
    }

    [Theory]
    [InlineData("/probe/open", null)]
    [InlineData("/probe/user", "no-store")]
    public async Task Answers_are_not_sniffed_not_framed_and_if_anyones_not_kept(string path, string? cache)
    {
        var answer = await host.GetAsync(path, EdgeHost.Token());

        answer.Status.ShouldBe(200);
        answer.Header("X-Content-Type-Options").ShouldBe("nosniff");
        answer.Header("Referrer-Policy").ShouldBe("no-referrer");
        answer.Header("Content-Security-Policy")!.ShouldContain("frame-ancestors 'none'");
        answer.Header("Server").ShouldBeNull();
        if (cache is not null)
        {
            answer.Header("Cache-Control").ShouldBe(cache);
        }
    }

    [Fact]
    public async Task A_refused_caller_is_told_to_keep_nothing() => (await host.GetAsync("/probe/user")).Header("Cache-Control").ShouldBe("no-store");
}

public sealed class Coming_over_plain_http
{
    [Fact]
    public async Task Outside_development_it_is_sent_on_to_https()
    {
        await using var disposing = new Started(await EdgeHost.StartAsync(new EdgeHost { Environment = Environments.Production, Options = EdgeHost.Standard(proxies: [IPNetwork.Parse("127.0.0.1/32")]) }));
        var host = disposing.Host;

        var sentOn = await host.GetAsync("/probe/open?a=1", null, ("Host", "api.example.com"));
        sentOn.Status.ShouldBe(308);
        sentOn.Header("Location").ShouldBe("https://api.example.com/probe/open?a=1");

        var secure = await host.GetAsync("/probe/open", null, ("Host", "api.example.com"), ("X-Forwarded-Proto", "https"));
        secure.Status.ShouldBe(200);
        secure.Header("Strict-Transport-Security")!.ShouldContain("max-age=31536000");

        // This very machine and orchestrators' probes.
        (await host.GetAsync("/probe/open")).Status.ShouldBe(200);
        (await host.GetAsync("/health/live", null, ("Host", "10.0.0.7:8080"))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task In_development_it_is_served()
    {
        await using var disposing = new Started(await EdgeHost.StartAsync(new EdgeHost()));

        var answer = await disposing.Host.GetAsync("/probe/open", null, ("Host", "api.example.com"));

        answer.Status.ShouldBe(200);
        answer.Header("Strict-Transport-Security").ShouldBeNull();
    }
}

internal sealed class Started(EdgeHost host) : IAsyncDisposable
{
    public EdgeHost Host { get; } = host;

    public async ValueTask DisposeAsync() => await Host.DisposeAsync();
}

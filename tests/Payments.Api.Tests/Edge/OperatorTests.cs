using Payments.Api.Tests.Worlds;
using Payments.Api.Edge.Logging;
using Payments.Application.Shared;

namespace Payments.Api.Tests.Edge;

public sealed class Asking_for_health(EdgeHost host) : IClassFixture<EdgeHost>
{
    [Fact]
    public async Task Live_depends_on_nothing()
    {
        host.Readiness.Checks["database"] = "unreachable";
        (await host.GetAsync("/health/live")).Body.ShouldBe("""{"status":"live"}""");
        host.Readiness.Checks["database"] = null;
    }

    [Fact]
    public async Task Ready_names_each_check()
    {
        var ready = await host.GetAsync("/health/ready");
        ready.Status.ShouldBe(200, ready.Body);
        ready.Body.ShouldBe("""{"status":"ready","checks":{"database":"ok","migrations":"ok"}}""");

        host.Readiness.Checks["migrations"] = "2 are missing";
        var waiting = await host.GetAsync("/health/ready");
        host.Readiness.Checks["migrations"] = null;
        waiting.Status.ShouldBe(503);
        waiting.Body.ShouldBe("""{"status":"unavailable","checks":{"database":"ok","migrations":"2 are missing"}}""");
    }
}

public sealed class Reading_the_api_document(EdgeHost host) : IClassFixture<EdgeHost>
{
    [Fact]
    public async Task It_says_who_may_call_what_keys_do_and_how_problems_look()
    {
        var answer = await host.GetAsync("/openapi/v1.json");

        answer.Status.ShouldBe(200, answer.Body);
        ((string?)answer.Json["openapi"])!.ShouldStartWith("3.");
        ((string?)answer.Json["components"]!["securitySchemes"]!["bearer"]!["scheme"]).ShouldBe("bearer");
        ((string?)answer.Json["components"]!["securitySchemes"]!["internalApiKey"]!["name"]).ShouldBe("X-Internal-Api-Key");

        var paths = answer.Json["paths"]!;
        paths["/probe/user"]!["get"]!["security"]![0]!["bearer"].ShouldNotBeNull();
        paths["/probe/internal"]!["get"]!["security"]![0]!["internalApiKey"].ShouldNotBeNull();
        paths["/probe/open"]!["get"]!["security"].ShouldBeNull();
        paths["/probe/once/{name}"]!["post"]!["parameters"]!.AsArray().ShouldContain(parameter => (string?)parameter!["name"] == "Idempotency-Key" && (string?)parameter["in"] == "header");
        paths["/probe/body"]!["post"]!["parameters"].ShouldBeNull();
        paths["/probe/query/{id}"]!["get"]!["responses"]!["404"].ShouldNotBeNull();
        paths["/probe/filtered"]!["get"]!["parameters"]!.AsArray().Select(parameter => (string?)parameter!["name"]).ShouldBe(["colour", "createdAfter"]);
        paths["/api/v1/webhooks/probe"]!["post"]!["responses"]!["413"].ShouldNotBeNull();
        paths["/health/live"]!["get"]!["responses"]!["429"].ShouldBeNull();
        ((string?)paths["/probe/user"]!["get"]!["responses"]!["401"]!["content"]!["application/problem+json"]!["schema"]!["$ref"]).ShouldBe("#/components/schemas/Problem");
        answer.Json["components"]!["schemas"]!["Problem"]!["properties"]!["code"].ShouldNotBeNull();
    }

    [Fact]
    public async Task Enums_are_shown_as_they_are_written()
    {
        var colour = (await host.GetAsync("/openapi/v1.json")).Json["components"]!["schemas"]!["ProbeColour"]!;

        colour["enum"]!.AsArray().Select(value => (string?)value).ShouldBe(["red", "darkBlue"]);
    }

    [Fact]
    public async Task The_sandbox_is_not_in_it() => (await host.GetAsync("/openapi/v1.json")).Body.ShouldNotContain("/sandbox");

    [Fact]
    public async Task Swagger_shows_it_and_may_run()
    {
        var page = await host.GetAsync("/swagger/index.html");

        page.Status.ShouldBe(200);
        page.MediaType.ShouldBe("text/html");
        page.Header("Content-Security-Policy")!.ShouldContain("default-src 'self'");
        page.Body.ShouldNotContain("<script>"); // Nothing inline, so that no script but ours may run.
        (await host.GetAsync("/swagger/index.js")).Body.ShouldContain("/openapi/v1.json");
        (await host.GetAsync("/swagger/swagger-ui-bundle.js")).Status.ShouldBe(200);
    }
}

public sealed class Asking_for_the_head_only(EdgeHost host) : IClassFixture<EdgeHost>
{
    [Theory]
    [InlineData("/health/live", 200)]
    [InlineData("/health/ready", 200)]
    [InlineData("/probe/open", 200)]
    [InlineData("/probe/user", 401)]
    [InlineData("/openapi/v1.json", 200)]
    [InlineData("/swagger/index.html", 200)]
    [InlineData("/nothing", 404)]
    [InlineData("/probe/throws/bug", 500)]
    public async Task It_is_what_get_answers_without_the_body(string path, int status)
    {
        var whole = await host.GetAsync(path);
        var head = await host.SendAsync(HttpMethod.Head, path);

        (head.Status, head.MediaType, head.Body).ShouldBe((status, whole.MediaType, ""));
        head.Header("Content-Security-Policy").ShouldBe(whole.Header("Content-Security-Policy"));
        if (path.StartsWith("/health", StringComparison.Ordinal))
        {
            IsLogged().ShouldBeFalse();
        }
        else
        {
            // The line is written after the answer.
            await World.EventuallyAsync(() => Task.FromResult(IsLogged()), $"HEAD {path} is logged");
        }

        bool IsLogged() => host.Logs.Lines.Any(line => line.Contains($"HEAD {path} answered {status}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_only_posted_has_none()
    {
        var head = await host.SendAsync(HttpMethod.Head, "/probe/body");

        (head.Status, head.Header("Allow"), head.Body).ShouldBe((405, "POST", ""));
    }
}

public sealed class Moving_the_sandboxs_clock(EdgeHost host) : IClassFixture<EdgeHost>
{
    private static readonly (string Name, string Value) Key = ("X-Internal-Api-Key", EdgeHost.InternalKey);

    [Fact]
    public async Task The_simulator_moves_it()
    {
        var answer = await host.PutAsync("/sandbox/clock", """{ "now": "2027-01-01T00:00:00Z" }""", null, Key);

        answer.Status.ShouldBe(200, answer.Body);
        host.Clock.MovedTo.ShouldBe(DateTimeOffset.Parse("2027-01-01T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
        answer.Json["now"].ShouldNotBeNull();
    }

    [Fact]
    public async Task Backwards_is_refused() => (await host.PutAsync("/sandbox/clock", """{ "now": "1969-01-01T00:00:00Z" }""", null, Key)).ShouldBeProblem(400, "clock.backwards").Error("now").ShouldNotBeEmpty();

    [Fact]
    public async Task Idle_says_what_is_left()
    {
        host.Clock.Backlog = new SandboxBacklog(1, 2, 3, 4, null);
        var busy = await host.GetAsync("/sandbox/idle", null, Key);
        host.Clock.Backlog = new SandboxBacklog(0, 0, 0, 0, null);

        busy.Body.ShouldBe("""{"idle":false,"inbox":1,"outbox":2,"notifications":3,"due":4,"nextDue":null}""");
        ((bool)(await host.GetAsync("/sandbox/idle", null, Key)).Json["idle"]!).ShouldBeTrue();
    }

    [Fact]
    public async Task Nobody_else_may()
    {
        (await host.GetAsync("/sandbox/idle")).ShouldBeProblem(401, "auth.required");
        (await host.PutAsync("/sandbox/clock", """{ "now": "2027-01-01T00:00:00Z" }""", EdgeHost.TokenOf("admin"))).ShouldBeProblem(401, "auth.required");
    }

    [Fact]
    public async Task A_clock_that_cannot_move_is_404()
    {
        host.Clock.CanMove = false;
        var clock = await host.PutAsync("/sandbox/clock", """{ "now": "2027-01-01T00:00:00Z" }""", null, Key);
        var idle = await host.GetAsync("/sandbox/idle", null, Key);
        host.Clock.CanMove = true;

        clock.ShouldBeProblem(404, "request.unknown_path");
        idle.ShouldBeProblem(404, "request.unknown_path");
    }

    [Fact]
    public async Task Beside_the_real_provider_there_is_nothing_at_all()
    {
        await using var disposing = new Started(await EdgeHost.StartAsync(new EdgeHost { Options = EdgeHost.Standard(sandbox: false) }));

        (await disposing.Host.GetAsync("/sandbox/idle")).ShouldBeProblem(404, "request.unknown_path");
        (await disposing.Host.PutAsync("/sandbox/clock", """{ "now": "2027-01-01T00:00:00Z" }""", null, Key)).ShouldBeProblem(404, "request.unknown_path");
    }
}

public sealed class Writing_the_log
{
    [Fact]
    public async Task Each_request_is_one_line_with_its_trace_and_user_and_no_secret()
    {
        await using var disposing = new Started(await EdgeHost.StartAsync(new EdgeHost
        {
            // However much is asked for.
            Configuration = new Dictionary<string, string?> { ["Logging:LogLevel:Default"] = "Trace", ["Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "Trace" },
        }));
        var host = disposing.Host;
        var token = EdgeHost.Token();

        await host.GetAsync("/probe/user?secret-query=1", token);
        await host.GetAsync("/probe/user", token[..^3] + "abc");
        await host.GetAsync("/probe/internal", null, ("X-Internal-Api-Key", EdgeHost.InternalKey));
        await host.PostAsync("/probe/body", """{"name":"secret-body"}""");
        await host.PostAsync("/api/v1/webhooks/probe/" + EdgeHost.PathToken, "{}");
        await host.GetAsync("/api/v1/webhooks/probe/" + EdgeHost.PathToken);
        await host.GetAsync($"/api/v1/webhooks/probe/{EdgeHost.PathToken}/more");

        var log = host.Logs.All;
        log.ShouldContain("GET /probe/user answered 200");
        log.ShouldContain("UserId=" + EdgeHost.Ada);
        log.ShouldContain("TraceId");
        log.ShouldContain("/api/v1/webhooks/probe/***");
        foreach (var secret in new[] { token, token.Split('.')[2], EdgeHost.InternalKey, EdgeHost.JwtSecret, EdgeHost.PathToken, "secret-query", "secret-body" })
        {
            log.ShouldNotContain(secret);
        }
    }

    [Theory]
    [InlineData("/api/v1/webhooks/stripe", "/api/v1/webhooks/stripe")]
    [InlineData("/api/v1/webhooks/stripe/", "/api/v1/webhooks/stripe/")]
    [InlineData("/api/v1/webhooks/stripe/abc", "/api/v1/webhooks/stripe/***")]
    [InlineData("/API/v1/WebHooks/Stripe/abc/def", "/API/v1/WebHooks/Stripe/***")]
    [InlineData("/api/v1/webhooks//stripe//abc", "/api/v1/webhooks//stripe//***")]
    [InlineData("POST https://x/api/v1/webhooks/stripe/abc?q=1", "POST https://x/api/v1/webhooks/stripe/***?q=1")]
    [InlineData("/api/v1/payments/1", "/api/v1/payments/1")]
    public void The_secret_part_of_a_path_is_masked(string path, string masked) => PathMask.Of(path).ShouldBe(masked);
}

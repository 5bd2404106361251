namespace Payments.Api.Tests.Edge;

public sealed class Repeating_a_call_with_its_key(EdgeHost host) : IClassFixture<EdgeHost>
{
    private readonly string name = Guid.NewGuid().ToString("N");
    private readonly string token = EdgeHost.Token(Guid.NewGuid().ToString());

    [Fact]
    public async Task The_same_key_and_body_get_the_same_answer_and_run_once()
    {
        var first = await OnceAsync("{}");
        var again = await OnceAsync("{}");

        first.Status.ShouldBe(201, first.Body);
        ((string?)first.Json["key"]).ShouldBe("k");
        first.Header("Idempotent-Replayed").ShouldBeNull();
        (again.Status, again.Body, again.MediaType).ShouldBe((first.Status, first.Body, first.MediaType));
        again.Header("Idempotent-Replayed").ShouldBe("true");
        ProbeController.RunsOf(name).ShouldBe(1);
    }

    [Fact]
    public async Task The_location_comes_back_too()
    {
        var first = await host.PostAsync($"/probe/created/{name}", "{}", token, ("Idempotency-Key", "k"));
        var again = await host.PostAsync($"/probe/created/{name}", "{}", token, ("Idempotency-Key", "k"));

        first.Status.ShouldBe(201, first.Body);
        again.Header("Location").ShouldBe(first.Header("Location"));
        again.Header("Location").ShouldBe($"/probe/{name}");
    }

    [Fact]
    public async Task Another_body_is_422()
    {
        await OnceAsync("{}");

        (await OnceAsync("{ }")).ShouldBeProblem(422, "idempotency.key_reused");
        ProbeController.RunsOf(name).ShouldBe(1);
    }

    [Fact]
    public async Task A_second_call_while_the_first_runs_is_409()
    {
        var first = OnceAsync($$"""{"wait":"{{name}}"}""");
        while (ProbeController.RunsOf(name) == 0)
        {
            await Task.Delay(5);
        }

        (await OnceAsync($$"""{"wait":"{{name}}"}""")).ShouldBeProblem(409, "idempotency.in_progress").Header("Retry-After").ShouldBe("1");
        ProbeController.Gates[name].SetResult();
        (await first).Status.ShouldBe(201);
        (await OnceAsync($$"""{"wait":"{{name}}"}""")).Header("Idempotent-Replayed").ShouldBe("true");
        ProbeController.RunsOf(name).ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"throw":"not-found"}""", 404)]
    [InlineData("""{"throw":"declined"}""", 402)]
    [InlineData("""{"throw":"unprocessable"}""", 422)]
    [InlineData("""{"status":403}""", 403)]
    [InlineData("""{"status":"x"}""", 400)]
    public async Task A_no_that_stays_a_no_is_remembered(string json, int status)
    {
        var first = await OnceAsync(json);
        var again = await OnceAsync(json);

        first.Status.ShouldBe(status, first.Body);
        first.MediaType.ShouldBe(status == 403 ? "application/json" : "application/problem+json");
        (again.Status, again.Body, again.MediaType).ShouldBe((first.Status, first.Body, first.MediaType));
        again.Header("Idempotent-Replayed").ShouldBe("true");
        ProbeController.RunsOf(name).ShouldBeLessThanOrEqualTo(1);
    }

    [Theory]
    [InlineData("""{"throw":"conflict"}""", 409)]
    [InlineData("""{"status":429}""", 429)]
    [InlineData("""{"status":500}""", 500)]
    [InlineData("""{"throw":"bug"}""", 500)]
    [InlineData("""{"throw":"npgsql-unreachable"}""", 503)]
    [InlineData("""{"throw":"gateway-unknown"}""", 503)]
    public async Task What_may_be_otherwise_next_time_is_tried_again(string json, int status)
    {
        (await OnceAsync(json)).Status.ShouldBe(status);
        var again = await OnceAsync(json);

        again.Status.ShouldBe(status);
        again.Header("Idempotent-Replayed").ShouldBeNull();
        ProbeController.RunsOf(name).ShouldBe(2);
    }

    [Fact]
    public async Task After_an_outage_the_same_key_succeeds_and_is_remembered()
    {
        const string json = """{"throw":"npgsql-unreachable","throwOnce":true}""";
        (await OnceAsync(json)).ShouldBeProblem(503, "database.unavailable");
        (await OnceAsync(json)).Status.ShouldBe(201);

        (await OnceAsync(json)).Header("Idempotent-Replayed").ShouldBe("true");
    }

    [Fact]
    public async Task When_giving_the_claim_back_fails_the_callers_answer_is_still_the_first_failure()
    {
        host.Keys.AbandonFails = true;
        try
        {
            (await OnceAsync("""{"throw":"gateway-unknown"}""")).ShouldBeProblem(503, "gateway.unavailable");
        }
        finally
        {
            host.Keys.AbandonFails = false;
        }

        host.Logs.All.ShouldContain("could not be given back");
    }

    [Fact]
    public async Task A_claim_taken_over_from_a_dead_process_says_so()
    {
        host.Keys.Resumed = true;
        try
        {
            (await OnceAsync("{}")).Status.ShouldBe(201);
        }
        finally
        {
            host.Keys.Resumed = false;
        }

        host.Logs.All.ShouldContain("is taken over");
    }

    [Fact]
    public async Task The_key_counts_for_its_caller_method_and_path_only()
    {
        await OnceAsync("{}");
        var otherCaller = await host.PostAsync($"/probe/once/{name}", "{}", EdgeHost.Token(Guid.NewGuid().ToString()), ("Idempotency-Key", "k"));
        var otherPath = await host.PostAsync($"/probe/once/{name}x", "{}", token, ("Idempotency-Key", "k"));
        var sameByAnotherSpelling = await host.PostAsync($"/Probe/ONCE/{name}/", "{}", token, ("Idempotency-Key", "k"));

        otherCaller.Header("Idempotent-Replayed").ShouldBeNull();
        otherPath.Header("Idempotent-Replayed").ShouldBeNull();
        sameByAnotherSpelling.Header("Idempotent-Replayed").ShouldBe("true");
    }

    [Fact]
    public async Task Our_own_services_share_one_scope()
    {
        await host.PostAsync($"/probe/internal-once/{name}", "{}", null, ("X-Internal-Api-Key", EdgeHost.InternalKey), ("Idempotency-Key", "k"));

        host.Keys.Scopes.ShouldContain(scope => scope.Path == $"/probe/internal-once/{name}" && scope.Caller == "internal" && scope.Method == "POST" && scope.Key == "k");
    }

    [Fact]
    public async Task Without_a_key_nothing_is_remembered()
    {
        await host.PostAsync($"/probe/once/{name}", "{}", token);
        var again = await host.PostAsync($"/probe/once/{name}", "{}", token);

        again.Header("Idempotent-Replayed").ShouldBeNull();
        again.Json["key"].ShouldBeNull();
        ProbeController.RunsOf(name).ShouldBe(2);
        host.Keys.Scopes.ShouldNotContain(scope => scope.Path.Contains(name, StringComparison.Ordinal));
    }

    public static TheoryData<string> BadKeys() => [new string('k', 256), "a\tb", ""];

    [Theory]
    [MemberData(nameof(BadKeys))]
    public async Task A_key_that_is_none_is_400(string key)
    {
        (await host.PostAsync($"/probe/once/{name}", "{}", token, ("Idempotency-Key", key))).ShouldBeProblem(400, "idempotency.key_invalid");
        ProbeController.RunsOf(name).ShouldBe(0);
    }

    [Fact]
    public async Task Two_keys_are_400() =>
        (await host.RawAsync($"POST /probe/once/{name} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"))
            .ShouldContain("idempotency.key_invalid");

    [Fact]
    public async Task Twenty_at_once_run_once()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => OnceAsync("{}")));

        ProbeController.RunsOf(name).ShouldBe(1);
        answers.ShouldAllBe(answer => answer.Status == 201 || answer.Status == 409);
    }

    private Task<Answer> OnceAsync(string json) => host.PostAsync($"/probe/once/{name}", json, token, ("Idempotency-Key", "k"));
}

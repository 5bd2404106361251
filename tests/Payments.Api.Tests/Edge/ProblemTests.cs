using System.Text.Json.Nodes;

namespace Payments.Api.Tests.Edge;

public sealed class Answering_a_problem(EdgeHost host) : IClassFixture<EdgeHost>
{
    [Theory]
    [InlineData("invalid", 400, "credits.amount")]
    [InlineData("forbidden", 403, "refund.limit")]
    [InlineData("not-found", 404, "payment.not_found")]
    [InlineData("conflict", 409, "credits.insufficient")]
    [InlineData("unprocessable", 422, "spend.differs")]
    [InlineData("unavailable", 503, "webhook.queue_full")]
    [InlineData("validation", 400, "request.invalid")]
    [InlineData("declined", 402, "payment.declined")]
    [InlineData("gateway-unavailable", 503, "gateway.unavailable")]
    [InlineData("gateway-unknown", 503, "gateway.unavailable")]
    [InlineData("gateway-our-fault", 502, "gateway.misconfigured")]
    [InlineData("gateway-not-found", 502, "gateway.not_found")]
    [InlineData("gateway-conflict", 409, "gateway.conflict")]
    [InlineData("npgsql-unreachable", 503, "database.unavailable")]
    [InlineData("npgsql-pool", 503, "database.unavailable")]
    [InlineData("npgsql-shutdown", 503, "database.unavailable")]
    [InlineData("npgsql-wrapped", 503, "database.unavailable")]
    [InlineData("npgsql-text", 400, "request.invalid")]
    [InlineData("npgsql-bug", 500, "internal")]
    [InlineData("concurrency", 409, "conflict.stale")]
    [InlineData("timeout", 503, "service.unavailable")]
    [InlineData("bad-request", 408, "request.timeout")]
    [InlineData("bug", 500, "internal")]
    public async Task Whatever_is_thrown_has_its_status_and_its_code(string thrown, int status, string code)
    {
        var answer = (await host.GetAsync("/probe/throws/" + thrown)).ShouldBeProblem(status, code);

        (answer.Header("Retry-After") is not null).ShouldBe(status == 503);
        answer.Header("X-Content-Type-Options").ShouldBe("nosniff");
    }

    [Fact]
    public async Task A_refusal_with_a_field_names_it() => (await host.GetAsync("/probe/throws/invalid")).Error("creditAmount").ShouldBe("An amount is 1 or more.");

    [Fact]
    public async Task A_validators_fields_are_in_camel_case()
    {
        var answer = await host.GetAsync("/probe/throws/validation");

        answer.Error("items[0].productId").ShouldBe("must be given");
        answer.Error("quantity").ShouldBe("must be 1 or more");
    }

    [Fact]
    public async Task A_decline_shows_the_safe_message_only()
    {
        var answer = await host.GetAsync("/probe/throws/declined");

        ((string?)answer.Json["detail"]).ShouldBe("The card was declined.");
        answer.Body.ShouldNotContain("stolen");
    }

    [Fact]
    public async Task The_gateways_own_wait_is_passed_on() => (await host.GetAsync("/probe/throws/gateway-unavailable")).Header("Retry-After").ShouldBe("7");

    [Theory]
    [InlineData("bug", "secret-detail-of-a-bug")]
    [InlineData("npgsql-bug", "secret-row-value")]
    [InlineData("gateway-our-fault", "No such API key")]
    public async Task Inner_details_stay_inside_and_are_logged_under_the_trace_id(string thrown, string detail)
    {
        var answer = await host.GetAsync("/probe/throws/" + thrown);

        answer.Body.ShouldNotContain(detail);
        host.Logs.Lines.ShouldContain(line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains(detail, StringComparison.Ordinal) && line.Contains((string)answer.Json["traceId"]!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refusal_is_no_error_in_the_log()
    {
        var answer = await host.GetAsync("/probe/throws/conflict");

        host.Logs.Lines.Where(line => line.Contains((string)answer.Json["traceId"]!, StringComparison.Ordinal)).ShouldAllBe(line => line.StartsWith("Information", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(401, "auth.required")]
    [InlineData(403, "auth.forbidden")]
    [InlineData(404, "request.unknown_path")]
    [InlineData(406, "request.not_acceptable")]
    [InlineData(413, "request.too_large")]
    [InlineData(429, "request.rate_limited")]
    [InlineData(418, "request.refused")]
    public async Task A_bare_status_gets_a_problem_too(int status, string code) => (await host.GetAsync($"/probe/status/{status}")).ShouldBeProblem(status, code);

    [Fact]
    public async Task An_unknown_path_is_404() => (await host.GetAsync("/api/v1/nothing")).ShouldBeProblem(404, "request.unknown_path");

    [Fact]
    public async Task An_unknown_path_is_404_also_for_who_accepts_only_pages() => (await host.GetAsync("/api/v1/nothing", null, ("Accept", "text/html"))).ShouldBeProblem(404, "request.unknown_path");

    [Fact]
    public async Task A_wrong_method_is_405_and_says_which_are_right() => (await host.SendAsync(HttpMethod.Delete, "/probe/open")).ShouldBeProblem(405, "request.method_not_allowed").Header("Allow").ShouldBe("GET");

    [Fact]
    public async Task Who_takes_no_json_gets_406() => (await host.GetAsync("/probe/open", null, ("Accept", "text/csv"))).ShouldBeProblem(406, "request.not_acceptable");

    [Fact]
    public async Task A_body_that_is_not_json_is_415()
    {
        using var content = new StringContent("<a/>", System.Text.Encoding.UTF8, "application/xml");
        using var response = await host.Client.PostAsync(new Uri("/probe/body", UriKind.Relative), content);

        ((int)response.StatusCode).ShouldBe(415);
        ((string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["code"]).ShouldBe("request.unsupported_media_type");
    }

    [Fact]
    public async Task The_callers_trace_goes_on()
    {
        var answer = await host.GetAsync("/probe/throws/bug", null, ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));

        ((string?)answer.Json["traceId"]).ShouldBe("0af7651916cd43dd8448eb211c80319c");
    }

    [Fact]
    public async Task The_directory_failing_rises()
    {
        host.Directory.Fails = new InvalidOperationException("users are gone");
        try
        {
            (await host.GetAsync("/probe/user", EdgeHost.Token())).ShouldBeProblem(500, "internal");
        }
        finally
        {
            host.Directory.Fails = null;
        }
    }
}

public sealed class Reading_and_writing_json(EdgeHost host) : IClassFixture<EdgeHost>
{
    private const string Good = """
        { "name": "n", "quantity": 2, "amount": 3, "colour": "darkBlue", "at": "2026-01-31T13:00:00.1234567+01:00", "lines": [ { "productId": "0197a000-0000-7000-8000-000000000001", "quantity": 1 } ] }
        """;

    [Fact]
    public async Task A_good_body_comes_back_in_camel_case_with_utc_times_and_nulls_shown()
    {
        var answer = await host.PostAsync("/probe/body", Good);

        answer.Status.ShouldBe(200, answer.Body);
        answer.MediaType.ShouldBe("application/json");
        answer.Body.ShouldBe("""
            {"name":"n","quantity":2,"amount":3,"colour":"darkBlue","at":"2026-01-31T12:00:00.123456Z","note":null,"gift":null,"lines":[{"productId":"0197a000-0000-7000-8000-000000000001","quantity":1}],"optional":5}
            """);
    }

    [Theory]
    [InlineData("\"quantity\": 2", "\"quantity\": \"2\"", "quantity", "must be a whole number of at most 32 bits")]
    [InlineData("\"quantity\": 2", "\"quantity\": 2.5", "quantity", "must be a whole number of at most 32 bits")]
    [InlineData("\"quantity\": 2", "\"quantity\": 3000000000", "quantity", "must be a whole number of at most 32 bits")]
    [InlineData("\"quantity\": 2", "\"quantity\": null", "quantity", "must be a whole number of at most 32 bits")]
    [InlineData("\"amount\": 3", "\"amount\": 99999999999999999999", "amount", "must be a whole number")]
    [InlineData("\"name\": \"n\"", "\"name\": 5", "name", "must be a text")]
    [InlineData("\"name\": \"n\"", "\"name\": null", "name", "must be a text")]
    [InlineData("\"darkBlue\"", "\"purple\"", "colour", "must be one of red, darkBlue")]
    [InlineData("\"darkBlue\"", "1", "colour", "must be one of red, darkBlue")]
    [InlineData("2026-01-31T13:00:00.1234567+01:00", "2026-01-31T13:00:00", "at", "must be a time with Z or an offset, such as 2026-01-31T12:00:00Z")]
    [InlineData("2026-01-31T13:00:00.1234567+01:00", "yesterday", "at", "must be a time with Z or an offset, such as 2026-01-31T12:00:00Z")]
    [InlineData("0197a000-0000-7000-8000-000000000001", "x", "lines[0].productId", "must be a UUID")]
    [InlineData("\"quantity\": 1 }", "\"quantity\": true }", "lines[0].quantity", "must be a whole number of at most 32 bits")]
    [InlineData("[ {", "{ \"a\": {", "lines", "must be a list")]
    [InlineData("\"name\": \"n\",", "", "name", "is required")]
    [InlineData("\"amount\": 3,", "", "amount", "is required")]
    [InlineData(", \"quantity\": 1 }", "}", "lines[0].quantity", "is required")]
    [InlineData("\"amount\": 3", "\"amount\": 3, \"gift\": \"yes\"", "gift", "must be true or false")]
    [InlineData("\"amount\": 3", "\"amount\": 3, \"userId\": 1", "userId", "is not a known field")]
    [InlineData("\"quantity\": 1 }", "\"quantity\": 1, \"price\": 1 }", "lines[0].price", "is not a known field")]
    [InlineData("\"amount\": 3", "\"Amount\": 3", "Amount", "is not a known field")]
    [InlineData("\"amount\": 3", "\"amount\": 3, \"amount\": 4", "amount", "is given twice")]
    [InlineData("\"name\": \"n\"", "\"name\": \"a\\u0000b\"", "name", "must not contain the character U+0000")]
    [InlineData("\"amount\": 3", "\"amount\": 3, \"note\": \"\\u0000\"", "note", "must not contain the character U+0000")]
    [InlineData("[ {", "[ null, {", "lines[0]", "must not be null")]
    [InlineData("1 } ]", "1 }, null ]", "lines[1]", "must not be null")]
    public async Task A_wrong_value_is_400_and_names_its_field_and_what_it_wants(string right, string wrong, string field, string message)
    {
        var answer = (await host.PostAsync("/probe/body", Good.Replace(right, wrong, StringComparison.Ordinal))).ShouldBeProblem(400, "request.invalid");

        answer.Error(field).ShouldBe(message);
        answer.Body.ShouldNotContain("System.");
        answer.Body.ShouldNotContain("Probe");
    }

    [Theory]
    [InlineData("", "body", "body is required")]
    [InlineData("null", "body", "must be an object")]
    [InlineData("[]", "body", "must be an object")]
    [InlineData("5", "body", "must be an object")]
    [InlineData("{ \"name\": \"n\", }", "body", "is not well-formed JSON (line 1, byte 16)")]
    [InlineData("{ \"name\": \"n", "name", "is not well-formed JSON")]
    [InlineData("{ // comment\n }", "body", "is not well-formed JSON")]
    [InlineData("x", "body", "is not well-formed JSON (line 1, byte 1)")]
    public async Task A_body_that_is_no_object_is_400(string json, string field, string message) =>
        (await host.PostAsync("/probe/body", json)).ShouldBeProblem(400, "request.invalid").Error(field).ShouldContain(message);

    [Theory]
    [InlineData("limit=abc", "limit", "must be a whole number of at most 32 bits")]
    [InlineData("after=abc", "after", "must be a UUID")]
    [InlineData("colour=purple", "colour", "must be one of red, darkBlue")]
    [InlineData("colour=%00", "colour", "must not contain the character U+0000")]
    [InlineData("whatever=a%00b", "whatever", "must not contain the character U+0000")]
    [InlineData("colour=1", "colour", "must be one of red, darkBlue")]
    public async Task A_wrong_query_value_is_400_and_says_what_it_wants(string query, string field, string message)
    {
        var answer = (await host.GetAsync("/probe/query/0197a000-0000-7000-8000-000000000001?" + query)).ShouldBeProblem(400, "request.invalid");

        answer.Error(field).ShouldBe(message);
    }

    [Fact]
    public async Task A_user_id_in_the_body_may_repeat_the_callers_and_is_403_when_it_is_anothers()
    {
        var own = Good.Replace("\"amount\": 3", $"\"amount\": 3, \"userId\": \"{EdgeHost.Ada}\"", StringComparison.Ordinal);

        (await host.PostAsync("/probe/body", own, EdgeHost.Token())).Status.ShouldBe(200);
        (await host.PostAsync("/probe/body", own, EdgeHost.Token(Guid.NewGuid().ToString()))).ShouldBeProblem(403, "auth.other_user");
        (await host.PostAsync("/probe/body", own.Replace(EdgeHost.Ada.ToString(), "me", StringComparison.Ordinal), EdgeHost.Token())).ShouldBeProblem(403, "auth.other_user");
        (await host.PostAsync("/probe/body", own.Replace("\"quantity\": 2", "\"quantity\": \"2\"", StringComparison.Ordinal), EdgeHost.Token())).ShouldBeProblem(400, "request.invalid").Error("quantity").ShouldNotBeEmpty();
        (await host.PostAsync("/probe/body", own)).ShouldBeProblem(400, "request.invalid").Error("userId").ShouldBe("is not a known field");
        (await host.PostAsync("/probe/body", own.Replace("\"amount\": 3", $"\"amount\": 3, \"userId\": \"{EdgeHost.Ada}\"", StringComparison.Ordinal), EdgeHost.Token()))
            .ShouldBeProblem(400, "request.invalid").Error("userId").ShouldBe("is given twice");
    }

    [Fact]
    public async Task Json_nested_too_deeply_is_400() =>
        (await host.PostAsync("/probe/body", string.Concat(Enumerable.Repeat("{\"lines\":[", 40)))).ShouldBeProblem(400, "request.invalid");
}

using System.Diagnostics;
using System.Net;

namespace Payments.Sandbox.Tests.Stripe;

public sealed class Breaking_the_api
{
    [Fact]
    public async Task An_error_strikes_before_the_effect_and_is_not_remembered()
    {
        await using var sandbox = await Sandbox.StartAsync();
        await FaultsAsync(sandbox, """{ "api": { "error": 1 } }""");
        var broken = await sandbox.PostAsync("/v1/customers", "name=x", "k1");
        broken.Status.ShouldBe(HttpStatusCode.InternalServerError);
        broken["error.type"].ShouldBe("api_error");
        broken.Headers.ShouldNotContainKey("Stripe-Should-Retry");
        await sandbox.DeleteAsync("/sandbox/faults");
        (await sandbox.GetAsync("/v1/customers")).Json["data"]!.AsArray().ShouldBeEmpty();
        var again = await sandbox.PostAsync("/v1/customers", "name=x", "k1");
        again.Status.ShouldBe(HttpStatusCode.OK);
        again.Headers.ShouldNotContainKey("Idempotent-Replayed");
    }

    [Fact]
    public async Task A_rate_limit_is_429()
    {
        await using var sandbox = await Sandbox.StartAsync();
        await FaultsAsync(sandbox, """{ "api": { "rateLimit": 1 } }""");
        var limited = await sandbox.PostAsync("/v1/customers");
        limited.Status.ShouldBe(HttpStatusCode.TooManyRequests);
        limited["error.code"].ShouldBe("rate_limit");
    }

    [Fact]
    public async Task A_cut_before_the_effect_leaves_nothing_and_one_after_it_leaves_the_result_under_the_key()
    {
        await using var sandbox = await Sandbox.StartAsync();
        await FaultsAsync(sandbox, """{ "api": { "cutBeforeEffect": 1 } }""");
        await Should.ThrowAsync<HttpRequestException>(() => sandbox.PostAsync("/v1/customers", "name=x", "k1"));
        await FaultsAsync(sandbox, """{ "api": { "cutAfterEffect": 1 } }""");
        await Should.ThrowAsync<HttpRequestException>(() => sandbox.PostAsync("/v1/customers", "name=x", "k1"));
        await sandbox.DeleteAsync("/sandbox/faults");

        var replayed = await sandbox.PostAsync("/v1/customers", "name=x", "k1");

        replayed.Headers["Idempotent-Replayed"].ShouldBe("true");
        (await sandbox.GetAsync("/v1/customers")).Json["data"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_slow_answer_comes_after_seconds()
    {
        await using var sandbox = await Sandbox.StartAsync();
        await FaultsAsync(sandbox, """{ "api": { "slow": 1 } }""");
        var clock = Stopwatch.StartNew();
        (await sandbox.PostAsync("/v1/customers", "name=x")).Status.ShouldBe(HttpStatusCode.OK);
        clock.Elapsed.ShouldBeGreaterThan(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Spares_the_hosted_page_and_the_controls()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var session = await sandbox.SessionAsync();
        await FaultsAsync(sandbox, """{ "api": { "error": 1, "cutBeforeEffect": 1 } }""");
        (await sandbox.GetAsync($"/v1/payment_pages/{session["id"]}")).Status.ShouldBe(HttpStatusCode.OK);
        (await sandbox.PayAsync(session)).Status.ShouldBe(HttpStatusCode.OK);
        (await sandbox.GetAsync("/sandbox/state"))["paymentIntents"].ShouldBe("1");
    }

    [Theory]
    [InlineData("""{ "api": { "error": 1.1 } }""", "api.error")]
    [InlineData("""{ "deliveries": { "drop": -0.1 } }""", "deliveries.drop")]
    [InlineData("""{ "deliveries": { "drop": "a lot" } }""", "deliveries.drop")]
    [InlineData("""{ "deliveries": { "lose": 0.1 } }""", "deliveries.lose")]
    [InlineData("""{ "gremlins": {} }""", "gremlins")]
    [InlineData("""{ "seed": 1.5 }""", "seed")]
    [InlineData("[]", "body")]
    public async Task Says_which_field_of_a_plan_is_wrong(string plan, string field)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var refused = await sandbox.ControlAsync("/sandbox/faults", plan);
        refused.Status.ShouldBe(HttpStatusCode.BadRequest);
        refused["error.message"]!.ShouldContain(field);
    }

    [Fact]
    public async Task A_plan_replaces_the_last_one_and_is_shown()
    {
        await using var sandbox = await Sandbox.StartAsync();
        await FaultsAsync(sandbox, """{ "deliveries": { "drop": 0.5 } }""");
        await FaultsAsync(sandbox, """{ "api": { "error": 0.25 } }""");
        var shown = await sandbox.GetAsync("/sandbox/faults");
        (shown["deliveries.drop"], shown["api.error"]).ShouldBe(("0", "0.25"));
    }

    private static async Task FaultsAsync(Sandbox sandbox, string plan) =>
        (await sandbox.ControlAsync("/sandbox/faults", plan)).Status.ShouldBe(HttpStatusCode.OK);
}

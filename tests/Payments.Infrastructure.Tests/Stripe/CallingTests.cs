using System.Diagnostics;
using System.Diagnostics.Metrics;

using Payments.Application.Payments.Gateway;
using Payments.Domain.Shared;
using Payments.Infrastructure.Stripe;

using static Payments.Infrastructure.Tests.Stripe.ScriptedStripe;
using static Payments.Infrastructure.Tests.Stripe.StripeSamples;

namespace Payments.Infrastructure.Tests.Stripe;

/// <summary>The retry rule, and what is certain about a write afterwards.</summary>
public sealed class Calling_stripe
{
    private const string Key = "payment-1/checkout";

    private static readonly NewCustomer Ada = new(new UserId(Guid.Parse(OurUser)), "ada@example.com", "Ada Lovelace");

    private static Func<Microsoft.AspNetCore.Http.HttpContext, Task> Fine => Answers(200, Customer());

    private static Func<Microsoft.AspNetCore.Http.HttpContext, Task> Broken => Answers(500, Error("api_error", null, "Something went wrong"));

    [Fact]
    public async Task sends_what_every_request_must_carry()
    {
        await using var stripe = await StartAsync(Fine);
        using var under = new GatewayUnderTest(stripe.Address);
        using var ours = new Activity("a request of ours").Start();

        await CreateAsync(under);

        var request = stripe.Seen.ShouldHaveSingleItem();
        request.Headers["Authorization"].ShouldBe($"Bearer {GatewayUnderTest.SecretKey}");
        request.Headers["Stripe-Version"].ShouldBe("2026-07-29.dahlia");
        request.Headers["Idempotency-Key"].ShouldBe(Key);
        request.Headers["User-Agent"].ShouldStartWith("Payments/");
        request.Headers["Content-Type"].ShouldBe("application/x-www-form-urlencoded; charset=utf-8");
        request.Headers.ShouldNotContainKey("traceparent");
    }

    [Fact]
    public async Task sends_no_key_and_no_body_with_a_read()
    {
        await using var stripe = await StartAsync(Answers(200, Charge()));
        using var under = new GatewayUnderTest(stripe.Address);

        await under.Gateway.GetChargeAsync("ch_1", CancellationToken.None);

        var request = stripe.Seen.ShouldHaveSingleItem();
        (request.Method, request.PathAndQuery, request.Body).ShouldBe(("GET", "/v1/charges/ch_1", ""));
        request.Headers.ShouldNotContainKey("Idempotency-Key");
        request.Headers.ShouldNotContainKey("Content-Type");
    }

    public static TheoryData<string> Retried => ["500", "503", "409", "424", "429 lock_timeout", "400 advised", "cut", "cut body"];

    [Theory]
    [MemberData(nameof(Retried))]
    public async Task tries_again_with_the_same_key_and_the_same_bytes(string first)
    {
        await using var stripe = await StartAsync(Step(first), Step(first), Fine);
        using var under = new GatewayUnderTest(stripe.Address);

        var customer = await CreateAsync(under);

        customer.CustomerId.ShouldBe("cus_1");
        stripe.Seen.Count.ShouldBe(3);
        stripe.Seen.Select(request => (request.Method, request.PathAndQuery, request.Body, request.Headers["Idempotency-Key"])).Distinct().Count().ShouldBe(1);
    }

    public static TheoryData<string> NotRetried => ["400", "401", "402", "403", "404", "429 rate_limit", "500 advised against", "409 advised against"];

    [Theory]
    [MemberData(nameof(NotRetried))]
    public async Task takes_an_answer_for_an_answer(string first)
    {
        await using var stripe = await StartAsync(Step(first), Fine);
        using var under = new GatewayUnderTest(stripe.Address);

        await Should.ThrowAsync<GatewayFailure>(() => CreateAsync(under));

        stripe.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task gives_up_after_two_more_tries()
    {
        await using var stripe = await StartAsync(Broken);
        using var under = new GatewayUnderTest(stripe.Address);

        (await FailureAsync(under)).Kind.ShouldBe(GatewayFailureKind.UnknownOutcome);

        stripe.Seen.Count.ShouldBe(3);
    }

    [Fact]
    public async Task never_tries_again_when_told_not_to()
    {
        await using var stripe = await StartAsync(Broken);
        using var under = new GatewayUnderTest(stripe.Address, options => options with { MaxRetries = 0 });

        await FailureAsync(under);

        stripe.Seen.Count.ShouldBe(1);
    }

    public static TheoryData<string, string, GatewayFailureKind> Ends => new()
    {
        // A write that had no proper answer may have happened; a read can simply be asked again.
        { "cut", "cut", GatewayFailureKind.UnknownOutcome },
        { "cut body", "cut body", GatewayFailureKind.UnknownOutcome },
        { "hang", "hang", GatewayFailureKind.UnknownOutcome },
        { "500", "500", GatewayFailureKind.UnknownOutcome },
        { "html 502", "html 502", GatewayFailureKind.UnknownOutcome },
        { "409", "409", GatewayFailureKind.UnknownOutcome },
        { "301", "301", GatewayFailureKind.UnknownOutcome },
        { "not json 200", "not json 200", GatewayFailureKind.UnknownOutcome },
        { "429 rate_limit", "429 rate_limit", GatewayFailureKind.Unavailable },
        { "429 lock_timeout", "429 lock_timeout", GatewayFailureKind.Unavailable },
        // What is turned away at the door on the second try says nothing about the first.
        { "cut", "429 rate_limit", GatewayFailureKind.UnknownOutcome },
        { "cut", "429 lock_timeout", GatewayFailureKind.UnknownOutcome },
        { "hang", "401", GatewayFailureKind.UnknownOutcome },
        { "500", "403", GatewayFailureKind.UnknownOutcome },
        { "cut", "404", GatewayFailureKind.UnknownOutcome },
        { "429 lock_timeout", "401", GatewayFailureKind.OurFault },
        // Stripe's verdict on the request itself does.
        { "cut", "400", GatewayFailureKind.OurFault },
        { "cut", "400 missing", GatewayFailureKind.NotFound },
        { "500", "402", GatewayFailureKind.Declined },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task knows_what_is_certain_about_a_write(string first, string then, GatewayFailureKind kind)
    {
        await using var stripe = await StartAsync(Step(first), Step(then));
        using var under = new GatewayUnderTest(stripe.Address, options => options with { Timeout = TimeSpan.FromMilliseconds(250) });

        (await FailureAsync(under)).Kind.ShouldBe(kind);
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("cut body")]
    [InlineData("hang")]
    [InlineData("500")]
    [InlineData("html 502")]
    [InlineData("429 rate_limit")]
    [InlineData("not json 200")]
    public async Task finds_a_read_only_unavailable(string step)
    {
        await using var stripe = await StartAsync(Step(step));
        using var under = new GatewayUnderTest(stripe.Address, options => options with { Timeout = TimeSpan.FromMilliseconds(250) });

        (await Should.ThrowAsync<GatewayFailure>(() => under.Gateway.GetChargeAsync("ch_1", CancellationToken.None))).Kind.ShouldBe(GatewayFailureKind.Unavailable);
    }

    [Fact]
    public async Task knows_that_nothing_happened_where_nobody_listens()
    {
        using var under = new GatewayUnderTest(Nobody());

        (await FailureAsync(under)).Kind.ShouldBe(GatewayFailureKind.Unavailable);
    }

    [Fact]
    public async Task stays_in_doubt_when_the_server_goes_away_after_a_cut()
    {
        ScriptedStripe? stripe = null;
        stripe = await StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        using var under = new GatewayUnderTest(stripe.Address, options => options with { RetryDelay = TimeSpan.FromMilliseconds(500), MaxRetryDelay = TimeSpan.FromMilliseconds(500), MaxRetries = 1 });

        var call = FailureAsync(under);
        while (stripe.Seen.Count == 0)
        {
            await Task.Delay(5);
        }

        await stripe.DisposeAsync();
        (await call).Kind.ShouldBe(GatewayFailureKind.UnknownOutcome);
    }

    [Fact]
    public async Task ends_within_its_budget_however_many_tries_are_left()
    {
        await using var stripe = await StartAsync(Hangs);
        using var under = new GatewayUnderTest(stripe.Address, options => options with { Timeout = TimeSpan.FromMilliseconds(300), CallBudget = TimeSpan.FromMilliseconds(500), MaxRetries = 10 });

        var started = Stopwatch.GetTimestamp();
        (await FailureAsync(under)).Kind.ShouldBe(GatewayFailureKind.UnknownOutcome);

        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(5));
        stripe.Seen.Count.ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public async Task stops_at_once_when_the_caller_gives_up()
    {
        await using var stripe = await StartAsync(Hangs);
        using var under = new GatewayUnderTest(stripe.Address);
        using var caller = new CancellationTokenSource();

        var call = under.Gateway.CreateCustomerAsync(under.Gateway.PrepareCustomer(Ada), Key, caller.Token);
        while (stripe.Seen.Count == 0)
        {
            await Task.Delay(5);
        }

        await caller.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => call);
        await Task.Delay(100);
        stripe.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task does_not_wait_for_a_retry_that_nobody_waits_for()
    {
        await using var stripe = await StartAsync(Broken);
        using var under = new GatewayUnderTest(stripe.Address, options => options with { RetryDelay = TimeSpan.FromMinutes(1), MaxRetryDelay = TimeSpan.FromMinutes(1) });
        using var caller = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        await Should.ThrowAsync<OperationCanceledException>(() => under.Gateway.CreateCustomerAsync(under.Gateway.PrepareCustomer(Ada), Key, caller.Token));

        stripe.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task passes_on_that_an_answer_is_a_stored_one_and_when_to_come_back()
    {
        await using var stripe = await StartAsync(Answers(500, Error("api_error", null, "x"), ("Idempotent-Replayed", "true"), ("Stripe-Should-Retry", "false"), ("Retry-After", "7")));
        using var under = new GatewayUnderTest(stripe.Address);

        var failure = await FailureAsync(under);

        (failure.Kind, failure.Replayed, failure.RetryAfter).ShouldBe((GatewayFailureKind.UnknownOutcome, true, TimeSpan.FromSeconds(7)));
    }

    [Fact]
    public async Task does_not_follow_a_redirect_with_our_key()
    {
        await using var elsewhere = await StartAsync(Fine);
        await using var stripe = await StartAsync(Answers(307, "{}", ("Location", elsewhere.Address + "/v1/customers")));
        using var under = new GatewayUnderTest(stripe.Address);

        await FailureAsync(under);

        elsewhere.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task opens_the_circuit_after_enough_failures_and_closes_it_when_stripe_is_back()
    {
        var up = false;
        await using var stripe = await StartAsync(context => (up ? Fine : Broken)(context));
        using var under = new GatewayUnderTest(stripe.Address, options => options with
        {
            MaxRetries = 0,
            CircuitMinimumTries = 4,
            CircuitFailureRatio = 0.5,
            CircuitBreak = TimeSpan.FromSeconds(0.5),
        });

        for (var i = 0; i < 4; i++)
        {
            (await FailureAsync(under)).Kind.ShouldBe(GatewayFailureKind.UnknownOutcome);
        }

        var held = await FailureAsync(under);
        held.Kind.ShouldBe(GatewayFailureKind.Unavailable);
        held.RetryAfter.ShouldNotBeNull().ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(0.5));
        (await Should.ThrowAsync<GatewayFailure>(() => under.Gateway.GetChargeAsync("ch_1", CancellationToken.None))).Kind.ShouldBe(GatewayFailureKind.Unavailable);
        stripe.Seen.Count.ShouldBe(4);

        up = true;
        await Task.Delay(700);
        await CreateAsync(under);
        await CreateAsync(under);
        under.Logged.ShouldContain("calls are held back");
        under.Logged.ShouldContain("answers again");
    }

    [Fact]
    public async Task opens_no_circuit_over_refusals()
    {
        await using var stripe = await StartAsync(Step("400"));
        using var under = new GatewayUnderTest(stripe.Address, options => options with { CircuitMinimumTries = 2, CircuitFailureRatio = 0.1 });

        for (var i = 0; i < 10; i++)
        {
            (await FailureAsync(under)).Kind.ShouldBe(GatewayFailureKind.OurFault);
        }
    }

    [Fact]
    public async Task leaves_a_doubtful_write_in_doubt_when_the_circuit_opens_between_two_tries()
    {
        await using var stripe = await StartAsync(Broken);
        using var under = new GatewayUnderTest(stripe.Address, options => options with { CircuitMinimumTries = 2, CircuitFailureRatio = 0.1, MaxRetries = 5 });

        (await FailureAsync(under)).Kind.ShouldBe(GatewayFailureKind.UnknownOutcome);

        stripe.Seen.Count.ShouldBe(2);
    }

    [Fact]
    public async Task writes_no_secret_and_no_buyer_into_logs_and_exceptions()
    {
        await using var stripe = await StartAsync(
            Broken,
            Cuts,
            Answers(400, Error("invalid_request_error", "email_invalid", $"Invalid email address: ada@example.com for {GatewayUnderTest.SecretKey} and pi_1_secret_abc 4242 4242 4242 4242\nforged line", "email")));
        using var under = new GatewayUnderTest(stripe.Address);

        var failure = await FailureAsync(under);

        failure.Message.ShouldContain("Invalid email address: … for … and … …");
        foreach (var text in new[] { under.Logged, failure.ToString() })
        {
            text.ShouldNotContain(GatewayUnderTest.SecretKey);
            text.ShouldNotContain("ada@example.com");
            text.ShouldNotContain("Ada Lovelace");
            text.ShouldNotContain("whsec_");
            text.ShouldNotContain("4242");
            text.ShouldNotContain("secret_abc");
        }

        failure.Message.ShouldNotContain("\n");
        under.Logged.ShouldContain("req_123");
    }

    [Fact]
    public async Task leaves_one_line_in_the_log_for_a_call()
    {
        await using var stripe = await StartAsync(Answers(200, Page(false)));
        using var under = new GatewayUnderTest(stripe.Address);

        await under.Gateway.FindCustomerAsync(Ada.UserId, Ada.Email, CancellationToken.None);

        under.Logged.ShouldStartWith("GET /v1/customers answered in req_123 after 1 tries");
        under.Logged.ShouldNotContain("\n");
    }

    [Fact]
    public async Task measures_each_call_by_operation_and_outcome()
    {
        var measured = new List<(string Instrument, string? Operation, string? Outcome)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "Payments.Gateway")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, seconds, tags, _) =>
        {
            var named = tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value as string);
            lock (measured)
            {
                measured.Add((instrument.Name, named["operation"], named["outcome"]));
            }
        });
        listener.Start();
        await using var stripe = await StartAsync(Answers(404, Error("invalid_request_error", "resource_missing", "No such checkout.session", "session")));
        using var under = new GatewayUnderTest(stripe.Address);

        await Should.ThrowAsync<GatewayFailure>(() => under.Gateway.ExpireCheckoutAsync("cs_test_metered", Key, CancellationToken.None));

        measured.ShouldContain(("payments.gateway.duration", "POST /v1/checkout/sessions/{id}/expire", "not_found"));
    }

    [Fact]
    public async Task traces_a_call_with_stripes_request_id_and_nothing_of_the_buyer()
    {
        var activities = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Payments.Gateway",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (activities)
                {
                    activities.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var stripe = await StartAsync(Answers(200, PromotionPage(), ("Request-Id", "req_traced")));
        using var under = new GatewayUnderTest(stripe.Address);

        await under.Gateway.FindPromotionCodeAsync("SPRING", CancellationToken.None);

        lock (activities)
        {
            var activity = activities.Single(activity => (string?)activity.GetTagItem("payments.gateway.request_id") is "req_traced");
            activity.DisplayName.ShouldBe("GET /v1/promotion_codes");
            string.Join(' ', activity.TagObjects.Select(tag => tag.Value)).ShouldNotContain("SPRING");
        }
    }

    private static System.Text.Json.Nodes.JsonObject PromotionPage() => Page(false, PromotionCode());

    private static Func<Microsoft.AspNetCore.Http.HttpContext, Task> Step(string name) => name switch
    {
        "cut" => Cuts,
        "cut body" => CutsTheBody,
        "hang" => Hangs,
        "not json 200" => Answers(200, "<html>"),
        "301" => Answers(301, ""),
        "400" => Answers(400, Error("invalid_request_error", "parameter_missing", "Missing required param: currency.", "currency")),
        "400 advised" => Answers(400, Error("api_error", null, "Come again"), ("Stripe-Should-Retry", "true")),
        "400 missing" => Answers(400, Error("invalid_request_error", "resource_missing", "No such customer: 'cus_1'", "customer")),
        "401" => Answers(401, Error("invalid_request_error", null, "Invalid API Key provided: sk_test_****StUv")),
        "402" => Answers(402, Declined()),
        "403" => Answers(403, Error("invalid_request_error", null, "The provided key does not have the required permissions")),
        "404" => Answers(404, "<html>not here</html>"),
        "409" => Answers(409, Error("idempotency_error", "idempotency_key_in_use", "There is currently another in-progress request using this Idempotent Key")),
        "409 advised against" => Answers(409, Error("invalid_request_error", null, "x"), ("Stripe-Should-Retry", "false")),
        "424" => Answers(424, Error("api_error", null, "x")),
        "429 rate_limit" => Answers(429, Error("invalid_request_error", "rate_limit", "Too many requests")),
        "429 lock_timeout" => Answers(429, Error("invalid_request_error", "lock_timeout", "Locked")),
        "500" => Broken,
        "500 advised against" => Answers(500, Error("api_error", null, "x"), ("Stripe-Should-Retry", "false")),
        "503" => Answers(503, "down"),
        "html 502" => Answers(502, "<html>Bad gateway</html>"),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such step."),
    };

    private static Task<CustomerState> CreateAsync(GatewayUnderTest under) =>
        under.Gateway.CreateCustomerAsync(under.Gateway.PrepareCustomer(Ada), Key, CancellationToken.None);

    private static Task<GatewayFailure> FailureAsync(GatewayUnderTest under) => Should.ThrowAsync<GatewayFailure>(() => CreateAsync(under));
}

using System.Security.Cryptography;
using System.Text;
using Payments.Application.Shared;
using Payments.Infrastructure.Database;

namespace Payments.Infrastructure.Tests.Database;

public sealed class Remembering_an_answer(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly byte[] Request = SHA256.HashData("{\"creditPackId\":1}"u8);
    private static readonly byte[] OtherRequest = SHA256.HashData("{\"creditPackId\":2}"u8);
    private static readonly RememberedAnswer Created = new(201, "application/json", "{\"paymentId\":\"…\"}"u8.ToArray(), "/api/v1/payments/1");

    private readonly IdempotencyKeys keys = new(database.Source);
    private readonly IdempotencyScope scope = new(Guid.NewGuid().ToString(), "POST", "/api/v1/payments/checkout-session", "key-1");

    [Fact]
    public async Task lets_the_first_through() => (await ClaimAsync()).ShouldBeOfType<Claimed>().Resumed.ShouldBeFalse();

    [Fact]
    public async Task makes_the_second_wait_while_the_first_is_running()
    {
        await ClaimAsync();

        (await ClaimAsync()).ShouldBeOfType<StillRunning>();
    }

    [Fact]
    public async Task gives_the_same_answer_again()
    {
        await AnswerAsync(Created);

        var answer = (await ClaimAsync()).ShouldBeOfType<AlreadyAnswered>().Answer;

        (answer.Status, answer.ContentType, answer.Location).ShouldBe((Created.Status, Created.ContentType, Created.Location));
        Encoding.UTF8.GetString(answer.Body).ShouldBe(Encoding.UTF8.GetString(Created.Body));
    }

    [Fact]
    public async Task gives_an_answer_without_type_body_or_place_again()
    {
        await AnswerAsync(new RememberedAnswer(204, null, [], null));

        var answer = (await ClaimAsync()).ShouldBeOfType<AlreadyAnswered>().Answer;

        (answer.Status, answer.ContentType, answer.Location, answer.Body.Length).ShouldBe((204, null, null, 0));
    }

    [Fact]
    public async Task refuses_another_request_under_the_same_key_whether_the_first_runs_or_was_answered()
    {
        var claim = (Claimed)await ClaimAsync();
        (await keys.ClaimAsync(scope, OtherRequest, default)).ShouldBeOfType<DifferentRequest>();

        await keys.CompleteAsync(scope, claim.Claim, Created, default);
        (await keys.ClaimAsync(scope, OtherRequest, default)).ShouldBeOfType<DifferentRequest>();

        (await ClaimAsync()).ShouldBeOfType<AlreadyAnswered>();
    }

    [Fact]
    public async Task keeps_callers_methods_paths_and_keys_apart()
    {
        await AnswerAsync(Created);

        foreach (var other in new[]
        {
            scope with { Caller = Guid.NewGuid().ToString() }, scope with { Method = "PUT" }, scope with { Path = "/api/v1/payments/payment-intent" }, scope with { Key = "key-2" }, scope with { Key = "KEY-1" },
        })
        {
            (await keys.ClaimAsync(other, Request, default)).ShouldBeOfType<Claimed>();
        }
    }

    [Fact]
    public async Task lets_a_failed_one_be_tried_again_at_once()
    {
        var claim = (Claimed)await ClaimAsync();

        await keys.AbandonAsync(scope, claim.Claim, default);

        (await keys.ClaimAsync(scope, OtherRequest, default)).ShouldBeOfType<Claimed>().Resumed.ShouldBeFalse();
    }

    [Theory]
    [InlineData(29, false)]
    [InlineData(31, true)]
    public async Task takes_over_from_a_process_that_has_been_silent_for_half_a_minute(int seconds, bool taken)
    {
        var first = (Claimed)await ClaimAsync();
        await AgeAsync(seconds);

        var second = await ClaimAsync();

        if (!taken)
        {
            second.ShouldBeOfType<StillRunning>();
            return;
        }

        var resumed = second.ShouldBeOfType<Claimed>();
        resumed.Resumed.ShouldBeTrue();
        resumed.Claim.ShouldNotBe(first.Claim);
        (await ClaimAsync()).ShouldBeOfType<StillRunning>();
    }

    [Fact]
    public async Task does_not_take_over_with_another_request()
    {
        await ClaimAsync();
        await AgeAsync(60);

        (await keys.ClaimAsync(scope, OtherRequest, default)).ShouldBeOfType<DifferentRequest>();
        (await ClaimAsync()).ShouldBeOfType<Claimed>().Resumed.ShouldBeTrue();
    }

    [Fact]
    public async Task ignores_whoever_lost_the_claim_meanwhile()
    {
        var dead = (Claimed)await ClaimAsync();
        await AgeAsync(60);
        var alive = (Claimed)await ClaimAsync();

        await keys.CompleteAsync(scope, dead.Claim, new RememberedAnswer(500, null, [], null), default);
        await keys.AbandonAsync(scope, dead.Claim, default);
        (await ClaimAsync()).ShouldBeOfType<StillRunning>();

        await keys.CompleteAsync(scope, alive.Claim, Created, default);
        await keys.AbandonAsync(scope, alive.Claim, default);
        (await ClaimAsync()).ShouldBeOfType<AlreadyAnswered>().Answer.Status.ShouldBe(201);
    }

    [Fact]
    public async Task never_takes_over_what_was_answered()
    {
        await AnswerAsync(Created);
        await AgeAsync(90_000);

        (await ClaimAsync()).ShouldBeOfType<AlreadyAnswered>();
    }

    [Fact]
    public async Task lets_one_of_fifty_through()
    {
        var claims = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(ClaimAsync)));

        claims.OfType<Claimed>().ShouldHaveSingleItem().Resumed.ShouldBeFalse();
        claims.OfType<StillRunning>().Count().ShouldBe(49);
    }

    [Fact]
    public async Task lets_one_of_fifty_take_over()
    {
        await ClaimAsync();
        await AgeAsync(60);

        var claims = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(ClaimAsync)));

        claims.OfType<Claimed>().ShouldHaveSingleItem().Resumed.ShouldBeTrue();
        claims.OfType<StillRunning>().Count().ShouldBe(49);
    }

    private Task<KeyClaim> ClaimAsync() => keys.ClaimAsync(scope, Request, default);

    private async Task AnswerAsync(RememberedAnswer answer) => await keys.CompleteAsync(scope, ((Claimed)await ClaimAsync()).Claim, answer, default);

    /// <summary>As if the claim had been made that long ago. Only this test's row: its hash is the scope's.</summary>
    private async Task AgeAsync(int seconds) => (await database.ExecuteAsync(
        "UPDATE payments.idempotency_keys SET claimed_at = claimed_at - make_interval(secs => $1), created_at = created_at - make_interval(secs => $1) WHERE scope = $2",
        (double)seconds,
        SHA256.HashData(Encoding.UTF8.GetBytes($"{scope.Caller}\n{scope.Method}\n{scope.Path}\n{scope.Key}")))).ShouldBe(1);
}

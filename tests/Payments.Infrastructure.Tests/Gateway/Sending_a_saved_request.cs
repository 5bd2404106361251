using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Gateway;
using Payments.Domain.Payments.Gateway;
using Payments.Infrastructure.Database;
using Payments.Infrastructure.Tests.Database;

namespace Payments.Infrastructure.Tests.Gateway;

/// <summary>Hard case 3: sent unchanged under its key; what is too old or replays a failure is looked for first.</summary>
public sealed class Sending_a_saved_request(TestDatabase database) : IClassFixture<TestDatabase>
{
    private readonly Clock clock = new();
    private readonly Guid subject = Guid.CreateVersion7();
    private readonly List<string> sent = [];
    private int lookups;

    [Fact]
    public async Task sends_the_same_bytes_under_the_same_key_every_time()
    {
        await SaveAsync();

        (await SendAsync()).ShouldBe("made");
        (await SendAsync()).ShouldBe("made");
        clock.Now = clock.Now.AddHours(23);
        (await SendAsync()).ShouldBe("made");

        sent.ShouldBe(Enumerable.Repeat($"{subject}:1 open mode=payment", 3));
        lookups.ShouldBe(0);
    }

    [Fact]
    public async Task lets_an_unknown_outcome_rise_and_changes_nothing()
    {
        await SaveAsync();

        await Should.ThrowAsync<GatewayFailure>(() => SendAsync(_ => throw new GatewayFailure(GatewayFailureKind.UnknownOutcome, "cut")));

        (await SendAsync()).ShouldBe("made");
        sent.ShouldBe(Enumerable.Repeat($"{subject}:1 open mode=payment", 2));
        lookups.ShouldBe(0);
    }

    [Fact]
    public async Task finds_what_a_key_too_old_has_made_and_sends_nothing()
    {
        await SaveAsync();
        clock.Now = clock.Now.AddHours(23).AddSeconds(1);

        (await SendAsync(found: "found")).ShouldBe("found");

        sent.ShouldBeEmpty();
        (await AttemptAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task sends_under_the_next_key_when_a_key_too_old_has_made_nothing()
    {
        await SaveAsync();
        clock.Now = clock.Now.AddHours(24);

        (await SendAsync()).ShouldBe("made");
        (await SendAsync()).ShouldBe("made");

        sent.ShouldBe(Enumerable.Repeat($"{subject}:2 open mode=payment", 2));
        lookups.ShouldBe(1);
    }

    [Fact]
    public async Task looks_first_when_the_provider_replays_a_failure_under_the_key()
    {
        await SaveAsync();

        (await SendAsync(key => key.EndsWith(":1", StringComparison.Ordinal) ? throw Replayed() : "made", found: "found")).ShouldBe("found");
        (await SendAsync(key => key.EndsWith(":1", StringComparison.Ordinal) ? throw Replayed() : "made")).ShouldBe("made");

        sent.ShouldBe([$"{subject}:1 open mode=payment", $"{subject}:1 open mode=payment", $"{subject}:2 open mode=payment"]);
    }

    [Fact]
    public async Task has_saved_the_next_key_before_it_sends_under_it()
    {
        await SaveAsync();
        clock.Now = clock.Now.AddHours(24);

        await Should.ThrowAsync<GatewayFailure>(() => SendAsync(_ => throw new GatewayFailure(GatewayFailureKind.UnknownOutcome, "cut")));

        (await AttemptAsync()).ShouldBe(2);
        (await SendAsync()).ShouldBe("made");
        sent.ShouldBe(Enumerable.Repeat($"{subject}:2 open mode=payment", 2));
    }

    [Theory]
    [InlineData(GatewayFailureKind.Declined)]
    [InlineData(GatewayFailureKind.OurFault)]
    [InlineData(GatewayFailureKind.Unavailable)]
    public async Task sends_nothing_again_that_was_refused_for_certain(GatewayFailureKind kind)
    {
        await SaveAsync();

        (await Should.ThrowAsync<GatewayFailure>(() => SendAsync(_ => throw new GatewayFailure(kind, "no") { Replayed = true }))).Kind.ShouldBe(kind);

        sent.Count.ShouldBe(1);
        lookups.ShouldBe(0);
    }

    [Fact]
    public async Task sends_nothing_while_it_cannot_look()
    {
        await SaveAsync();
        clock.Now = clock.Now.AddHours(24);

        await Should.ThrowAsync<GatewayFailure>(() => SendAsync(lookup: () => throw new GatewayFailure(GatewayFailureKind.Unavailable, "away")));

        sent.ShouldBeEmpty();
        (await AttemptAsync()).ShouldBe(1);
    }

    private static GatewayFailure Replayed() => new(GatewayFailureKind.UnknownOutcome, "500 again") { Replayed = true };

    private async Task SaveAsync()
    {
        await using var db = database.Context();
        db.GatewayRequests.Add(new GatewayRequest(subject, "open", "mode=payment", clock.Now));
        await db.SaveChangesAsync();
    }

    private Task<int> AttemptAsync() => database.ScalarAsync<int>("SELECT attempt FROM payments.gateway_requests WHERE subject_id = $1", subject);

    /// <summary>As a request does: the row is read, sent and settled in a scope of its own.</summary>
    private async Task<string> SendAsync(Func<string, string>? answer = null, string? found = null, Func<string?>? lookup = null)
    {
        await using var db = database.Context();
        var request = await db.GatewayRequests.SingleAsync(r => r.SubjectId == subject);
        return await new GatewaySends(db, clock).SendAsync(
            request,
            (call, key, _) =>
            {
                sent.Add($"{key} {call.Operation} {call.Body}");
                return Task.FromResult(answer is null ? "made" : answer(key));
            },
            _ =>
            {
                lookups++;
                return Task.FromResult(lookup is null ? found : lookup());
            },
            CancellationToken.None);
    }
}

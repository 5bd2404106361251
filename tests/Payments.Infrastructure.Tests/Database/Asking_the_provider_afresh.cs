using System.Diagnostics;
using Moq;
using Payments.Application.Payments.Gateway;
using Payments.Domain.Shared;
using Payments.Infrastructure.Database;

namespace Payments.Infrastructure.Tests.Database;

public sealed class Asking_the_provider_afresh : IAsyncLifetime
{
    private readonly Mock<IPaymentGateway> gateway = new(MockBehavior.Strict);
    private readonly Mock<ISubscriptionGateway> billing = new(MockBehavior.Strict);
    private readonly Mock<ICardGateway> cards = new(MockBehavior.Strict);
    private readonly Mock<IRefundGateway> refunds = new(MockBehavior.Strict);
    private readonly Mock<IDisputeGateway> disputes = new(MockBehavior.Strict);
    private TestDatabase database = null!;
    private GatewayFetches fetches = null!;

    public async Task InitializeAsync()
    {
        database = await TestDatabase.NewAsync();
        fetches = new GatewayFetches(gateway.Object, billing.Object, cards.Object, refunds.Object, disputes.Object, database.Source, TimeProvider.System);
    }

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task asks_once_for_all_who_ask_at_the_same_time()
    {
        var answer = new TaskCompletionSource<IntentState>();
        gateway.Setup(g => g.GetIntentAsync("pi_1", It.IsAny<CancellationToken>())).Returns(answer.Task);

        var asked = Enumerable.Range(0, 20).Select(_ => fetches.IntentAsync("pi_1", 7, default)).ToList();
        await AskedAsync(1);
        answer.SetResult(Intent("pi_1"));

        (await Task.WhenAll(asked)).ShouldAllBe(i => i.IntentId == "pi_1");
        gateway.Verify(g => g.GetIntentAsync("pi_1", It.IsAny<CancellationToken>()), Times.Once);
        (await database.ScalarAsync<int>("SELECT used FROM payments.gateway_budget")).ShouldBe(1);
    }

    [Fact]
    public async Task asks_again_for_who_knows_of_something_newer_and_for_who_comes_later()
    {
        var answers = new Queue<TaskCompletionSource<IntentState>>([new(), new()]);
        var waiting = answers.ToArray();
        gateway.Setup(g => g.GetIntentAsync("pi_1", It.IsAny<CancellationToken>())).Returns(() => answers.TryDequeue(out var next) ? next.Task : Task.FromResult(Intent("pi_later")));

        var older = fetches.IntentAsync("pi_1", 7, default);
        await AskedAsync(1);
        var newer = fetches.IntentAsync("pi_1", 8, default);
        await AskedAsync(2);
        waiting[1].SetResult(Intent("pi_newer"));
        waiting[0].SetResult(Intent("pi_older"));

        (await older).IntentId.ShouldBe("pi_older");
        (await newer).IntentId.ShouldBe("pi_newer");
        (await fetches.IntentAsync("pi_1", 7, default)).IntentId.ShouldBe("pi_later");
    }

    [Fact]
    public async Task tells_all_of_a_failure_and_asks_again_afterwards()
    {
        var answer = new TaskCompletionSource<CheckoutState>();
        gateway.SetupSequence(g => g.GetCheckoutAsync("cs_1", It.IsAny<CancellationToken>()))
            .Returns(answer.Task)
            .ThrowsAsync(new GatewayFailure(GatewayFailureKind.NotFound, "gone"));
        var (first, second) = (fetches.CheckoutAsync("cs_1", 7, default), fetches.CheckoutAsync("cs_1", 7, default));

        answer.SetException(new GatewayFailure(GatewayFailureKind.Unavailable, "later"));

        (await Should.ThrowAsync<GatewayFailure>(first)).Kind.ShouldBe(GatewayFailureKind.Unavailable);
        (await Should.ThrowAsync<GatewayFailure>(second)).Kind.ShouldBe(GatewayFailureKind.Unavailable);
        (await Should.ThrowAsync<GatewayFailure>(() => fetches.CheckoutAsync("cs_1", 7, default))).Kind.ShouldBe(GatewayFailureKind.NotFound);
    }

    [Fact]
    public async Task keeps_the_question_alive_when_the_first_who_asked_goes_away()
    {
        var answer = new TaskCompletionSource<IntentState>();
        gateway.Setup(g => g.GetIntentAsync("pi_1", It.IsAny<CancellationToken>())).Returns(answer.Task);
        using var gone = new CancellationTokenSource();
        var first = fetches.IntentAsync("pi_1", 7, gone.Token);
        var second = fetches.IntentAsync("pi_1", 7, default);

        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        answer.SetResult(Intent("pi_1"));

        (await second).IntentId.ShouldBe("pi_1");
    }

    [Fact]
    public async Task asks_twelve_times_a_second_at_most_however_many_replicas_there_are()
    {
        var asked = 0;
        gateway.Setup(g => g.GetIntentAsync(It.IsAny<string>(), It.IsAny<CancellationToken>())).ReturnsAsync((string id, CancellationToken _) =>
        {
            Interlocked.Increment(ref asked);
            return Intent(id);
        });
        var replicas = new[] { fetches, new GatewayFetches(gateway.Object, billing.Object, cards.Object, refunds.Object, disputes.Object, database.Source, TimeProvider.System) };
        var clock = Stopwatch.StartNew();

        var questions = Enumerable.Range(0, 30).Select(i => Task.Run(() => replicas[i % 2].IntentAsync($"pi_{i}", 1, default))).ToList();
        var most = 0;
        while (questions.Any(q => !q.IsCompleted))
        {
            most = Math.Max(most, (await database.ColumnAsync<int>("SELECT used FROM payments.gateway_budget")).SingleOrDefault());
            await Task.Delay(20);
        }

        await Task.WhenAll(questions);
        asked.ShouldBe(30);
        most.ShouldBe(12);

        // 12 in one second of the clock, 12 in the next, 6 in a third: a whole second lies between the first and the last.
        clock.Elapsed.ShouldBeGreaterThan(TimeSpan.FromSeconds(1));
    }

    private static IntentState Intent(string id) => new(
        id, null, IntentStatus.Succeeded, new Money(1999, Currency.Of("usd")), new Money(1999, Currency.Of("usd")), null, null, null, null, null, DateTimeOffset.UnixEpoch, false);

    private async Task AskedAsync(int times)
    {
        var until = DateTime.UtcNow.AddSeconds(30);
        while (gateway.Invocations.Count < times)
        {
            DateTime.UtcNow.ShouldBeLessThan(until, "nobody was asked");
            await Task.Delay(10);
        }
    }
}

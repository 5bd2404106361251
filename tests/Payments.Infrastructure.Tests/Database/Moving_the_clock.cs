using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Moq;
using Payments.Infrastructure.Database;
using Payments.Infrastructure.Scheduling;

namespace Payments.Infrastructure.Tests.Database;

public sealed class Moving_the_clock : IAsyncLifetime
{
    private TestDatabase database = null!;

    public async Task InitializeAsync() => database = await TestDatabase.NewAsync();

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public void starts_at_wall_time_in_whole_microseconds()
    {
        var clock = NewClock();

        clock.GetUtcNow().ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromSeconds(5));
        (clock.GetUtcNow().Ticks % TimeSpan.TicksPerMicrosecond).ShouldBe(0, "as the database counts");
        clock.GetUtcNow().Offset.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task goes_forward_and_goes_on_from_there()
    {
        var clock = NewClock();
        var target = DateTimeOffset.UtcNow.AddDays(40);

        await clock.MoveToAsync(target, default);

        clock.GetUtcNow().ShouldBe(target, TimeSpan.FromSeconds(10));
        clock.GetUtcNow().ShouldBeGreaterThanOrEqualTo(target);
    }

    [Fact]
    public async Task never_goes_back()
    {
        var clock = NewClock();
        await clock.MoveToAsync(DateTimeOffset.UtcNow.AddDays(40), default);

        await clock.MoveToAsync(DateTimeOffset.UtcNow.AddDays(39), default);

        clock.GetUtcNow().ShouldBe(DateTimeOffset.UtcNow.AddDays(40), TimeSpan.FromSeconds(10));
        clock = NewClock();
        await clock.StartAsync(default);
        clock.GetUtcNow().ShouldBe(DateTimeOffset.UtcNow.AddDays(40), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task remembers_where_it_was_after_a_restart()
    {
        await NewClock().MoveToAsync(DateTimeOffset.UtcNow.AddDays(40), default);

        var restarted = NewClock();
        await restarted.StartAsync(default);

        restarted.GetUtcNow().ShouldBe(DateTimeOffset.UtcNow.AddDays(40), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task is_not_moved_by_what_a_sandbox_left_in_a_database_that_is_none()
    {
        await NewClock().MoveToAsync(DateTimeOffset.UtcNow.AddDays(40), default);

        var real = NewClock(canMove: false);
        await real.StartAsync(default);

        real.CanMove.ShouldBeFalse();
        real.GetUtcNow().ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task starts_before_the_database_was_migrated()
    {
        var empty = await TestDatabase.NewAsync(migrated: false);
        var clock = new SandboxClock(empty.Source, new DueWork(Nothing()), canMove: true);

        await clock.StartAsync(default);

        clock.GetUtcNow().ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromSeconds(30));
        await empty.DisposeAsync();
    }

    [Fact]
    public async Task counts_what_is_still_to_be_done_by_the_right_clock()
    {
        await Rows.PlantAsync(database);
        await Rows.PlantCardAsync(database);
        await database.ExecuteAsync(
            """
            UPDATE payments.webhook_events SET status = 'pending', next_attempt_at = now();
            UPDATE payments.outbox SET next_attempt_at = now() - interval '1 minute';
            UPDATE notifications.notifications SET status = 'sending', next_attempt_at = now() + interval '2 minutes';
            UPDATE payments.payments SET next_check_at = now() + interval '20 days';
            UPDATE users.credit_holds SET expires_at = now() + interval '20 days';
            UPDATE payments.payment_methods SET notice_due_at = now() + interval '20 days';
            UPDATE payments.customers SET sync_due_at = now() + interval '20 days';
            UPDATE payments.orders SET due_at = now() + interval '20 days';
            UPDATE users.credit_lots SET expires_at = now() + interval '60 days'
            """);
        var clock = NewClock();

        var before = await clock.BacklogAsync(default);
        await database.ExecuteAsync("INSERT INTO payments.sandbox_clock (offset_ticks) VALUES ($1)", TimeSpan.FromDays(40).Ticks);
        await clock.StartAsync(default);
        var after = await clock.BacklogAsync(default);

        (before.Inbox, before.Outbox, before.Notifications, before.Due, before.Idle).ShouldBe((1, 1, 1, 0, false));
        (after.Inbox, after.Outbox, after.Notifications, after.Due).ShouldBe((1, 1, 1, 5));
    }

    private SandboxClock NewClock(bool canMove = true) => new(database.Source, new DueWork(Nothing()), canMove);

    /// <summary>Due work that finds nothing due: what it does is specified where it is done.</summary>
    private static IServiceScopeFactory Nothing()
    {
        var mediator = new Mock<IMediator>();
        mediator.Setup(m => m.Send(It.IsAny<IRequest<int>>(), It.IsAny<CancellationToken>())).ReturnsAsync(0);
        return new ServiceCollection().AddSingleton(mediator.Object).BuildServiceProvider().GetRequiredService<IServiceScopeFactory>();
    }
}

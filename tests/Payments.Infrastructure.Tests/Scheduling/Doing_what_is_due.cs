using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Moq;
using Npgsql;
using Payments.Application.Payments.Charges;
using Payments.Application.Payments.Customers;
using Payments.Application.Users.Credits;
using Payments.Infrastructure.Scheduling;

namespace Payments.Infrastructure.Tests.Scheduling;

public sealed class Doing_what_is_due
{
    private readonly List<Type> ran = [];

    [Fact]
    public async Task A_step_that_fails_is_told_and_stops_none_of_the_others()
    {
        await WorkThat(_ => 0).RunAsync(CancellationToken.None);
        var all = ran.ToList();
        ran.Clear();

        var failure = new InvalidOperationException("no row like that");
        var told = await Should.ThrowAsync<AggregateException>(() => WorkThat(step => step is CheckPayments ? throw failure : 0).RunAsync(CancellationToken.None));

        told.InnerExceptions.ShouldBe([failure]);
        ran.ShouldBe(all);
        (all[0], all[^1]).ShouldBe((typeof(ExpireDueCredits), typeof(SyncCustomers)));
    }

    [Fact]
    public async Task Without_the_database_there_is_nothing_to_go_on_with()
    {
        var outage = new NpgsqlException("gone", new IOException());

        (await Should.ThrowAsync<NpgsqlException>(() => WorkThat(step => step is CheckPayments ? throw outage : 0).RunAsync(CancellationToken.None))).ShouldBe(outage);

        ran.ShouldBe([typeof(ExpireDueCredits), typeof(CheckPayments)]);
    }

    [Fact]
    public async Task A_step_goes_on_until_nothing_is_due()
    {
        await WorkThat(step => step is CheckPayments && ran.Count(t => t == typeof(CheckPayments)) < 4 ? 50 : 0).RunAsync(CancellationToken.None);

        ran.Count(t => t == typeof(CheckPayments)).ShouldBe(4);
    }

    /// <summary>What the steps themselves do is tested with the database; here only that they are called.</summary>
    private DueWork WorkThat(Func<object, int> does)
    {
        var mediator = new Mock<IMediator>();
        mediator.Setup(m => m.Send(It.IsAny<IRequest<int>>(), It.IsAny<CancellationToken>())).Returns((IRequest<int> step, CancellationToken _) =>
        {
            ran.Add(step.GetType());
            return Task.FromResult(does(step));
        });
        return new DueWork(new ServiceCollection().AddSingleton(mediator.Object).BuildServiceProvider().GetRequiredService<IServiceScopeFactory>());
    }
}

using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Payments.Application;
using Payments.Application.Shared;
using Payments.Application.Users;
using Payments.Application.Users.Contracts;
using Payments.Application.Users.Credits;
using Payments.Domain.Shared;
using Payments.Infrastructure.Database;

namespace Payments.Infrastructure.Tests.Database;

/// <summary>The credit use cases over a real database, at a time of the test's own.</summary>
internal sealed class Accounts : IAsyncDisposable
{
    private readonly ServiceProvider services;

    public Accounts(TestDatabase database)
    {
        var registered = new ServiceCollection();
        registered.AddLogging().AddApplication();
        registered.AddSingleton(new CreditOptions { HoldLifetime = TimeSpan.FromMinutes(15) });
        registered.AddSingleton<TimeProvider>(Clock);
        registered.AddSingleton<IIdGenerator, IdGenerator>();
        registered.AddSingleton<IUnitOfWorkScopes, UnitOfWorkScopes>();
        registered.AddDbContext<PaymentsDbContext>(options => options.UseNpgsql(database.Source, DatabaseRegistration.Npgsql));
        registered.AddScoped<IUsersDb>(provider => provider.GetRequiredService<PaymentsDbContext>());
        services = registered.BuildServiceProvider(validateScopes: true);
    }

    public Clock Clock { get; } = new();

    public IServiceScopeFactory Scopes => services.GetRequiredService<IServiceScopeFactory>();

    /// <summary>Each in a unit of work of its own, as a request is.</summary>
    public async Task<T> SendAsync<T>(IRequest<T> command)
    {
        await using var scope = services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(command);
    }

    public async Task<UserId> NewUserAsync()
    {
        var id = new UserId(Guid.CreateVersion7());
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IUsersDb>().AddUserIfMissingAsync(id, "ada@example.com", "Ada", null, Clock.GetUtcNow(), CancellationToken.None);
        return id;
    }

    public async Task<IReadOnlyList<long>> GrantAsync(params CreditGrant[] grants)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IUsersDb>();
        await using var transaction = await db.BeginAsync(CancellationToken.None);
        var balances = await scope.ServiceProvider.GetRequiredService<IEntitlements>().GrantAsync(grants, CancellationToken.None);
        await db.SaveChangesAsync(CancellationToken.None);
        await transaction.CommitAsync();
        return balances;
    }

    public Task GrantAsync(UserId user, long credits, TimeSpan? expiresAfter = null) =>
        GrantAsync(new CreditGrant(user, $"grant:{Guid.NewGuid()}", credits, "purchase", "Starter", null, Clock.GetUtcNow() + expiresAfter));

    /// <summary>A purchase, and what is taken back of it.</summary>
    public async Task<PaymentId> BuyAsync(UserId user, long credits, TimeSpan? expiresAfter)
    {
        var payment = new PaymentId(Guid.CreateVersion7());
        await GrantAsync(new CreditGrant(user, $"grant:payment:{payment}", credits, "purchase", "Starter", payment, Clock.GetUtcNow() + expiresAfter));
        return payment;
    }

    public async Task<long?> ReclaimAsync(CreditReturn change)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IUsersDb>();
        await using var transaction = await db.BeginAsync(CancellationToken.None);
        var balance = await scope.ServiceProvider.GetRequiredService<ICreditReturns>().SettleAsync(change, CancellationToken.None);
        await db.SaveChangesAsync(CancellationToken.None);
        await transaction.CommitAsync();
        return balance;
    }

    public async ValueTask DisposeAsync() => await services.DisposeAsync();
}

internal sealed class Clock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 7, 29, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}

using Microsoft.Extensions.DependencyInjection;
using Payments.Application.Shared;

namespace Payments.Infrastructure.Database;

internal sealed class UnitOfWorkScopes(IServiceScopeFactory scopes) : IUnitOfWorkScopes
{
    public async Task<TResult> RunAsync<T, TResult>(Func<T, CancellationToken, Task<TResult>> step, CancellationToken cancellationToken)
        where T : notnull
    {
        await using var scope = scopes.CreateAsyncScope();
        return await step(scope.ServiceProvider.GetRequiredService<T>(), cancellationToken);
    }

    public async Task<TResult> RunAsync<T1, T2, TResult>(Func<T1, T2, CancellationToken, Task<TResult>> step, CancellationToken cancellationToken)
        where T1 : notnull
        where T2 : notnull
    {
        await using var scope = scopes.CreateAsyncScope();
        return await step(scope.ServiceProvider.GetRequiredService<T1>(), scope.ServiceProvider.GetRequiredService<T2>(), cancellationToken);
    }

    public async Task<TResult> RunAsync<T1, T2, T3, TResult>(Func<T1, T2, T3, CancellationToken, Task<TResult>> step, CancellationToken cancellationToken)
        where T1 : notnull
        where T2 : notnull
        where T3 : notnull
    {
        await using var scope = scopes.CreateAsyncScope();
        return await step(
            scope.ServiceProvider.GetRequiredService<T1>(), scope.ServiceProvider.GetRequiredService<T2>(), scope.ServiceProvider.GetRequiredService<T3>(), cancellationToken);
    }
}

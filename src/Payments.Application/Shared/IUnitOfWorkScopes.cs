namespace Payments.Application.Shared;

/// <summary>Runs a step in a unit of work of its own, which is thrown away afterwards, whatever became of it.</summary>
public interface IUnitOfWorkScopes
{
    Task<TResult> RunAsync<T, TResult>(Func<T, CancellationToken, Task<TResult>> step, CancellationToken cancellationToken)
        where T : notnull;

    Task<TResult> RunAsync<T1, T2, TResult>(Func<T1, T2, CancellationToken, Task<TResult>> step, CancellationToken cancellationToken)
        where T1 : notnull
        where T2 : notnull;

    Task<TResult> RunAsync<T1, T2, T3, TResult>(Func<T1, T2, T3, CancellationToken, Task<TResult>> step, CancellationToken cancellationToken)
        where T1 : notnull
        where T2 : notnull
        where T3 : notnull;
}

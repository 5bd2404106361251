using FluentValidation;
using MediatR;
using Payments.Domain.Shared;

namespace Payments.Application.Shared;

/// <summary>Whatever staff ask for and are refused, by a rule, a limit or a validator, is in the audit log: it was tried.</summary>
internal sealed class StaffWriteBehaviour<TRequest, TResponse>(IUnitOfWorkScopes scopes) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IStaffWrite
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        try
        {
            return await next();
        }
        catch (Refusal refusal)
        {
            await WriteAsync(request, refusal.Code, cancellationToken);
            throw;
        }
        catch (ValidationException)
        {
            await WriteAsync(request, "request.invalid", cancellationToken);
            throw;
        }
    }

    /// <summary>In a unit of work of its own: the refused one may hold what must not be saved.</summary>
    private Task<bool> WriteAsync(IStaffWrite write, string code, CancellationToken cancellationToken) => scopes.RunAsync<IRefusalLog, bool>(
        async (log, token) =>
        {
            await log.WriteAsync(write, code, token);
            return true;
        },
        cancellationToken);
}

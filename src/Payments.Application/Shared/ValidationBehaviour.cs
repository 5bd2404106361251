using FluentValidation;
using FluentValidation.Results;
using MediatR;

namespace Payments.Application.Shared;

/// <summary>Runs the validators that lie beside a command before its handler; all their messages come back at once.</summary>
internal sealed class ValidationBehaviour<TRequest, TResponse>(IEnumerable<IValidator<TRequest>> validators) : IPipelineBehavior<TRequest, TResponse>
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var failures = validators.SelectMany(v => v.Validate(request).Errors).ToList();
        if (request is IStaffWrite { Reason.Length: > IStaffWrite.LongestReason, ReasonField: var field })
        {
            failures.Add(new ValidationFailure(field, $"A {field} is at most {IStaffWrite.LongestReason} characters."));
        }

        return failures.Count == 0 ? await next() : throw new ValidationException(failures);
    }
}

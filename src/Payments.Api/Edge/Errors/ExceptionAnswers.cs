using Microsoft.AspNetCore.Diagnostics;
using Payments.Application.Payments.Gateway;
using Payments.Domain.Shared;

namespace Payments.Api.Edge.Errors;

/// <summary>Answers what was thrown, and logs it as loudly as it deserves: a refusal not at all, an outage as a warning, our fault as an error.</summary>
internal sealed partial class ExceptionAnswers(ILogger<ExceptionAnswers> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = ProblemOf.Exception(exception);
        Log(exception, problem, ProblemWriter.TraceId(httpContext));
        if (problem.Status is StatusCodes.Status413PayloadTooLarge or StatusCodes.Status408RequestTimeout)
        {
            // What is left of the body is not worth reading.
            httpContext.Response.Headers.Connection = "close";
        }

        // Not the request's token: to a caller who hung up nothing is written anyway, and it is not an error of ours.
        await httpContext.Response.WriteAsync(problem, CancellationToken.None);
        return true;
    }

    private void Log(Exception exception, Problem problem, string traceId)
    {
        switch (problem.Status)
        {
            case StatusCodes.Status503ServiceUnavailable when exception is Refusal:
                Unavailable(problem.Code, traceId, null);
                break;
            case StatusCodes.Status503ServiceUnavailable:
                Unavailable(problem.Code, traceId, exception);
                break;
            case >= 500 when exception is GatewayFailure failure:
                GatewayRefused(problem.Code, failure.Kind, failure.Code, failure.Parameter, traceId, exception);
                break;
            case >= 500:
                Unhandled(exception.GetType().Name, traceId, exception);
                break;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Unhandled {ExceptionType}, answered 500 under {ProblemTraceId}")]
    private partial void Unhandled(string exceptionType, string problemTraceId, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "The payment provider refused us: {Code}, {GatewayKind}, {GatewayCode}, parameter {GatewayParameter}; trace {ProblemTraceId}")]
    private partial void GatewayRefused(string code, GatewayFailureKind gatewayKind, string? gatewayCode, string? gatewayParameter, string problemTraceId, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "Answered {Code}; trace {ProblemTraceId}")]
    private partial void Unavailable(string code, string problemTraceId, Exception? exception);
}

using System.Data.Common;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using Payments.Api.Edge.Json;
using Payments.Application.Payments.Gateway;
using Payments.Domain.Shared;

namespace Payments.Api.Edge.Errors;

/// <summary>Which answer an exception is: the one place where refusals and outages become HTTP.</summary>
internal static class ProblemOf
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    public static Problem Exception(Exception exception) => exception switch
    {
        Refusal refusal => Refused(refusal),
        ValidationException invalid => Problem.Invalid(invalid.Errors
            .GroupBy(failure => FieldNames.Camel(failure.PropertyName), StringComparer.Ordinal)
            .ToDictionary(field => field.Key, field => field.Select(failure => failure.ErrorMessage).Distinct(StringComparer.Ordinal).ToArray(), StringComparer.Ordinal)),
        GatewayFailure failure => Failed(failure),
        BadHttpRequestException bad => Problem.OfStatus(bad.StatusCode),
        DbUpdateConcurrencyException => Problem.Stale,
        _ when SqlState(exception) == "22021" => Problem.OfStatus(StatusCodes.Status400BadRequest) with { Detail = "A text has a character in it that cannot be kept." },
        _ when IsDatabaseOutage(exception) => Problem.NoDatabase with { RetryAfter = Soon },
        TimeoutException => Problem.OfStatus(StatusCodes.Status503ServiceUnavailable) with { RetryAfter = Soon },
        _ => Problem.OfStatus(StatusCodes.Status500InternalServerError),
    };

    private static Problem Refused(Refusal refusal) => new(
        refusal.Kind switch
        {
            RefusalKind.Invalid => StatusCodes.Status400BadRequest,
            RefusalKind.Forbidden => StatusCodes.Status403Forbidden,
            RefusalKind.NotFound => StatusCodes.Status404NotFound,
            RefusalKind.Conflict => StatusCodes.Status409Conflict,
            RefusalKind.Unprocessable => StatusCodes.Status422UnprocessableEntity,
            RefusalKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
            _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal.Kind, "A kind of refusal without a status."),
        },
        refusal.Code,
        refusal.Message)
    {
        Errors = refusal.Field is { } field ? new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [refusal.Message] } : null,
        RetryAfter = refusal.Kind == RefusalKind.Unavailable ? Soon : null,
    };

    private static Problem Failed(GatewayFailure failure) => failure.Kind switch
    {
        // Only the safe message: the code may say lost or stolen.
        GatewayFailureKind.Declined => new(StatusCodes.Status402PaymentRequired, "payment.declined", failure.SafeMessage ?? "The payment was declined."),
        GatewayFailureKind.Unavailable or GatewayFailureKind.UnknownOutcome => new(StatusCodes.Status503ServiceUnavailable, "gateway.unavailable", "The payment provider cannot be reached at the moment; try again.")
        {
            RetryAfter = failure.RetryAfter is { } wait && wait > Soon ? wait : Soon,
        },
        GatewayFailureKind.OurFault => new(StatusCodes.Status502BadGateway, "gateway.misconfigured", "The payment provider refused our request; we have been told."),
        // Use cases that expect these handle them; what comes through is a provider that lost something of ours.
        GatewayFailureKind.NotFound => new(StatusCodes.Status502BadGateway, "gateway.not_found", "The payment provider does not know what we asked for."),
        GatewayFailureKind.Conflict => new(StatusCodes.Status409Conflict, "gateway.conflict", "The payment provider does not allow this in the present state; read it again."),
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure.Kind, "A kind of gateway failure without a status."),
    };

    // Npgsql and EF Core wrap what happened in each other; whoever is in the chain decides.
    private static DbException? Database(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is DbException database)
            {
                return database;
            }
        }

        return null;
    }

    private static string? SqlState(Exception exception) => Database(exception)?.SqlState;

    private static bool IsDatabaseOutage(Exception exception) => Database(exception) is { } database && (database.IsTransient || IsOutage(database.SqlState));

    // Classes of SQLSTATE: 08 connection, 53 out of resources, 57P0x shutting down or starting, 25006 read-only after a failover.
    private static bool IsOutage(string? state) => state is not null
        && (state.StartsWith("08", StringComparison.Ordinal) || state.StartsWith("53", StringComparison.Ordinal) || state.StartsWith("57P0", StringComparison.Ordinal) || state == "25006");
}

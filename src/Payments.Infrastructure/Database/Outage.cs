using Npgsql;
using Payments.Application.Payments.Gateway;

namespace Payments.Infrastructure.Database;

/// <summary>Tells a database that is away (nobody's fault, wait) from a statement that failed (somebody's).</summary>
internal static class Outage
{
    public static bool Is(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            // The provider's silence is a time-out as well, further down.
            if (e is GatewayFailure)
            {
                return false;
            }

            // Deadlocks and serialization failures are transient too, but they are about the statements of a set: splitting it helps.
            if (e is PostgresException postgres)
            {
                return postgres.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction || postgres.SqlState.StartsWith("57P", StringComparison.Ordinal) || postgres.SqlState.StartsWith("08", StringComparison.Ordinal) || postgres.SqlState.StartsWith("53", StringComparison.Ordinal);
            }

            if (e is NpgsqlException or TimeoutException)
            {
                return true;
            }
        }

        return false;
    }
}

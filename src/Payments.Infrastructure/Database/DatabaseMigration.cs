using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Payments.Infrastructure.Database;

/// <summary>The step that brings a database to this build's schema: <c>dotnet Payments.Api.dll migrate [TARGET]</c>.</summary>
public static class DatabaseMigration
{
    /// <exception cref="MigrationFailure">The database cannot be reached, or there is no such migration.</exception>
    /// <param name="target">Name of the last migration to have; <c>0</c> for none; null for all. Going back keeps what both schemas can hold.</param>
    public static async Task RunAsync(IServiceProvider services, string? target, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        await RequireReachableAsync(scope.ServiceProvider.GetRequiredService<NpgsqlDataSource>(), cancellationToken);
        var db = scope.ServiceProvider.GetRequiredService<PaymentsDbContext>();
        if (target is not (null or Migration.InitialDatabase) && !db.Database.GetMigrations().Any(name => name == target || name.EndsWith($"_{target}", StringComparison.Ordinal)))
        {
            throw new MigrationFailure($"There is no migration {target}; the newest of this build is {db.Database.GetMigrations().Last()}.");
        }

        db.Database.SetCommandTimeout(TimeSpan.FromMinutes(30));
        await db.GetService<IMigrator>().MigrateAsync(target, cancellationToken);
    }

    private static async Task RequireReachableAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
        }
        catch (NpgsqlException e)
        {
            throw new MigrationFailure($"The database of DATABASE_URL cannot be reached: {e.Message}{(e.InnerException is { Message: var cause } ? $" ({cause})" : "")}");
        }
    }
}

/// <summary>Why a database was not migrated, for whoever asked for it.</summary>
public sealed class MigrationFailure(string message) : Exception(message);

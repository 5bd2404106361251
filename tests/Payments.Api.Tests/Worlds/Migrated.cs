using Microsoft.EntityFrameworkCore;
using Npgsql;
using Payments.Infrastructure.Database;
using Payments.Sandbox.Supervision;

namespace Payments.Api.Tests.Worlds;

internal static class Migrated
{
    /// <summary>Migrates and seeds a database as a first run does.</summary>
    public static async Task PrepareAsync(string connectionString)
    {
        await using (var db = new PaymentsDbContext(new DbContextOptionsBuilder<PaymentsDbContext>().UseNpgsql(connectionString, DatabaseRegistration.Npgsql).Options))
        {
            await db.Database.MigrateAsync();
        }

        await Seed.PlantAsync(connectionString, DateTimeOffset.UtcNow, CancellationToken.None);
        NpgsqlConnection.ClearAllPools();
    }
}

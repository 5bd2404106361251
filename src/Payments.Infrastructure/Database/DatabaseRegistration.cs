using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure;

namespace Payments.Infrastructure.Database;

internal static class DatabaseRegistration
{
    public static void Npgsql(NpgsqlDbContextOptionsBuilder options) => options.MigrationsHistoryTable("migrations", "public").SetPostgresVersion(15, 0);
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;

namespace Payments.Infrastructure.Database;

/// <summary>The step that brings a database to this build's schema: <c>dotnet Payments.Api.dll migrate [TARGET]</c>.</summary>
public static class DatabaseMigration
{
    /// <param name="target">Name of the last migration to have; <c>0</c> for none; null for all. Going back keeps what both schemas can hold.</param>
    public static async Task RunAsync(IServiceProvider services, string? target, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PaymentsDbContext>();
        db.Database.SetCommandTimeout(TimeSpan.FromMinutes(30));
        await db.GetService<IMigrator>().MigrateAsync(target, cancellationToken);
    }
}

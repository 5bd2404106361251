using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Payments.Application.Shared;

namespace Payments.Infrastructure.Database;

/// <summary>Ready when the database answers and has every migration that this build knows.</summary>
internal sealed class Readiness(IServiceScopeFactory scopes) : IReadiness
{
    private bool migrated;

    public async Task<ReadinessReport> CheckAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PaymentsDbContext>();
        try
        {
            if (!migrated)
            {
                var missing = (await db.Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
                migrated = missing.Count == 0;
                return Report(null, migrated ? null : $"{missing.Count} migrations are missing, from {missing[0]} on: run 'dotnet Payments.Api.dll migrate'");
            }

            await db.Database.ExecuteSqlRawAsync("SELECT 1", cancellationToken);
            return Report(null, null);
        }
        catch (Exception e) when (Outage.Is(e))
        {
            return Report("cannot be reached", "unknown");
        }
    }

    private static ReadinessReport Report(string? database, string? migrations) =>
        new(new Dictionary<string, string?>(StringComparer.Ordinal) { ["database"] = database, ["migrations"] = migrations });
}

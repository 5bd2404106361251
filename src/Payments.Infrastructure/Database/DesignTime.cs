using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Payments.Infrastructure.Database;

/// <summary>For <c>dotnet ef</c>, which needs the model and no server.</summary>
internal sealed class DesignTime : IDesignTimeDbContextFactory<PaymentsDbContext>
{
    public PaymentsDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PaymentsDbContext>().UseNpgsql("Host=none", DatabaseRegistration.Npgsql).Options);
}

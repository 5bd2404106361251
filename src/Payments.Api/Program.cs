using MediatR;
using Payments.Api.Edge;
using Payments.Api.Edge.Logging;
using Payments.Application;
using Payments.Application.Payments.Customers;
using Payments.Infrastructure;
using Payments.Infrastructure.Configuration;
using Payments.Infrastructure.Database;
using Payments.Infrastructure.Telemetry;

const int badConfiguration = 78; // EX_CONFIG of sysexits.h: starting again changes nothing
const int unknownCommand = 2;

if (args is [{ } command, ..] && !IsSetting(command) && command is not ("migrate" or "backfill-customers"))
{
    await Console.Error.WriteLineAsync($"There is no command {command}. Known are: migrate [MIGRATION], backfill-customers [--dry-run], and none, which serves.");
    return unknownCommand;
}

var builder = WebApplication.CreateBuilder(args);

Settings settings;
try
{
    settings = Settings.Read(builder.Configuration);
}
catch (SettingsException holes)
{
    await Console.Error.WriteLineAsync(holes.Message);
    return badConfiguration;
}

var edge = Edge(settings);
builder.AddEdge(edge);
builder.Services.AddTelemetry(settings.Telemetry, PathMask.Of);
builder.Services.AddApplication();
builder.Services.AddInfrastructure(settings);

var app = builder.Build();
if (args is ["migrate", ..])
{
    return await MigrateAsync(app.Services, args.ElementAtOrDefault(1));
}

if (args is ["backfill-customers", ..])
{
    return await BackfillAsync(app.Services, args[1..]);
}

app.UseEdge(edge);
await app.RunAsync();
return 0;

// Settings may be given as --name value, /name value or name=value.
static bool IsSetting(string argument) => argument is ['-' or '/', ..] || argument.Contains('=', StringComparison.Ordinal);

static async Task<int> MigrateAsync(IServiceProvider services, string? target)
{
    try
    {
        await DatabaseMigration.RunAsync(services, target, CancellationToken.None);
        return 0;
    }
    catch (MigrationFailure failure)
    {
        await Console.Error.WriteLineAsync(failure.Message);
        return 1;
    }
}

static async Task<int> BackfillAsync(IServiceProvider services, string[] options)
{
    const int badUsage = 64; // EX_USAGE
    if (options is not ([] or ["--dry-run"]))
    {
        await Console.Error.WriteLineAsync("Usage: backfill-customers [--dry-run]");
        return badUsage;
    }

    await using var scope = services.CreateAsyncScope();
    var counts = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new BackfillCustomers(options.Length > 0));
    await Console.Out.WriteLineAsync($"users {counts.Users}, had a customer {counts.Had}, found {counts.Found}, {(options.Length > 0 ? "to be made" : "made")} {counts.Made}, failed {counts.Failed}");
    return counts.Failed == 0 ? 0 : 1;
}

static EdgeOptions Edge(Settings settings) => new()
{
    FrontendOrigins = settings.Edge.FrontendOrigins,
    TrustedProxies = settings.Edge.TrustedProxies,
    JwtSecret = settings.Auth.Secret,
    PreviousJwtSecret = settings.Auth.PreviousSecret,
    JwtAuthority = settings.Auth.Authority,
    JwtIssuer = settings.Auth.Issuer,
    JwtAudience = settings.Auth.Audience,
    InternalApiKey = settings.Auth.InternalApiKey,
    PreviousInternalApiKey = settings.Auth.PreviousInternalApiKey,
    WebhookPathToken = settings.Edge.WebhookPathToken,
    RateLimitPerSecond = settings.Edge.RateLimitPerSecond,
    RateLimitBurst = settings.Edge.RateLimitBurst,
    HttpsPort = settings.Edge.HttpsPort,
    Sandbox = settings.Gateway.IsLoopback ? new Uri(settings.Gateway.ApiBase) : null,
};

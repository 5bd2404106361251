using Payments.Api.Edge;
using Payments.Api.Edge.Logging;
using Payments.Application;
using Payments.Infrastructure;
using Payments.Infrastructure.Configuration;
using Payments.Infrastructure.Database;
using Payments.Infrastructure.Telemetry;

const int badConfiguration = 78; // EX_CONFIG of sysexits.h: starting again changes nothing

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
    await DatabaseMigration.RunAsync(app.Services, args.ElementAtOrDefault(1), CancellationToken.None);
    return 0;
}

app.UseEdge(edge);
await app.RunAsync();
return 0;

static EdgeOptions Edge(Settings settings) => new()
{
    FrontendOrigins = settings.Edge.FrontendOrigins,
    TrustedProxies = settings.Edge.TrustedProxies,
    JwtSecret = settings.Auth.Secret,
    JwtAuthority = settings.Auth.Authority,
    JwtIssuer = settings.Auth.Issuer,
    JwtAudience = settings.Auth.Audience,
    InternalApiKey = settings.Auth.InternalApiKey,
    WebhookPathToken = settings.Edge.WebhookPathToken,
    RateLimitPerSecond = settings.Edge.RateLimitPerSecond,
    RateLimitBurst = settings.Edge.RateLimitBurst,
    SandboxClock = settings.Gateway.IsLoopback,
};

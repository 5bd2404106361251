using System.Collections.Concurrent;
using System.Globalization;
using System.IdentityModel.Tokens.Jwt;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using Payments.Api.Edge;
using Payments.Application.Shared;
using Payments.Application.Users.Contracts;
using Payments.Domain.Shared;

namespace Payments.Api.Tests.Edge;

/// <summary>The edge alone on a real Kestrel, around the probes of this assembly; what lies behind it is played.</summary>
public sealed class EdgeHost : IAsyncLifetime
{
    public const string JwtSecret = "a-shared-secret-of-more-than-32-bytes-for-tests";
    public const string InternalKey = "internal-key-for-tests-0123";
    public const string Frontend = "https://app.example.com";
    public const string PathToken = "pathtoken-0123456789abcdef";

    public static readonly Guid Ada = Guid.Parse("0197a000-0000-7000-8000-000000000001");

    private WebApplication? app;

    public HttpClient Client { get; private set; } = null!;

    public Uri Address { get; private set; } = null!;

    public PlayedKeys Keys { get; } = new();

    public PlayedDirectory Directory { get; } = new();

    public PlayedRefusals Refusals { get; } = new();

    public PlayedReadiness Readiness { get; } = new();

    public PlayedClock Clock { get; } = new();

    public CapturedLogs Logs { get; } = new();

    public string Environment { get; init; } = Environments.Development;

    public IReadOnlyDictionary<string, string?> Configuration { get; init; } = new Dictionary<string, string?>();

    public Action<IServiceCollection>? Services { get; init; }

    internal EdgeOptions Options { get; init; } = Standard();

    internal static EdgeOptions Standard(
        int perSecond = 100_000,
        int burst = 100_000,
        bool sandbox = true,
        Uri? simulator = null,
        string? authority = null,
        string? issuer = null,
        string? audience = null,
        IReadOnlyList<System.Net.IPNetwork>? proxies = null,
        string? previousSecret = null,
        string? previousKey = null) => new()
        {
            FrontendOrigins = [Frontend],
            TrustedProxies = proxies ?? [],
            JwtSecret = authority is null ? JwtSecret : null,
            JwtAuthority = authority,
            JwtIssuer = issuer,
            JwtAudience = audience,
            InternalApiKey = InternalKey,
            PreviousJwtSecret = previousSecret,
            PreviousInternalApiKey = previousKey,
            WebhookPathToken = PathToken,
            RateLimitPerSecond = perSecond,
            RateLimitBurst = burst,
            Sandbox = sandbox ? simulator ?? new Uri("http://127.0.0.1:9") : null,
        };

    public static async Task<EdgeHost> StartAsync(EdgeHost host)
    {
        await host.InitializeAsync();
        return host;
    }

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environment, ApplicationName = typeof(EdgeOptions).Assembly.GetName().Name });
        builder.Configuration.AddInMemoryCollection(Configuration);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddEdge(Options);
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(Logs);
        builder.Services.AddControllers().AddApplicationPart(typeof(EdgeHost).Assembly);
        builder.Services.Replace(ServiceDescriptor.Singleton<IIdempotencyKeys>(Keys));
        builder.Services.Replace(ServiceDescriptor.Singleton<IUserDirectory>(Directory));
        builder.Services.Replace(ServiceDescriptor.Singleton<IReadiness>(Readiness));
        builder.Services.Replace(ServiceDescriptor.Singleton<ISandboxClock>(Clock));
        builder.Services.AddSingleton<IRefusalLog>(Refusals);
        Services?.Invoke(builder.Services);
        app = builder.Build();
        app.UseEdge(Options);
        await app.StartAsync();
        Address = new Uri(app.Urls.Single());
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Address };
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await app!.DisposeAsync();
    }

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? token = null, string? json = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        using var response = await Client.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        return new Answer(
            (int)response.StatusCode,
            response.Content.Headers.ContentType?.MediaType,
            body,
            response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>For what HttpClient does not let through.</summary>
    public async Task<string> RawAsync(string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(Address.Host, Address.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    public Task<Answer> GetAsync(string path, string? token = null, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, token, null, headers);

    public Task<Answer> PutAsync(string path, string json, string? token = null, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Put, path, token, json, headers);

    public Task<Answer> PostAsync(string path, string json, string? token = null, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Post, path, token, json, headers);

    public static string Token(
        string? sub = null,
        IEnumerable<KeyValuePair<string, object>>? claims = null,
        TimeSpan? expiresIn = null,
        SigningCredentials? credentials = null)
    {
        var payload = new JwtPayload
        {
            ["sub"] = sub ?? Ada.ToString(),
            ["exp"] = (DateTimeOffset.UtcNow + (expiresIn ?? TimeSpan.FromHours(1))).ToUnixTimeSeconds(),
        };
        foreach (var (name, value) in claims ?? [])
        {
            payload[name] = value;
        }

        return new JwtSecurityTokenHandler().WriteToken(new JwtSecurityToken(new JwtHeader(credentials ?? Signed(JwtSecret)), payload));
    }

    public static string TokenOf(params string[] roles) => Token(claims: Claims(("roles", roles)));

    public static SigningCredentials Signed(string secret, string algorithm = SecurityAlgorithms.HmacSha256) =>
        new(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)), algorithm);

    public static IEnumerable<KeyValuePair<string, object>> Claims(params (string Name, object Value)[] claims) => claims.Select(claim => KeyValuePair.Create(claim.Name, claim.Value));
}

public sealed record Answer(int Status, string? MediaType, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public string? Code => (string?)Json["code"];

    public string? Header(string name) => Headers.TryGetValue(name, out var value) ? value : null;

    /// <summary>It is a whole problem: RFC 9457 with our code and a trace id.</summary>
    public Answer ShouldBeProblem(int status, string code)
    {
        Status.ShouldBe(status, Body);
        MediaType.ShouldBe("application/problem+json", Body);
        Code.ShouldBe(code, Body);
        ((int)Json["status"]!).ShouldBe(status);
        ((string?)Json["title"]).ShouldNotBeNullOrEmpty();
        ((string?)Json["detail"]).ShouldNotBeNullOrEmpty();
        ((string?)Json["traceId"]).ShouldNotBeNullOrEmpty();
        return this;
    }

    public string Error(string field) => Json["errors"]?[field] is JsonArray messages ? string.Join("; ", messages) : throw new ShouldAssertException($"No error for {field} in {Body}");
}

/// <summary>Remembers in memory, by the port's contract; the real one is tested beside the database.</summary>
public sealed class PlayedKeys : IIdempotencyKeys
{
    private readonly ConcurrentDictionary<IdempotencyScope, (Guid Claim, byte[] Hash, RememberedAnswer? Answer)> rows = new();

    public ConcurrentQueue<IdempotencyScope> Scopes { get; } = new();

    public bool Resumed { get; set; }

    public bool AbandonFails { get; set; }

    public Task<KeyClaim> ClaimAsync(IdempotencyScope scope, byte[] requestHash, CancellationToken cancellationToken)
    {
        Scopes.Enqueue(scope);
        var claim = Guid.NewGuid();
        var row = rows.GetOrAdd(scope, _ => (claim, requestHash, null));
        return Task.FromResult<KeyClaim>(
            row.Claim == claim ? new Claimed(claim, Resumed)
            : !row.Hash.AsSpan().SequenceEqual(requestHash) ? new DifferentRequest()
            : row.Answer is { } answer ? new AlreadyAnswered(answer)
            : new StillRunning());
    }

    public Task CompleteAsync(IdempotencyScope scope, Guid claim, RememberedAnswer answer, CancellationToken cancellationToken)
    {
        cancellationToken.CanBeCanceled.ShouldBeFalse();
        rows[scope].Claim.ShouldBe(claim);
        rows[scope] = rows[scope] with { Answer = answer };
        return Task.CompletedTask;
    }

    public Task AbandonAsync(IdempotencyScope scope, Guid claim, CancellationToken cancellationToken)
    {
        if (AbandonFails)
        {
            throw new InvalidOperationException("The database went away.");
        }

        rows.TryRemove(scope, out var row).ShouldBeTrue();
        row.Claim.ShouldBe(claim);
        return Task.CompletedTask;
    }
}

public sealed class PlayedDirectory : IUserDirectory
{
    public ConcurrentQueue<Person> Seen { get; } = new();

    public Exception? Fails { get; set; }

    public ValueTask SeenAsync(UserId id, string? email, string? name, string? timeZone, CancellationToken cancellationToken)
    {
        if (Fails is { } failure)
        {
            throw failure;
        }

        Seen.Enqueue(new Person(id, email, name, timeZone));
        return ValueTask.CompletedTask;
    }

    public Task<Person?> FindAsync(UserId id, CancellationToken cancellationToken) => Task.FromResult(Seen.LastOrDefault(person => person.Id == id));

    public Task<IReadOnlyList<Person>> PageAsync(UserId? after, int count, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Person>>(
        [.. Seen.GroupBy(person => person.Id).Select(same => same.Last()).Where(person => after is not { } last || person.Id.Value > last.Value).OrderBy(person => person.Id.Value).Take(count)]);
}

public sealed class PlayedRefusals : IRefusalLog
{
    public ConcurrentQueue<(Actor Actor, string Call)> Written { get; } = new();

    public Task WriteAsync(IStaffWrite write, string code, CancellationToken cancellationToken) => WriteAsync(write.Actor, code, cancellationToken);

    public Task WriteAsync(Actor actor, string call, CancellationToken cancellationToken)
    {
        Written.Enqueue((actor, call));
        return Task.CompletedTask;
    }
}

public sealed class PlayedReadiness : IReadiness
{
    public Dictionary<string, string?> Checks { get; } = new() { ["database"] = null, ["migrations"] = null };

    public Task<ReadinessReport> CheckAsync(CancellationToken cancellationToken) => Task.FromResult(new ReadinessReport(Checks));
}

public sealed class PlayedClock : ISandboxClock
{
    public bool CanMove { get; set; } = true;

    public DateTimeOffset? MovedTo { get; private set; }

    public SandboxBacklog Backlog { get; set; } = new(0, 0, 0, 0, null);

    public Task MoveToAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        MovedTo = now > DateTimeOffset.UnixEpoch ? now : throw new Refusal(RefusalKind.Invalid, "clock.backwards", "The clock does not go back.", "now");
        return Task.CompletedTask;
    }

    public Task<SandboxBacklog> BacklogAsync(CancellationToken cancellationToken) => Task.FromResult(Backlog);
}

/// <summary>Every line with its fields and scopes, as a collector would get it.</summary>
public sealed class CapturedLogs : ILoggerProvider, ISupportExternalScope
{
    private IExternalScopeProvider scopes = new LoggerExternalScopeProvider();

    public ConcurrentQueue<string> Lines { get; } = new();

    public string All => string.Join('\n', Lines);

    public ILogger CreateLogger(string categoryName) => new Captured(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => scopes = scopeProvider;

    public void Dispose()
    {
    }

    private sealed class Captured(CapturedLogs logs, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logs.scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = new StringBuilder();
            line.Append(CultureInfo.InvariantCulture, $"{logLevel} {category}: {formatter(state, exception)} {exception}");
            Append(line, state);
            logs.scopes.ForEachScope((scope, text) => Append(text, scope), line);
            logs.Lines.Enqueue(line.ToString());
        }

        private static void Append(StringBuilder line, object? state)
        {
            line.Append(CultureInfo.InvariantCulture, $" | {state}");
            if (state is IEnumerable<KeyValuePair<string, object?>> fields)
            {
                foreach (var (name, value) in fields)
                {
                    line.Append(CultureInfo.InvariantCulture, $" {name}={value}");
                }
            }
        }
    }
}

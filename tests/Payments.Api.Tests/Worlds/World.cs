using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Payments.Infrastructure.Database;
using Payments.Sandbox.Mail;
using Payments.Sandbox.Postgres;
using Payments.Sandbox.Stripe;

namespace Payments.Api.Tests.Worlds;

/// <summary>
/// The whole product for one test class: the API on a real port, a database of its own, the simulator, a mail server.
/// Everything on loopback, every port picked free.
/// </summary>
#pragma warning disable CA1001 // xunit disposes it by IAsyncLifetime.
public class World : IAsyncLifetime
#pragma warning restore CA1001
{
    public const string JwtSecret = "a-secret-of-the-tests-0123456789abcdef";
    public const string InternalKey = "internal-key-of-the-tests";
    public const string WebhookSecret = "whsec_tests0123456789abcdefghijklmnopqrstu";

    public static readonly Guid Starter = new("c0000000-0000-4000-8000-000000000001");
    public static readonly Guid Japan = new("c0000000-0000-4000-8000-000000000004");

    private readonly string mailFolder = Directory.CreateTempSubdirectory("payments-mail-").FullName;
    private readonly Dictionary<string, string> settings = new(StringComparer.Ordinal);
    private string database = "";
    private Factory? api;
    private bool ownServer;

    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public StripeSimulator Stripe { get; private set; } = null!;

    public MailCatcher Mail { get; private set; } = null!;

    public Uri Api { get; private set; } = null!;

    public NpgsqlDataSource Database { get; private set; } = null!;

    public IServiceProvider Services => api!.Services;

    /// <summary>The API as a process of its own, when it was started so: one that can be killed.</summary>
    public ApiProcess? Process { get; private set; }

    /// <summary>The server behind <see cref="Database"/>; of this world alone if asked for before it began.</summary>
    public PrivatePostgres Postgres { get; private set; } = null!;

    public HttpClient Simulator { get; private set; } = null!;

    public virtual Task InitializeAsync() => BeginAsync(ownServer: false, ownProcess: false);

    protected async Task BeginAsync(bool ownServer, bool ownProcess)
    {
        var server = ownServer ? await SharedServer.StartAsync() : await SharedServer.GetAsync();
        Postgres = server.Postgres;
        this.ownServer = ownServer;
        database = await server.NewDatabaseAsync();
        Database = NpgsqlDataSource.Create(server.Postgres.ConnectionString(database) + ";Maximum Pool Size=8");
        Mail = await MailCatcher.StartAsync(new MailCatcherOptions { Directory = mailFolder });
        Stripe = await StripeSimulator.StartAsync(new StripeSimulatorOptions { WebhookSecrets = [WebhookSecret], InternalApiKey = InternalKey, BalanceDelay = TimeSpan.FromMilliseconds(200), DebitDelay = TimeSpan.FromMilliseconds(300), AftermathDelay = TimeSpan.FromMilliseconds(300), RedeliveryCap = TimeSpan.FromSeconds(1) });
        Simulator = new HttpClient { BaseAddress = Stripe.Address };
        Simulator.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Stripe.SecretKey);
        Set("DATABASE_URL", server.Postgres.Url(database));
        Set("STRIPE_SECRET_KEY", Stripe.SecretKey);
        Set("STRIPE_WEBHOOK_SECRET", WebhookSecret);
        Set("STRIPE_WEBHOOK_PATH_TOKEN", "path-token-of-the-tests");
        Set("STRIPE_API_BASE", Stripe.Address.ToString().TrimEnd('/'));
        Set("STRIPE_SUCCESS_URL", "http://127.0.0.1:3000/success");
        Set("STRIPE_CANCEL_URL", "http://127.0.0.1:3000/cancel");
        Set("JWT_SECRET", JwtSecret);
        Set("INTERNAL_API_KEY", InternalKey);
        Set("FRONTEND_URL", "http://127.0.0.1:3000");
        Set("SMTP_URL", Mail.SmtpUrl);
        Set("RATE_LIMIT_PER_SECOND", "100000");
        Configure();
        if (ownProcess)
        {
            Process = await ApiProcess.StartAsync(settings);
            Api = Process.Address;
            Stripe.SetApi(new Uri(Api, "api/v1/webhooks/stripe"), Api);
        }
        else
        {
            await StartApiAsync();
        }
    }

    /// <summary>For worlds that read what the API logs.</summary>
    protected virtual ILoggerProvider? Logs => null;

    /// <summary>For worlds that are configured otherwise.</summary>
    protected virtual void Configure()
    {
    }

    /// <summary>What the API is told, on another database.</summary>
    public IReadOnlyDictionary<string, string> SettingsOn(string databaseUrl) => new Dictionary<string, string>(settings, StringComparer.Ordinal) { ["DATABASE_URL"] = databaseUrl };

    protected void Set(string name, string value) => settings[name] = value;

    public async Task StartApiAsync()
    {
        api = new Factory(settings, Logs);
        api.UseKestrel(0);
        api.StartServer();
        Api = api.ClientOptions.BaseAddress;
        Stripe.SetApi(new Uri(Api, "api/v1/webhooks/stripe"), Api);
        await Task.CompletedTask;
    }

    /// <summary>Runs the API's program for one of its commands, as an operator does.</summary>
    public Task<(int ExitCode, string Output)> CommandAsync(params string[] arguments) => CommandAsync(settings, arguments);

    /// <summary>The same with settings of its own.</summary>
    public static async Task<(int ExitCode, string Output)> CommandAsync(IReadOnlyDictionary<string, string> settings, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Payments.Api.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        using var command = System.Diagnostics.Process.Start(start)!;
        var (output, errors) = (command.StandardOutput.ReadToEndAsync(), command.StandardError.ReadToEndAsync());
        await command.WaitForExitAsync();
        return (command.ExitCode, await output + await errors);
    }

    public async Task StopApiAsync()
    {
        await api!.DisposeAsync();
        api = null;
    }

    public async Task DisposeAsync()
    {
        if (api is not null)
        {
            await api.DisposeAsync();
        }

        if (Process is not null)
        {
            await Process.DisposeAsync();
        }

        Simulator.Dispose();
        await Stripe.DisposeAsync();
        await Mail.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(mailFolder, recursive: true);
        await (ownServer ? Postgres.DisposeAsync().AsTask() : Postgres.DropDatabaseAsync(database));
    }

    /// <summary>A new person with a token, as the web app would have signed it.</summary>
    public Caller NewUser(string? email = null, params string[] roles)
    {
        var id = Guid.NewGuid();
        return new Caller(this, id, ClientOf(id, email ?? $"{id:N}@example.com", roles));
    }

    /// <summary>The same person with another token.</summary>
    public HttpClient ClientOf(Guid id, string email, params string[] roles) => Client(new AuthenticationHeaderValue("Bearer", Token(id, email, roles)));

    /// <summary>The same person under another name; null: under none.</summary>
    public HttpClient ClientNamed(Guid id, string email, string? name) => Client(new AuthenticationHeaderValue("Bearer", Token(id, email, [], name: name)));

    /// <summary>One of our own services.</summary>
    public HttpClient Internal()
    {
        var client = Client(null);
        client.DefaultRequestHeaders.Add("X-Internal-Api-Key", InternalKey);
        return client;
    }

    public HttpClient Anonymous() => Client(null);

    /// <summary>A new person whose token says where they live.</summary>
    public Caller NewUserIn(string timeZone)
    {
        var id = Guid.NewGuid();
        return new Caller(this, id, Client(new AuthenticationHeaderValue("Bearer", Token(id, $"{id:N}@example.com", [], timeZone))));
    }

    public static string Token(Guid id, string email, IEnumerable<string> roles, string? timeZone = null, string? name = "Test Person")
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var header = Url(JsonSerializer.SerializeToUtf8Bytes(new { alg = "HS256", typ = "JWT" }));
        var body = Url(JsonSerializer.SerializeToUtf8Bytes(new { sub = id, email, name, roles = roles.ToArray(), zoneinfo = timeZone, iat = now, exp = now + 86_400 }));
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(JwtSecret), Encoding.ASCII.GetBytes($"{header}.{body}"));
        return $"{header}.{body}.{Url(signature)}";

        static string Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
    }

    /// <summary>Delivers an event as Stripe would, signed now.</summary>
    public Task<HttpResponseMessage> DeliverAsync(JsonNode payload, string? secret = null, DateTimeOffset? at = null, string path = "api/v1/webhooks/stripe") =>
        DeliverAsync(Encoding.UTF8.GetBytes(payload.ToJsonString()), secret, at, path);

    /// <summary>Delivers whatever bytes, signed now.</summary>
    public async Task<HttpResponseMessage> DeliverAsync(byte[] body, string? secret = null, DateTimeOffset? at = null, string path = "api/v1/webhooks/stripe")
    {
        var t = (at ?? Stripe.Now).ToUnixTimeSeconds();
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret ?? WebhookSecret), Encoding.ASCII.GetBytes($"{t}.").Concat(body).ToArray()));
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Api, path)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("Stripe-Signature", $"t={t},v1={signature}");
        using var client = Client(null);
        return await client.SendAsync(request);
    }

    /// <summary>The events that the simulator has made, oldest first.</summary>
    public async Task<List<JsonNode>> EventsAsync(string? type = null)
    {
        var page = await Simulator.GetFromJsonAsync<JsonNode>($"/v1/events?limit=100{(type is null ? "" : $"&types[]={type}")}");
        return [.. page!["data"]!.AsArray().Select(e => e!.DeepClone()).Reverse()];
    }

    /// <summary>Pays the open hosted page of a session.</summary>
    public async Task<HttpResponseMessage> PayAsync(string sessionId, string paymentMethod = "pm_card_visa")
    {
        var page = await Simulator.GetFromJsonAsync<JsonNode>($"/v1/payment_pages/{sessionId}");
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["payment_method"] = paymentMethod, ["expected_amount"] = page!["amount_total"]!.ToString() });
        return await Simulator.PostAsync($"/v1/payment_pages/{sessionId}/confirm", form);
    }

    public async Task FaultsAsync(object? faults)
    {
        using var answer = faults is null ? await Simulator.DeleteAsync("/sandbox/faults") : await Simulator.PostAsJsonAsync("/sandbox/faults", faults);
        answer.EnsureSuccessStatusCode();
    }

    public async Task<T> ScalarAsync<T>(string sql, params object[] values)
    {
        await using var command = Database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Waits until something holds; a bound that ends a hopeless wait, not a measure of speed.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> holds, string what, int seconds = 60)
    {
        var until = DateTime.UtcNow.AddSeconds(seconds);
        while (!await holds())
        {
            if (DateTime.UtcNow > until)
            {
                throw new ShouldAssertException($"Not within {seconds} s: {what}");
            }

            // Asking costs the processor that is waited for.
            await Task.Delay(100);
        }
    }

    /// <summary>Waits until nothing is under way: no event, message, mail or due job.</summary>
    public async Task SettleAsync(int seconds = 60)
    {
        using var client = Internal();
        await EventuallyAsync(async () => (await client.GetFromJsonAsync<JsonNode>("sandbox/idle"))!["idle"]!.GetValue<bool>(), "inbox, outbox and mails drained", seconds);
    }

    /// <summary>The ledger proves itself: no test may leave it broken.</summary>
    public async Task LedgerIsSoundAsync()
    {
        using var admin = NewUser(null, "admin");
        var proof = await admin.GetAsync("admin/ledger/verification");
        proof["differences"]!.AsArray().ShouldBeEmpty(proof.ToJsonString());
        proof["ok"]!.GetValue<bool>().ShouldBeTrue();
    }

    private HttpClient Client(AuthenticationHeaderValue? authorization)
    {
        var client = new HttpClient { BaseAddress = Api, Timeout = TimeSpan.FromSeconds(100) };
        client.DefaultRequestHeaders.Authorization = authorization;
        return client;
    }

    private sealed class Factory(Dictionary<string, string> settings, ILoggerProvider? logs) : WebApplicationFactory<Program>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment("Development");
            builder.ConfigureLogging(logging =>
            {
                // Nobody reads what sixty APIs write to one console; a world that wants to know what was logged says where to.
                logging.ClearProviders();
                if (logs is not null)
                {
                    logging.AddProvider(logs);
                }
            });

            foreach (var (name, value) in settings)
            {
                builder.UseSetting(name, value);
            }
        }
    }

    /// <summary>One PostgreSQL for all classes of this run; each has a database made from a migrated template.</summary>
    private sealed class SharedServer
    {
        private static readonly Lazy<Task<SharedServer>> Shared = new(StartAsync);
        private int databases;

        public required PrivatePostgres Postgres { get; init; }

        public static Task<SharedServer> GetAsync() => Shared.Value;

        public async Task<string> NewDatabaseAsync()
        {
            var name = $"world_{Interlocked.Increment(ref databases)}";
            await Postgres.CreateDatabaseAsync(name, "migrated");
            return name;
        }

        public static async Task<SharedServer> StartAsync()
        {
            var postgres = await PrivatePostgres.StartTemporaryAsync();
            await postgres.CreateDatabaseAsync("migrated");
            await Migrated.PrepareAsync(postgres.ConnectionString("migrated") + ";Pooling=false");
            return new SharedServer { Postgres = postgres };
        }
    }
}

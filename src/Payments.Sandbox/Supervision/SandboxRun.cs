using System.Globalization;
using Payments.Sandbox.Mail;
using Payments.Sandbox.Stripe;

namespace Payments.Sandbox.Supervision;

/// <summary>One run of the sandbox, from its data directory's lock to the last process's end.</summary>
internal sealed class SandboxRun : IAsyncDisposable
{
    // Together under ten seconds: what does not stop by then is killed.
    private static readonly TimeSpan ApiPatience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan StripePatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PostgresPatience = TimeSpan.FromSeconds(3);

    private readonly SandboxOptions options;
    private readonly DataDirectory data;
    private readonly Action<string> say;
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim fileGate = new(1);
    private readonly List<Task> keepers = [];
    private SandboxDatabase? database;
    private MailCatcher? mail;
    private DotnetChild? stripe;
    private DotnetChild? api;
    private SandboxFile? file;

    private SandboxRun(SandboxOptions options, DataDirectory data, Action<string> say)
    {
        this.options = options;
        this.data = data;
        this.say = say;
    }

    public SandboxFile File => file ?? throw new InvalidOperationException("The sandbox is not ready yet.");

    /// <summary>Ready when this is done; nothing is left running when it fails.</summary>
    public static async Task<SandboxRun> StartAsync(SandboxOptions options, Action<string> say, CancellationToken ct)
    {
        var run = new SandboxRun(options, DataDirectory.Open(options.DataDirectory, options.Fresh), say);
        try
        {
            await run.StartAsync(ct);
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>Goes on until told to stop. Fails when something fails that is not merely a process that ended.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        var end = Task.Delay(Timeout.Infinite, ct);
        var first = await Task.WhenAny([end, .. keepers]);
        if (first != end)
        {
            await first;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // First of all it is no longer to be found; then whoever calls stops before whom it calls.
        await stopping.CancelAsync();
        await Task.WhenAll(keepers.Select(keeper => keeper.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default)));
        System.IO.File.Delete(data["sandbox.json"]);
        if (api is not null)
        {
            await api.StopAsync(ApiPatience);
            await api.DisposeAsync();
        }

        if (stripe is not null)
        {
            await stripe.StopAsync(StripePatience);
            await stripe.DisposeAsync();
        }

        if (mail is not null)
        {
            await mail.DisposeAsync();
        }

        if (database?.Server is { } server)
        {
            await server.StopAsync(patience: PostgresPatience);
            await server.DisposeAsync();
        }

        data.Dispose();
        http.Dispose();
        stopping.Dispose();
        fileGate.Dispose();
    }

    private async Task StartAsync(CancellationToken ct)
    {
        if (!System.IO.File.Exists(options.ApiAssembly))
        {
            throw new SandboxException($"The API is not built ({options.ApiAssembly}). Start the sandbox by ./run, which builds it.");
        }

        var secrets = await SandboxSecrets.LoadOrMakeAsync(data["secrets.json"], ct);
        var apiPort = Ports.Claim(options.ApiPort, "the API's");
        var apiUrl = $"http://127.0.0.1:{apiPort.ToString(CultureInfo.InvariantCulture)}";
        var stripePort = options.Stripe is null ? Ports.Claim(options.StripePort, "the Stripe simulator's") : 0;
        var stripeUrl = options.Stripe?.ApiBase ?? $"http://127.0.0.1:{stripePort.ToString(CultureInfo.InvariantCulture)}";
        var mailPort = Ports.Claim(options.MailPort, "the mail page's");

        mail = await MailCatcher.StartAsync(new() { Directory = data["mail"], HttpPort = mailPort }, ct);
        if (options.Stripe is null)
        {
            await StartSimulatorAsync(secrets, stripePort, apiUrl);
        }

        database = options.DatabaseUrl is null
            ? await SandboxDatabase.StartPrivateAsync(data["postgres"], ct)
            : await SandboxDatabase.UseAsync(options.DatabaseUrl, ct);

        var environment = ApiEnvironment(secrets, apiUrl, stripeUrl);
        var asOwner = new Dictionary<string, string?>(environment, StringComparer.Ordinal) { ["DATABASE_URL"] = database.Url };
        await using (var migration = new DotnetChild("Migrating the database", options.ApiAssembly, ["migrate"], asOwner, LogFile("migrate")))
        {
            await migration.StartAsync();
            await migration.MustSucceedAsync(ct);
        }

        if (database.Server is not null)
        {
            await ApplicationRole.GrantAsync(database.ConnectionString, secrets.DatabasePassword, ct);
        }

        await Seed.PlantAsync(database.ConnectionString, DateTimeOffset.UtcNow, ct);

        if (stripe is not null)
        {
            await stripe.WaitUntilReadyAsync(new Uri(stripeUrl + "/health"), http, ct);
        }

        api = new DotnetChild("The API", options.ApiAssembly, [], environment, LogFile("api"));
        await api.StartAsync();
        await api.WaitUntilReadyAsync(new Uri(apiUrl + "/health/ready"), http, ct);

        file = FileOf(secrets, apiUrl, stripeUrl);
        await WriteFileAsync(ct);
        Supervise();
    }

    private async Task StartSimulatorAsync(SandboxSecrets secrets, int port, string apiUrl)
    {
        var command = new StripeCommand
        {
            Port = port,
            SecretKey = secrets.StripeSecretKey,
            WebhookSecret = secrets.WebhookSecret,
            // The guarded address, so that every run shows it at work; the plain one takes signed events as well.
            WebhookUrl = new Uri($"{apiUrl}/api/v1/webhooks/stripe/{secrets.WebhookPathToken}"),
            ApiBase = new Uri(apiUrl),
            InternalApiKey = secrets.InternalApiKey,
            MailPage = new Uri(mail!.Url),
            People = [.. SandboxUsers.All.Select(user => new SandboxPerson(user.Name, user.Id, user.Email, user.Roles, user.Token(secrets.JwtSecret, DateTimeOffset.UtcNow)))],
            DataDirectory = data["stripe"],
        };
        stripe = new DotnetChild(
            "The Stripe simulator",
            typeof(SandboxRun).Assembly.Location,
            ["stripe"],
            new Dictionary<string, string?>(StringComparer.Ordinal) { [StripeCommand.Variable] = command.Write() },
            LogFile("stripe"));
        await stripe.StartAsync();
    }

    private void Supervise()
    {
        keepers.Add(KeepAlive.RunAsync("The API", () => api!.Exited, _ => StartAgainAsync(api!.StartAsync), say, stopping.Token));
        if (stripe is not null)
        {
            keepers.Add(KeepAlive.RunAsync("The Stripe simulator", () => stripe.Exited, _ => StartAgainAsync(stripe.StartAsync), say, stopping.Token));
        }

        if (database?.Server is { } server)
        {
            keepers.Add(KeepAlive.RunAsync("PostgreSQL", () => server.Exited, ct => StartAgainAsync(() => server.StartAgainAsync(ct)), say, stopping.Token));
        }
    }

    private async Task StartAgainAsync(Func<Task> start)
    {
        await start();
        await WriteFileAsync(CancellationToken.None);
    }

    private async Task WriteFileAsync(CancellationToken ct)
    {
        await fileGate.WaitAsync(ct);
        try
        {
            file = File with { Pids = Pids() };
            await file.WriteAsync(data["sandbox.json"], ct);
        }
        finally
        {
            fileGate.Release();
        }
    }

    private SandboxFile.ProcessIds Pids() => new(api?.Pid, stripe?.Pid, database?.Server?.Pid);

    private SandboxFile FileOf(SandboxSecrets secrets, string apiUrl, string stripeUrl) => new()
    {
        Api = apiUrl,
        Stripe = stripeUrl,
        Mail = mail!.Url,
        Database = database!.Url,
        WebhookSecret = options.Stripe?.WebhookSecret ?? secrets.WebhookSecret,
        StripeSecretKey = options.Stripe?.SecretKey ?? secrets.StripeSecretKey,
        InternalApiKey = secrets.InternalApiKey,
        JwtSecret = secrets.JwtSecret,
        Users = SandboxUsers.All.ToDictionary(user => user.Handle, user => user.Id, StringComparer.Ordinal),
        Tokens = SandboxUsers.All.ToDictionary(user => user.Handle, user => user.Token(secrets.JwtSecret, DateTimeOffset.UtcNow), StringComparer.Ordinal),
        Pids = Pids(),
    };

    /// <summary>The API's settings. What a person has set besides (rate limits, CHECKOUT_ENABLED, …) comes through as it is.</summary>
    private Dictionary<string, string?> ApiEnvironment(SandboxSecrets secrets, string apiUrl, string stripeUrl)
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = apiUrl,
            // These would win over, or quarrel with, what is set here.
            ["ASPNETCORE_HTTP_PORTS"] = null,
            ["ASPNETCORE_HTTPS_PORTS"] = null,
            ["DOTNET_ENVIRONMENT"] = null,
            ["DOTNET_URLS"] = null,
            ["URLS"] = null,
            ["JWT_AUTHORITY"] = null,
            ["JWT_ISSUER"] = null,
            ["JWT_AUDIENCE"] = null,
            ["JWT_SECRET"] = secrets.JwtSecret,
            ["INTERNAL_API_KEY"] = secrets.InternalApiKey,
            ["DATABASE_URL"] = database!.UrlFor(secrets),
            ["SMTP_URL"] = mail!.SmtpUrl,
            ["STRIPE_SUCCESS_URL"] = Given("STRIPE_SUCCESS_URL") ?? apiUrl + "/success?session_id={CHECKOUT_SESSION_ID}",
            ["STRIPE_CANCEL_URL"] = Given("STRIPE_CANCEL_URL") ?? apiUrl + "/cancel",
            ["FRONTEND_URL"] = Given("FRONTEND_URL") ?? $"{apiUrl},http://localhost:3000,http://localhost:5173",
        };
        if (options.Stripe is null)
        {
            settings["STRIPE_SECRET_KEY"] = secrets.StripeSecretKey;
            settings["STRIPE_PUBLISHABLE_KEY"] = secrets.StripePublishableKey;
            settings["STRIPE_WEBHOOK_SECRET"] = secrets.WebhookSecret;
            settings["STRIPE_WEBHOOK_PATH_TOKEN"] = secrets.WebhookPathToken;
            settings["STRIPE_API_BASE"] = stripeUrl;
            settings["STRIPE_ACCOUNT_ID"] = null;
        }

        return settings;

        static string? Given(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
    }

    private string LogFile(string name) => Path.Combine(data["logs"], name + ".log");
}

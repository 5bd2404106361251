using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Webhooks;
using Payments.Infrastructure.Stripe;

namespace Payments.Infrastructure.Tests.Stripe;

/// <summary>What the server saw of one try.</summary>
public sealed record SeenRequest(string Method, string PathAndQuery, Dictionary<string, string> Headers, string Body);

/// <summary>A loopback server that plays one step of a script a request; the last step goes on for ever.</summary>
public sealed class ScriptedStripe : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<SeenRequest> seen = new();
    private readonly Func<HttpContext, Task>[] script;
    private int step = -1;

    private ScriptedStripe(WebApplication app, Func<HttpContext, Task>[] script)
    {
        this.app = app;
        this.script = script;
    }

    public IReadOnlyList<SeenRequest> Seen => [.. seen];

    public string Address => app.Urls.Single();

    public static async Task<ScriptedStripe> StartAsync(params Func<HttpContext, Task>[] script)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        var built = builder.Build();
        var server = new ScriptedStripe(built, script);
        built.Run(server.PlayAsync);
        await built.StartAsync();
        return server;
    }

    public static Func<HttpContext, Task> Answers(int status, JsonNode body, params (string Name, string Value)[] headers) =>
        Answers(status, body.ToJsonString(), headers);

    public static Func<HttpContext, Task> Answers(int status, string body, params (string Name, string Value)[] headers) => async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers["Request-Id"] = "req_123";
        foreach (var (name, value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        await context.Response.WriteAsync(body);
    };

    /// <summary>The connection ends without an answer, whatever was done before.</summary>
    public static Task Cuts(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    /// <summary>The connection ends in the middle of the answer.</summary>
    public static async Task CutsTheBody(HttpContext context)
    {
        context.Response.ContentLength = 1000;
        await context.Response.WriteAsync("{");
        await context.Response.Body.FlushAsync();
        context.Abort();
    }

    /// <summary>No answer ever.</summary>
    public static async Task Hangs(HttpContext context)
    {
        var gone = new TaskCompletionSource();
        await using var registration = context.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    }

    /// <summary>An address at which nobody listens.</summary>
    public static string Nobody()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
    }

    private async Task PlayAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        seen.Enqueue(new SeenRequest(
            context.Request.Method,
            target,
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body));
        await script[Math.Min(Interlocked.Increment(ref step), script.Length - 1)](context);
    }
}

/// <summary>The gateway as the product wires it, on a server of the test's, with everything it logs.</summary>
public sealed class GatewayUnderTest : IDisposable, ILoggerProvider, ILogger
{
    public const string SecretKey = "sk_test_51AbCdEfGhIjKlMnOpQrStUv";

    private readonly ServiceProvider services;
    private readonly ConcurrentQueue<string> logged = new();

    public GatewayUnderTest(string address, Func<StripeOptions, StripeOptions>? change = null)
    {
        var options = new StripeOptions
        {
            SecretKey = SecretKey,
            WebhookSecrets = ["whsec_test_secret"],
            ApiBase = address,
            RetryDelay = TimeSpan.FromMilliseconds(5),
            MaxRetryDelay = TimeSpan.FromMilliseconds(10),
            CircuitMinimumTries = 1000,
        };
        services = new ServiceCollection()
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(this))
            .AddStripe(change is null ? options : change(options))
            .BuildServiceProvider();
        Gateway = services.GetRequiredService<IPaymentGateway>();
    }

    public IPaymentGateway Gateway { get; }

    public IPlanGateway Plans => services.GetRequiredService<IPlanGateway>();

    public ISubscriptionGateway Subscriptions => services.GetRequiredService<ISubscriptionGateway>();

    public IRefundGateway Refunds => services.GetRequiredService<IRefundGateway>();

    public IDisputeGateway Disputes => services.GetRequiredService<IDisputeGateway>();

    public ICardGateway Cards => services.GetRequiredService<ICardGateway>();

    public IWebhookVerifier Verifier => services.GetRequiredService<IWebhookVerifier>();

    public IWebhookTranslator Translator => services.GetRequiredService<IWebhookTranslator>();

    public string Logged => string.Join('\n', logged);

    public void Dispose() => services.Dispose();

    ILogger ILoggerProvider.CreateLogger(string categoryName) => this;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        logged.Enqueue($"{formatter(state, exception)} {exception}");
}

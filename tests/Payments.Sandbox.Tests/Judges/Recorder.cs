using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Payments.Sandbox.Tests.Judges;

/// <summary>
/// Stands between a judge and the simulator: passes every call on, and keeps it with its answer. It also receives the
/// simulator's webhooks, as an API would.
/// </summary>
internal sealed class Recorder : IAsyncDisposable
{
    private static readonly string[] HopByHop = ["Host", "Connection", "Transfer-Encoding", "Keep-Alive", "Content-Length", "Content-Type", "Accept-Encoding"];

    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private readonly WebApplication app;

    private Recorder()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.MapPost("/webhooks/stripe", ReceiveAsync);
        app.Map("/v1/{**rest}", PassOnAsync);
        // Where buyers go in the end.
        app.MapGet("/shop/{page}", () => Results.Content("<h1>The shop</h1>", "text/html"));
    }

    /// <summary>Where calls are passed on to.</summary>
    public Uri? Simulator { get; set; }

    public Uri Address => new(app.Urls.Single());

    public Uri Webhooks => new(Address, "/webhooks/stripe");

    public Uri Shop => new(Address, "/shop/");

    public ConcurrentQueue<Exchange> Exchanges { get; } = new();

    public ConcurrentQueue<Delivery> Deliveries { get; } = new();

    public static async Task<Recorder> StartAsync()
    {
        var recorder = new Recorder();
        await recorder.app.StartAsync();
        return recorder;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        client.Dispose();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        Deliveries.Enqueue(new Delivery(context.Request.Headers["Stripe-Signature"].ToString(), context.Request.ContentType, body.ToArray()));
    }

    private async Task PassOnAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var target = context.Request.Path + context.Request.QueryString.ToString();
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(Simulator!, target));
        foreach (var (name, values) in context.Request.Headers.Where(h => !HopByHop.Contains(h.Key, StringComparer.OrdinalIgnoreCase)))
        {
            request.Headers.TryAddWithoutValidation(name, values.ToArray());
        }

        if (body.Length > 0)
        {
            request.Content = new ByteArrayContent(body.ToArray());
            request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
        }

        using var answer = await client.SendAsync(request, context.RequestAborted);
        var bytes = await answer.Content.ReadAsByteArrayAsync(context.RequestAborted);
        Exchanges.Enqueue(new Exchange(context.Request.Method, target, Encoding.UTF8.GetString(body.ToArray()), (int)answer.StatusCode, bytes));
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (!string.Equals(name, "Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
            {
                context.Response.Headers[name] = values.ToArray();
            }
        }

        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    internal sealed record Exchange(string Method, string Target, string Form, int Status, byte[] Answer)
    {
        public bool IsPrivate => Target.StartsWith("/v1/payment_pages/", StringComparison.Ordinal);

        public override string ToString() => $"{Method} {Target} {Status}";
    }

    internal sealed record Delivery(string Signature, string? ContentType, byte[] Body)
    {
        public JsonObject Event => JsonNode.Parse(Body)!.AsObject();

        public string Type => Event["type"]!.GetValue<string>();

        public JsonObject Subject => Event["data"]!["object"]!.AsObject();
    }
}

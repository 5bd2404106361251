using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Payments.Sandbox.Stripe;
using Payments.Tests.Shared;

namespace Payments.Sandbox.Tests.Stripe;

/// <summary>A simulator on a free port with an endpoint that keeps what it is sent.</summary>
internal sealed class Sandbox : IAsyncDisposable
{
    public const string WebhookSecret = "whsec_test_of_the_simulators_own_tests";

    private readonly HttpClient http = new();

    private Sandbox(StripeSimulator simulator, Receiver receiver)
    {
        Simulator = simulator;
        Receiver = receiver;
        http.BaseAddress = simulator.Address;
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", simulator.SecretKey);
    }

    public StripeSimulator Simulator { get; }

    public Receiver Receiver { get; }

    public static async Task<Sandbox> StartAsync(Func<StripeSimulatorOptions, StripeSimulatorOptions>? configure = null, Receiver? receiver = null)
    {
        receiver ??= await Receiver.StartAsync();
        var options = new StripeSimulatorOptions
        {
            WebhookUrl = receiver.Url,
            WebhookSecrets = [WebhookSecret],
            // Long, so that only a move of the clock brings what comes later, unless a test wants otherwise.
            BalanceDelay = TimeSpan.FromSeconds(90),
            DebitDelay = TimeSpan.FromSeconds(90),
            InvoicePaymentDelay = TimeSpan.FromSeconds(90),
        };
        var simulator = await StripeSimulator.StartAsync(configure is null ? options : configure(options));
        return new Sandbox(simulator, receiver);
    }

    public Task<Reply> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    public Task<Reply> DeleteAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Delete, path));

    /// <param name="path">With its leading slash.</param>
    /// <param name="form">As it goes over the wire, brackets and all: "a[b]=c&amp;d=e".</param>
    /// <param name="key">The idempotency key, if any.</param>
    public Task<Reply> PostAsync(string path, string form = "", string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded"),
        };
        request.Headers.Add("Stripe-Version", "2026-07-29.dahlia");
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return SendAsync(request);
    }

    public Task<Reply> ControlAsync(string path, string json) => SendAsync(new HttpRequestMessage(HttpMethod.Post, path)
    {
        Content = new StringContent(json, Encoding.UTF8, "application/json"),
    });

    public Task<Reply> AdvanceAsync(string duration) => MoveAsync($$"""{ "advance": "{{duration}}" }""");

    public async Task<Reply> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await http.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            Judge(request, text);
            return new Reply(response.StatusCode, text, response.Headers.ToDictionary(h => h.Key, h => h.Value.First(), StringComparer.OrdinalIgnoreCase));
        }
    }

    /// <summary>Whatever any test asks for, each answer has Stripe's own shape.</summary>
    private static void Judge(HttpRequestMessage request, string text)
    {
        var path = request.RequestUri!.AbsolutePath;
        // Early fraud warnings are not in the kept part of Stripe's document.
        if (path.StartsWith("/v1/", StringComparison.Ordinal) && !path.StartsWith("/v1/radar/", StringComparison.Ordinal) && text.Length > 0 && JsonNode.Parse(text) is { } node
            && (node["object"] is not null || node["error"] is not null))
        {
            // Stripe's document, as kept here, has no invoice items; and what is upcoming has no id yet.
            var upcoming = string.Equals((string?)node["type"], "invoice.upcoming", StringComparison.Ordinal)
                || node["data"] is JsonArray items && items.Any(i => (string?)i!["type"] == "invoice.upcoming");
            StripeSchema.Load().ObjectErrors(node)
                .Where(e => !e.EndsWith("no schema for 'invoiceitem'", StringComparison.Ordinal) && !(upcoming && e.EndsWith(".data.object.id: missing", StringComparison.Ordinal)))
                .ShouldBeEmpty($"{request.Method} {path}\n{text}");
        }
    }

    /// <summary>A session over one inline-priced line.</summary>
    public async Task<Reply> SessionAsync(long amount = 3000, string currency = "usd", string more = "")
    {
        var session = await PostAsync(
            "/v1/checkout/sessions",
            "mode=payment&success_url=https://shop.example/ok?s={CHECKOUT_SESSION_ID}"
            + $"&line_items[0][price_data][currency]={currency}&line_items[0][price_data][unit_amount]={amount}"
            + "&line_items[0][price_data][product_data][name]=Credits&line_items[0][quantity]=1" + (more.Length > 0 ? "&" + more : ""));
        session.Status.ShouldBe(HttpStatusCode.OK, session.Text);
        return session;
    }

    public Task<Reply> PayAsync(Reply session, string method = "pm_card_visa") =>
        PostAsync($"/v1/payment_pages/{session["id"]}/confirm", $"payment_method={method}&expected_amount={session["amount_total"]}");

    public Task<Reply> AdvanceToAsync(string time) => MoveAsync($$"""{ "to": "{{time}}" }""");

    private async Task<Reply> MoveAsync(string body)
    {
        var moved = await ControlAsync("/sandbox/clock", body);
        moved.Status.ShouldBe(HttpStatusCode.OK, moved.Text);
        return moved;
    }

    /// <summary>The id of a recurring price.</summary>
    public async Task<string> PriceAsync(long amount, string interval = "month", int count = 1, string product = "Basic", string currency = "usd")
    {
        var price = await PostAsync(
            "/v1/prices",
            $"currency={currency}&unit_amount={amount}&recurring[interval]={interval}&recurring[interval_count]={count}&product_data[name]={product}");
        price.Status.ShouldBe(HttpStatusCode.OK, price.Text);
        return price["id"]!;
    }

    /// <summary>A customer with a default card; the id.</summary>
    public async Task<string> CustomerAsync(string? card = "pm_card_visa")
    {
        var customer = await PostAsync(
            "/v1/customers", card is null ? "email=ada@example.com" : $"email=ada@example.com&payment_method={card}&invoice_settings[default_payment_method]={card}");
        customer.Status.ShouldBe(HttpStatusCode.OK, customer.Text);
        return customer["id"]!;
    }

    public async Task<Reply> SubscribeAsync(string customer, string price, string more = "")
    {
        var made = await PostAsync("/v1/subscriptions", $"customer={customer}&items[0][price]={price}" + (more.Length > 0 ? "&" + more : ""));
        made.Status.ShouldBe(HttpStatusCode.OK, made.Text);
        return made;
    }

    /// <summary>Every event that was delivered since, in the order in which they happened.</summary>
    public IReadOnlyList<JsonNode> Delivered(string? type = null) =>
        [.. Receiver.Deliveries.Select(d => d.Json).Where(e => type is null || string.Equals((string?)e["type"], type, StringComparison.Ordinal))
            .OrderBy(e => (long)e["created"]!)];

    /// <summary>The types of all events, in the order in which they happened.</summary>
    public async Task<List<string>> EventTypesAsync()
    {
        var list = await GetAsync("/v1/events?limit=100");
        return [.. list.Json["data"]!.AsArray().Select(e => (string)e!["type"]!).Reverse()];
    }

    /// <summary>The newest event of a type.</summary>
    public async Task<JsonNode> EventAsync(string type) =>
        (await GetAsync($"/v1/events?type={type}")).Json["data"]!.AsArray().FirstOrDefault() ?? throw new ShouldAssertException($"No {type}.");

    public async ValueTask DisposeAsync()
    {
        await Simulator.DisposeAsync();
        await Receiver.DisposeAsync();
        http.Dispose();
    }
}

/// <summary>A wall clock that stands: only moves of the sandbox's clock bring time, so that it is known to the second.</summary>
internal sealed class StillClock(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}

internal sealed record Reply(HttpStatusCode Status, string Text, IDictionary<string, string> Headers)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    /// <summary>A field by its dotted path, as text; null when it is null or not there.</summary>
    public string? this[string path]
    {
        get
        {
            var node = (JsonNode?)Json;
            foreach (var name in path.Split('.'))
            {
                node = node is JsonArray array ? array[int.Parse(name)] : node?[name];
            }

            return node?.ToString();
        }
    }
}

/// <summary>An endpoint that answers as it is told and keeps what came.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication app;

    private Receiver(WebApplication app) => this.app = app;

    public Uri Url { get; private set; } = null!;

    /// <summary>What it answers; 200 unless told otherwise.</summary>
    public Func<Delivery, int> Answer { get; set; } = _ => StatusCodes.Status200OK;

    public ConcurrentQueue<Delivery> Deliveries { get; } = new();

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        var receiver = new Receiver(builder.Build());
        receiver.app.MapPost("/hook", receiver.TakeAsync);
        await receiver.app.StartAsync();
        var addresses = receiver.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        receiver.Url = new Uri(new Uri(addresses.Addresses.First()), "/hook");
        return receiver;
    }

    public async Task<List<Delivery>> WaitForAsync(int count, Func<Delivery, bool>? which = null)
    {
        for (var i = 0; i < 400; i++)
        {
            var found = Deliveries.Where(which ?? (_ => true)).ToList();
            if (found.Count >= count)
            {
                return found;
            }

            await Task.Delay(25);
        }

        throw new ShouldAssertException($"Waited for {count} deliveries; came: {string.Join(", ", Deliveries.Select(d => d.Type))}");
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer);
        var delivery = new Delivery(buffer.ToArray(), context.Request.Headers["Stripe-Signature"].ToString(), context.Request.Headers.UserAgent.ToString());
        Deliveries.Enqueue(delivery);
        context.Response.StatusCode = Answer(delivery);
    }
}

internal sealed record Delivery(byte[] Body, string Signature, string UserAgent)
{
    public JsonNode Json { get; } = JsonNode.Parse(Body)!;

    public string Id => (string)Json["id"]!;

    public string Type => (string)Json["type"]!;
}

using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;
using Payments.Sandbox.Supervision;
using Payments.Sandbox.Tests.Pages;
using Payments.Sandbox.Tests.Supervision;

namespace Payments.Sandbox.Tests.Browsing;

/// <summary>All browsing is in one sandbox: starting it costs more than most of what is looked at there.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Browsed : ICollectionFixture<BrowsedSandbox>
{
    public const string Name = "Browsing";
}

/// <summary>Somebody who is signed in with a token of their own, so that no test finds what another has bought.</summary>
public sealed record Person(string Id, string Name, string Email, string Token);

/// <summary>A payment page that was opened, and in most cases paid.</summary>
public sealed record Bought(string PaymentId, string SessionId);

/// <summary>A whole sandbox and a browser, and what the tests do behind the pages' back.</summary>
public sealed class BrowsedSandbox : IAsyncLifetime, IDisposable
{
    public const string Starter = "c0000000-0000-4000-8000-000000000001";
    public const string Monthly = "d0000000-0000-4000-8000-000000000001";
    public const string Yearly = "d0000000-0000-4000-8000-000000000002";

    private readonly SharedSandbox shared = new();
    private readonly HttpClient http = new();
    private object? made;

    internal RunningSandbox Sandbox => shared.Sandbox;

    internal Browser Browser { get; } = new();

    internal Uri Api => new(Sandbox.Api);

    internal Person Alex { get; private set; } = null!;

    internal Person Fay { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await Task.WhenAll(shared.InitializeAsync(), Browser.InitializeAsync());
        Alex = Known("admin", "Alex Admin");
        Fay = Known("finance", "Fay Finance");

        Person Known(string user, string name) =>
            new(Text("users", user), name, $"{user}@example.com", Text("tokens", user));
    }

    public async Task DisposeAsync()
    {
        await Browser.DisposeAsync();
        await shared.DisposeAsync();
    }

    public void Dispose()
    {
        http.Dispose();
        shared.Dispose();
    }

    /// <summary>A buyer whom nobody has met before, with a token as the web app around would give.</summary>
    public Person Newcomer(string name, string? email = null)
    {
        var id = Guid.NewGuid().ToString();
        email ??= $"{name.Split(' ')[0].ToLowerInvariant()}.{id[..8]}@example.com";
        // Everything but the person is as in the sandbox's own tokens.
        var claims = JsonSerializer.Deserialize<Dictionary<string, object>>(Base64Url(Text("tokens", "ada").Split('.')[1]))!;
        (claims["sub"], claims["name"], claims["email"]) = (id, name, email);
        var head = Base64Url("""{"alg":"HS256","typ":"JWT"}"""u8);
        var signed = $"{head}.{Base64Url(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Sandbox.File.GetProperty("jwtSecret").GetString()!), Encoding.UTF8.GetBytes(signed));
        return new(id, name, email, $"{signed}.{Base64Url(signature)}");
    }

    /// <summary>Buys and pays as a browser would, and waits until it is theirs.</summary>
    public async Task<Bought> BuyAsync(Person buyer, object request)
    {
        var session = await SendAsync(buyer, HttpMethod.Post, "payments/checkout-session", request);
        var bought = new Bought(session.GetProperty("paymentId").GetString()!, session.GetProperty("sessionId").GetString()!);
        var page = await StripeAsync(HttpMethod.Get, $"payment_pages/{bought.SessionId}");
        await StripeAsync(HttpMethod.Post, $"payment_pages/{bought.SessionId}/confirm", new()
        {
            ["payment_method"] = "pm_card_visa",
            ["expected_amount"] = page.GetProperty("amount_total").GetInt64().ToString(CultureInfo.InvariantCulture),
        });
        await RunningSandbox.UntilAsync(
            async () => (await SendAsync(buyer, HttpMethod.Get, $"payments/checkout-session/{bought.SessionId}")).GetProperty("status").GetString() is "succeeded",
            "the payment did not succeed");
        return bought;
    }

    public async Task<JsonElement> SendAsync(Person person, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(Api, $"/api/v1/{path}"));
        request.Headers.Authorization = new("Bearer", person.Token);
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        request.Content = body is null ? null : JsonContent.Create(body);
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue($"{method} {path}: {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    public async Task<JsonElement> StripeAsync(HttpMethod method, string path, Dictionary<string, string>? form = null)
    {
        using var request = new HttpRequestMessage(method, $"{Text("stripe")}/v1/{path}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Text("stripeSecretKey"));
        request.Content = form is null ? null : new FormUrlEncodedContent(form);
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue($"{method} {path}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Makes what several tests look at, when the first of them does. They run one after the other.</summary>
    internal async Task<T> Once<T>(Func<Task<T>> make)
        where T : class
        => (T)(made ??= await make());

    /// <summary>Later by so much, everywhere: at the provider and in the API.</summary>
    public async Task PassAsync(string duration)
    {
        using var response = await http.PostAsJsonAsync($"{Text("stripe")}/sandbox/clock", new { advance = duration });
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
    }

    /// <summary>Delivers an event as Stripe would, signed and all.</summary>
    public async Task DeliverAsync(object happening)
    {
        var clock = await http.GetFromJsonAsync<JsonElement>($"{Text("stripe")}/sandbox/clock");
        var now = clock.GetProperty("now").GetDateTimeOffset().ToUnixTimeSeconds();
        var body = JsonSerializer.Serialize(happening);
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Text("webhookSecret")), Encoding.UTF8.GetBytes($"{now}.{body}")));
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Api, "/api/v1/webhooks/stripe"));
        request.Headers.Add("Stripe-Signature", $"t={now},v1={signature}");
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request);
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
    }

    /// <summary>What only the owner of the database may do.</summary>
    public async Task RepairAsync(string sql, params object[] values)
    {
        await using var owner = NpgsqlDataSource.Create(PostgresAddress.ForNpgsql(Text("database")) + ";Pooling=false");
        await using var command = owner.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        (await command.ExecuteNonQueryAsync()).ShouldBe(1);
    }

    private string Text(params string[] path) => path.Aggregate(Sandbox.File, (at, name) => at.GetProperty(name)).GetString()!;

    private static string Base64Url(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private static byte[] Base64Url(string text) => System.Buffers.Text.Base64Url.DecodeFromChars(text);
}

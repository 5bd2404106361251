using System.Buffers.Text;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Payments.Sandbox.Supervision;

namespace Payments.Sandbox.Tests.Supervision;

[UnsupportedOSPlatform("windows")]
public sealed class What_a_ready_sandbox_tells : IDisposable
{
    private const string JwtSecret = "a secret of more than thirty-two bytes, only for this test";
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Has_the_agreed_shape_and_is_for_its_owner_only()
    {
        await Example().WriteAsync(directory["sandbox.json"]);

        var json = JsonDocument.Parse(await File.ReadAllTextAsync(directory["sandbox.json"])).RootElement;
        Names(json).ShouldBe(["api", "stripe", "mail", "database", "webhookSecret", "stripeSecretKey", "internalApiKey", "jwtSecret", "users", "tokens", "pids"]);
        Names(json.GetProperty("users")).ShouldBe(["ada", "grace", "admin", "support", "finance"]);
        Names(json.GetProperty("tokens")).ShouldBe(["ada", "grace", "admin", "support", "finance"]);
        Names(json.GetProperty("pids")).ShouldBe(["api", "stripe", "postgres"]);
        json.GetProperty("pids").GetProperty("stripe").ValueKind.ShouldBe(JsonValueKind.Null);
        File.GetUnixFileMode(directory["sandbox.json"]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(directory.Path).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("ada")]
    [InlineData("grace")]
    [InlineData("admin", "admin")]
    [InlineData("support", "support")]
    [InlineData("finance", "finance")]
    public void Has_signed_tokens_good_for_ten_years_and_from_any_time_on(string handle, params string[] roles)
    {
        var user = SandboxUsers.All.Single(user => user.Handle == handle);

        var parts = user.Token(JwtSecret, Now).Split('.');

        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(JwtSecret), Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"));
        Base64Url.DecodeFromChars(parts[2]).ShouldBe(signature);
        var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1])).RootElement;
        Names(claims).ShouldBe(["iss", "aud", "sub", "email", "name", "roles", "iat", "exp"]);
        claims.GetProperty("sub").GetGuid().ShouldBe(user.Id);
        claims.GetProperty("roles").EnumerateArray().Select(role => role.GetString()).ShouldBe(roles);
        claims.GetProperty("exp").GetInt64().ShouldBe(Now.AddYears(10).ToUnixTimeSeconds());
    }

    [Fact]
    public void Explains_how_to_forward_webhooks_when_stripe_itself_is_used()
    {
        var options = new SandboxOptions { Stripe = new("sk_test_x", "whsec_x", "https://api.stripe.com") };

        var words = Tour.Of(Example() with { Stripe = "https://api.stripe.com" }, options, "/data", coloured: false);

        words.ShouldContain("stripe listen --forward-to http://127.0.0.1:8080/api/v1/webhooks/stripe");
        words.ShouldNotContain("pm_card_visa");
    }

    private static IEnumerable<string> Names(JsonElement json) => json.EnumerateObject().Select(property => property.Name);

    private static SandboxFile Example() => new()
    {
        Api = "http://127.0.0.1:8080",
        Stripe = "http://127.0.0.1:12111",
        Mail = "http://127.0.0.1:8025",
        Database = "postgres://postgres:x@127.0.0.1:5432/payments",
        WebhookSecret = "whsec_x",
        StripeSecretKey = "sk_test_x",
        InternalApiKey = "internal",
        JwtSecret = JwtSecret,
        Users = SandboxUsers.All.ToDictionary(user => user.Handle, user => user.Id, StringComparer.Ordinal),
        Tokens = SandboxUsers.All.ToDictionary(user => user.Handle, user => user.Token(JwtSecret, Now), StringComparer.Ordinal),
        Pids = new(1, null, 3),
    };
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;

using Payments.Application.Payments.Gateway;

namespace Payments.Infrastructure.Stripe;

/// <summary>How to reach Stripe and as whom. Built by the composition root from configuration; never changes while running.</summary>
public sealed record StripeOptions
{
    /// <summary><c>sk_test_…</c>, <c>sk_live_…</c> or a restricted <c>rk_…</c>. <c>STRIPE_SECRET_KEY</c>.</summary>
    public required string SecretKey { get; init; }

    /// <summary><c>pk_…</c>, handed to custom pages. <c>STRIPE_PUBLISHABLE_KEY</c>.</summary>
    public string? PublishableKey { get; init; }

    /// <summary>Every secret that may sign a webhook now; several while one is rolled. <c>STRIPE_WEBHOOK_SECRET</c>, comma-separated.</summary>
    public IReadOnlyList<string> WebhookSecrets { get; init; } = [];

    /// <summary>Scheme and host; https, or http on loopback. <c>STRIPE_API_BASE</c>.</summary>
    public string ApiBase { get; init; } = "https://api.stripe.com";

    /// <summary>Sent with every request; the wire records are written for it.</summary>
    public string ApiVersion { get; init; } = "2026-07-29.dahlia";

    /// <summary><c>acct_…</c>: names our account where the key does not. <c>STRIPE_ACCOUNT_ID</c>.</summary>
    public string? AccountId { get; init; }

    /// <summary>For one try, connecting included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For a call with all its tries and the waiting between them.</summary>
    public TimeSpan CallBudget { get; init; } = TimeSpan.FromSeconds(80);

    /// <summary>To establish a connection; what this ends was certainly not sent.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Tries after the first one; the official libraries' default.</summary>
    public int MaxRetries { get; init; } = 2;

    /// <summary>Before the first retry; doubles from there to <see cref="MaxRetryDelay"/>, less up to a quarter of jitter, never below this.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A delivery signed longer ago, or further ahead, than this is refused.</summary>
    public TimeSpan WebhookTolerance { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>The circuit opens when at least this share of the tries within <see cref="CircuitWindow"/> had no proper answer (none at all, or 5xx).</summary>
    public double CircuitFailureRatio { get; init; } = 0.7;

    /// <summary>Fewer tries than this within the window never open the circuit.</summary>
    public int CircuitMinimumTries { get; init; } = 20;

    public TimeSpan CircuitWindow { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an open circuit refuses before it lets one try through.</summary>
    public TimeSpan CircuitBreak { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether the key moves real money.</summary>
    public bool Livemode => SecretKey.StartsWith("sk_live_", StringComparison.Ordinal) || SecretKey.StartsWith("rk_live_", StringComparison.Ordinal);

    /// <summary>Each thing that is wrong, as "SETTING what it wants"; empty when all is well. Never quotes a secret.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        Require(IsSecretKey(SecretKey), "STRIPE_SECRET_KEY must be a secret key: sk_test_…, sk_live_…, rk_test_… or rk_live_….");
        Require(PublishableKey is null || (PublishableKey.StartsWith("pk_", StringComparison.Ordinal) && IsToken(PublishableKey)), "STRIPE_PUBLISHABLE_KEY must start with pk_.");
        Require(WebhookSecrets.All(secret => secret.Length is >= 8 and <= 255 && IsToken(secret)), "STRIPE_WEBHOOK_SECRET must be one or more signing secrets (whsec_…), comma-separated.");
        Require(IsBase(ApiBase), "STRIPE_API_BASE must be https://host, or http:// on loopback, without a path.");
        Require(ApiVersion.Length is > 0 and <= 64 && IsToken(ApiVersion), "The API version must look like 2026-07-29.dahlia.");
        Require(AccountId is null || (AccountId.StartsWith("acct_", StringComparison.Ordinal) && AccountId.Length <= 64 && IsToken(AccountId)), "STRIPE_ACCOUNT_ID must look like acct_….");
        Require(Timeout > TimeSpan.Zero && ConnectTimeout > TimeSpan.Zero && CallBudget >= Timeout, "The timeouts must be over zero, and the call's budget no less than one try's.");
        Require(MaxRetries is >= 0 and <= 10, "The number of retries must be 0 to 10.");
        Require(RetryDelay >= TimeSpan.Zero && MaxRetryDelay >= RetryDelay, "The delays between tries must be zero or more, and the greatest no less than the first.");
        Require(WebhookTolerance > TimeSpan.Zero, "The webhook tolerance must be over zero.");
        Require(CircuitFailureRatio is > 0 and <= 1 && CircuitMinimumTries >= 2 && CircuitWindow >= TimeSpan.FromSeconds(0.5) && CircuitBreak >= TimeSpan.FromSeconds(0.5),
            "The circuit breaker wants a share of 0 to 1, at least 2 tries, and times of half a second or more.");
        return problems;

        void Require(bool holds, string problem)
        {
            if (!holds)
            {
                problems.Add(problem);
            }
        }
    }

    /// <summary>Names neither key nor webhook secret.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{nameof(StripeOptions)} {{ {nameof(ApiBase)} = {ApiBase}, {nameof(ApiVersion)} = {ApiVersion}, {nameof(Livemode)} = {Livemode}, webhook secrets: {WebhookSecrets.Count} }}");

    /// <summary>
    /// The account behind the key. Keys made since 2020 carry their account's id after <c>sk_test_51</c>, the same in
    /// every key of that account; an older key can only stand for itself, and its hash changes when it is rolled.
    /// </summary>
    internal GatewayAccount Account()
    {
        const int marker = 8; // sk_test_ and sk_live_ are equally long
        const int part = 16; // 51 and the 14 characters after it
        if (AccountId is { Length: > 0 } account)
        {
            return new GatewayAccount(account, Livemode);
        }

        var key = SecretKey.AsSpan(marker);
        return new GatewayAccount(
            key.StartsWith("51", StringComparison.Ordinal) && key.Length >= part
                ? key[..part].ToString()
                : "key_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(SecretKey)).AsSpan(0, 8)),
            Livemode);
    }

    private static bool IsSecretKey(string? key) => key is { Length: >= 12 and <= 255 }
        && key[..8] is "sk_test_" or "sk_live_" or "rk_test_" or "rk_live_"
        && IsToken(key);

    /// <summary>Visible ASCII without the characters that would end a header or a list.</summary>
    private static bool IsToken(string text) => text.All(c => c is > ' ' and < (char)127 and not ',');

    private static bool IsBase(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
        && uri.PathAndQuery == "/" && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0;
}

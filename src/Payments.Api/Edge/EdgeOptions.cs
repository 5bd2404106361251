using System.Net;

namespace Payments.Api.Edge;

/// <summary>What the edge has to know, as plain values: Program.cs fills it from the settings. A class, so that nothing prints its secrets.</summary>
public sealed class EdgeOptions
{
    /// <summary>Origins as browsers write them: <c>https://app.example.com</c>.</summary>
    public required IReadOnlyList<string> FrontendOrigins { get; init; }

    /// <summary>Whose forwarded headers are believed.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>HS256 secret; or null and <see cref="JwtAuthority"/> is set.</summary>
    public string? JwtSecret { get; init; }

    /// <summary>Believed beside <see cref="JwtSecret"/> while that is rotated.</summary>
    public string? PreviousJwtSecret { get; init; }

    /// <summary>OpenID issuer, or the address of its metadata.</summary>
    public string? JwtAuthority { get; init; }

    public string? JwtIssuer { get; init; }

    public string? JwtAudience { get; init; }

    public required string InternalApiKey { get; init; }

    /// <summary>Taken beside <see cref="InternalApiKey"/> while that is rotated.</summary>
    public string? PreviousInternalApiKey { get; init; }

    /// <summary>Null: <c>webhooks/…/{token}</c> is 404 whatever the token.</summary>
    public string? WebhookPathToken { get; init; }

    /// <summary>Tokens a second that a caller's bucket gets back.</summary>
    public int RateLimitPerSecond { get; init; } = 100;

    /// <summary>Size of a caller's bucket.</summary>
    public int RateLimitBurst { get; init; } = 300;

    /// <summary>Where plain http is sent on to.</summary>
    public int HttpsPort { get; init; } = 443;

    /// <summary>The simulator's address. Null, beside the real provider: then <c>/sandbox</c> and all below it do not exist.</summary>
    public Uri? Sandbox { get; init; }
}

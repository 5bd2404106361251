using System.Security.Cryptography;
using System.Text;

namespace Payments.Api.Edge.Limits;

/// <summary>The secret last part of <c>webhooks/…/{token}</c>.</summary>
internal sealed class WebhookPathToken(EdgeOptions edge)
{
    private readonly byte[]? expected = edge.WebhookPathToken is { } token ? HashOf(token) : null;

    /// <summary>False as well when none is configured: then there is no such address.</summary>
    public bool Matches(string sent) => expected is not null && CryptographicOperations.FixedTimeEquals(HashOf(sent), expected);

    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

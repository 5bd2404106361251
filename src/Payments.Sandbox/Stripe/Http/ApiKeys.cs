using System.Security.Cryptography;
using System.Text;

namespace Payments.Sandbox.Stripe.Http;

/// <summary>Who may call: the configured secret key, by Bearer or as the user name of Basic.</summary>
internal sealed class ApiKeys(StripeSimulatorOptions options)
{
    /// <summary>The hosted page's own calls also take a publishable key, as a browser would send.</summary>
    public void Check(HttpRequest request, bool publishableToo)
    {
        var key = Key(request.Headers.Authorization.ToString()) ?? throw StripeException.Unauthorized(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.");
        var good = CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(options.SecretKey))
            || (options.AcceptAnyTestKey && key.StartsWith("sk_test_", StringComparison.Ordinal) && key.Length > 8)
            || (publishableToo && key.StartsWith("pk_test_", StringComparison.Ordinal));
        if (!good)
        {
            throw StripeException.Unauthorized($"Invalid API Key provided: {Masked(key)}");
        }
    }

    private static string? Key(string header)
    {
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            var token = header[7..].Trim();
            return token.Length > 0 ? token : null;
        }

        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var buffer = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[6..].Trim(), buffer, out var length))
        {
            return null;
        }

        var user = Encoding.UTF8.GetString(buffer, 0, length).Split(':')[0];
        return user.Length > 0 ? user : null;
    }

    private static string Masked(string key)
    {
        var shown = key.Length > 12 ? 4 : 0;
        var head = key.StartsWith("sk_test_", StringComparison.Ordinal) || key.StartsWith("pk_test_", StringComparison.Ordinal) ? 8 : 0;
        return key[..Math.Min(head, key.Length)] + new string('*', Math.Max(0, Math.Min(key.Length, 40) - head - shown)) + key[(key.Length - shown)..];
    }
}

using System.Security.Cryptography;
using System.Text;

namespace Payments.Sandbox.Stripe.Resources;

internal static class Fingerprints
{
    /// <summary>The same text for the same number, as Stripe's fingerprints are.</summary>
    public static string Of(string number) =>
        Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes("fingerprint " + number)))
            .Replace("+", "A", StringComparison.Ordinal).Replace("/", "b", StringComparison.Ordinal)[..16];
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Payments.Sandbox.Stripe.Deliveries;

/// <summary>The Stripe-Signature header: HMAC-SHA256 over "t.body", keyed with the whole secret, whsec_ included.</summary>
internal static class WebhookSignature
{
    /// <summary>One v1 for each active secret (several while one is rolled) and the v0 decoy that test mode adds.</summary>
    public static string Header(DateTimeOffset at, byte[] body, IEnumerable<string> secrets)
    {
        var timestamp = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var header = new StringBuilder("t=").Append(timestamp);
        foreach (var secret in secrets)
        {
            header.Append(",v1=").Append(Sign(timestamp, body, secret));
        }

        return header.Append(",v0=").Append(Sign(timestamp, body, "v0 is not to be trusted")).ToString();
    }

    public static string Sign(string timestamp, byte[] body, string secret)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hmac.AppendData(Encoding.UTF8.GetBytes(timestamp + "."));
        hmac.AppendData(body);
        return Convert.ToHexStringLower(hmac.GetHashAndReset());
    }
}

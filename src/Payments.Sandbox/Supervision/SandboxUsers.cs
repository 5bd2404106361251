using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Payments.Sandbox.Supervision;

internal sealed record SandboxUser(string Handle, Guid Id, string Email, string Name, IReadOnlyList<string> Roles)
{
    /// <summary>
    /// A bearer token good for ten years from now, by wall time. It carries no <c>nbf</c>: the sandbox's clock may be moved,
    /// and the token must not seem to come from the future.
    /// </summary>
    public string Token(string jwtSecret, DateTimeOffset now)
    {
        var header = Encoded(new { alg = "HS256", typ = "JWT" });
        var payload = Encoded(new
        {
            iss = "payments-sandbox",
            aud = "payments",
            sub = Id,
            email = Email,
            name = Name,
            roles = Roles,
            iat = now.ToUnixTimeSeconds(),
            exp = now.AddYears(10).ToUnixTimeSeconds(),
        });
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(jwtSecret), Encoding.ASCII.GetBytes($"{header}.{payload}"));
        return $"{header}.{payload}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encoded(object part) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(part));
}

/// <summary>The people of every sandbox: always the same ids, so that what is written about them stays true.</summary>
internal static class SandboxUsers
{
    public static readonly IReadOnlyList<SandboxUser> All =
    [
        new("ada", new("ada00000-0000-4000-8000-000000000001"), "ada@example.com", "Ada Lovelace", []),
        new("grace", new("9ace0000-0000-4000-8000-000000000002"), "grace@example.com", "Grace Hopper", []),
        new("admin", new("ad310000-0000-4000-8000-000000000003"), "admin@example.com", "Alex Admin", ["admin"]),
        new("support", new("50990000-0000-4000-8000-000000000004"), "support@example.com", "Sam Support", ["support"]),
        new("finance", new("f1a00000-0000-4000-8000-000000000005"), "finance@example.com", "Fay Finance", ["finance"]),
    ];
}

using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Payments.Domain.Shared;

namespace Payments.Api.Edge.Identity;

/// <summary>A token's <c>sub</c> as a user id.</summary>
internal static class UserIds
{
    // Never change it: it is half of every mapped user's id.
    private static readonly Guid MappedSubjects = new("6f1d2c1e-6c0b-4c8f-9f57-0d7a5f0f3b6a");

    /// <summary>Of a principal that passed token validation; null for anyone else.</summary>
    public static UserId? Of(ClaimsPrincipal principal) =>
        principal.IsTokenUser() && principal.FindFirstValue("sub") is { Length: > 0 } sub
            ? From(principal.FindFirstValue("iss"), sub)
            : null;

    /// <summary>
    /// A UUID stays itself. Anything else maps by (issuer, sub) to a name-based UUID (version 5, RFC 9562), so that
    /// the same person has the same id on every replica and after every restart, and two issuers' <c>42</c> are two people.
    /// </summary>
    public static UserId From(string? issuer, string sub) =>
        Guid.TryParseExact(sub, "D", out var id) && id != Guid.Empty ? new UserId(id) : new UserId(NameBased(MappedSubjects, $"{issuer}\n{sub}"));

    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "Version 5 UUIDs are defined over SHA-1; nothing is secured by it.")]
    internal static Guid NameBased(Guid space, string name)
    {
        var input = new byte[16 + Encoding.UTF8.GetByteCount(name)];
        space.TryWriteBytes(input, bigEndian: true, out _);
        Encoding.UTF8.GetBytes(name, input.AsSpan(16));
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(input, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}

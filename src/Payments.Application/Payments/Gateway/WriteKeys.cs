using System.Security.Cryptography;
using System.Text;
using Payments.Application.Shared;

namespace Payments.Application.Payments.Gateway;

/// <summary>
/// Keys of writes that no row of ours stands for: one that leaves nothing behind but what its answer says. The caller's
/// own retry, under the caller's key, sends the same request under the same key.
/// </summary>
internal static class WriteKeys
{
    /// <param name="parts">All that the request depends on, so that a different one never meets an old key.</param>
    public static string Of(string? requestKey, IIdGenerator ids, params string[] parts) => requestKey is null
        ? ids.Next().ToString()
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', [.. parts, requestKey]))));
}

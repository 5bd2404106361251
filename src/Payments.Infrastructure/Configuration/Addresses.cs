using System.Diagnostics.CodeAnalysis;

namespace Payments.Infrastructure.Configuration;

internal static class Addresses
{
    /// <summary>An absolute http or https address without a login in it.</summary>
    public static bool IsHttp(string text, [NotNullWhen(true)] out Uri? uri) =>
        Uri.TryCreate(text, UriKind.Absolute, out uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0 && uri.UserInfo.Length == 0;

    /// <summary>Unencrypted only where nobody is in between.</summary>
    public static bool IsHttpsOrLoopback(string text, [NotNullWhen(true)] out Uri? uri) =>
        IsHttp(text, out uri) && (uri.Scheme == "https" || uri.IsLoopback);
}

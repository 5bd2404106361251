namespace Payments.Sandbox.Stripe.Pages;

/// <summary>Addresses that a session brought along and a page would lead its buyer to.</summary>
internal static class PageUrl
{
    /// <summary>The address, fit for a header; null when a page must not lead there: a script is not a place.</summary>
    public static string? OrNull(string? url)
    {
        if (url is null)
        {
            return null;
        }

        var isOwnPath = url.StartsWith('/') && !url.StartsWith("//", StringComparison.Ordinal) && !url.Contains('\\', StringComparison.Ordinal);
        return isOwnPath ? url
            : Parse(url) is not { } uri ? null
            : url.All(c => c is > ' ' and < '\u007f') ? url
            : uri.AbsoluteUri;
    }

    /// <summary>The address as a source of a content security policy: its origin, or the scheme of an app's own.</summary>
    public static string? SourceOf(string? url) => Parse(url) switch
    {
        null => null,
        // The policy's grammar has no word for an IPv6 host.
        { Scheme: "http" or "https", HostNameType: not UriHostNameType.IPv6 } web => $"{web.Scheme}://{web.IdnHost}:{web.Port}",
        var app => app.Scheme + ":",
    };

    private static Uri? Parse(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is not ("javascript" or "data" or "vbscript" or "blob" or "file")
            && uri.UserInfo.Length == 0
            ? uri
            : null;
}

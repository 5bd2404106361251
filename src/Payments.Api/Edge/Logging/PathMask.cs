using System.Text.RegularExpressions;

namespace Payments.Api.Edge.Logging;

/// <summary>Paths as they may be written down: what follows <c>/webhooks/{provider}/</c> is a secret.</summary>
internal static partial class PathMask
{
    public static string Of(string path) => path.Contains("/webhooks/", StringComparison.OrdinalIgnoreCase) ? Secret().Replace(path, "${kept}***") : path;

    [GeneratedRegex("(?<kept>/webhooks/+[^/?#]+/+)[^\\s?#]+", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Secret();
}

using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Payments.Tests.Shared;

/// <summary>
/// Reads Stripe's form encoding (<c>a[b][0][c]=v</c>, <c>a[]=v</c>) into a tree whose leaves are all strings, and whose
/// lists are still objects with the indexes as keys: only the schema knows which of them is a list.
/// </summary>
internal static class StripeForm
{
    /// <summary>Keys that were sent as <c>a[]</c>, which has no index of its own.</summary>
    private const string Append = "";

    public static JsonObject Parse(string? encoded, List<string> errors)
    {
        var root = new JsonObject();
        foreach (var pair in (encoded ?? string.Empty).Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            var key = WebUtility.UrlDecode(at < 0 ? pair : pair[..at]);
            var value = at < 0 ? string.Empty : WebUtility.UrlDecode(pair[(at + 1)..]);
            if (Segments(key) is { } segments)
            {
                Put(root, segments, value, key, errors);
            }
            else
            {
                errors.Add($"$: the key '{key}' is not well formed");
            }
        }

        return root;
    }

    private static List<string>? Segments(string key)
    {
        var first = key.IndexOf('[', StringComparison.Ordinal);
        if (first < 0)
        {
            return key.Length == 0 || key.Contains(']', StringComparison.Ordinal) ? null : [key];
        }

        if (first == 0 || key[^1] != ']')
        {
            return null;
        }

        var segments = new List<string> { key[..first] };
        foreach (var segment in key[(first + 1)..^1].Split("]["))
        {
            if (segment.AsSpan().IndexOfAny('[', ']') >= 0)
            {
                return null;
            }

            segments.Add(segment);
        }

        return segments;
    }

    private static void Put(JsonObject root, List<string> segments, string value, string key, List<string> errors)
    {
        var node = root;
        for (var i = 0; i < segments.Count; i++)
        {
            var segment = segments[i] == Append ? NextIndex(node, i + 1 < segments.Count) : segments[i];
            if (i == segments.Count - 1)
            {
                if (!node.TryAdd(segment, JsonValue.Create(value)))
                {
                    errors.Add($"$: '{key}' is sent twice");
                }
            }
            else if (!node.TryGetPropertyValue(segment, out var child))
            {
                var next = new JsonObject();
                node[segment] = next;
                node = next;
            }
            else if (child is JsonObject existing)
            {
                node = existing;
            }
            else
            {
                errors.Add($"$: '{key}' is sent both as a value and as a hash");
                return;
            }
        }
    }

    // a[][b]=1&a[][c]=2 goes on with the last element, as Rack does it; a[]=1&a[]=2 begins a new one each time.
    private static string NextIndex(JsonObject list, bool nested) =>
        (nested ? Math.Max(0, list.Count - 1) : list.Count).ToString(CultureInfo.InvariantCulture);
}

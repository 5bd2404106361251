using System.Globalization;

namespace Payments.Sandbox.Stripe.Http;

/// <summary>
/// A request's parameters as Stripe's form encoding nests them: <c>a[b][c]=v</c>, <c>a[0]=v</c>, <c>a[]=v</c>,
/// <c>a[0][b]=v</c>. Whether a node is a hash or a list is the schema's business: both are children by name here.
/// </summary>
internal sealed class Form
{
    private const int MaxDepth = 8;
    private const int MaxParameters = 1_000;

    private readonly List<KeyValuePair<string, Form>> children = [];

    public string? Value { get; private set; }

    public IReadOnlyList<KeyValuePair<string, Form>> Children => children;

    public bool IsLeaf => children.Count == 0;

    public Form? this[string name] => children.Find(c => string.Equals(c.Key, name, StringComparison.Ordinal)).Value;

    /// <param name="pairs">Names and values, already percent-decoded: brackets may come as %5B and %5D.</param>
    public static Form Parse(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        var root = new Form();
        var count = 0;
        foreach (var (name, value) in pairs)
        {
            if (++count > MaxParameters)
            {
                throw StripeException.Invalid($"Too many parameters: at most {MaxParameters} are read.");
            }

            Put(root, name, value);
        }

        return root;
    }

    /// <summary>Decodes an application/x-www-form-urlencoded text: a body, or a query without its question mark.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Decode(string text)
    {
        foreach (var part in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? part : part[..equals];
            var value = equals < 0 ? "" : part[(equals + 1)..];
            yield return new(Unescape(name), Unescape(value));
        }

        static string Unescape(string s) => Uri.UnescapeDataString(s.Replace('+', ' '));
    }

    /// <summary>The same parameters in the same words whatever their order on the wire; what idempotency compares.</summary>
    public string Canonical()
    {
        var lines = new List<string>();
        Collect(this, "", lines);
        lines.Sort(StringComparer.Ordinal);
        return string.Join('\n', lines);

        static void Collect(Form node, string name, List<string> lines)
        {
            if (node.Value is { } value)
            {
                lines.Add(name + "=" + Uri.EscapeDataString(value));
            }

            foreach (var (key, child) in node.children)
            {
                Collect(child, name + "[" + Uri.EscapeDataString(key) + "]", lines);
            }
        }
    }

    private static void Put(Form root, string name, string value)
    {
        var path = Split(name);
        var node = root;
        for (var i = 0; i < path.Count; i++)
        {
            var segment = path[i];
            if (segment.Length == 0)
            {
                segment = node.NextIndex(i + 1 < path.Count ? path[i + 1] : null);
            }

            var child = node[segment];
            if (child is null)
            {
                child = new Form();
                node.children.Add(new(segment, child));
            }

            node = child;
        }

        if (node.children.Count > 0)
        {
            throw StripeException.Invalid($"Invalid {name}: it is given both as a value and as a hash.", name);
        }

        node.Value = value;
    }

    /// <summary>
    /// <c>a[]=x</c> appends. In <c>a[][b]=x&amp;a[][c]=y&amp;a[][b]=z</c> a new element begins where a name comes again.
    /// </summary>
    private string NextIndex(string? following)
    {
        if (following is { Length: > 0 } && children.Count > 0 && children[^1].Value[following] is null && children[^1].Value.Value is null)
        {
            return children[^1].Key;
        }

        return children.Count.ToString(CultureInfo.InvariantCulture);
    }

    private static List<string> Split(string name)
    {
        var open = name.IndexOf('[', StringComparison.Ordinal);
        if (open <= 0)
        {
            return [name];
        }

        var path = new List<string> { name[..open] };
        var at = open;
        while (at < name.Length)
        {
            var close = name.IndexOf(']', at);
            if (name[at] != '[' || close < 0)
            {
                throw StripeException.Invalid($"Invalid parameter name: {name}", name);
            }

            path.Add(name[(at + 1)..close]);
            at = close + 1;
        }

        return path.Count <= MaxDepth ? path : throw StripeException.Invalid($"Parameters are nested too deeply: {name}", name);
    }
}

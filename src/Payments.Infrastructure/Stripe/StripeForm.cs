using System.Globalization;
using System.Text;

namespace Payments.Infrastructure.Stripe;

/// <summary>
/// Stripe's form encoding: nested names <c>a[b][c]=v</c>, lists by index <c>a[0]=v</c>, booleans as words, times as
/// Unix seconds, an empty value to unset. Parameters come out in the order they were set, so that equal input gives equal bytes.
/// </summary>
internal sealed class StripeForm
{
    private readonly List<KeyValuePair<string, string>> pairs;
    private readonly string prefix;

    public StripeForm()
        : this([], "")
    {
    }

    private StripeForm(List<KeyValuePair<string, string>> pairs, string prefix)
    {
        this.pairs = pairs;
        this.prefix = prefix;
    }

    /// <summary>Null is not sent.</summary>
    public StripeForm Set(string name, string? value) => value is null ? this : Add(name, value);

    public StripeForm Set(string name, long value) => Add(name, value.ToString(CultureInfo.InvariantCulture));

    public StripeForm Set(string name, decimal value) => Add(name, value.ToString(CultureInfo.InvariantCulture));

    public StripeForm Set(string name, bool value) => Add(name, value ? "true" : "false");

    /// <summary>Unix seconds; fractions are cut off.</summary>
    public StripeForm Set(string name, DateTimeOffset value) => Set(name, value.ToUnixTimeSeconds());

    /// <summary>Sends the empty string, which is how Stripe removes a value.</summary>
    public StripeForm Unset(string name) => Add(name, "");

    public StripeForm Nest(string name, Action<StripeForm> content)
    {
        content(new StripeForm(pairs, Name(name)));
        return this;
    }

    /// <summary>By index; an empty list is sent as an empty value, which removes what was there.</summary>
    public StripeForm List(string name, params ReadOnlySpan<string> values)
    {
        var index = 0;
        foreach (var value in values)
        {
            pairs.Add(new($"{Name(name)}[{index++}]", value));
        }

        return index == 0 ? Unset(name) : this;
    }

    /// <inheritdoc cref="List(string, ReadOnlySpan{string})"/>
    public StripeForm List<T>(string name, IEnumerable<T> items, Action<StripeForm, T> content)
    {
        var index = 0;
        foreach (var item in items)
        {
            content(new StripeForm(pairs, $"{Name(name)}[{index++}]"), item);
        }

        return index == 0 ? Unset(name) : this;
    }

    /// <summary>The body or query text: ASCII only. Brackets stay literal, as the official libraries send them.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (name, value) in pairs)
        {
            if (text.Length > 0)
            {
                text.Append('&');
            }

            text.Append(Escape(name).Replace("%5B", "[", StringComparison.Ordinal).Replace("%5D", "]", StringComparison.Ordinal))
                .Append('=')
                .Append(Escape(value));
        }

        return text.ToString();
    }

    private static string Escape(string text) => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);

    private StripeForm Add(string name, string value)
    {
        pairs.Add(new(Name(name), value));
        return this;
    }

    private string Name(string name) => prefix.Length == 0 ? name : $"{prefix}[{name}]";
}

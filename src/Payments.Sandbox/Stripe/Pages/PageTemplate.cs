using System.Collections.Concurrent;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace Payments.Sandbox.Stripe.Pages;

/// <summary>
/// An HTML file with holes: <c>{{name}}</c> is a value, always escaped, for there is no other kind of hole;
/// <c>{{#name}}…{{/name}}</c> is shown when the value is true, or once for each of a list; <c>{{^name}}…{{/name}}</c>
/// when it is not. A name that the model lacks is an error, so that a typing mistake cannot go out as an empty page.
/// </summary>
internal sealed partial class PageTemplate
{
    private static readonly ConcurrentDictionary<string, PageTemplate> Templates = new(StringComparer.Ordinal);
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly IReadOnlyList<Part> parts;

    internal PageTemplate(string text)
    {
        var tokens = new Queue<string>(Hole().Split(text));
        parts = Parse(tokens, closing: null);
    }

    public static PageTemplate Load(string file) => Templates.GetOrAdd(file, static f => new PageTemplate(PageAssets.Text(f)));

    public string Render(PageModel model)
    {
        var page = new StringBuilder();
        Render(parts, model, page);
        return page.ToString();
    }

    private static List<Part> Parse(Queue<string> tokens, string? closing)
    {
        var read = new List<Part>();
        while (tokens.TryDequeue(out var token))
        {
            if (!token.StartsWith("{{", StringComparison.Ordinal))
            {
                read.Add(new Part.Literal(token));
                continue;
            }

            var name = token[3..^2];
            switch (token[2])
            {
                case '#' or '^':
                    read.Add(new Part.Section(name, token[2] == '^', Parse(tokens, name)));
                    break;
                case '/' when string.Equals(name, closing, StringComparison.Ordinal):
                    return read;
                case '/':
                    throw new FormatException($"{token} closes what {closing ?? "nothing"} opened.");
                default:
                    read.Add(new Part.Value(token[2..^2]));
                    break;
            }
        }

        return closing is null ? read : throw new FormatException($"{{{{#{closing}}}}} is not closed.");
    }

    private static void Render(IReadOnlyList<Part> parts, PageModel model, StringBuilder page)
    {
        foreach (var part in parts)
        {
            switch (part)
            {
                case Part.Literal literal:
                    page.Append(literal.Text);
                    break;
                case Part.Value value:
                    page.Append(Encoder.Encode(model[value.Name]?.ToString() ?? string.Empty));
                    break;
                case Part.Section section when model[section.Name] is IReadOnlyList<PageModel> list && !section.Inverted:
                    foreach (var item in list)
                    {
                        Render(section.Parts, item.Inside(model), page);
                    }

                    break;
                case Part.Section section when IsShown(model[section.Name]) != section.Inverted:
                    Render(section.Parts, model, page);
                    break;
            }
        }
    }

    private static bool IsShown(object? value) => value switch
    {
        null or false or "" => false,
        IReadOnlyList<PageModel> list => list.Count > 0,
        _ => true,
    };

    [GeneratedRegex("(?<hole>{{[#^/]?[a-z_0-9]+}})", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Hole();

    private abstract record Part
    {
        public sealed record Literal(string Text) : Part;

        public sealed record Value(string Name) : Part;

        public sealed record Section(string Name, bool Inverted, IReadOnlyList<Part> Parts) : Part;
    }
}

/// <summary>What fills a page's holes. Inside a list the element's names come before the page's.</summary>
internal sealed class PageModel : Dictionary<string, object?>
{
    private PageModel? around;

    public PageModel()
        : base(StringComparer.Ordinal)
    {
    }

    public new object? this[string name]
    {
        get => TryGetValue(name, out var value) ? value
            : around is not null ? around[name]
            : throw new KeyNotFoundException($"The page has a hole '{name}' that nothing fills.");
        set => base[name] = value;
    }

    public PageModel Inside(PageModel outer)
    {
        around = outer;
        return this;
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Payments.Domain.Shared;

namespace Payments.Infrastructure.Email;

/// <summary>A message ready to send.</summary>
internal sealed record RenderedMail(string Subject, string Text, string Html);

/// <summary>
/// Fills the templates in <c>Email/Templates</c> beside the program, which a designer can edit: the text file's first
/// line is the subject, <c>{{name}}</c> is replaced, and in HTML everything filled in is escaped.
/// </summary>
internal sealed partial class MailTemplates
{
    private readonly string folder = Path.Combine(AppContext.BaseDirectory, "Email", "Templates");
    private readonly ConcurrentDictionary<string, string> files = new(StringComparer.Ordinal);

    /// <param name="data">The notification's data as JSON.</param>
    public RenderedMail Render(string template, string data, string? personName)
    {
        var values = Values(data, personName);
        var text = Fill(File($"{template}.txt"), values, escape: false);
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        return new RenderedMail(text[..end].Trim(), text[end..].TrimStart(), Fill(File($"{template}.html"), values, escape: true));
    }

    private static Dictionary<string, string> Values(string data, string? personName)
    {
        using var json = JsonDocument.Parse(data);
        var values = json.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString(), StringComparer.Ordinal);
        values["greeting"] = string.IsNullOrWhiteSpace(personName) ? "" : " " + personName.Trim();
        if (values.TryGetValue("amountMinor", out var minor) && values.TryGetValue("currency", out var currency))
        {
            values["amount"] = MoneyText.Format(new Money(long.Parse(minor, CultureInfo.InvariantCulture), Currency.Of(currency)));
        }

        foreach (var time in new[] { "at", "evidenceDueBy" })
        {
            if (values.GetValueOrDefault(time) is { Length: > 0 } text)
            {
                values[time] = DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
            }
        }

        if (values.TryGetValue("brand", out var brand))
        {
            values["brandName"] = BrandName(brand);
        }

        if (values.TryGetValue("expMonth", out var month) && values.TryGetValue("expYear", out var year))
        {
            // As it stands on the card.
            values["expiry"] = $"{month.PadLeft(2, '0')}/{year}";
        }

        if (values.GetValueOrDefault("reason") is null or "")
        {
            values["reason"] = "the payment was not completed.";
        }

        return values;
    }

    private static string BrandName(string brand) => brand switch
    {
        "amex" => "American Express",
        "cartes_bancaires" => "Cartes Bancaires",
        "diners" => "Diners Club",
        "eftpos_au" => "eftpos",
        "jcb" => "JCB",
        "mastercard" => "Mastercard",
        "unionpay" => "UnionPay",
        "unknown" or "" => "payment",
        _ => char.ToUpperInvariant(brand[0]) + brand[1..],
    };

    private static string Fill(string template, Dictionary<string, string> values, bool escape) => Placeholder().Replace(template, match =>
    {
        var value = values.GetValueOrDefault(match.Groups["name"].Value, "");
        return escape ? WebUtility.HtmlEncode(value) : value.ReplaceLineEndings(" ");
    });

    private string File(string name) => files.GetOrAdd(name, n => System.IO.File.ReadAllText(Path.Combine(folder, n)));

    [GeneratedRegex(@"\{\{(?<name>\w+)\}\}", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();

}

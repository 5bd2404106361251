using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Payments.Application.Notifications;
using Payments.Domain.Shared;

namespace Payments.Infrastructure.Email;

/// <summary>A message ready to send.</summary>
internal sealed record RenderedMail(string Subject, string Text, string Html);

/// <summary>
/// Fills the templates in <c>Email/Templates</c> beside the program, which a designer can edit: the text file's first
/// line is the subject, <c>{{name}}</c> is replaced, and in HTML everything filled in is escaped. What stands between
/// <c>{{#name}}</c> and <c>{{/name}}</c> shows only where the name has a value, between <c>{{^name}}</c> and
/// <c>{{/name}}</c> only where it has none. Each time also goes by <c>{{…Text}}</c>: in the reader's time zone and in UTC.
/// </summary>
internal sealed partial class MailTemplates : INoticeTexts
{
    private static readonly string[] Times =
        ["at", "evidenceDueBy", "trialEnd", "paidUntil", "endedAt", "endsAt", "nextAttemptAt", "accessUntil", "periodStart", "periodEnd"];

    private readonly string folder = Path.Combine(AppContext.BaseDirectory, "Email", "Templates");
    private readonly ConcurrentDictionary<string, string> files = new(StringComparer.Ordinal);

    /// <param name="data">The notification's data as JSON.</param>
    /// <param name="timeZone">IANA name; null, or one that this machine does not know: times are in UTC alone.</param>
    public RenderedMail Render(string template, string data, string? personName, string? timeZone = null)
    {
        var values = Values(data, personName, timeZone);
        var text = Fill(File($"{template}.txt"), values, escape: false);
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        return new RenderedMail(text[..end].Trim(), text[end..].TrimStart(), Fill(File($"{template}.html"), values, escape: true));
    }

    public NoticeText Write(string type, string data, string? personName, string? timeZone)
    {
        var mail = Render(type, data, personName, timeZone);
        return new NoticeText(mail.Subject, mail.Text.TrimEnd());
    }

    private static Dictionary<string, string> Values(string data, string? personName, string? timeZone)
    {
        using var json = JsonDocument.Parse(data);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        Flatten(json.RootElement, values);
        AddTimes(values, timeZone);
        values["greeting"] = string.IsNullOrWhiteSpace(personName) ? "" : " " + personName.Trim();
        if (values.TryGetValue("amountMinor", out var minor) && values.TryGetValue("currency", out var currency))
        {
            values["amount"] = MoneyText.Format(new Money(long.Parse(minor, CultureInfo.InvariantCulture), Currency.Of(currency)));
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

    /// <summary>What an object within holds goes by its own name.</summary>
    private static void Flatten(JsonElement element, Dictionary<string, string> values)
    {
        foreach (var property in element.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Object)
            {
                Flatten(property.Value, values);
            }
            else
            {
                values.TryAdd(property.Name, property.Value.ValueKind == JsonValueKind.False ? "" : property.Value.ToString());
            }
        }
    }

    private static void AddTimes(Dictionary<string, string> values, string? timeZone)
    {
        var zone = timeZone is not null && TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var known) ? known : null;
        foreach (var name in Times)
        {
            if (values.GetValueOrDefault(name) is { Length: > 0 } text)
            {
                var time = DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).ToUniversalTime();
                values[name] = time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
                values[name + "Text"] = zone is null
                    ? time.ToString("d MMMM yyyy HH:mm 'UTC'", CultureInfo.InvariantCulture)
                    : TimeZoneInfo.ConvertTime(time, zone).ToString("d MMMM yyyy HH:mm", CultureInfo.InvariantCulture) + $" {timeZone} ({time.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC)";
            }
        }
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

    private static string Fill(string template, Dictionary<string, string> values, bool escape) => Placeholder().Replace(Shown(template, values), match =>
    {
        var value = values.GetValueOrDefault(match.Groups["name"].Value, "");
        return escape ? WebUtility.HtmlEncode(value) : value.ReplaceLineEndings(" ");
    });

    /// <summary>Decided on the template alone, before anything that people wrote is filled in.</summary>
    private static string Shown(string template, Dictionary<string, string> values) => Section().Replace(template, match =>
        (values.GetValueOrDefault(match.Groups["name"].Value) is { Length: > 0 }) == (match.Groups["kind"].Value == "#") ? Shown(match.Groups["body"].Value, values) : "");

    private string File(string name) => files.GetOrAdd(name, n => System.IO.File.ReadAllText(Path.Combine(folder, n)));

    [GeneratedRegex(@"\{\{(?<name>\w+)\}\}", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"\{\{(?<kind>[#^])(?<name>\w+)\}\}(?<body>.*?)\{\{/\k<name>\}\}", RegexOptions.ExplicitCapture | RegexOptions.Singleline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Section();
}

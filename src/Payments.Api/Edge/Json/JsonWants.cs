using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Payments.Api.Edge.Documents;

namespace Payments.Api.Edge.Json;

/// <summary>A converter has read its value by reading another type; what was wrong within that is told by its fields.</summary>
internal sealed class WithinException(JsonException within, Type read) : JsonException(within.Message, within)
{
    public Type Read => read;
}

/// <summary>Says what was wrong with a JSON body in the caller's words: the field, and what it wants; never a type of ours.</summary>
internal static partial class JsonWants
{
    public const string UnknownField = "is not a known field";

    public static (string Field, string Message) Explain(JsonException error, JsonTypeInfo root)
    {
        var field = FieldNames.OfJsonPath(error.Path);
        if (error is WithinException { InnerException: JsonException within, Read: var read })
        {
            var (inner, message) = Explain(within, root.Options.GetTypeInfo(read));
            return (inner == "body" ? field : $"{field}.{inner}", message);
        }

        if (MissingProperties().Match(error.Message) is { Success: true } missing)
        {
            var first = QuotedName().Match(missing.Value).Groups["name"].Value;
            return (field == "body" ? first : $"{field}.{first}", "is required");
        }

        if (UnmappedProperty().Match(error.Message) is { Success: true } unmapped)
        {
            var name = unmapped.Groups["name"].Value;
            return (field == "body" || field == name || field.EndsWith('.' + name, StringComparison.Ordinal) ? (field == "body" ? name : field) : $"{field}.{name}", UnknownField);
        }

        if (DuplicateProperty().Match(error.Message) is { Success: true } duplicate)
        {
            return (field == "body" ? duplicate.Groups["name"].Value : field, "is given twice");
        }

        // A syntax error comes from the reader and is wrapped as it is; anything else is a value of the wrong kind.
        return error.InnerException is JsonException || error.InnerException?.GetType().Name == "JsonReaderException"
            ? (field, $"is not well-formed JSON (line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1})")
            : (field, $"must be {Of(TypeAt(root, field))}");
    }

    /// <summary>What a field of this type takes: <c>a whole number</c>.</summary>
    public static string Of(Type? type)
    {
        type = type is null ? null : Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            null => "of another kind",
            _ when type.IsDefined(typeof(MinorOrMoneyAttribute), inherit: false) => "a whole number of minor units, or an object of amount and currency",
            _ when type.IsEnum => "one of " + string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName)),
            _ when type == typeof(string) => "a text",
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(Guid) => "a UUID",
            _ when type == typeof(int) => "a whole number of at most 32 bits",
            _ when type == typeof(long) => "a whole number",
            _ when type == typeof(DateTimeOffset) => "a time with Z or an offset, such as 2026-01-31T12:00:00Z",
            _ when type.IsPrimitive || type == typeof(decimal) => "a number",
            _ when type != typeof(string) && typeof(System.Collections.IEnumerable).IsAssignableFrom(type) && !typeof(System.Collections.IDictionary).IsAssignableFrom(type) => "a list",
            _ => "an object",
        };
    }

    private static Type? TypeAt(JsonTypeInfo root, string field)
    {
        var type = root;
        if (field == "body")
        {
            return type.Type;
        }

        foreach (var part in field.Split('.'))
        {
            var bracket = part.IndexOf('[', StringComparison.Ordinal);
            var name = bracket < 0 ? part : part[..bracket];
            var property = type.Properties.FirstOrDefault(p => p.Name == name);
            if (property is null)
            {
                return null;
            }

            type = root.Options.GetTypeInfo(property.PropertyType);
            if (bracket >= 0 && type.ElementType is { } element)
            {
                type = root.Options.GetTypeInfo(element);
            }
        }

        return type.Type;
    }

    // The wording is System.Text.Json's; a test holds it, so that a new version that rewords is noticed.
    [GeneratedRegex("missing required properties including: .*", RegexOptions.Singleline, 1000)]
    private static partial Regex MissingProperties();

    [GeneratedRegex("'(?<name>[^']*)'", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex QuotedName();

    [GeneratedRegex("^The JSON property '(?<name>[^']*)' could not be mapped", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UnmappedProperty();

    [GeneratedRegex("^Duplicate property '(?<name>[^']*)'", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DuplicateProperty();
}

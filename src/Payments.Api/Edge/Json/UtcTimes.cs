using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Payments.Api.Edge.Json;

/// <summary>Times leave as UTC with Z, to the microsecond as the database keeps them; they come in with Z or an offset, never as a local time.</summary>
internal sealed class UtcTimes : JsonConverter<DateTimeOffset>
{
    private static readonly string[] Accepted = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"];

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Parse(reader.GetString()!) is { } time ? time : throw new JsonException();

    /// <summary>Null: no time, or one that does not say where.</summary>
    public static DateTimeOffset? Parse(string text) =>
        (text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > "yyyy-MM-dd".Length)
        && DateTimeOffset.TryParseExact(text, Accepted, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time.ToUniversalTime()
            : null;

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture));
}

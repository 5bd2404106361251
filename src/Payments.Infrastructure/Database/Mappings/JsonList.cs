using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Payments.Domain.Shared;

namespace Payments.Infrastructure.Database.Mappings;

/// <summary>A short list of records as JSON; an amount is written <c>{ "minor": 1999, "currency": "usd" }</c>.</summary>
internal sealed class JsonList<T>() : ValueConverter<List<T>, string>(list => Write(list), text => Read(text))
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new AmountConverter() } };

    public static ValueComparer<List<T>> Comparer { get; } = new(
        (one, other) => one == other || (one != null && other != null && one.SequenceEqual(other)), list => list.Count, list => list.ToList());

    private static string Write(List<T> list) => JsonSerializer.Serialize(list, Json);

    private static List<T> Read(string text) => JsonSerializer.Deserialize<List<T>>(text, Json)!;

    private sealed class AmountConverter : JsonConverter<Money>
    {
        public override Money Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var amount = JsonDocument.ParseValue(ref reader);
            return new Money(amount.RootElement.GetProperty("minor").GetInt64(), Currency.Of(amount.RootElement.GetProperty("currency").GetString()!));
        }

        public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            writer.WriteNumber("minor", value.Minor);
            writer.WriteString("currency", value.Currency.Code);
            writer.WriteEndObject();
        }
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;
using Payments.Api.Edge.Documents;
using Payments.Api.Edge.Json;

namespace Payments.Api.Payments.Refunds;

/// <summary>Minor units: <c>{ "amount": 500, "currency": "usd" }</c>, or 500 alone, which is in the payment's own currency.</summary>
[MinorOrMoney]
[JsonConverter(typeof(RefundAmountFormat))]
public sealed record RefundAmount(long Minor, string? Currency);

internal sealed class RefundAmountFormat : JsonConverter<RefundAmount>
{
    public override RefundAmount Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return reader.TryGetInt64(out var minor) ? new RefundAmount(minor, null) : throw new JsonException();
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException();
        }

        try
        {
            var money = JsonSerializer.Deserialize<MoneyRequest>(ref reader, options)!;
            return new RefundAmount(money.Amount, money.Currency);
        }
        catch (JsonException within)
        {
            throw new WithinException(within, typeof(MoneyRequest));
        }
    }

    public override void Write(Utf8JsonWriter writer, RefundAmount value, JsonSerializerOptions options) => throw new NotSupportedException("Amounts to give back are only read.");
}

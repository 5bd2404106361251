using System.Text.Json;
using System.Text.Json.Serialization;

namespace Payments.Infrastructure.Stripe;

// Stripe's objects as they come over the wire: only what we read. Parameters without a default must be there.
// Statuses stay strings, since Stripe adds new ones; StripeStates gives them their meaning.
internal interface IStripeObject
{
    string Id { get; }
}

internal sealed record WireReference(string Id) : IStripeObject;

/// <summary>Our own metadata; values are text in whatever shape somebody gave them in the Dashboard.</summary>
internal sealed record WireMetadata(string? PaymentId = null, string? UserId = null);

internal sealed record WireList<T>(IReadOnlyList<T> Data, bool HasMore);

internal sealed record WireCustomer(
    string Id,
    bool Deleted = false,
    string? Email = null,
    string? Name = null,
    long Created = 0,
    WireMetadata? Metadata = null,
    WireInvoiceSettings? InvoiceSettings = null) : IStripeObject;

internal sealed record WireInvoiceSettings(
    [property: JsonConverter(typeof(ExpandableConverter<WireReference>))] Expandable<WireReference>? DefaultPaymentMethod = null);

/// <summary>A payment method that can be saved.</summary>
internal sealed record WirePaymentMethod(
    string Id,
    string Type,
    long Created,
    [property: JsonConverter(typeof(ExpandableConverter<WireReference>))] Expandable<WireReference>? Customer = null,
    WireSavedCard? Card = null) : IStripeObject;

internal sealed record WireSavedCard(string Brand, string Last4, int ExpMonth, int ExpYear, string? Fingerprint = null);

internal sealed record WireSetup(
    string Id,
    string Status,
    string? ClientSecret = null,
    [property: JsonConverter(typeof(ExpandableConverter<WireReference>))] Expandable<WireReference>? Customer = null,
    [property: JsonConverter(typeof(ExpandableConverter<WireReference>))] Expandable<WireReference>? PaymentMethod = null) : IStripeObject;

internal sealed record WirePortal(string Id, string Url) : IStripeObject;

/// <summary>An event's other half: what its object was before.</summary>
internal sealed record WirePrevious(WirePrevious.Of? Data = null)
{
    internal sealed record Of(WireOwner? PreviousAttributes = null);
}

internal sealed record WireOwner([property: JsonConverter(typeof(ExpandableConverter<WireReference>))] Expandable<WireReference>? Customer = null);

internal sealed record WireSession(
    string Id,
    string PaymentStatus,
    long ExpiresAt,
    long Created,
    bool Livemode,
    string? Status = null,
    long? AmountSubtotal = null,
    long? AmountTotal = null,
    string? Currency = null,
    WireTotals? TotalDetails = null,
    [property: JsonConverter(typeof(ExpandableConverter<WireReference>))] Expandable<WireReference>? Customer = null,
    [property: JsonConverter(typeof(ExpandableConverter<WireIntent>))] Expandable<WireIntent>? PaymentIntent = null,
    string? Url = null,
    WireMetadata? Metadata = null) : IStripeObject;

internal sealed record WireTotals(long AmountDiscount = 0, long AmountTax = 0);

internal sealed record WireIntent(
    string Id,
    string Status,
    long Amount,
    long AmountReceived,
    string Currency,
    long Created,
    bool Livemode,
    string? ClientSecret = null,
    [property: JsonConverter(typeof(ExpandableConverter<WireReference>))] Expandable<WireReference>? Customer = null,
    [property: JsonConverter(typeof(ExpandableConverter<WireCharge>))] Expandable<WireCharge>? LatestCharge = null,
    WireError? LastPaymentError = null,
    WireMetadata? Metadata = null) : IStripeObject;

internal sealed record WireCharge(
    string Id,
    string Status,
    long Amount,
    string Currency,
    long Created,
    bool Livemode,
    [property: JsonConverter(typeof(ExpandableConverter<WireReference>))] Expandable<WireReference>? PaymentIntent = null,
    WireMethod? PaymentMethodDetails = null,
    string? FailureCode = null,
    WireOutcome? Outcome = null,
    WireMetadata? Metadata = null) : IStripeObject;

internal sealed record WireOutcome(string? Type = null, string? Reason = null);

/// <summary>A payment method, or a charge's <c>payment_method_details</c>, which has no id.</summary>
internal sealed record WireMethod(string? Id = null, string? Type = null, WireCard? Card = null);

internal sealed record WireCard(string? Brand = null, string? Last4 = null);

internal sealed record WirePromotionCode(string Id, string Code, bool Active) : IStripeObject;

/// <summary>Both the <c>error</c> of an answer and an intent's <c>last_payment_error</c>.</summary>
internal sealed record WireError(
    string? Type = null,
    string? Code = null,
    string? DeclineCode = null,
    string? Message = null,
    string? Param = null,
    string? Charge = null,
    WireMethod? PaymentMethod = null,
    string? PaymentMethodType = null,
    JsonElement? PaymentIntent = null);

internal sealed record WireFailure([property: JsonConverter(typeof(ErrorConverter))] WireError? Error = null);

/// <summary>What is read of an object whose shape is not known well enough to read more.</summary>
internal sealed record WireStub(WireMetadata? Metadata = null);

/// <summary>A reference that Stripe sends as an id, or as the object when it was asked to expand it.</summary>
internal sealed record Expandable<T>(string Id, T? Value)
    where T : class, IStripeObject;

internal sealed class ExpandableConverter<T> : JsonConverter<Expandable<T>>
    where T : class, IStripeObject
{
    public override Expandable<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return new Expandable<T>(reader.GetString()!, null);
            case JsonTokenType.StartObject:
                var value = (T?)JsonSerializer.Deserialize(ref reader, options.GetTypeInfo(typeof(T)))
                    ?? throw new JsonException("An expanded object is null.");
                return new Expandable<T>(value.Id, value);
            default:
                throw new JsonException($"An id or an object was expected, not {reader.TokenType}.");
        }
    }

    public override void Write(Utf8JsonWriter writer, Expandable<T> value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Stripe's objects are only read.");
}

/// <summary>Old endpoints answer <c>"error": "invalid_grant"</c>, a plain word.</summary>
internal sealed class ErrorConverter : JsonConverter<WireError>
{
    public override WireError? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
            ? new WireError(Message: reader.GetString())
            : JsonSerializer.Deserialize(ref reader, StripeJson.Default.WireError);

    public override void Write(Utf8JsonWriter writer, WireError value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Stripe's objects are only read.");
}

[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(WireCustomer))]
[JsonSerializable(typeof(WireSession))]
[JsonSerializable(typeof(WireIntent))]
[JsonSerializable(typeof(WireCharge))]
[JsonSerializable(typeof(WireReference))]
[JsonSerializable(typeof(WirePaymentMethod))]
[JsonSerializable(typeof(WireSetup))]
[JsonSerializable(typeof(WirePortal))]
[JsonSerializable(typeof(WirePrevious))]
[JsonSerializable(typeof(WireStub))]
[JsonSerializable(typeof(WireFailure))]
[JsonSerializable(typeof(WireError))]
[JsonSerializable(typeof(WireList<WireCustomer>), TypeInfoPropertyName = "CustomerList")]
[JsonSerializable(typeof(WireList<WireSession>), TypeInfoPropertyName = "SessionList")]
[JsonSerializable(typeof(WireList<WireIntent>), TypeInfoPropertyName = "IntentList")]
[JsonSerializable(typeof(WireList<WirePaymentMethod>), TypeInfoPropertyName = "MethodList")]
[JsonSerializable(typeof(WireList<WirePromotionCode>), TypeInfoPropertyName = "PromotionCodeList")]
internal sealed partial class StripeJson : JsonSerializerContext;

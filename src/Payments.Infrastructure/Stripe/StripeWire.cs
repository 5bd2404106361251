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
internal sealed record WireMetadata(string? PaymentId = null, string? UserId = null, string? PlanId = null, string? RefundId = null);

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
    [property: JsonConverter(typeof(ExpandableConverter<WireReference>))] Expandable<WireReference>? Subscription = null,
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
    long AmountRefunded = 0,
    WireMethod? PaymentMethodDetails = null,
    string? FailureCode = null,
    WireOutcome? Outcome = null,
    WireMetadata? Metadata = null) : IStripeObject;

internal sealed record WireSubscription(
    string Id,
    string Status,
    long Created,
    bool Livemode,
    [property: JsonConverter(typeof(ExpandableConverter<WireReference>))] Expandable<WireReference> Customer,
    WireList<WireSubscriptionItem> Items,
    bool CancelAtPeriodEnd = false,
    long? CancelAt = null,
    long? CanceledAt = null,
    long? EndedAt = null,
    long? TrialStart = null,
    long? TrialEnd = null,
    WirePauseCollection? PauseCollection = null,
    WireCancellation? CancellationDetails = null,
    [property: JsonConverter(typeof(ExpandableConverter<WireInvoice>))] Expandable<WireInvoice>? LatestInvoice = null,
    [property: JsonConverter(typeof(ExpandableConverter<WirePaymentMethod>))] Expandable<WirePaymentMethod>? DefaultPaymentMethod = null,
    [property: JsonConverter(typeof(ExpandableConverter<WireSecret>))] Expandable<WireSecret>? PendingSetupIntent = null,
    WireMetadata? Metadata = null) : IStripeObject;

/// <summary>Since basil the period is the item's.</summary>
internal sealed record WireSubscriptionItem(string Id, WireReference Price, long CurrentPeriodStart, long CurrentPeriodEnd, long Quantity = 1);

internal sealed record WireCancellation(string? Reason = null);

internal sealed record WirePauseCollection(string Behavior, long? ResumesAt = null);

/// <summary>A setup intent, of which only the secret is wanted.</summary>
internal sealed record WireSecret(string Id, string? ClientSecret = null) : IStripeObject;

/// <param name="Id">A preview has none that is kept.</param>
internal sealed record WireInvoice(
    long Created,
    string Currency,
    bool Livemode,
    long Subtotal,
    long Total,
    long AmountDue,
    long AmountPaid,
    WireList<WireInvoiceLine> Lines,
    string Id = "",
    string? Status = null,
    string? BillingReason = null,
    string? Number = null,
    long AttemptCount = 0,
    long? NextPaymentAttempt = null,
    long? PeriodEnd = null,
    string? HostedInvoiceUrl = null,
    string? InvoicePdf = null,
    IReadOnlyList<WireAmount>? TotalDiscountAmounts = null,
    IReadOnlyList<WireTax>? TotalTaxes = null,
    IReadOnlyList<WireTaxId>? CustomerTaxIds = null,
    WireConfirmationSecret? ConfirmationSecret = null,
    WireStatusTransitions? StatusTransitions = null,
    [property: JsonConverter(typeof(ExpandableConverter<WireReference>))] Expandable<WireReference>? Customer = null,
    WireInvoiceParent? Parent = null,
    WireList<WireInvoicePayment>? Payments = null) : IStripeObject;

internal sealed record WireConfirmationSecret(string? ClientSecret = null);

internal sealed record WireAmount(long Amount);

internal sealed record WireTax(long Amount, long? TaxableAmount = null, WireTaxRateDetails? TaxRateDetails = null);

internal sealed record WireTaxId(string Type, string? Value = null);

internal sealed record WireTaxRateDetails(string? TaxRate = null);

internal sealed record WireTaxRate(string Id, string DisplayName, decimal Percentage, string? TaxType = null) : IStripeObject;

internal sealed record WireStatusTransitions(long? PaidAt = null);

internal sealed record WireInvoiceParent(WireSubscriptionDetails? SubscriptionDetails = null);

internal sealed record WireSubscriptionDetails(
    [property: JsonConverter(typeof(ExpandableConverter<WireReference>))] Expandable<WireReference>? Subscription = null,
    WireMetadata? Metadata = null);

internal sealed record WireInvoiceLine(long Amount, string Currency, WirePeriod Period, long? Quantity = null, string? Description = null, WireLineParent? Parent = null, WirePricing? Pricing = null);

internal sealed record WirePeriod(long Start, long End);

internal sealed record WireLineParent(WireLineDetails? SubscriptionItemDetails = null, WireLineDetails? InvoiceItemDetails = null);

internal sealed record WireLineDetails(bool Proration = false, string? Subscription = null);

internal sealed record WirePricing(WirePriceDetails? PriceDetails = null);

internal sealed record WirePriceDetails(
    [property: JsonConverter(typeof(ExpandableConverter<WireReference>))] Expandable<WireReference>? Price = null);

internal sealed record WireInvoicePayment(
    string Id,
    WireInvoicePaymentOf Payment,
    [property: JsonConverter(typeof(ExpandableConverter<WireReference>))] Expandable<WireReference> Invoice,
    string Status = "",
    bool IsDefault = false) : IStripeObject;

internal sealed record WireInvoicePaymentOf(
    [property: JsonConverter(typeof(ExpandableConverter<WireReference>))] Expandable<WireReference>? PaymentIntent = null);
internal sealed record WireRefund(
    string Id,
    long Amount,
    string Currency,
    long Created,
    string? Status = null,
    string? Reason = null,
    string? FailureReason = null,
    [property: JsonConverter(typeof(ExpandableConverter<WireReference>))] Expandable<WireReference>? Charge = null,
    [property: JsonConverter(typeof(ExpandableConverter<WireReference>))] Expandable<WireReference>? PaymentIntent = null,
    WireMetadata? Metadata = null) : IStripeObject;

internal sealed record WireDispute(
    string Id,
    string Status,
    long Amount,
    string Currency,
    string Reason,
    long Created,
    [property: JsonConverter(typeof(ExpandableConverter<WireReference>))] Expandable<WireReference>? Charge = null,
    [property: JsonConverter(typeof(ExpandableConverter<WireReference>))] Expandable<WireReference>? PaymentIntent = null,
    WireEvidence? EvidenceDetails = null,
    IReadOnlyList<WireMovement>? BalanceTransactions = null) : IStripeObject;

internal sealed record WireEvidence(long? DueBy = null);

/// <summary>A movement of our balance with Stripe, in that balance's currency.</summary>
internal sealed record WireMovement(long Fee, string Currency);

internal sealed record WireOutcome(string? Type = null, string? Reason = null);

/// <summary>A payment method, or a charge's <c>payment_method_details</c>, which has no id.</summary>
internal sealed record WireMethod(string? Id = null, string? Type = null, WireCard? Card = null);

internal sealed record WireCard(string? Brand = null, string? Last4 = null);

internal sealed record WirePrice(
    string Id,
    bool Active,
    bool Livemode,
    string Currency,
    long? UnitAmount = null,
    string? BillingScheme = null,
    WireRecurring? Recurring = null,
    JsonElement? TransformQuantity = null,
    string? LookupKey = null,
    [property: JsonConverter(typeof(ExpandableConverter<WireProduct>))] Expandable<WireProduct>? Product = null,
    WireMetadata? Metadata = null) : IStripeObject;

internal sealed record WireRecurring(string Interval, int IntervalCount = 1, string? UsageType = null);

/// <summary>A deleted product has no <c>active</c>.</summary>
internal sealed record WireProduct(string Id, bool Active = false, bool Deleted = false) : IStripeObject;

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
[JsonSerializable(typeof(WireSubscription))]
[JsonSerializable(typeof(WireInvoice))]
[JsonSerializable(typeof(WireTaxRate))]
[JsonSerializable(typeof(WireInvoicePayment))]
[JsonSerializable(typeof(WirePrice))]
[JsonSerializable(typeof(WireRefund))]
[JsonSerializable(typeof(WireDispute))]
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
[JsonSerializable(typeof(WireList<WireSubscription>), TypeInfoPropertyName = "SubscriptionList")]
[JsonSerializable(typeof(WireList<WireInvoice>), TypeInfoPropertyName = "InvoiceList")]
[JsonSerializable(typeof(WireList<WireInvoicePayment>), TypeInfoPropertyName = "InvoicePaymentList")]
[JsonSerializable(typeof(WireList<WirePrice>), TypeInfoPropertyName = "PriceList")]
[JsonSerializable(typeof(WireList<WireRefund>), TypeInfoPropertyName = "RefundList")]
[JsonSerializable(typeof(WireList<WirePaymentMethod>), TypeInfoPropertyName = "MethodList")]
[JsonSerializable(typeof(WireList<WirePromotionCode>), TypeInfoPropertyName = "PromotionCodeList")]
internal sealed partial class StripeJson : JsonSerializerContext;

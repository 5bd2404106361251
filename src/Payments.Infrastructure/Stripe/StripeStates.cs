using System.Text.Json;

using Payments.Application.Payments.Gateway;
using Payments.Domain.Payments.PaymentMethods;
using Payments.Domain.Shared;

namespace Payments.Infrastructure.Stripe;

/// <summary>Stripe's objects in our words.</summary>
/// <remarks>
/// A word that Stripe invented after this was written is, when <c>strict</c>, no known shape (<see cref="JsonException"/>,
/// the event is refetched), else read as the state that grants nothing and ends nothing.
/// </remarks>
internal static class StripeStates
{
    public static CustomerState Customer(WireCustomer customer) => new(
        customer.Id,
        Guid.TryParse(customer.Metadata?.UserId, out var user) ? new UserId(user) : null,
        Text(customer.Email),
        Text(customer.Name),
        customer.Deleted,
        customer.InvoiceSettings?.DefaultPaymentMethod?.Id);

    public static CardState Card(WirePaymentMethod method) => new(
        method.Id,
        method.Customer?.Id,
        method is { Type: "card", Card: { } card } ? Card(card) : null,
        Time(method.Created));

    public static SetupState Setup(WireSetup setup, bool strict) => new(
        setup.Id,
        setup.Status switch
        {
            "requires_payment_method" => SetupStatus.RequiresPaymentMethod,
            "requires_confirmation" => SetupStatus.RequiresConfirmation,
            "requires_action" => SetupStatus.RequiresAction,
            "processing" => SetupStatus.Processing,
            "succeeded" => SetupStatus.Succeeded,
            "canceled" => SetupStatus.Canceled,
            _ => Unknown(strict, "setup_intent.status", SetupStatus.Processing),
        },
        setup.ClientSecret,
        setup.Customer?.Id,
        setup.PaymentMethod?.Id);

    public static CheckoutState Checkout(WireSession session, bool strict) => new(
        session.Id,
        Payment(session.Metadata),
        session.Status switch
        {
            "open" => CheckoutStatus.Open,
            "complete" => CheckoutStatus.Complete,
            "expired" => CheckoutStatus.Expired,
            _ => Unknown(strict, "checkout.session.status", CheckoutStatus.Open),
        },
        session.PaymentStatus switch
        {
            "unpaid" => CheckoutPaymentStatus.Unpaid,
            "paid" => CheckoutPaymentStatus.Paid,
            "no_payment_required" => CheckoutPaymentStatus.NothingDue,
            _ => Unknown(strict, "checkout.session.payment_status", CheckoutPaymentStatus.Unpaid),
        },
        Money(session.AmountSubtotal, session.Currency),
        Money(session.AmountTotal, session.Currency),
        Money(session.TotalDetails?.AmountDiscount, session.Currency),
        Money(session.TotalDetails?.AmountTax, session.Currency),
        session.Customer?.Id,
        session.PaymentIntent?.Id,
        session.Url,
        Time(session.ExpiresAt),
        Time(session.Created),
        session.Livemode,
        session.PaymentIntent?.Value is { } intent ? Intent(intent, strict) : null);

    public static IntentState Intent(WireIntent intent, bool strict) => new(
        intent.Id,
        Payment(intent.Metadata),
        intent.Status switch
        {
            "requires_payment_method" => IntentStatus.RequiresPaymentMethod,
            "requires_confirmation" => IntentStatus.RequiresConfirmation,
            "requires_action" => IntentStatus.RequiresAction,
            "processing" => IntentStatus.Processing,
            "requires_capture" => IntentStatus.RequiresCapture,
            "succeeded" => IntentStatus.Succeeded,
            "canceled" => IntentStatus.Canceled,
            _ => Unknown(strict, "payment_intent.status", IntentStatus.Processing),
        },
        Money(intent.Amount, intent.Currency),
        Money(intent.AmountReceived, intent.Currency),
        intent.ClientSecret,
        intent.Customer?.Id,
        intent.LatestCharge?.Id,
        intent.LatestCharge?.Value is { } charge ? Charge(charge, strict) : null,
        intent.LastPaymentError is { } error ? Failure(error) : null,
        Time(intent.Created),
        intent.Livemode);

    public static ChargeState Charge(WireCharge charge, bool strict)
    {
        var outcome = charge.Status switch
        {
            "pending" => ChargeOutcome.Pending,
            "succeeded" => ChargeOutcome.Succeeded,
            "failed" => ChargeOutcome.Failed,
            _ => Unknown(strict, "charge.status", ChargeOutcome.Pending),
        };
        return new ChargeState(
            charge.Id,
            Payment(charge.Metadata),
            charge.PaymentIntent?.Id,
            outcome,
            Money(charge.Amount, charge.Currency),
            charge.PaymentMethodDetails?.Type,
            charge.PaymentMethodDetails?.Card?.Brand,
            charge.PaymentMethodDetails?.Card?.Last4,
            // Under card_declined the issuer's reason is in the outcome; codes such as expired_card speak for themselves.
            outcome == ChargeOutcome.Failed ? StripeDeclines.Of(charge.FailureCode == "card_declined" ? charge.Outcome?.Reason : null, charge.FailureCode) : null,
            Time(charge.Created),
            charge.Livemode);
    }

    public static FailedAttempt Failure(WireError error) => new(
        StripeDeclines.Of(error.DeclineCode, error.Code ?? error.Type),
        error.Charge,
        error.PaymentMethod?.Id,
        error.PaymentMethod?.Type ?? error.PaymentMethodType,
        error.PaymentMethod?.Card?.Brand,
        error.PaymentMethod?.Card?.Last4);

    /// <summary>
    /// Ours only by the metadata that we gave it. <c>client_reference_id</c> is not asked: on a payment link it is
    /// whatever the buyer put into the address.
    /// </summary>
    public static PaymentId? Payment(WireMetadata? metadata) => Guid.TryParse(metadata?.PaymentId, out var id) ? new PaymentId(id) : null;

    private static CardDetails Card(WireSavedCard card) => card is { ExpMonth: >= 1 and <= 12, ExpYear: >= 1970 and <= 9998, Last4.Length: <= 4, Brand.Length: <= 50 }
        ? new CardDetails(card.Brand, card.Last4, card.ExpMonth, card.ExpYear, Text(card.Fingerprint))
        : throw new JsonException("A card's brand, last four or expiry is none.");

    private static Money? Money(long? minor, string? currency) => minor is { } amount && currency is not null ? Money(amount, currency) : null;

    private static Money Money(long minor, string currency) => Currency.TryParse(currency, out var parsed)
        ? new Money(minor, parsed)
        : throw new JsonException("A currency is not a three-letter code.");

    private static DateTimeOffset Time(long seconds) => seconds is >= 0 and <= StripeEventReader.LastSecond
        ? DateTimeOffset.FromUnixTimeSeconds(seconds)
        : throw new JsonException("A time is out of range.");

    private static string? Text(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static T Unknown<T>(bool strict, string field, T careful) => strict ? throw new JsonException($"{field} is none that is known.") : careful;
}

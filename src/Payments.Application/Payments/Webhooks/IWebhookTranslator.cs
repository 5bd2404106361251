using Payments.Application.Payments.Gateway;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Webhooks;

/// <summary>Reads the provider's webhook payloads in our words. Pure: no database, no network, no clock.</summary>
public interface IWebhookTranslator
{
    /// <param name="payload">The raw bytes as they were signed.</param>
    /// <exception cref="System.Text.Json.JsonException">The payload is not what its type promises (missing or wrong fields).</exception>
    WebhookFact Translate(ReadOnlyMemory<byte> payload);
}

/// <summary>What an event tells us: the state of one object of the provider's.</summary>
public abstract record WebhookFact;

/// <param name="AsyncFailed">The event is that a delayed payment failed, which the session's own state does not show.</param>
public sealed record CheckoutChanged(CheckoutState State, bool AsyncFailed = false) : WebhookFact;

public sealed record IntentChanged(IntentState State) : WebhookFact;

public sealed record ChargeChanged(ChargeState State) : WebhookFact;

public sealed record SubscriptionChanged(SubscriptionState State) : WebhookFact;

public sealed record InvoiceChanged(InvoiceState State) : WebhookFact;

/// <summary>An intent pays an invoice: the link that neither of them shows.</summary>
public sealed record InvoicePaymentChanged(string InvoiceId, string? IntentId) : WebhookFact;
public sealed record RefundChanged(RefundState State) : WebhookFact;

public sealed record DisputeChanged(DisputeState State) : WebhookFact;

public sealed record CustomerChanged(CustomerState State) : WebhookFact;

/// <summary>A payment method that is attached, as it is now.</summary>
public sealed record CardChanged(CardState State) : WebhookFact;

/// <param name="State">With the customer that it was attached to, when the event tells.</param>
public sealed record CardDetached(CardState State) : WebhookFact;

public sealed record SetupSucceeded(SetupState State) : WebhookFact;

/// <summary>A shape we do not read (an older or newer API version): ask for the object and apply what comes back.</summary>
/// <param name="RelatedId">An invoice's subscription, a charge's intent, where even a foreign shape shows it.</param>
public sealed record NeedsRefetch(RefetchKind Kind, string ObjectId, PaymentId? PaymentId, string? RelatedId = null) : WebhookFact;

public enum RefetchKind
{
    Checkout,
    Intent,
    Charge,
    Subscription,
    Invoice,
    Refund,
    Dispute,
}

/// <summary>A type that nothing here acts on: stored, never dropped.</summary>
public sealed record Unhandled(string Type) : WebhookFact;

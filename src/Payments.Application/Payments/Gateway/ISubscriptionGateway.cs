using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Gateway;

/// <summary>Subscriptions and their invoices at the payment provider, in our words; see <see cref="IPaymentGateway"/> for how writes are sent.</summary>
public interface ISubscriptionGateway
{
    PreparedCall PrepareSubscription(NewSubscription subscription);

    /// <summary>Starts a subscription without the hosted page; its first payment may still have to be confirmed.</summary>
    Task<StartedSubscription> OpenSubscriptionAsync(PreparedCall call, string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>What an earlier send of unknown outcome may have made, by our id in its metadata; null when nothing is there.</summary>
    Task<StartedSubscription?> FindSubscriptionAsync(string customerId, PaymentId paymentId, CancellationToken cancellationToken);

    /// <summary>The subscription as it is now, with the fingerprint of its card.</summary>
    Task<SubscriptionState> GetSubscriptionAsync(string subscriptionId, CancellationToken cancellationToken);

    /// <summary>Its invoices as they are now, newest first, a hundred at most, each with the intent that pays it.</summary>
    Task<IReadOnlyList<InvoiceState>> GetInvoicesAsync(string subscriptionId, CancellationToken cancellationToken);

    /// <summary>The invoice that an intent pays, which neither of the two tells; null for none.</summary>
    Task<string?> FindInvoiceOfAsync(string intentId, CancellationToken cancellationToken);

    Task<InvoiceState> GetInvoiceAsync(string invoiceId, CancellationToken cancellationToken);

    /// <summary>What a tax of an invoice is called, which the invoice itself does not tell.</summary>
    Task<TaxRate> GetTaxRateAsync(string taxRateId, CancellationToken cancellationToken);

    /// <summary>Closes an open invoice for good; a subscription that waits for it as its first ends with it. Refused (<see cref="GatewayFailureKind.Conflict"/>) when it is paid or under way.</summary>
    Task VoidInvoiceAsync(string invoiceId, string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Changes plan, seats or both. Declined (<see cref="GatewayFailureKind.Declined"/>) changes nothing.</summary>
    Task<SubscriptionState> ChangeAsync(string subscriptionId, SubscriptionChange change, string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>What a change would cost, without making it.</summary>
    Task<ChangePreview> PreviewAsync(string subscriptionId, SubscriptionChange change, CancellationToken cancellationToken);

    /// <summary>Takes another saved card of its customer's from now on.</summary>
    Task<SubscriptionState> ChargeToAsync(string subscriptionId, string paymentMethodId, string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Ends it now. One that has ended already is answered as it is.</summary>
    Task<SubscriptionState> CancelAsync(string subscriptionId, string idempotencyKey, CancellationToken cancellationToken);

    Task<SubscriptionState> CancelAtPeriodEndAsync(string subscriptionId, bool cancel, string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Takes back a time that was set for it to end.</summary>
    Task<SubscriptionState> KeepAsync(string subscriptionId, string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Goes on with one whose trial ended without a card: a period begins and is charged. Still paused when that failed.</summary>
    Task<SubscriptionState> ResumeAsync(string subscriptionId, string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Stops collecting money while it goes on; null collects again.</summary>
    Task<SubscriptionState> PauseCollectionAsync(string subscriptionId, CollectionPause? pause, DateTimeOffset? resumesAt, string idempotencyKey, CancellationToken cancellationToken);
}

/// <param name="PaymentMethodId">A saved card to charge at once; null leaves the first payment to be confirmed on a page of your own.</param>
public sealed record NewSubscription(PaymentId PaymentId, UserId UserId, PlanId PlanId, string CustomerId, string PriceId, int Quantity, int TrialDays, string? PaymentMethodId);

/// <param name="Intent">Of the first invoice; null when nothing is due.</param>
/// <param name="ClientSecret">To confirm the first payment, or a trial's card, on a page of one's own.</param>
public sealed record StartedSubscription(SubscriptionState State, IntentState? Intent, string? ClientSecret);

/// <summary>How the difference of a change within a period is paid.</summary>
public enum Proration
{
    /// <summary>At once, by an invoice of its own.</summary>
    Now,

    /// <summary>With the next renewal.</summary>
    NextInvoice,

    /// <summary>Not at all: the new price counts from the next period on.</summary>
    None,
}

/// <param name="ItemId">The provider's id of what is subscribed.</param>
/// <param name="PriceId">Null keeps the one that was agreed, even if nobody else can have it any more.</param>
/// <param name="At">The moment from which it is prorated: the preview's, so that what is charged is what was shown.</param>
public sealed record SubscriptionChange(string ItemId, string? PriceId, int Quantity, Proration Proration, DateTimeOffset? At);

/// <param name="DueNow">What the change charges at once.</param>
/// <param name="NextTotal">Of the next invoice, with what is added to it.</param>
public sealed record ChangePreview(Money DueNow, Money NextTotal, IReadOnlyList<InvoiceLine> Lines, DateTimeOffset At, DateTimeOffset? NextAt);

/// <summary>A subscription as the provider has it. <paramref name="PaymentId"/> is our metadata, null for one made without us.</summary>
public sealed record SubscriptionState(string SubscriptionId, PaymentId? PaymentId, string CustomerId, DateTimeOffset CreatedAt, bool Livemode, SubscriptionReport Report);

/// <summary>An invoice as the provider has it. <paramref name="PaymentId"/> is our metadata on its subscription.</summary>
/// <param name="SubscriptionId">Null for one that bills something else.</param>
public sealed record InvoiceState(string InvoiceId, string? SubscriptionId, PaymentId? PaymentId, string CustomerId, DateTimeOffset CreatedAt, bool Livemode, InvoiceReport Report)
{
    /// <summary>The intent that pays it with its latest charge, where it was asked for.</summary>
    public IntentState? Intent { get; init; }
}

/// <summary>A subscription and all of its invoices, fetched together.</summary>
/// <param name="AskedAt">Before the question, by our clock.</param>
public sealed record SubscriptionSnapshot(SubscriptionState State, IReadOnlyList<InvoiceState> Invoices, DateTimeOffset AskedAt);

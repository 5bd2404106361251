using Payments.Domain.Payments.Invoices;

namespace Payments.Application.Payments.Gateway;

/// <summary>
/// Reads from the provider where freshness is in doubt: concurrent questions about one object are one call, and all
/// replicas together stay under a budget below the provider's limit.
/// </summary>
public interface IGatewayFetches
{
    /// <param name="version">Our row's version before the question: only questions about the same version share an answer, so that none is older than what we know.</param>
    Task<CheckoutState> CheckoutAsync(string sessionId, uint? version, CancellationToken cancellationToken);

    /// <inheritdoc cref="CheckoutAsync"/>
    Task<IntentState> IntentAsync(string intentId, uint? version, CancellationToken cancellationToken);

    /// <summary>A subscription with all of its invoices, and the intents of those that were tried to be collected since <paramref name="version"/> was read.</summary>
    /// <inheritdoc cref="CheckoutAsync"/>
    Task<SubscriptionSnapshot> SubscriptionAsync(string subscriptionId, uint? version, CancellationToken cancellationToken);

    /// <inheritdoc cref="CheckoutAsync"/>
    Task<InvoiceState> InvoiceAsync(string invoiceId, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISubscriptionGateway.GetTaxRateAsync"/>
    Task<TaxRate> TaxRateAsync(string taxRateId, CancellationToken cancellationToken);

    /// <param name="version">What our customer row counts, see <see cref="CheckoutAsync"/>.</param>
    Task<WalletState> WalletAsync(string customerId, long version, CancellationToken cancellationToken);

    /// <summary>Asked by each caller alone: what goes back is summed up, and an answer that is a moment older may lack some of it.</summary>
    Task<RefundState> RefundAsync(string gatewayId, CancellationToken cancellationToken);

    /// <inheritdoc cref="RefundAsync"/>
    Task<IReadOnlyList<RefundState>> RefundsAsync(string sourceId, CancellationToken cancellationToken);

    /// <inheritdoc cref="RefundAsync"/>
    Task<DisputeState> DisputeAsync(string gatewayId, CancellationToken cancellationToken);

    /// <summary>The invoice that an intent pays, null when it pays none; see <see cref="ISubscriptionGateway.FindInvoiceOfAsync"/>.</summary>
    Task<string?> InvoiceOfAsync(string intentId, CancellationToken cancellationToken);
}

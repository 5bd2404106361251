using Payments.Domain.Shared;

namespace Payments.Application.Payments.Gateway;

/// <summary>
/// The payment provider in our words. Every write is two steps: <c>Prepare…</c> (pure: builds the exact request,
/// which is saved with the intent) and a send of that saved request under an idempotency key of ours, so that a
/// resend after a crash is byte for byte the same request and never a second charge.
/// </summary>
/// <remarks>
/// Failures are <see cref="GatewayFailure"/>. What the buyer's bank decides (declined, needs authentication) is
/// not a failure: it is in the state that comes back.
/// </remarks>
public interface IPaymentGateway
{
    /// <summary>The provider account and mode that the configured key opens; our references are kept per account.</summary>
    GatewayAccount Account { get; }

    PreparedCall PrepareCustomer(NewCustomer customer);

    PreparedCall PrepareCheckout(NewCheckout checkout);

    PreparedCall PrepareIntent(NewIntent intent);

    Task<CustomerState> CreateCustomerAsync(PreparedCall call, string idempotencyKey, CancellationToken cancellationToken);

    Task<CheckoutState> OpenCheckoutAsync(PreparedCall call, string idempotencyKey, CancellationToken cancellationToken);

    Task<IntentState> OpenIntentAsync(PreparedCall call, string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Email and name follow ours.</summary>
    Task<CustomerState> UpdateCustomerAsync(string customerId, string? email, string? name, string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Deletes a customer for good, with its cards and what renews for it.</summary>
    /// <returns>False when there was none any more.</returns>
    Task<bool> DeleteCustomerAsync(string customerId, CancellationToken cancellationToken);

    /// <summary>Looks for what an earlier send of unknown outcome may have made, by our id in its metadata; null when nothing is there.</summary>
    Task<CustomerState?> FindCustomerAsync(UserId userId, string? email, CancellationToken cancellationToken);

    /// <inheritdoc cref="FindCustomerAsync"/>
    Task<CheckoutState?> FindCheckoutAsync(string customerId, PaymentId paymentId, CancellationToken cancellationToken);

    /// <inheritdoc cref="FindCustomerAsync"/>
    Task<IntentState?> FindIntentAsync(string customerId, PaymentId paymentId, CancellationToken cancellationToken);

    /// <summary>The session as it is now, with its intent and that intent's latest charge.</summary>
    Task<CheckoutState> GetCheckoutAsync(string sessionId, CancellationToken cancellationToken);

    /// <summary>The intent as it is now, with its latest charge.</summary>
    Task<IntentState> GetIntentAsync(string intentId, CancellationToken cancellationToken);

    Task<ChargeState> GetChargeAsync(string chargeId, CancellationToken cancellationToken);

    /// <summary>Closes an open session for good. Refused (<see cref="GatewayFailureKind.Conflict"/>) when it is complete already.</summary>
    Task<CheckoutState> ExpireCheckoutAsync(string sessionId, string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Ends an intent that is not paid. Refused (<see cref="GatewayFailureKind.Conflict"/>) when it is paid or under way.</summary>
    Task<IntentState> CancelIntentAsync(string intentId, string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>The active promotion code that a customer typed (case-insensitive), or null.</summary>
    Task<PromotionCode?> FindPromotionCodeAsync(string code, CancellationToken cancellationToken);
}

/// <summary>An account at the provider, in one mode. <see cref="Key"/> is stable over key rotation where the provider allows it.</summary>
public sealed record GatewayAccount(string Key, bool Livemode);

/// <summary>A request to the provider as it will be sent: an operation the adapter knows and its encoded body. Opaque to us; stored as text.</summary>
public sealed record PreparedCall(string Operation, string Body);

public sealed record NewCustomer(UserId UserId, string? Email, string? Name);

/// <summary>The hosted page, for one thing or the lines of an order.</summary>
public sealed record NewCheckout(
    PaymentId PaymentId,
    UserId UserId,
    string CustomerId,
    string Kind,
    string Description,
    IReadOnlyList<CheckoutLine> Lines,
    string? PromotionCodeId,
    string SuccessUrl,
    string CancelUrl,
    DateTimeOffset ExpiresAt)
{
    /// <summary>It begins a subscription; null for a single purchase.</summary>
    public CheckoutPlan? Plan { get; init; }
}

/// <summary>One line on the hosted page: a name, a price for one, and how many.</summary>
public sealed record CheckoutLine(string Name, Money UnitPrice, int Quantity);

/// <param name="PriceId">The provider's price, instead of the line's name and amount.</param>
public sealed record CheckoutPlan(PlanId PlanId, string PriceId, int TrialDays);

/// <summary>An intent for a custom page. With a saved <paramref name="PaymentMethodId"/> it is confirmed at once.</summary>
public sealed record NewIntent(
    PaymentId PaymentId,
    UserId UserId,
    string CustomerId,
    string Kind,
    string Description,
    Money Amount,
    string? PaymentMethodId,
    string? ReturnUrl);

/// <summary>A promotion code that may be used now. <paramref name="Id"/> is the provider's.</summary>
public sealed record PromotionCode(string Id, string Code);

using Payments.Domain.Shared;

namespace Payments.Application.Payments.Gateway;

/// <summary>A customer as the provider has it. <paramref name="UserId"/> comes from our metadata, null when it has none.</summary>
/// <param name="DefaultMethodId">What later payments take, null for nothing.</param>
public sealed record CustomerState(string CustomerId, UserId? UserId, string? Email, string? Name, bool Deleted, string? DefaultMethodId = null);

public enum CheckoutStatus
{
    Open,
    Complete,
    Expired,
}

public enum CheckoutPaymentStatus
{
    Unpaid,
    Paid,

    /// <summary>Nothing was due (a 100 % code, a trial): counts as paid.</summary>
    NothingDue,
}

/// <summary>
/// A hosted checkout as the provider has it. <paramref name="PaymentId"/> is our metadata, null for a foreign one.
/// <paramref name="Subtotal"/> is before discount and tax and is what our row is compared with.
/// </summary>
public sealed record CheckoutState(
    string SessionId,
    PaymentId? PaymentId,
    CheckoutStatus Status,
    CheckoutPaymentStatus PaymentStatus,
    Money? Subtotal,
    Money? Total,
    Money? Discount,
    Money? Tax,
    string? CustomerId,
    string? IntentId,
    string? Url,
    DateTimeOffset ExpiresAt,
    DateTimeOffset CreatedAt,
    bool Livemode,
    IntentState? Intent)
{
    /// <summary>The subscription that it began; null for a single purchase, and until it is complete.</summary>
    public string? SubscriptionId { get; init; }
}

public enum IntentStatus
{
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    Processing,
    RequiresCapture,
    Succeeded,
    Canceled,
}

/// <summary>A payment intent as the provider has it. <paramref name="Received"/> is what has really been paid.</summary>
public sealed record IntentState(
    string IntentId,
    PaymentId? PaymentId,
    IntentStatus Status,
    Money Amount,
    Money Received,
    string? ClientSecret,
    string? CustomerId,
    string? ChargeId,
    ChargeState? Charge,
    FailedAttempt? LastFailure,
    DateTimeOffset CreatedAt,
    bool Livemode);

public enum ChargeOutcome
{
    Pending,
    Succeeded,
    Failed,
}

/// <summary>One attempt to take the money. Card details are brand and last four digits only.</summary>
public sealed record ChargeState(
    string ChargeId,
    PaymentId? PaymentId,
    string? IntentId,
    ChargeOutcome Outcome,
    Money Amount,
    string? MethodType,
    string? CardBrand,
    string? CardLast4,
    GatewayDecline? Decline,
    DateTimeOffset CreatedAt,
    bool Livemode)
{
    /// <summary>How much of it has gone back, or is on its way, in all.</summary>
    public Money Refunded { get; init; }
}

/// <summary>Why an attempt failed: the provider's code, and a reason that may be shown to the buyer.</summary>
/// <param name="Code">The provider's decline code if there is one, else its error code: <c>insufficient_funds</c>. For staff: it may say lost or stolen.</param>
/// <param name="SafeCode">The same for the buyer; <c>card_declined</c> where the code must not be told.</param>
/// <param name="SafeMessage">Text for the buyer; never says lost, stolen or fraudulent.</param>
public sealed record GatewayDecline(string Code, string SafeCode, string SafeMessage);

/// <summary>An intent's last failure, which may have no charge (a refused 3-D Secure challenge).</summary>
public sealed record FailedAttempt(GatewayDecline Decline, string? ChargeId, string? MethodId, string? MethodType, string? CardBrand, string? CardLast4);

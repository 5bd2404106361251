using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Checkout;

/// <summary>How selling works here; from configuration, validated at start.</summary>
public sealed record CheckoutOptions
{
    /// <summary>False stops new checkouts (webhooks, returns and refunds go on). <c>CHECKOUT_ENABLED</c>, default true.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>When not empty, only these users (ids or emails, lower case) may buy: a soft launch. <c>CHECKOUT_ALLOWED_USERS</c>.</summary>
    public IReadOnlySet<string> AllowedUsers { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Where the buyer comes back to; contains <c>{CHECKOUT_SESSION_ID}</c>, unescaped. <c>STRIPE_SUCCESS_URL</c>.</summary>
    public required string SuccessUrl { get; init; }

    /// <summary><c>STRIPE_CANCEL_URL</c>.</summary>
    public required string CancelUrl { get; init; }

    /// <summary>How long a hosted page stays open: 30 min to 24 h, of which the provider's bounds leave 35 min to 23 h 58 min. <c>CHECKOUT_SESSION_MINUTES</c>, default 24 h.</summary>
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Price of one credit when a free amount is bought. <c>CREDIT_UNIT_PRICE</c> (minor units, default 10) and <c>CREDIT_CURRENCY</c> (default usd).</summary>
    public required Money CreditUnitPrice { get; init; }

    /// <summary>Least free amount of credits a purchase may have. <c>CREDIT_MIN</c>, default 10.</summary>
    public int CreditMinimum { get; init; } = 10;

    /// <summary>Greatest free amount of credits a purchase may have. <c>CREDIT_MAX</c>, default 100 000.</summary>
    public int CreditMaximum { get; init; } = 100_000;

    /// <summary>What becomes of spent credits of a free amount when its money goes back. <c>CREDIT_REFUND_POLICY</c> (debt, clamp or block), default debt.</summary>
    public RefundPolicy CreditRefundPolicy { get; init; }
}

namespace Payments.Sandbox.Stripe;

/// <summary>
/// What the hosted pages (checkout and the 3-D Secure challenge) need of the simulator, and nothing more:
/// the pages know no Stripe objects, the engine knows no HTML.
/// </summary>
public interface ICheckoutPageBackend
{
    /// <summary>The session, or the finalized invoice, as its page shows it; null when there is no such one.</summary>
    CheckoutPageView? Find(string sessionId);

    /// <summary>
    /// Pays the session as its page's button does. A decline leaves the session open.
    /// </summary>
    Task<PageOutcome> PayAsync(string sessionId, PagePayment payment, CancellationToken ct);

    /// <summary>The challenge of a PaymentIntent that waits for its buyer; null when none is pending.</summary>
    ChallengeView? FindChallenge(string paymentIntentId);

    /// <summary>The buyer's answer to the 3-D Secure challenge.</summary>
    Task<PageOutcome> AuthenticateAsync(string paymentIntentId, bool accepted, CancellationToken ct);

    /// <summary>
    /// Applies a promotion code typed on the page. Null when it was applied (read the view again);
    /// <see cref="PageOutcome.Refused"/> says why not.
    /// </summary>
    Task<PageOutcome?> ApplyPromotionCodeAsync(string sessionId, string code, CancellationToken ct);

    /// <summary>Takes a promotion code typed on the page off again; null when it is gone.</summary>
    Task<PageOutcome?> RemovePromotionCodeAsync(string sessionId, CancellationToken ct);
}

/// <summary>A checkout session for display. Amounts are in the currency's minor unit as Stripe counts it.</summary>
public sealed record CheckoutPageView
{
    public required string SessionId { get; init; }
    public required string MerchantName { get; init; }
    public required IReadOnlyList<CheckoutPageLine> Lines { get; init; }
    public required long Subtotal { get; init; }
    public required long Discount { get; init; }
    /// <summary>The code or the coupon's name behind <see cref="Discount"/>; null without a discount.</summary>
    public string? DiscountLabel { get; init; }
    /// <summary>True when the discount was typed on the page, so that the page may take it off again.</summary>
    public bool DiscountRemovable { get; init; }
    public required long Total { get; init; }
    /// <summary>Lower case ISO code.</summary>
    public required string Currency { get; init; }
    /// <summary>How many decimals the currency has: 0 for jpy, 2 for usd, 3 for kwd.</summary>
    public required int CurrencyExponent { get; init; }
    public string? CustomerEmail { get; init; }
    /// <summary>The email is the customer's own and cannot be changed on the page.</summary>
    public bool EmailLocked { get; init; }
    /// <summary>payment, subscription or setup; invoice for an invoice's own page.</summary>
    public required string Mode { get; init; }
    /// <summary>open, complete or expired.</summary>
    public required string Status { get; init; }
    /// <summary>paid, unpaid or no_payment_required.</summary>
    public required string PaymentStatus { get; init; }
    /// <summary>card, sepa_debit, us_bank_account: what the page offers, in this order.</summary>
    public required IReadOnlyList<string> PaymentMethodTypes { get; init; }
    /// <summary>With {CHECKOUT_SESSION_ID} already replaced. Null when the session has none.</summary>
    public string? SuccessUrl { get; init; }
    public string? CancelUrl { get; init; }
    public bool Livemode { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public bool AllowPromotionCodes { get; init; }
    /// <summary>True when the total is zero: the page asks for no payment method, only to complete the order.</summary>
    public bool NoPaymentRequired { get; init; }
    public string? Locale { get; init; }
    /// <summary>The mail catcher's page, for the sandbox's own footer.</summary>
    public Uri? MailPage { get; init; }
    /// <summary>pay, book, donate or subscribe: the button's word.</summary>
    public string? SubmitType { get; init; }
    /// <summary>The number of the invoice whose page this is; null on a session's.</summary>
    public string? InvoiceNumber { get; init; }
    public string? InvoicePdf { get; init; }
}

public sealed record CheckoutPageLine(string Name, string? Description, long Quantity, long UnitAmount, long Amount);

/// <summary>What the buyer typed. Exactly one of the three groups is filled, or none when nothing is to be paid.</summary>
public sealed record PagePayment
{
    /// <summary>The total the buyer saw. When the session's differs by now, the payment is refused.</summary>
    public required long ExpectedAmount { get; init; }
    public string? Name { get; init; }
    public string? Email { get; init; }
    public string? Country { get; init; }
    public string? PostalCode { get; init; }
    /// <summary>The buyer asked for the card to be kept.</summary>
    public bool SavePaymentMethod { get; init; }

    public string? CardNumber { get; init; }
    public int? ExpMonth { get; init; }
    /// <summary>Two or four digits.</summary>
    public int? ExpYear { get; init; }
    public string? Cvc { get; init; }

    public string? Iban { get; init; }

    public string? RoutingNumber { get; init; }
    public string? AccountNumber { get; init; }
}

/// <summary>How a page's request ended.</summary>
public abstract record PageOutcome
{
    private PageOutcome()
    {
    }

    /// <summary>Paid. Redirect is the success URL, or null when the session has none.</summary>
    public sealed record Succeeded(string? Redirect) : PageOutcome;

    /// <summary>A bank debit is under way; the session is complete and unpaid.</summary>
    public sealed record Processing(string? Redirect) : PageOutcome;

    /// <summary>The buyer may try again. Param names the field: number, exp_month, exp_year, cvc, or null.</summary>
    public sealed record Declined(string Code, string? DeclineCode, string Message, string? Param) : PageOutcome;

    /// <summary>3-D Secure: send the buyer to the challenge.</summary>
    public sealed record ActionRequired(string PaymentIntentId, string ChallengeUrl) : PageOutcome;

    /// <summary>Nothing happened: the session is expired or complete, or its amount changed.</summary>
    public sealed record Refused(string Message) : PageOutcome;
}

/// <summary>A pending 3-D Secure challenge.</summary>
public sealed record ChallengeView
{
    public required string PaymentIntentId { get; init; }
    public required string MerchantName { get; init; }
    public required long Amount { get; init; }
    public required string Currency { get; init; }
    public required int CurrencyExponent { get; init; }
    /// <summary>visa, mastercard, …</summary>
    public required string CardBrand { get; init; }
    public required string CardLast4 { get; init; }
    /// <summary>The checkout session behind it; null for a PaymentIntent of a custom UI.</summary>
    public string? SessionId { get; init; }
    /// <summary>Where the buyer goes after the answer (session page or return_url), before the outcome is known.</summary>
    public string? ReturnUrl { get; init; }
}

using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Exports;

/// <summary>
/// Every row of a time, a few at a time: no more than those are in memory, and no connection is held while a slow
/// reader takes them.
/// </summary>
public interface IPaymentBooks
{
    /// <summary>By when they were opened.</summary>
    IAsyncEnumerable<BookedPayment> PaymentsAsync(DateTimeOffset? from, DateTimeOffset? until, CancellationToken cancellationToken);

    /// <summary>By when they were asked for.</summary>
    IAsyncEnumerable<BookedRefund> RefundsAsync(DateTimeOffset? from, DateTimeOffset? until, CancellationToken cancellationToken);

    /// <summary>By when they were issued; drafts are none yet.</summary>
    IAsyncEnumerable<BookedInvoice> InvoicesAsync(DateTimeOffset? from, DateTimeOffset? until, CancellationToken cancellationToken);
}

/// <param name="Amount">What was taken; until that is known, what was agreed.</param>
public sealed record BookedPayment(
    PaymentId Id, UserId UserId, PaymentKind Kind, PaymentStatus Status, Money Amount, Money Discount, Money Tax, Money Refunded, long Credits, string Description,
    string? SessionId, string? IntentId, string? ChargeId, string? InvoiceId, DateTimeOffset CreatedAt, DateTimeOffset? CompletedAt);

public sealed record BookedRefund(
    RefundId Id, PaymentId PaymentId, UserId UserId, Money Amount, RefundStatus Status, RefundReason Reason, RefundOrigin Origin, string? Note, UserId? RequestedBy, string? GatewayId,
    DateTimeOffset CreatedAt, DateTimeOffset? CompletedAt);

public sealed record BookedInvoice(
    InvoiceId Id, UserId UserId, string? Number, InvoiceStatus Status, BillingReason Reason, Money Subtotal, Money Discount, Money Tax, Money Total, Money Paid, string GatewayId,
    SubscriptionId? SubscriptionId, PaymentId? PaymentId, DateTimeOffset? PeriodStart, DateTimeOffset? PeriodEnd, DateTimeOffset CreatedAt, DateTimeOffset? PaidAt);

using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Charges;

/// <summary>Payments of anybody, as staff look for them.</summary>
public interface IPaymentSearch
{
    /// <summary>The newest before <paramref name="before"/> that match.</summary>
    Task<IReadOnlyList<FoundPayment>> PageAsync(PaymentFilter filter, Cursor? before, int count, CancellationToken cancellationToken);
}

/// <param name="Payers">Only theirs; null for anybody's.</param>
/// <param name="Reference">The number of an invoice, an id of ours (of a payment, order, subscription, invoice, refund, dispute or user) or of the provider's (of a session, intent, charge, invoice, subscription, refund, dispute or customer).</param>
/// <param name="Least">In minor units of <paramref name="Currency"/>, of what was taken or, before that, agreed.</param>
/// <param name="Most">This much at most.</param>
/// <param name="AwaitsDecision">Only those that were paid with another amount than agreed, and not decided on.</param>
/// <param name="NeedsAttention">These, and those whose money is not ours to keep and does not go back by itself any more.</param>
public sealed record PaymentFilter(
    UserId? UserId, IReadOnlyList<UserId>? Payers, string? Reference, PaymentStatus? Status, PaymentKind? Kind, long? Least, long? Most, Currency? Currency, DateTimeOffset? From, DateTimeOffset? Until,
    bool AwaitsDecision = false, bool NeedsAttention = false);

public sealed record FoundPayment(
    PaymentView Payment, UserId UserId, PlanId? PlanId, CreditPackId? CreditPackId, SubscriptionId? SubscriptionId, string? IntentId, string? ChargeId, string? InvoiceId, bool AwaitsDecision, UndeliveredReason? Undelivered)
{
    public static FoundPayment From(Payment payment) => new(
        PaymentView.From(payment), payment.UserId, payment.PlanId, payment.CreditPackId, payment.SubscriptionId, payment.IntentId, payment.ChargeId, payment.InvoiceId, payment.AwaitsDecision, payment.Undelivered);
}

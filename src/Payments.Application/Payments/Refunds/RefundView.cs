using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Refunds;

/// <summary>A refund as staff see it.</summary>
public sealed record RefundView(
    RefundId Id,
    PaymentId PaymentId,
    Money Amount,
    RefundStatus Status,
    RefundReason Reason,
    RefundOrigin Origin,
    string? FailureReason,
    string? Note,
    UserId? RequestedBy,
    string? GatewayId,
    DateTimeOffset CreatedAt,
    DateTimeOffset? CompletedAt)
{
    public static RefundView From(Refund refund) => new(
        refund.Id, refund.PaymentId, refund.Amount, refund.Status, refund.Reason, refund.Origin, refund.FailureReason, refund.Note, refund.RequestedBy,
        refund.GatewayId, refund.CreatedAt, refund.CompletedAt);

    /// <summary>As the buyer sees it: without what is for staff. The provider's reason may say that a card was stolen.</summary>
    public RefundView ForBuyer() => this with { FailureReason = null, Note = null, RequestedBy = null, GatewayId = null };
}

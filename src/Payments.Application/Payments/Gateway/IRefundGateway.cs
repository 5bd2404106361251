using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Gateway;

/// <summary>Refunds at the payment provider, in our words; see <see cref="IPaymentGateway"/> for how writes are sent.</summary>
public interface IRefundGateway
{
    PreparedCall PrepareRefund(NewRefund refund);

    Task<RefundState> CreateRefundAsync(PreparedCall call, string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>What an earlier send of unknown outcome may have made, by our id in its metadata; null when nothing is there.</summary>
    Task<RefundState?> FindRefundAsync(string sourceId, RefundId refundId, CancellationToken cancellationToken);

    Task<RefundState> GetRefundAsync(string gatewayId, CancellationToken cancellationToken);

    /// <summary>All refunds of an intent or charge.</summary>
    Task<IReadOnlyList<RefundState>> ListRefundsAsync(string sourceId, CancellationToken cancellationToken);
}

/// <param name="SourceId">The provider's intent, or charge, that the money came by.</param>
public sealed record NewRefund(RefundId RefundId, PaymentId PaymentId, UserId UserId, string SourceId, Money Amount, RefundReason Reason);

/// <summary>A refund as the provider has it. <paramref name="RefundId"/> and <paramref name="PaymentId"/> are our metadata, null for one that was made without us.</summary>
public sealed record RefundState(
    string GatewayId,
    RefundId? RefundId,
    PaymentId? PaymentId,
    string? IntentId,
    string? ChargeId,
    RefundStatus Status,
    Money Amount,
    RefundReason Reason,
    string? FailureReason,
    DateTimeOffset CreatedAt);

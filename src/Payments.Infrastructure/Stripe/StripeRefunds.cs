using Payments.Application.Payments.Gateway;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;

namespace Payments.Infrastructure.Stripe;

/// <summary>Refunds and disputes at Stripe.</summary>
internal sealed class StripeRefunds(StripeCalls calls) : IRefundGateway, IDisputeGateway
{
    private const string Refunds = "/v1/refunds";
    private const string Disputes = "/v1/disputes";

    private const string CreateRefund = "POST " + Refunds;

    public PreparedCall PrepareRefund(NewRefund refund) => new(
        CreateRefund,
        new StripeForm()
            .Set(SourceOf(refund.SourceId), refund.SourceId)
            .Set("amount", refund.Amount.Minor)
            .Set("reason", refund.Reason switch
            {
                RefundReason.Duplicate => "duplicate",
                RefundReason.Fraudulent => "fraudulent",
                RefundReason.RequestedByCustomer => "requested_by_customer",
                _ => null,
            })
            .Nest("metadata", metadata => metadata
                .Set("refund_id", refund.RefundId.ToString())
                .Set("payment_id", refund.PaymentId.ToString())
                .Set("user_id", refund.UserId.ToString()))
            .ToString());

    public Task<RefundState> CreateRefundAsync(PreparedCall call, string idempotencyKey, CancellationToken cancellationToken) =>
        RefundAsync(StripeCalls.Prepared(call, CreateRefund, idempotencyKey), cancellationToken);

    public async Task<RefundState?> FindRefundAsync(string sourceId, RefundId refundId, CancellationToken cancellationToken) =>
        (await ListRefundsAsync(sourceId, cancellationToken)).LastOrDefault(refund => refund.RefundId == refundId);

    public Task<RefundState> GetRefundAsync(string gatewayId, CancellationToken cancellationToken) =>
        RefundAsync(StripeCalls.Get(Refunds, gatewayId, new StripeForm()), cancellationToken);

    public async Task<IReadOnlyList<RefundState>> ListRefundsAsync(string sourceId, CancellationToken cancellationToken)
    {
        var all = await calls.ListAsync(Refunds, form => form.Set(SourceOf(sourceId), sourceId), StripeJson.Default.RefundList, StripeErrors.TooMany, cancellationToken);
        return [.. all.Select(refund => StripeStates.Refund(refund, strict: false))];
    }

    public async Task<DisputeState> GetDisputeAsync(string gatewayId, CancellationToken cancellationToken)
    {
        var reply = await calls.SendAsync(StripeCalls.Get(Disputes, gatewayId, new StripeForm()), cancellationToken);
        return calls.Map(reply, StripeCalls.Content(reply, StripeJson.Default.WireDispute), StripeStates.Dispute);
    }

    private static string SourceOf(string id) => id.StartsWith("pi_", StringComparison.Ordinal) ? "payment_intent" : "charge";

    private async Task<RefundState> RefundAsync(StripeRequest request, CancellationToken cancellationToken)
    {
        var reply = await calls.SendAsync(request, cancellationToken);
        return calls.Map(reply, StripeCalls.Content(reply, StripeJson.Default.WireRefund), StripeStates.Refund);
    }
}

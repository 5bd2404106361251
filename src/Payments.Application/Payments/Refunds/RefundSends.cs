using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Refunds;

/// <summary>
/// Sends a saved refund and saves what came of it. Any number of times, after a crash at any point: the same key makes
/// the same refund, and a key that is too old is settled by a look-up.
/// </summary>
internal sealed partial class RefundSends(IUnitOfWorkScopes scopes, IRefundGateway gateway, IGatewayFetches fetches, ILogger<RefundSends> logger)
{
    /// <summary>
    /// No transaction is open here, and the refund was taken up (see <see cref="Refund.TakenUp"/>). Runs to its end even if
    /// the caller goes away: half a write helps nobody. What is not known yet is due again later.
    /// </summary>
    public async Task SendAsync(RefundId id)
    {
        var cancellationToken = CancellationToken.None;
        var refund = await scopes.RunAsync<IPaymentsDb, Refund>((db, token) => db.Refunds.AsNoTracking().FirstAsync(r => r.Id == id, token), cancellationToken);
        try
        {
            var state = refund switch
            {
                { Status: RefundStatus.Requested } => await SendSavedAsync(refund, cancellationToken),
                { Status: RefundStatus.Pending, GatewayId: { } gatewayId } => await fetches.RefundAsync(gatewayId, cancellationToken),
                _ => null,
            };
            if (state is not null)
            {
                await scopes.RunAsync<MoneyBack, int>(async (money, token) => (await money.ApplyAsync(refund.PaymentId, [state], [], token)).Count, cancellationToken);
            }
        }
        catch (GatewayFailure failure) when (refund.Status == RefundStatus.Requested && IsVerdict(failure))
        {
            Log.Refused(logger, id, refund.PaymentId, failure.Message);
            var there = await ThereAsync(refund, cancellationToken);
            await scopes.RunAsync<MoneyBack, bool>(
                async (money, token) =>
                {
                    await money.RefuseAsync(refund.PaymentId, id, failure.Code ?? "refused", there, token);
                    return true;
                },
                cancellationToken);
        }
        catch (GatewayFailure failure)
        {
            Log.NotSent(logger, id, failure.Kind, failure.Message);
        }
    }

    private Task<RefundState> SendSavedAsync(Refund refund, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, GatewaySends, RefundState>(
        async (db, sends, token) => await sends.SendAsync(
            await db.GatewayRequests.FirstAsync(r => r.SubjectId == refund.Id.Value, token),
            gateway.CreateRefundAsync,
            t => gateway.FindRefundAsync(refund.SourceId!, refund.Id, t),
            token),
        cancellationToken);

    /// <summary>Why it is refused is most often a refund that we have not heard of yet.</summary>
    private async Task<IReadOnlyList<RefundState>> ThereAsync(Refund refund, CancellationToken cancellationToken)
    {
        try
        {
            return await fetches.RefundsAsync(refund.SourceId!, cancellationToken);
        }
        catch (GatewayFailure failure)
        {
            Log.NotAsked(logger, refund.Id, failure.Kind, failure.Message);
            return [];
        }
    }

    /// <summary>
    /// The provider looked at this very refund and will not make it (given back already, disputed, more than is left).
    /// A key without rights is our fault, and no reason to call the refund off.
    /// </summary>
    private static bool IsVerdict(GatewayFailure failure) => failure.Kind is GatewayFailureKind.Conflict or GatewayFailureKind.NotFound or GatewayFailureKind.Declined
        || failure is { Kind: GatewayFailureKind.OurFault, Parameter: not null };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Refund {RefundId} is not known to be sent ({Kind}): {Reason}; it is taken up again later")]
        public static partial void NotSent(ILogger logger, RefundId refundId, GatewayFailureKind kind, string reason);

        [LoggerMessage(2, LogLevel.Error, "Refund {RefundId} of payment {PaymentId} was refused by the provider: {Reason}")]
        public static partial void Refused(ILogger logger, RefundId refundId, PaymentId paymentId, string reason);

        [LoggerMessage(3, LogLevel.Warning, "What the provider has instead of refund {RefundId} could not be asked ({Kind}): {Reason}; its events will tell")]
        public static partial void NotAsked(ILogger logger, RefundId refundId, GatewayFailureKind kind, string reason);
    }
}

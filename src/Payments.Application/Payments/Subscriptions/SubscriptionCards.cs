using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Subscriptions;

/// <summary>
/// Which card a user's live subscriptions are charged to. The provider's page gives each of them a card of its own, which
/// goes before the customer's default, so whoever chooses another default must be followed here.
/// </summary>
internal sealed partial class SubscriptionCards(IUnitOfWorkScopes scopes, ISubscriptionGateway gateway, IIdGenerator ids, ILogger<SubscriptionCards> logger)
{
    /// <param name="insteadOf">Only those that are charged to this card; null: all.</param>
    /// <param name="requestKey">The caller's Idempotency-Key.</param>
    /// <exception cref="GatewayFailure">The provider could not be told. Whatever it was told stays; ask again.</exception>
    public async Task ChargeToAsync(UserId userId, string paymentMethodId, string? insteadOf, string? requestKey, CancellationToken cancellationToken)
    {
        var others = await scopes.RunAsync<IPaymentsDb, List<Charged>>(
            (db, token) => db.Subscriptions.AsNoTracking()
                .Where(s => s.UserId == userId && s.GatewayCreatedAt != null && Subscription.LiveStatuses.Contains(s.Status)
                    && s.PaymentMethodId != paymentMethodId && (insteadOf == null || s.PaymentMethodId == insteadOf))
                .Select(s => new Charged(s.Id, s.GatewayId)).ToListAsync(token),
            cancellationToken);
        foreach (var subscription in others)
        {
            try
            {
                await gateway.ChargeToAsync(subscription.GatewayId, paymentMethodId, WriteKeys.Of(requestKey, ids, "charge-to", subscription.GatewayId, paymentMethodId), cancellationToken);
            }
            catch (GatewayFailure failure) when (failure.Kind is GatewayFailureKind.Conflict or GatewayFailureKind.NotFound or GatewayFailureKind.OurFault)
            {
                // It has ended meanwhile, and its event is on the way.
                Log.NotTaken(logger, subscription.Id, failure.Message);
                continue;
            }

            await scopes.RunAsync<IPaymentsDb, bool>(
                async (db, token) =>
                {
                    await using var transaction = await db.BeginAsync(token);
                    (await db.LockSubscriptionsAsync(userId, token)).First(s => s.Id == subscription.Id).ChargedTo(paymentMethodId);
                    await db.SaveChangesAsync(token);
                    await transaction.CommitAsync(token);
                    return true;
                },
                cancellationToken);
        }
    }

    private sealed record Charged(SubscriptionId Id, string GatewayId);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Subscription {SubscriptionId} did not take another card: {Reason}")]
        public static partial void NotTaken(ILogger logger, SubscriptionId subscriptionId, string reason);
    }
}

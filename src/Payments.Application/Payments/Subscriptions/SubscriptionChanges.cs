using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Subscriptions;

/// <summary>
/// Makes a change that a subscriber asked for: claims the subscription, calls the provider, applies what it answers. One
/// change at a time; who comes meanwhile is refused. After a crash the provider's events bring the outcome.
/// </summary>
internal sealed partial class SubscriptionChanges(IUnitOfWorkScopes scopes, SubscriptionRefreshes refreshes, IIdempotencyContext idempotency, IIdGenerator ids, TimeProvider clock, ILogger<SubscriptionChanges> logger)
{
    /// <param name="check">Whether it may be made, under the lock; what it returns is handed to <paramref name="call"/>.</param>
    /// <param name="call">The provider's call, with the idempotency key to send.</param>
    public async Task<SubscriptionView> MakeAsync<T>(UserId userId, SubscriptionId id, Func<Subscription, T> check, Func<T, string, CancellationToken, Task<SubscriptionState>> call, CancellationToken cancellationToken)
    {
        var (gatewayId, change) = await ClaimAsync(userId, id, check, cancellationToken);

        // From here on no caller who hangs up may keep the outcome from being saved.
        var key = idempotency.Key is { } given ? $"{id}:{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(given)))}" : ids.Next().ToString();
        try
        {
            await call(change, key, CancellationToken.None);
            await RefreshAsync(id, gatewayId);
        }
        catch (GatewayFailure failure) when (failure.Kind is GatewayFailureKind.Declined)
        {
            await ReleaseAsync(userId, id);
            throw failure.Code is "subscription_payment_intent_requires_action" or "authentication_required"
                ? SubscriptionRefusals.ActionRequired()
                : SubscriptionRefusals.PaymentDeclined(failure.SafeMessage ?? "The payment for this change was declined.");
        }
        catch (GatewayFailure failure) when (failure.Kind is GatewayFailureKind.Conflict or GatewayFailureKind.NotFound or GatewayFailureKind.OurFault)
        {
            await RefreshAsync(id, gatewayId);
            await ReleaseAsync(userId, id);
            Log.Refused(logger, id, failure.Code, failure.Message);
            throw SubscriptionRefusals.NotAccepted(failure.SafeMessage ?? "The payment provider did not accept this change; the subscription is as it was.");
        }
        catch (GatewayFailure failure) when (failure.Kind is GatewayFailureKind.Unavailable)
        {
            await ReleaseAsync(userId, id);
            throw;
        }

        await ReleaseAsync(userId, id);
        return await scopes.RunAsync<IPaymentsDb, SubscriptionView>(
            async (db, token) => (await db.ViewsOfAsync([await db.Subscriptions.AsNoTracking().FirstAsync(s => s.Id == id, token)], token))[0], CancellationToken.None);
    }

    private Task<(string GatewayId, T Change)> ClaimAsync<T>(UserId userId, SubscriptionId id, Func<Subscription, T> check, CancellationToken cancellationToken) =>
        scopes.RunAsync<IPaymentsDb, (string, T)>(
            async (db, token) =>
            {
                await using var transaction = await db.BeginAsync(token);
                var subscription = (await db.LockSubscriptionsAsync(userId, token)).FirstOrDefault(s => s.Id == id && s.IsKnown) ?? throw SubscriptionRefusals.NotFound();
                subscription.BeginChange(clock.GetUtcNow());
                var change = check(subscription);
                await db.SaveChangesAsync(token);
                await transaction.CommitAsync(token);
                return (subscription.GatewayId, change);
            },
            cancellationToken);

    /// <summary>The change is made; if its outcome cannot be had now, the events bring it.</summary>
    private async Task RefreshAsync(SubscriptionId id, string gatewayId)
    {
        try
        {
            await refreshes.RefreshAsync(gatewayId, null, CancellationToken.None);
        }
        catch (GatewayFailure failure)
        {
            Log.NotRefreshed(logger, id, failure.Kind, failure.Message);
        }
    }

    private Task<bool> ReleaseAsync(UserId userId, SubscriptionId id) => scopes.RunAsync<IPaymentsDb, bool>(
        async (db, token) =>
        {
            await using var transaction = await db.BeginAsync(token);
            (await db.LockSubscriptionsAsync(userId, token)).First(s => s.Id == id).EndChange();
            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return true;
        },
        CancellationToken.None);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A change of subscription {SubscriptionId} was not accepted ({Code}): {Reason}")]
        public static partial void Refused(ILogger logger, SubscriptionId subscriptionId, string? code, string reason);

        [LoggerMessage(2, LogLevel.Warning, "Subscription {SubscriptionId} was changed, and could not be asked for ({Kind}): {Reason}; its events are on their way")]
        public static partial void NotRefreshed(ILogger logger, SubscriptionId subscriptionId, GatewayFailureKind kind, string reason);
    }
}

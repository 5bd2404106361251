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
    /// <param name="operation">What is done, for the key that the provider is sent: one caller's key may come with several operations.</param>
    /// <param name="isMet">The subscription is as was wished. Who says by a key that this may be a repetition is answered how it stands, not that nothing is left to do.</param>
    /// <param name="check">Whether it may be made, under the lock; what it returns tells all of the request, and is handed to <paramref name="call"/>.</param>
    /// <param name="call">The provider's call, with the idempotency key to send.</param>
    public async Task<SubscriptionView> MakeAsync<T>(
        UserId userId, SubscriptionId id, string operation, Func<Subscription, bool> isMet, Func<Subscription, T> check, Func<T, string, CancellationToken, Task<SubscriptionState>> call, CancellationToken cancellationToken)
        where T : notnull
    {
        (string GatewayId, T Change)? claimed;
        try
        {
            claimed = await ClaimAsync(userId, id, isMet, check, cancellationToken);
        }
        catch (Refusal busy) when (busy.Code == SubscriptionRefusals.BusyCode && idempotency.Key is not null)
        {
            // It may be this key's own earlier try that is in the way, of which nobody has heard what came of it: the provider can tell.
            var subscription = await FindAsync(id);
            if (!await RefreshAsync(id, subscription.GatewayId) || !isMet(await FindAsync(id)))
            {
                throw;
            }

            return await ViewAsync(id);
        }

        if (claimed is not { } claim)
        {
            return await ViewAsync(id);
        }

        // From here on no caller who hangs up may keep the outcome from being saved.
        var (gatewayId, change) = claim;
        var key = WriteKeys.Of(idempotency.Key, ids, operation, id.ToString(), change.ToString()!);
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
        catch (Exception failure) when (failure is GatewayFailure { Kind: GatewayFailureKind.Unavailable } or Refusal)
        {
            await ReleaseAsync(userId, id);
            throw;
        }
        catch (GatewayFailure failure) when (failure.Kind is GatewayFailureKind.UnknownOutcome)
        {
            // The provider's own state tells what came of it. Where not even that can be had, the claim stays until its
            // lease is over or an event tells: until then nobody knows what another change would be made to.
            if (!await RefreshAsync(id, gatewayId))
            {
                throw;
            }

            if (!isMet(await ReleaseAsync(userId, id)))
            {
                throw;
            }

            return await ViewAsync(id);
        }

        await ReleaseAsync(userId, id);
        return await ViewAsync(id);
    }

    private Task<Subscription> FindAsync(SubscriptionId id) => scopes.RunAsync<IPaymentsDb, Subscription>(
        (db, token) => db.Subscriptions.AsNoTracking().FirstAsync(s => s.Id == id, token), CancellationToken.None);

    private Task<SubscriptionView> ViewAsync(SubscriptionId id) => scopes.RunAsync<IPaymentsDb, SubscriptionView>(
        async (db, token) => (await db.ViewsOfAsync([await db.Subscriptions.AsNoTracking().FirstAsync(s => s.Id == id, token)], token))[0], CancellationToken.None);

    /// <returns>Null when nothing is to be done.</returns>
    private Task<(string GatewayId, T Change)?> ClaimAsync<T>(UserId userId, SubscriptionId id, Func<Subscription, bool> isMet, Func<Subscription, T> check, CancellationToken cancellationToken) =>
        scopes.RunAsync<IPaymentsDb, (string, T)?>(
            async (db, token) =>
            {
                await using var transaction = await db.BeginAsync(token);
                var subscription = (await db.LockSubscriptionsAsync(userId, token)).FirstOrDefault(s => s.Id == id && s.IsKnown) ?? throw SubscriptionRefusals.NotFound();
                if (idempotency.Key is not null && isMet(subscription))
                {
                    return null;
                }

                subscription.BeginChange(clock.GetUtcNow());
                var change = check(subscription);
                await db.SaveChangesAsync(token);
                await transaction.CommitAsync(token);
                return (subscription.GatewayId, change);
            },
            cancellationToken);

    /// <summary>If how it stands cannot be had now, the events bring it.</summary>
    /// <returns>Whether it could be had.</returns>
    private async Task<bool> RefreshAsync(SubscriptionId id, string gatewayId)
    {
        try
        {
            await refreshes.RefreshAsync(gatewayId, null, CancellationToken.None);
            return true;
        }
        catch (GatewayFailure failure)
        {
            Log.NotRefreshed(logger, id, failure.Kind.ToString(), failure.Message);
        }
        catch (Refusal refusal)
        {
            // It moves too quickly: others bring the news.
            Log.NotRefreshed(logger, id, refusal.Code, refusal.Message);
        }

        return false;
    }

    private Task<Subscription> ReleaseAsync(UserId userId, SubscriptionId id) => scopes.RunAsync<IPaymentsDb, Subscription>(
        async (db, token) =>
        {
            await using var transaction = await db.BeginAsync(token);
            var subscription = (await db.LockSubscriptionsAsync(userId, token)).First(s => s.Id == id);
            subscription.EndChange();
            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return subscription;
        },
        CancellationToken.None);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A change of subscription {SubscriptionId} was not accepted ({Code}): {Reason}")]
        public static partial void Refused(ILogger logger, SubscriptionId subscriptionId, string? code, string reason);

        [LoggerMessage(2, LogLevel.Warning, "Subscription {SubscriptionId} was changed, and could not be asked for ({Kind}): {Reason}; its events are on their way")]
        public static partial void NotRefreshed(ILogger logger, SubscriptionId subscriptionId, string kind, string reason);
    }
}

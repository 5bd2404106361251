using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Subscriptions;

/// <summary>Finds whose a subscription is, applies news of it in a transaction, and asks the provider where the news do not tell all.</summary>
internal sealed class SubscriptionRefreshes(IUnitOfWorkScopes scopes, IGatewayFetches fetches, IPaymentGateway gateway)
{
    private const int Tries = 5;

    /// <summary>Applies news, and then the provider's own answer if they leave a question. No transaction is open here.</summary>
    /// <returns>Null when neither the payment that it names nor its customer is ours.</returns>
    /// <exception cref="GatewayFailure">The provider could not be asked.</exception>
    public async Task<SubscriptionResult?> ApplyAsync(SubscriptionNews news, PaymentId? paymentId, string? customerId, CancellationToken cancellationToken)
    {
        if (await OwnerAsync(news.GatewayId, paymentId, customerId, cancellationToken) is not { } owner)
        {
            return null;
        }

        var result = await ApplyAsync(owner, news, cancellationToken);
        return result.AskProvider ? await RefreshAsync(owner, news.GatewayId, news.Session, cancellationToken) : result;
    }

    /// <summary>Works out anew what our own rows say of a subscription (a payment of it was given back). Asks nobody.</summary>
    public async Task ReviewAsync(string gatewayId, CancellationToken cancellationToken)
    {
        if (await OwnerAsync(gatewayId, null, null, cancellationToken) is { } owner)
        {
            await ApplyAsync(owner, new SubscriptionNews(gatewayId, [], [], null, IsFresh: false), cancellationToken);
        }
    }

    /// <summary>Asks the provider how a subscription stands and applies the answer, unless the row moved meanwhile: then asks again.</summary>
    /// <inheritdoc cref="ApplyAsync(SubscriptionNews, PaymentId?, string?, CancellationToken)"/>
    public Task<SubscriptionResult?> RefreshAsync(string gatewayId, CheckoutState? session, CancellationToken cancellationToken) =>
        RefreshAsync(gatewayId, session, session?.PaymentId, session?.CustomerId, cancellationToken);

    /// <summary>
    /// The same of one that was just begun, by whose payment we know. One that is known already is left to its events and
    /// to due work when the provider cannot be asked now: what was begun stands, and its caller is told so.
    /// </summary>
    /// <exception cref="GatewayFailure">The provider could not be asked, and nothing was heard of it yet.</exception>
    public async Task LookAsync(string gatewayId, PaymentId paymentId, string customerId, CancellationToken cancellationToken)
    {
        try
        {
            await RefreshAsync(gatewayId, null, paymentId, customerId, cancellationToken);
        }
        catch (Exception e) when (e is GatewayFailure or Refusal { Code: SubscriptionRefusals.BusyCode })
        {
            if (!await scopes.RunAsync<IPaymentsDb, bool>((db, token) => db.Subscriptions.AnyAsync(s => s.GatewayId == gatewayId && s.GatewayCreatedAt != null, token), cancellationToken))
            {
                throw;
            }
        }
    }

    private async Task<SubscriptionResult?> RefreshAsync(string gatewayId, CheckoutState? session, PaymentId? paymentId, string? customerId, CancellationToken cancellationToken)
    {
        var owner = await OwnerAsync(gatewayId, paymentId, customerId, cancellationToken);
        if (owner is null)
        {
            // Only the subscription itself can say whose it is.
            var snapshot = await fetches.SubscriptionAsync(gatewayId, null, cancellationToken);
            owner = await OwnerAsync(gatewayId, snapshot.State.PaymentId, snapshot.State.CustomerId, cancellationToken);
        }

        return owner is null ? null : await RefreshAsync(owner, gatewayId, session, cancellationToken);
    }

    private async Task<SubscriptionResult> RefreshAsync(SubscriptionOwner owner, string gatewayId, CheckoutState? session, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var version = await scopes.RunAsync<IPaymentsDb, uint?>(
                (db, token) => db.Subscriptions.AsNoTracking().Where(s => s.GatewayId == gatewayId).Select(s => (uint?)s.Version).FirstOrDefaultAsync(token), cancellationToken);
            var snapshot = await fetches.SubscriptionAsync(gatewayId, version, cancellationToken);
            var state = snapshot.State with { Report = snapshot.State.Report with { At = snapshot.AskedAt } };
            var result = await ApplyAsync(owner with { PaymentId = owner.PaymentId ?? state.PaymentId }, new SubscriptionNews(gatewayId, [state], snapshot.Invoices, session, IsFresh: true, version), cancellationToken);
            if (!result.Stale)
            {
                return result;
            }
        }

        throw SubscriptionRefusals.Busy();
    }

    private Task<SubscriptionResult> ApplyAsync(SubscriptionOwner owner, SubscriptionNews news, CancellationToken cancellationToken) => scopes.RunAsync<SubscriptionUpdates, IPaymentsDb, SubscriptionResult>(
        async (updates, db, token) =>
        {
            await using var transaction = await db.BeginAsync(token);
            var result = await updates.ApplyAsync(owner, news, token);
            await transaction.CommitAsync(token);
            return result;
        },
        cancellationToken);

    /// <summary>By our own rows alone: metadata names a payment, and the row says whose that is.</summary>
    private Task<SubscriptionOwner?> OwnerAsync(string gatewayId, PaymentId? paymentId, string? customerId, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, SubscriptionOwner?>(
        async (db, token) =>
        {
            var payment = paymentId is { } id
                ? await db.Payments.AsNoTracking().Where(p => p.Id == id).Select(p => new { p.Id, p.UserId }).FirstOrDefaultAsync(token)
                : null;
            var user = payment?.UserId
                ?? await db.Subscriptions.AsNoTracking().Where(s => s.GatewayId == gatewayId).Select(s => (UserId?)s.UserId).FirstOrDefaultAsync(token)
                ?? (customerId is null ? null : await db.Customers.AsNoTracking().Where(c => c.GatewayId == customerId).Select(c => (UserId?)c.UserId).FirstOrDefaultAsync(token));
            if (user is not { } userId)
            {
                return null;
            }

            // Any of the user's records in this account will do as the lock, as long as it is always the same.
            var customer = await db.Customers.AsNoTracking().Where(c => c.UserId == userId && c.Account == gateway.Account.Key && c.Livemode == gateway.Account.Livemode)
                .OrderBy(c => c.CreatedAt).ThenBy(c => c.Id).Select(c => (Guid?)c.Id).FirstOrDefaultAsync(token);
            return customer is { } row ? new SubscriptionOwner(userId, row, payment?.Id) : null;
        },
        cancellationToken);
}

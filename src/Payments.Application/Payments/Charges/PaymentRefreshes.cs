using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Subscriptions;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Charges;

/// <summary>Asks the provider how a payment stands and applies the answer, unless the row moved meanwhile: then asks again.</summary>
internal sealed class PaymentRefreshes(IUnitOfWorkScopes scopes, IGatewayFetches fetches, PaymentRecoveries recoveries, SubscriptionRefreshes subscriptions, TimeProvider clock)
{
    private const int Tries = 5;

    /// <summary>No transaction is open here.</summary>
    /// <returns>What the answer did; null when there is no such payment.</returns>
    /// <exception cref="GatewayFailure">The provider could not be asked.</exception>
    public async Task<ReportEffect?> RefreshAsync(PaymentId id, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var before = await scopes.RunAsync<IPaymentsDb, Before?>(
                (db, token) => db.Payments.AsNoTracking().Where(p => p.Id == id)
                    .Select(p => new Before(p.Flow, p.SessionId, p.IntentId, p.Version, db.Subscriptions.Where(s => s.Id == p.SubscriptionId).Select(s => s.GatewayId).FirstOrDefault())).FirstOrDefaultAsync(token),
                cancellationToken);
            if (before is null)
            {
                return null;
            }

            if (before.SubscriptionId is { } subscription)
            {
                return (await subscriptions.RefreshAsync(subscription, null, cancellationToken))?.Payment;
            }

            var (news, session) = await AskAsync(id, before, cancellationToken);
            if (session is { SubscriptionId: { } begun })
            {
                return (await subscriptions.RefreshAsync(begun, session, cancellationToken))?.Payment;
            }

            if (news is null)
            {
                if (await recoveries.RecoverAsync(id, cancellationToken))
                {
                    continue;
                }

                return ReportEffect.None;
            }

            var result = await ApplyAsync(news, cancellationToken);
            if (!result.Stale)
            {
                return result.Effect;
            }
        }

        throw new Refusal(RefusalKind.Conflict, "payment.busy", "The payment is changing too quickly; try again.");
    }

    /// <summary>Applies a session that was fetched for its own sake: our row may not know of it yet.</summary>
    /// <returns>Null when it is no payment of ours.</returns>
    public async Task<NewsResult?> AdoptAsync(CheckoutState session, CancellationToken cancellationToken) =>
        session.PaymentId is { } id ? await ApplyAsync(NewsOf(id, session, null), cancellationToken) : null;

    /// <summary>Applies what the provider has just answered about an intent of ours.</summary>
    public async Task<NewsResult?> AdoptAsync(PaymentId id, IntentState intent, CancellationToken cancellationToken) =>
        await ApplyAsync(new PaymentNews(id, GatewayReports.From(intent) with { IsFresh = true }, [.. AttemptReport.From(intent, clock.GetUtcNow())]), cancellationToken);

    private Task<NewsResult> ApplyAsync(PaymentNews news, CancellationToken cancellationToken) => scopes.RunAsync<Fulfilment, IPaymentsDb, NewsResult>(
        async (fulfilment, db, token) =>
        {
            await using var transaction = await db.BeginAsync(token);
            var applied = (await fulfilment.ApplyAsync([news], token))[0];
            await transaction.CommitAsync(token);
            return applied;
        },
        cancellationToken);

    private PaymentNews NewsOf(PaymentId id, CheckoutState session, uint? version) => new(
        id, GatewayReports.From(session) with { IsFresh = true }, session.Intent is { } beneath ? [.. AttemptReport.From(beneath, clock.GetUtcNow())] : [], version);

    private async Task<(PaymentNews? News, CheckoutState? Session)> AskAsync(PaymentId id, Before before, CancellationToken cancellationToken)
    {
        if (before is { Flow: PaymentFlow.Checkout, SessionId: { } sessionId })
        {
            var session = await fetches.CheckoutAsync(sessionId, before.Version, cancellationToken);
            return (NewsOf(id, session, before.Version), session);
        }

        if (before is { Flow: PaymentFlow.Intent, IntentId: { } intentId })
        {
            var intent = await fetches.IntentAsync(intentId, before.Version, cancellationToken);
            return (new PaymentNews(id, GatewayReports.From(intent) with { IsFresh = true }, [.. AttemptReport.From(intent, clock.GetUtcNow())], before.Version), null);
        }

        return (null, null);
    }

    private sealed record Before(PaymentFlow Flow, string? SessionId, string? IntentId, uint Version, string? SubscriptionId);
}

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Charges;
using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Subscriptions;
using Payments.Application.Payments.Webhooks;
using Payments.Application.Shared;
using Payments.Domain.Payments.Webhooks;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Refunds;

/// <summary>
/// Brings events about refunds and disputes to their payment. They may come before anything else is known of it, or say
/// less than has happened; then the provider is asked. No transaction is open here.
/// </summary>
internal sealed class MoneyBackEvents(
    IUnitOfWorkScopes scopes, IWebhookTranslator translator, IGatewayFetches fetches, PaymentRefreshes refreshes,
    SubscriptionRefreshes subscriptions, ILogger<MoneyBackEvents> logger)
{
    private static readonly EventOutcome Foreign = new(WebhookEventStatus.Foreign, null);

    public async Task<IReadOnlyList<EventOutcome>> ApplyAsync(IReadOnlyList<StoredEvent> events, CancellationToken cancellationToken)
    {
        var outcomes = new EventOutcome[events.Count];
        for (var i = 0; i < outcomes.Length; i++)
        {
            try
            {
                outcomes[i] = await ApplyAsync(translator.Translate(events[i].Payload), cancellationToken);
            }
            catch (GatewayFailure failure) when (failure.Kind == GatewayFailureKind.NotFound)
            {
                // Another try would end the same.
                outcomes[i] = new EventOutcome(WebhookEventStatus.Dead, null, $"The provider does not know what the event is about: {failure.Message}");
            }
        }

        return outcomes;
    }

    /// <summary>Asks how a dispute stands, whose events have been silent.</summary>
    /// <exception cref="GatewayFailure">The provider could not be asked.</exception>
    public async Task LookAsync(string disputeId, CancellationToken cancellationToken) => await ApplyAsync(await fetches.DisputeAsync(disputeId, cancellationToken), cancellationToken);

    private async Task<EventOutcome> ApplyAsync(WebhookFact fact, CancellationToken cancellationToken) => fact switch
    {
        RefundChanged { State: var refund } => await ApplyAsync(refund, cancellationToken),
        DisputeChanged { State: var dispute } => await ApplyAsync(dispute, cancellationToken),
        ChargeChanged { State: var charge } => await ApplyAsync(charge, cancellationToken),
        NeedsRefetch { Kind: RefetchKind.Refund, ObjectId: var id } => await ApplyAsync(await fetches.RefundAsync(id, cancellationToken), cancellationToken),
        NeedsRefetch { Kind: RefetchKind.Dispute, ObjectId: var id } => await ApplyAsync(await fetches.DisputeAsync(id, cancellationToken), cancellationToken),
        NeedsRefetch { Kind: RefetchKind.Charge, ObjectId: var id, RelatedId: var intent, PaymentId: var said } => await ApplyAsync(id, intent, said, cancellationToken),
        _ => throw new InvalidOperationException($"{fact.GetType().Name} is not about money that goes back."),
    };

    private async Task<EventOutcome> ApplyAsync(RefundState refund, CancellationToken cancellationToken)
    {
        var id = await ReadAsync(db => db.Refunds.Where(r => r.GatewayId == refund.GatewayId || r.Id == refund.RefundId).Select(r => (PaymentId?)r.PaymentId), cancellationToken)
            ?? await FindAsync(refund.IntentId, refund.ChargeId, refund.PaymentId, cancellationToken);
        return id is { } payment ? await ApplyAsync(payment, [refund], [], cancellationToken) : Foreign;
    }

    private async Task<EventOutcome> ApplyAsync(DisputeState dispute, CancellationToken cancellationToken)
    {
        var id = await FindAsync(dispute.IntentId, dispute.ChargeId, null, cancellationToken);
        return id is { } payment ? await ApplyAsync(payment, [], [dispute], cancellationToken) : Foreign;
    }

    /// <summary>A charge says how much of it went back in all; when that is more than we know of, its refunds are asked for.</summary>
    private async Task<EventOutcome> ApplyAsync(ChargeState charge, CancellationToken cancellationToken)
    {
        if (await FindAsync(charge.IntentId, charge.ChargeId, charge.PaymentId, cancellationToken) is not { } id)
        {
            return Foreign;
        }

        var source = charge.IntentId ?? charge.ChargeId;
        var known = await scopes.RunAsync<IPaymentsDb, List<Domain.Payments.Refunds.Refund>>(
            (db, token) => db.Refunds.AsNoTracking().Where(r => r.PaymentId == id && r.SourceId == source).ToListAsync(token), cancellationToken);
        return charge.Refunded.Minor > known.Where(r => r.IsUnderWay).Sum(r => r.Amount.Minor)
            ? await ApplyAsync(id, await fetches.RefundsAsync(source, cancellationToken), [], cancellationToken)
            : new EventOutcome(WebhookEventStatus.Processed, id);
    }

    /// <summary>A charge that cannot be read: whether it was paid, and its refunds, are asked for.</summary>
    private async Task<EventOutcome> ApplyAsync(string chargeId, string? intentId, PaymentId? said, CancellationToken cancellationToken)
    {
        if (await FindAsync(intentId, chargeId, said, cancellationToken) is not { } id)
        {
            return Foreign;
        }

        await RequirePaidAsync(id, cancellationToken);
        return await ApplyAsync(id, await fetches.RefundsAsync(intentId ?? chargeId, cancellationToken), [], cancellationToken);
    }

    private async Task<EventOutcome> ApplyAsync(PaymentId id, IReadOnlyList<RefundState> states, IReadOnlyList<DisputeState> disputed, CancellationToken cancellationToken)
    {
        if (states.Count + disputed.Count > 0)
        {
            await RequirePaidAsync(id, cancellationToken);
        }

        await scopes.RunAsync<MoneyBack, int>(async (money, token) => (await money.ApplyAsync(id, states, disputed, token)).Count, cancellationToken);
        return new EventOutcome(WebhookEventStatus.Processed, id);
    }

    /// <summary>What goes back has come in: the news of that is late, or lost.</summary>
    private async Task RequirePaidAsync(PaymentId id, CancellationToken cancellationToken)
    {
        if (await ReadAsync(db => db.Payments.Where(p => p.Id == id).Select(p => p.CompletedAt), cancellationToken) is null)
        {
            PaymentAlarms.Raise(logger, id, await refreshes.RefreshAsync(id, cancellationToken));
        }
    }

    /// <summary>The row that knows the intent or charge decides; then our own word at the provider, on the object or on its intent.</summary>
    private async Task<PaymentId?> FindAsync(string? intentId, string? chargeId, PaymentId? said, CancellationToken cancellationToken)
    {
        if (await scopes.RunAsync<IPaymentsDb, PaymentId?>((db, token) => db.FindBySourceAsync(intentId, chargeId, token), cancellationToken) is { } known)
        {
            return known;
        }

        if (said is null && intentId is not null)
        {
            return await AskAsync(intentId, cancellationToken);
        }

        return said is { } id ? await ReadAsync(db => db.Payments.Where(p => p.Id == id).Select(p => (PaymentId?)p.Id), cancellationToken) : null;
    }

    /// <summary>Our word on the intent, or the invoice that it pays: that payment's own news may still be on their way, so its subscription is asked for first.</summary>
    private async Task<PaymentId?> AskAsync(string intentId, CancellationToken cancellationToken)
    {
        try
        {
            var intent = await fetches.IntentAsync(intentId, null, cancellationToken);
            if (intent.PaymentId is { } id)
            {
                return await ReadAsync(db => db.Payments.Where(p => p.Id == id).Select(p => (PaymentId?)p.Id), cancellationToken);
            }

            if (intent.CustomerId is not { } customer || await ReadAsync(db => db.Customers.Where(c => c.GatewayId == customer).Select(c => c.GatewayId), cancellationToken) is null
                || await fetches.InvoiceOfAsync(intentId, cancellationToken) is not { } invoiceId
                || (await fetches.InvoiceAsync(invoiceId, cancellationToken)).SubscriptionId is not { } subscription)
            {
                return null;
            }

            await subscriptions.RefreshAsync(subscription, null, cancellationToken);
            return await scopes.RunAsync<IPaymentsDb, PaymentId?>((db, token) => db.FindBySourceAsync(intentId, null, token), cancellationToken);
        }
        catch (GatewayFailure failure) when (failure.Kind == GatewayFailureKind.NotFound)
        {
            return null;
        }
    }

    private Task<T?> ReadAsync<T>(Func<IPaymentsDb, IQueryable<T?>> query, CancellationToken cancellationToken) =>
        scopes.RunAsync<IPaymentsDb, T?>((db, token) => query(db).FirstOrDefaultAsync(token), cancellationToken);
}

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Charges;
using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Webhooks;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Webhooks;

namespace Payments.Application.Payments.Subscriptions;

/// <summary>Brings stored events of one subscription, of its invoices and of its checkout to it, all at once.</summary>
internal sealed class SubscriptionEvents(SubscriptionRefreshes refreshes, IPaymentsDb db, IGatewayFetches fetches, IWebhookTranslator translator, ILogger<SubscriptionEvents> logger)
{
    /// <summary>What an event is about, when it is about a subscription or an invoice; null when it is not.</summary>
    public static EventSubject? SubjectOf(WebhookFact fact) => fact switch
    {
        SubscriptionChanged { State.SubscriptionId: var id } => Subscription(id),
        InvoiceChanged { State: { SubscriptionId: { } id } } => Subscription(id),
        InvoiceChanged { State.InvoiceId: var id } => Invoice(id),
        InvoicePaymentChanged { InvoiceId: var id } => Invoice(id),
        CheckoutChanged { State.SubscriptionId: { } id } => Subscription(id),
        NeedsRefetch { Kind: RefetchKind.Subscription, ObjectId: var id } => Subscription(id),
        NeedsRefetch { Kind: RefetchKind.Invoice, RelatedId: { } id } when id.StartsWith("sub_", StringComparison.Ordinal) => Subscription(id),
        NeedsRefetch { Kind: RefetchKind.Invoice, ObjectId: var id } => Invoice(id),
        _ => null,
    };

    public async Task<IReadOnlyList<EventOutcome>> ApplyAsync(string subscriptionId, IReadOnlyList<StoredEvent> events, CancellationToken cancellationToken)
    {
        var facts = events.Select(e => translator.Translate(e.Payload)).ToList();
        var session = facts.OfType<CheckoutChanged>().LastOrDefault()?.State;
        var states = facts.OfType<SubscriptionChanged>().Select(f => f.State).ToList();
        var invoices = facts.OfType<InvoiceChanged>().Select(f => f.State).ToList();
        var news = new SubscriptionNews(subscriptionId, states, invoices, session, IsFresh: false);
        var result = facts.Exists(f => f is not NeedsRefetch)
            ? await refreshes.ApplyAsync(
                news,
                session?.PaymentId ?? states.Select(s => s.PaymentId).FirstOrDefault(id => id is not null) ?? invoices.Select(i => i.PaymentId).FirstOrDefault(id => id is not null),
                states.Select(s => s.CustomerId).Concat(invoices.Select(i => i.CustomerId)).FirstOrDefault() ?? session?.CustomerId,
                cancellationToken)
            : null;
        if (facts.Exists(f => f is NeedsRefetch))
        {
            // What cannot be read is asked for; what can be read was applied before, for no answer tells when something was.
            result = await refreshes.RefreshAsync(subscriptionId, session, cancellationToken) ?? result;
        }

        return [.. Enumerable.Repeat(await OutcomeAsync(subscriptionId, result, cancellationToken), events.Count)];
    }

    /// <summary>Events that name an invoice alone: its subscription is found first, here or at the provider.</summary>
    public async Task<IReadOnlyList<EventOutcome>> ApplyToInvoiceAsync(string invoiceId, IReadOnlyList<StoredEvent> events, CancellationToken cancellationToken)
    {
        var known = await db.Invoices.AsNoTracking().Where(i => i.GatewayId == invoiceId && i.SubscriptionId != null)
            .Join(db.Subscriptions, i => i.SubscriptionId, s => s.Id, (i, s) => new { s.GatewayId, i.IntentId }).FirstOrDefaultAsync(cancellationToken);
        if (known is { IntentId: not null } && events.All(e => translator.Translate(e.Payload) is InvoicePaymentChanged link && (link.IntentId is null || link.IntentId == known.IntentId)))
        {
            return [.. events.Select(_ => new EventOutcome(WebhookEventStatus.Processed, null))];
        }

        var subscription = known?.GatewayId ?? await AskAsync(invoiceId, cancellationToken);
        return subscription is null
            ? [.. events.Select(_ => new EventOutcome(WebhookEventStatus.Foreign, null))]
            : [.. Enumerable.Repeat(await OutcomeAsync(subscription, await refreshes.RefreshAsync(subscription, null, cancellationToken), cancellationToken), events.Count)];
    }

    private async Task<string?> AskAsync(string invoiceId, CancellationToken cancellationToken)
    {
        try
        {
            return (await fetches.InvoiceAsync(invoiceId, cancellationToken)).SubscriptionId;
        }
        catch (GatewayFailure failure) when (failure.Kind == GatewayFailureKind.NotFound)
        {
            return null;
        }
    }

    private async Task<EventOutcome> OutcomeAsync(string subscriptionId, SubscriptionResult? result, CancellationToken cancellationToken)
    {
        if (result is null)
        {
            return new EventOutcome(WebhookEventStatus.Foreign, null);
        }

        var payment = await db.Subscriptions.AsNoTracking().Where(s => s.GatewayId == subscriptionId).Select(s => s.PaymentId).FirstOrDefaultAsync(cancellationToken);
        if (payment is { } id)
        {
            PaymentAlarms.Raise(logger, id, result.Payment);
        }

        return result.Payment is ReportEffect.Mismatch or ReportEffect.PaidTwice
            ? new EventOutcome(WebhookEventStatus.Parked, payment, "An invoice of the subscription was paid with another amount than agreed: nothing was granted for it.")
            : new EventOutcome(WebhookEventStatus.Processed, payment);
    }

    private static EventSubject Subscription(string id) => new(EventSubjectKind.Subscription, id);

    private static EventSubject Invoice(string id) => new(EventSubjectKind.Invoice, id);
}

using MediatR;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Charges;
using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Subscriptions;
using Payments.Application.Payments.Refunds;
using Payments.Application.Payments.PaymentMethods;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Webhooks;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Webhooks;

/// <summary>
/// Applies the events of one subject in units of work of their own: their locks come first, or the provider is asked,
/// so no transaction is open here. Answers what became of each, in the order given.
/// </summary>
public sealed record ApplyEventsAlone(EventSubject Subject, IReadOnlyList<StoredEvent> Events) : IRequest<IReadOnlyList<EventOutcome>>;

internal sealed class ApplyEventsAloneHandler(
    PaymentRefreshes refreshes, SubscriptionEvents subscriptions, MoneyBackEvents moneyBack, Wallets wallets, IWebhookTranslator translator, ILogger<ApplyEventsAloneHandler> logger)
    : IRequestHandler<ApplyEventsAlone, IReadOnlyList<EventOutcome>>
{
    public async Task<IReadOnlyList<EventOutcome>> Handle(ApplyEventsAlone command, CancellationToken cancellationToken)
    {
        try
        {
            return await ApplyAsync(command, cancellationToken);
        }
        catch (GatewayFailure failure) when (failure.Kind == GatewayFailureKind.NotFound)
        {
            // What the events told is applied; what they left open cannot be had. Another try would end the same.
            return [.. Enumerable.Repeat(new EventOutcome(WebhookEventStatus.Dead, null, $"The provider does not know what the event is about: {failure.Message}"), command.Events.Count)];
        }
    }

    private Task<IReadOnlyList<EventOutcome>> ApplyAsync(ApplyEventsAlone command, CancellationToken cancellationToken) => command.Subject.Kind switch
    {
        EventSubjectKind.Payment => RefreshAsync(new PaymentId(Guid.Parse(command.Subject.Key)), command.Events.Count, cancellationToken),
        EventSubjectKind.Subscription => subscriptions.ApplyAsync(command.Subject.Key, command.Events, cancellationToken),
        EventSubjectKind.Invoice => subscriptions.ApplyToInvoiceAsync(command.Subject.Key, command.Events, cancellationToken),
        EventSubjectKind.PaymentMoney => moneyBack.ApplyAsync(command.Events, cancellationToken),
        EventSubjectKind.Customer => HearOfCustomerAsync(command.Subject.Key, command.Events, cancellationToken),
        _ => throw new InvalidOperationException($"Nobody applies events about a {command.Subject.Kind}."),
    };

    private async Task<IReadOnlyList<EventOutcome>> HearOfCustomerAsync(string customerId, IReadOnlyList<StoredEvent> events, CancellationToken cancellationToken)
    {
        var ours = await wallets.HearAsync(customerId, [.. events.Select(e => translator.Translate(e.Payload))], cancellationToken);
        return [.. Enumerable.Repeat(new EventOutcome(ours ? WebhookEventStatus.Processed : WebhookEventStatus.Foreign, null), events.Count)];
    }

    /// <summary>However many events raised the doubt, one answer of the provider settles it.</summary>
    private async Task<IReadOnlyList<EventOutcome>> RefreshAsync(PaymentId id, int events, CancellationToken cancellationToken)
    {
        var effect = await refreshes.RefreshAsync(id, cancellationToken);
        PaymentAlarms.Raise(logger, id, effect);
        var outcome = effect is ReportEffect.Mismatch
            ? new EventOutcome(WebhookEventStatus.Parked, id, "The provider confirms an amount that was not agreed: nothing was granted.")
            : new EventOutcome(WebhookEventStatus.Processed, id);
        return [.. Enumerable.Repeat(outcome, events)];
    }
}

using MediatR;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Charges;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Webhooks;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Webhooks;

/// <summary>
/// Applies the events of one subject in units of work of their own: their locks come first, or the provider is asked,
/// so no transaction is open here. Answers what became of each, in the order given.
/// </summary>
public sealed record ApplyEventsAlone(EventSubject Subject, IReadOnlyList<StoredEvent> Events) : IRequest<IReadOnlyList<EventOutcome>>;

internal sealed class ApplyEventsAloneHandler(PaymentRefreshes refreshes, ILogger<ApplyEventsAloneHandler> logger) : IRequestHandler<ApplyEventsAlone, IReadOnlyList<EventOutcome>>
{
    public Task<IReadOnlyList<EventOutcome>> Handle(ApplyEventsAlone command, CancellationToken cancellationToken) => command.Subject.Kind switch
    {
        EventSubjectKind.Payment => RefreshAsync(new PaymentId(Guid.Parse(command.Subject.Key)), command.Events.Count, cancellationToken),
        _ => throw new InvalidOperationException($"Nobody applies events about a {command.Subject.Kind}."),
    };

    /// <summary>However many events raised the doubt, one answer of the provider settles it.</summary>
    private async Task<IReadOnlyList<EventOutcome>> RefreshAsync(PaymentId id, int events, CancellationToken cancellationToken)
    {
        var effect = await refreshes.RefreshAsync(id, cancellationToken);
        PaymentAlarms.Raise(logger, id, effect);
        var outcome = effect is ReportEffect.Mismatch or ReportEffect.PaidTwice
            ? new EventOutcome(WebhookEventStatus.Parked, id, "The provider confirms an amount that was not agreed: nothing was granted.")
            : new EventOutcome(WebhookEventStatus.Processed, id);
        return [.. Enumerable.Repeat(outcome, events)];
    }
}

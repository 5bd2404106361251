using MediatR;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Charges;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Webhooks;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Webhooks;

/// <summary>Settles events whose order is in doubt by asking the provider how their payment stands. Outside any transaction.</summary>
public sealed record RefreshPayment(PaymentId PaymentId) : IRequest<EventOutcome>;

internal sealed class RefreshPaymentHandler(PaymentRefreshes refreshes, ILogger<RefreshPaymentHandler> logger) : IRequestHandler<RefreshPayment, EventOutcome>
{
    public async Task<EventOutcome> Handle(RefreshPayment command, CancellationToken cancellationToken)
    {
        var effect = await refreshes.RefreshAsync(command.PaymentId, cancellationToken);
        PaymentAlarms.Raise(logger, command.PaymentId, effect);
        return effect is ReportEffect.Mismatch or ReportEffect.PaidTwice
            ? new EventOutcome(WebhookEventStatus.Parked, command.PaymentId, "The provider confirms an amount that was not agreed: nothing was granted.")
            : new EventOutcome(WebhookEventStatus.Processed, command.PaymentId);
    }
}

using MediatR;
using Payments.Application.Payments.Contracts;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Subscriptions;

/// <summary>
/// Notes whose subscription's payment was given back or disputed, inside the outbox worker's transaction. A payment's
/// lock comes after its subscription's, so what that means for the subscription is decided when due work looks at it.
/// </summary>
public sealed record FollowReversals(IReadOnlyList<OutboxMessage> Messages) : IRequest;

internal sealed class FollowReversalsHandler(IPaymentsDb db, TimeProvider clock) : IRequestHandler<FollowReversals>
{
    public async Task<Unit> Handle(FollowReversals command, CancellationToken cancellationToken)
    {
        var payments = command.Messages.Select(m => PaymentOf(PaymentFact.From(m.Type, m.Data))).OfType<Guid>().Distinct().Select(id => new PaymentId(id)).ToList();
        if (payments.Count > 0)
        {
            await db.LookAtSubscriptionsOfAsync(payments, clock.GetUtcNow(), cancellationToken);
        }

        return Unit.Value;
    }

    /// <summary>A dispute may be heard of for the first time when it is over, and a refund when it has failed.</summary>
    private static Guid? PaymentOf(PaymentFact? fact) => fact switch
    {
        PaymentReversed reversed => reversed.PaymentId,
        DisputeOpened dispute => dispute.PaymentId,
        DisputeClosed dispute => dispute.PaymentId,
        RefundFailed refund => refund.PaymentId,
        _ => null,
    };
}

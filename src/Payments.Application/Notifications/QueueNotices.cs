using System.Text.Json;
using MediatR;
using Payments.Application.Payments.Contracts;
using Payments.Application.Shared;
using Payments.Domain.Notifications;
using Payments.Domain.Shared;

namespace Payments.Application.Notifications;

/// <summary>Turns facts into notices, one a fact, inside the outbox worker's transaction.</summary>
public sealed record QueueNotices(IReadOnlyList<OutboxMessage> Messages) : IRequest;

internal sealed class QueueNoticesHandler(INotificationsDb db, IIdGenerator ids, TimeProvider clock) : IRequestHandler<QueueNotices>
{
    public async Task<Unit> Handle(QueueNotices command, CancellationToken cancellationToken)
    {
        var notices = command.Messages.Select(m => PaymentFact.From(m.Type, m.Data)).OfType<PaymentFact>().Select(Notice).ToList();
        await db.AddMissingAsync(notices, cancellationToken);
        return Unit.Value;
    }

    private Notification Notice(PaymentFact fact) => fact switch
    {
        PaymentSucceeded paid => New(paid.UserId, $"receipt:{paid.PaymentId}", "payment-succeeded", paid),
        PaymentFailed failed => New(failed.UserId, $"payment-failed:{failed.PaymentId}", "payment-failed", failed),
        CardExpiring card => New(card.UserId, $"card-expiring:{card.MethodId}:{card.ExpYear:D4}-{card.ExpMonth:D2}", "card-expiring", card),
        _ => throw new InvalidOperationException($"No notice for {fact.GetType().Name}."),
    };

    private Notification New<T>(Guid userId, string key, string template, T data) =>
        new(ids.Next(), new UserId(userId), key, template, JsonSerializer.Serialize(data, JsonSerializerOptions.Web), clock.GetUtcNow());
}

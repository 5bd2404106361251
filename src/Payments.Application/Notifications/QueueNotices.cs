using System.Text.Json;
using MediatR;
using Payments.Application.Payments.Contracts;
using Payments.Application.Shared;
using Payments.Domain.Notifications;
using Payments.Domain.Shared;

namespace Payments.Application.Notifications;

/// <summary>Turns facts into notices, one a fact, inside the outbox worker's transaction.</summary>
public sealed record QueueNotices(IReadOnlyList<OutboxMessage> Messages) : IRequest;

internal sealed class QueueNoticesHandler(INotificationsDb db, NoticeOptions options, IIdGenerator ids, TimeProvider clock) : IRequestHandler<QueueNotices>
{
    public async Task<Unit> Handle(QueueNotices command, CancellationToken cancellationToken)
    {
        var notices = command.Messages.Select(m => PaymentFact.From(m.Type, m.Data)).OfType<PaymentFact>().SelectMany(Notices).ToList();
        await db.AddMissingAsync(notices, cancellationToken);
        return Unit.Value;
    }

    private IEnumerable<Notification> Notices(PaymentFact fact) => fact switch
    {
        PaymentSucceeded paid => [New(paid.UserId, $"receipt:{paid.PaymentId}", "payment-succeeded", paid)],
        PaymentReturned returned => [New(returned.UserId, $"payment-returned:{returned.PaymentId}", returned.Why == "OrderCancelled" ? "payment-after-cancellation" : "payment-twice", returned)],
        PaymentFailed failed => [New(failed.UserId, $"payment-failed:{failed.PaymentId}", "payment-failed", failed)],
        RefundIssued refund => [New(refund.UserId, $"refund:{refund.RefundId}", "refund", refund)],
        // Who was never told that money comes need not be told that it does not.
        RefundFailed { Announced: true } refund => [New(refund.UserId, $"refund-failed:{refund.RefundId}", "refund-failed", refund)],
        DisputeOpened dispute => Alerts($"dispute-opened:{dispute.DisputeId}:{(dispute.Inquiry ? "inquiry" : "dispute")}", dispute.Inquiry ? "inquiry-opened" : "dispute-opened", dispute),
        DisputeClosed dispute => Alerts($"dispute-closed:{dispute.DisputeId}:{dispute.Outcome}", "dispute-closed", dispute),
        CardExpiring card => [New(card.UserId, $"card-expiring:{card.MethodId}:{card.ExpYear:D4}-{card.ExpMonth:D2}", "card-expiring", card)],
        _ => [],
    };

    private IEnumerable<Notification> Alerts<T>(string key, string template, T data) =>
        options.AlertEmails.Select(address => New(Guid.Empty, $"{key}:{address}", template, data, address));

    private Notification New<T>(Guid userId, string key, string template, T data, string? recipient = null) =>
        new(ids.Next(), new UserId(userId), key, template, JsonSerializer.Serialize(data, JsonSerializerOptions.Web), clock.GetUtcNow(), recipient);
}

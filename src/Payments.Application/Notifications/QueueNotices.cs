using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Contracts;
using Payments.Application.Shared;
using Payments.Domain.Notifications;
using Payments.Domain.Shared;

namespace Payments.Application.Notifications;

/// <summary>Turns facts into notices, one a fact, inside the outbox worker's transaction. Answers what pages may be told once that has committed.</summary>
public sealed record QueueNotices(IReadOnlyList<OutboxMessage> Messages) : IRequest<IReadOnlyList<LiveEvent>>;

internal sealed class QueueNoticesHandler(INotificationsDb db, NoticeOptions options, IIdGenerator ids, TimeProvider clock) : IRequestHandler<QueueNotices, IReadOnlyList<LiveEvent>>
{
    public async Task<IReadOnlyList<LiveEvent>> Handle(QueueNotices command, CancellationToken cancellationToken)
    {
        var facts = command.Messages.Select(m => PaymentFact.From(m.Type, m.Data)).OfType<PaymentFact>().ToList();
        var drafts = facts.SelectMany(Notices).ToList();
        var muted = await MutedAsync(drafts, cancellationToken);
        var notices = drafts.ConvertAll(d => new Notification(ids.Next(), d.UserId, d.Key, d.Type, d.Data, clock.GetUtcNow(), d.Recipient, muted.Contains((d.UserId, d.Type))));
        var added = await db.AddMissingAsync(notices, cancellationToken);
        return [.. facts.Select(LiveEvents.Of).OfType<LiveEvent>(), .. notices.Where(n => n.Recipient is null && added.Contains(n.Id)).Select(LiveEvents.Of)];
    }

    private async Task<HashSet<(UserId, string)>> MutedAsync(List<Draft> drafts, CancellationToken cancellationToken)
    {
        var users = drafts.Where(d => d.Recipient is null && NoticeType.All.Any(t => t.Name == d.Type && t.CanMute)).Select(d => d.UserId).Distinct().ToList();
        return users.Count == 0
            ? []
            : [.. (await db.Preferences.AsNoTracking().Where(p => users.Contains(p.UserId) && !p.Email).ToListAsync(cancellationToken)).Where(p => NoticeType.All.Any(t => t.Name == p.Type && t.CanMute)).Select(p => (p.UserId, p.Type))];
    }

    private IEnumerable<Draft> Notices(PaymentFact fact) => fact switch
    {
        // A trial, or a subscription with nothing to pay: that it began is told by itself.
        PaymentSucceeded { AmountMinor: 0, Credits: 0, Kind: "Subscription" } => [],
        PaymentSucceeded { Invoice: { } invoice } paid => [New(paid.UserId, $"receipt:{paid.PaymentId}", invoice.IsRenewal ? "renewal-receipt" : "subscription-receipt", paid)],
        PaymentSucceeded paid => [New(paid.UserId, $"receipt:{paid.PaymentId}", "payment-succeeded", paid)],
        PaymentReturned returned => [New(returned.UserId, $"payment-returned:{returned.PaymentId}", TemplateOf(returned), returned)],
        PaymentFailed failed => [New(failed.UserId, $"payment-failed:{failed.PaymentId}", "payment-failed", failed)],
        RefundIssued refund => [New(refund.UserId, $"refund:{refund.RefundId}", "refund", refund)],
        // Who was never told that money comes need not be told that it does not.
        RefundFailed refund => [.. refund.Announced ? [New(refund.UserId, $"refund-failed:{refund.RefundId}", "refund-failed", refund)] : (Draft[])[], .. refund.Stuck ? Alerts($"refund-stuck:{refund.RefundId}", "refund-stuck", refund) : []],
        DisputeOpened dispute => Alerts($"dispute-opened:{dispute.DisputeId}:{(dispute.Inquiry ? "inquiry" : "dispute")}", dispute.Inquiry ? "inquiry-opened" : "dispute-opened", dispute),
        DisputeClosed dispute => Alerts($"dispute-closed:{dispute.DisputeId}:{dispute.Outcome}", "dispute-closed", dispute),
        CardExpiring card => [New(card.UserId, $"card-expiring:{card.MethodId}:{card.ExpYear:D4}-{card.ExpMonth:D2}", "card-expiring", card)],
        SubscriptionStarted s => [New(s.About.UserId, $"subscription-started:{s.About.SubscriptionId}", s.IsTrial ? "trial-started" : "subscription-started", s)],
        SubscriptionEnded s => [New(s.About.UserId, $"subscription-ended:{s.About.SubscriptionId}", s.Cause == "Unpaid" ? "subscription-unpaid" : "subscription-ended", s)],
        SubscriptionRefused s => [New(s.About.UserId, $"subscription-refused:{s.About.SubscriptionId}", s.Reason == "TrialRepeated" ? "trial-repeated" : "subscription-superseded", s)],
        InvoicePaymentFailed i => [New(i.About.UserId, $"invoice-payment-failed:{i.InvoiceId}:{i.Attempt}", "invoice-payment-failed", i)],
        InvoiceActionRequired i => [New(i.About.UserId, $"action-required:{i.InvoiceId}", "action-required", i)],
        TrialEnding s => [Ending(s.About, "trial-ending", s.EndsAt, s)],
        GraceEnding s => [Ending(s.About, "grace-ending", s.EndsAt, s)],
        RenewalUpcoming s => [Ending(s.About, "renewal-upcoming", s.EndsAt, s)],
        _ => [],
    };

    private static string TemplateOf(PaymentReturned returned) => returned.Why switch
    {
        "OrderCancelled" => "payment-after-cancellation",
        "SubscriptionEnded" => "payment-after-end",
        _ => "payment-twice",
    };

    private IEnumerable<Draft> Alerts<T>(string key, string template, T data) =>
        options.AlertEmails.Select(address => New(Guid.Empty, $"{key}:{address}", template, data, address));

    private static Draft Ending<T>(SubscriptionAbout about, string type, DateTimeOffset end, T data) => New(about.UserId, $"{type}:{about.SubscriptionId}:{end.ToUnixTimeSeconds()}", type, data);

    private static Draft New<T>(Guid userId, string key, string type, T data, string? recipient = null) => new(new UserId(userId), key, type, JsonSerializer.Serialize(data, JsonSerializerOptions.Web), recipient);

    private sealed record Draft(UserId UserId, string Key, string Type, string Data, string? Recipient);
}

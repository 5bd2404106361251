using System.Text.Json;
using Payments.Application.Payments.Contracts;
using Payments.Domain.Notifications;
using Payments.Domain.Shared;

namespace Payments.Application.Notifications;

/// <summary>What facts and notifications look like on the live stream.</summary>
public static class LiveEvents
{
    /// <summary>The balance has moved; how much it is now is read when it is sent.</summary>
    public static LiveEvent Credits(UserId userId) => new(userId, "credits", "{}");

    public static LiveEvent Of(Notification notification) =>
        new(notification.UserId, "notification", JsonSerializer.Serialize(new { id = notification.Id, type = notification.Template, createdAt = notification.CreatedAt }, JsonSerializerOptions.Web));

    public static LiveEvent? Of(PaymentFact fact) => fact switch
    {
        PaymentSucceeded f => Payment(f.UserId, f.PaymentId, PaymentSucceeded.Name),
        PaymentReturned f => Payment(f.UserId, f.PaymentId, PaymentReturned.Name),
        PaymentFailed f => Payment(f.UserId, f.PaymentId, PaymentFailed.Name),
        RefundIssued f => Payment(f.UserId, f.PaymentId, RefundIssued.Name),
        RefundFailed f => Payment(f.UserId, f.PaymentId, RefundFailed.Name),
        PaymentReversed f => Payment(f.UserId, f.PaymentId, PaymentReversed.Name),
        SubscriptionStarted f => Subscription(f.About, SubscriptionStarted.Name),
        SubscriptionEnded f => Subscription(f.About, SubscriptionEnded.Name),
        SubscriptionRefused f => Subscription(f.About, SubscriptionRefused.Name),
        InvoicePaymentFailed f => Subscription(f.About, InvoicePaymentFailed.Name),
        InvoiceActionRequired f => Subscription(f.About, InvoiceActionRequired.Name),
        _ => null,
    };

    private static LiveEvent Payment(Guid user, Guid payment, string fact) =>
        new(new UserId(user), "payment", JsonSerializer.Serialize(new { paymentId = payment, @event = fact }, JsonSerializerOptions.Web));

    private static LiveEvent Subscription(SubscriptionAbout about, string fact) =>
        new(new UserId(about.UserId), "subscription", JsonSerializer.Serialize(new { subscriptionId = about.SubscriptionId, @event = fact }, JsonSerializerOptions.Web));
}

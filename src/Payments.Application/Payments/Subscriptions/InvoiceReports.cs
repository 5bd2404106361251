using Payments.Application.Payments.Charges;
using Payments.Application.Payments.Gateway;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Payments.Subscriptions;

namespace Payments.Application.Payments.Subscriptions;

/// <summary>Turns an invoice's state into a report on the payment that settles it.</summary>
internal static class InvoiceReports
{
    /// <returns>Null while nothing is known that concerns the payment.</returns>
    public static PaymentReport? From(Invoice invoice, SubscriptionNews news)
    {
        var intent = IntentOf(invoice, news);
        ReportedState? state = invoice.Status switch
        {
            InvoiceStatus.Paid => ReportedState.Paid,
            InvoiceStatus.Void or InvoiceStatus.Uncollectible => ReportedState.Canceled,
            InvoiceStatus.Open when intent?.Status == IntentStatus.RequiresAction => ReportedState.RequiresAction,
            InvoiceStatus.Open when intent?.Status == IntentStatus.Processing => ReportedState.Processing,
            InvoiceStatus.Open when invoice.AttemptCount > 0 => ReportedState.Failed,
            _ => null,
        };
        var failure = intent?.LastFailure?.Decline;
        return state is { } known
            ? new PaymentReport(
                known, null, invoice.IntentId, intent?.ChargeId, invoice.Subtotal, invoice.AmountPaid, invoice.Discount, invoice.Tax, failure?.SafeCode, failure?.SafeMessage, invoice.CreatedAt)
            {
                // An invoice's state only moves forward, so what it says now is never an echo; but an open one does not say
                // whether its payment failed, or waits for the buyer's bank.
                IsFresh = intent is not null || invoice.Status != InvoiceStatus.Open,
                InvoiceId = invoice.GatewayId,
            }
            : null;
    }

    public static IReadOnlyList<AttemptReport> AttemptsOf(Invoice invoice, SubscriptionNews news, DateTimeOffset now) =>
        IntentOf(invoice, news) is { } intent ? [.. AttemptReport.From(intent, now)] : [];

    public static IntentState? IntentOf(Invoice invoice, SubscriptionNews news) => news.Invoices.FirstOrDefault(i => i.InvoiceId == invoice.GatewayId)?.Intent;
}

using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Disputes;
using Payments.Application.Payments.Orders;
using Payments.Application.Payments.Refunds;
using Payments.Application.Payments.Webhooks;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Charges;

/// <summary>Anybody's payment, with all that was tried, given back and disputed.</summary>
public sealed record GetPaymentForStaff(PaymentId PaymentId) : IRequest<StaffPaymentView>;

/// <param name="Refundable">What can still be given back.</param>
/// <param name="Credits">What it granted, or will.</param>
/// <param name="Undelivered">It was paid and bought nothing: the money goes back.</param>
/// <param name="Mismatch">What was paid instead of what was agreed; null: nothing.</param>
public sealed record StaffPaymentView(
    PaymentView Payment, UserId UserId, Money Refundable, Money Disputed, Money Lost, long Credits, RefundPolicy RefundPolicy, string? IntentId, string? ChargeId, UndeliveredReason? Undelivered, Mismatch? Mismatch,
    IReadOnlyList<AttemptView> Attempts, IReadOnlyList<RefundView> Refunds, IReadOnlyList<DisputeView> Disputes, PaymentLinks Links);

/// <param name="Events">The provider's, newest first; the newest of very many.</param>
public sealed record PaymentLinks(
    CreditPackId? CreditPackId, PlanId? PlanId, SubscriptionId? SubscriptionId, string? SubscriptionGatewayId, InvoiceId? InvoiceId, string? InvoiceGatewayId, string? InvoiceNumber, string? InvoiceUrl,
    ItemId? ItemId, OrderView? Order, IReadOnlyList<WebhookEventView> Events);

/// <param name="FailureCode">The provider's word; for staff, it may say lost or stolen.</param>
public sealed record AttemptView(AttemptOutcome Outcome, Money Amount, string? MethodType, string? CardBrand, string? CardLast4, string? FailureCode, DateTimeOffset At);

internal sealed class GetPaymentForStaffHandler(IPaymentsDb db, IWebhookEventStore events) : IRequestHandler<GetPaymentForStaff, StaffPaymentView>
{
    private const int MostEvents = 100;

    public async Task<StaffPaymentView> Handle(GetPaymentForStaff query, CancellationToken cancellationToken)
    {
        var payment = await db.Payments.AsNoTracking().FirstOrDefaultAsync(p => p.Id == query.PaymentId, cancellationToken) ?? throw PaymentRefusals.Unknown();
        var attempts = await db.PaymentAttempts.AsNoTracking().Where(a => a.PaymentId == payment.Id).OrderBy(a => a.At).ToListAsync(cancellationToken);
        var refunds = await db.Refunds.AsNoTracking().Where(r => r.PaymentId == payment.Id).OrderByDescending(r => r.CreatedAt).ToListAsync(cancellationToken);
        var disputes = await db.Disputes.AsNoTracking().Where(d => d.PaymentId == payment.Id).OrderByDescending(d => d.CreatedAt).ToListAsync(cancellationToken);
        return new StaffPaymentView(
            PaymentView.From(payment), payment.UserId, payment.Refundable, payment.Disputed, payment.Lost, payment.Credits, payment.RefundPolicy, payment.IntentId, payment.ChargeId, payment.Undelivered, payment.Mismatch,
            [.. attempts.Select(a => new AttemptView(a.Outcome, a.Amount, a.MethodType, a.CardBrand, a.CardLast4, a.FailureCode, a.At))],
            [.. refunds.Select(RefundView.From)],
            [.. disputes.Select(DisputeView.From)],
            await LinksAsync(payment, cancellationToken));
    }

    private async Task<PaymentLinks> LinksAsync(Payment payment, CancellationToken cancellationToken)
    {
        var subscription = payment.SubscriptionId is { } id ? await db.Subscriptions.AsNoTracking().FirstOrDefaultAsync(s => s.Id == id, cancellationToken) : null;
        var invoice = payment.InvoiceId is { } invoiceId ? await db.Invoices.AsNoTracking().FirstOrDefaultAsync(i => i.GatewayId == invoiceId, cancellationToken) : null;
        var order = payment.OrderId is { } orderId ? await db.Orders.AsNoTracking().Include(o => o.Lines).FirstOrDefaultAsync(o => o.Id == orderId, cancellationToken) : null;
        var heard = await events.PageAsync(new WebhookEventFilter(null, null, null, payment.Id, null, null), null, MostEvents, cancellationToken);
        return new PaymentLinks(
            payment.CreditPackId, payment.PlanId, payment.SubscriptionId, subscription?.GatewayId, invoice?.Id, payment.InvoiceId, invoice?.Number, invoice?.HostedUrl,
            payment.ItemId, order is null ? null : OrderView.From(order), heard);
    }
}

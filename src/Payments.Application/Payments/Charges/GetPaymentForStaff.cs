using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Disputes;
using Payments.Application.Payments.Refunds;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Charges;

/// <summary>Anybody's payment, with all that was tried, given back and disputed.</summary>
public sealed record GetPaymentForStaff(PaymentId PaymentId) : IRequest<StaffPaymentView>;

/// <param name="Refundable">What can still be given back.</param>
/// <param name="Credits">What it granted, or will.</param>
public sealed record StaffPaymentView(
    PaymentView Payment, UserId UserId, Money Refundable, Money Disputed, Money Lost, long Credits, RefundPolicy RefundPolicy, string? IntentId, string? ChargeId,
    IReadOnlyList<AttemptView> Attempts, IReadOnlyList<RefundView> Refunds, IReadOnlyList<DisputeView> Disputes);

/// <param name="FailureCode">The provider's word; for staff, it may say lost or stolen.</param>
public sealed record AttemptView(AttemptOutcome Outcome, Money Amount, string? MethodType, string? CardBrand, string? CardLast4, string? FailureCode, DateTimeOffset At);

internal sealed class GetPaymentForStaffHandler(IPaymentsDb db) : IRequestHandler<GetPaymentForStaff, StaffPaymentView>
{
    public async Task<StaffPaymentView> Handle(GetPaymentForStaff query, CancellationToken cancellationToken)
    {
        var payment = await db.Payments.AsNoTracking().FirstOrDefaultAsync(p => p.Id == query.PaymentId, cancellationToken) ?? throw PaymentRefusals.NotFound();
        var attempts = await db.PaymentAttempts.AsNoTracking().Where(a => a.PaymentId == payment.Id).OrderBy(a => a.At).ToListAsync(cancellationToken);
        var refunds = await db.Refunds.AsNoTracking().Where(r => r.PaymentId == payment.Id).OrderByDescending(r => r.CreatedAt).ToListAsync(cancellationToken);
        var disputes = await db.Disputes.AsNoTracking().Where(d => d.PaymentId == payment.Id).OrderByDescending(d => d.CreatedAt).ToListAsync(cancellationToken);
        return new StaffPaymentView(
            PaymentView.From(payment), payment.UserId, payment.Refundable, payment.Disputed, payment.Lost, payment.Credits, payment.RefundPolicy, payment.IntentId, payment.ChargeId,
            [.. attempts.Select(a => new AttemptView(a.Outcome, a.Amount, a.MethodType, a.CardBrand, a.CardLast4, a.FailureCode, a.At))],
            [.. refunds.Select(RefundView.From)],
            [.. disputes.Select(DisputeView.From)]);
    }
}

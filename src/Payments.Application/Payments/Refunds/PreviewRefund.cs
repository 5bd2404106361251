using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Users.Contracts;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Refunds;

/// <summary>
/// What giving back a payment, or a part of it, would do. It is decided by what decides on the refund itself, on copies
/// that nobody saves: asking moves nothing and waits for nobody.
/// </summary>
/// <param name="AmountMinor">All that remains when null.</param>
/// <param name="Currency">The payment's own when null.</param>
/// <param name="CancelsSubscription">As in <see cref="IssueRefund"/>.</param>
/// <param name="IsLimited">The caller may give back only so much.</param>
public sealed record PreviewRefund(PaymentId PaymentId, long? AmountMinor, Currency? Currency, bool CancelsSubscription, bool IsLimited, UserId Agent) : IRequest<RefundPreview>;

/// <param name="Refundable">What could be given back.</param>
/// <param name="RefundableAfter">What could be given back then.</param>
/// <param name="Credits">Null when it granted none.</param>
/// <param name="AccessEnds">What the payment gives access to and would not any more; null: nothing.</param>
/// <param name="SubscriptionEnds">Which would be cancelled; null: none.</param>
public sealed record RefundPreview(
    Money Amount, Money Refundable, Money RefundableAfter, PaymentStatus StatusAfter, CreditReturnPreview? Credits, ResourceReference? AccessEnds, EndingSubscription? SubscriptionEnds);

/// <param name="PaidUntil">Until when it was paid for.</param>
public sealed record EndingSubscription(SubscriptionId Id, PlanId? PlanId, string? PlanName, DateTimeOffset? PaidUntil);

internal sealed class PreviewRefundValidator : AbstractValidator<PreviewRefund>
{
    public PreviewRefundValidator() =>
        RuleFor(c => c.AmountMinor).Must(minor => minor is null or > 0).OverridePropertyName("amount").WithMessage("An amount to give back is 1 minor unit or more.");
}

internal sealed class PreviewRefundHandler(IPaymentsDb db, SupportLimits limits, ICreditReturns credits, TimeProvider clock) : IRequestHandler<PreviewRefund, RefundPreview>
{
    public async Task<RefundPreview> Handle(PreviewRefund query, CancellationToken cancellationToken)
    {
        var payment = await db.Payments.AsNoTracking().FirstOrDefaultAsync(p => p.Id == query.PaymentId, cancellationToken) ?? throw PaymentRefusals.Unknown();
        var amount = query.AmountMinor is { } minor ? new Money(minor, query.Currency ?? payment.Amount.Currency) : payment.Refundable;
        payment.RequireRefundable(amount);
        if (query.IsLimited)
        {
            await limits.RequireWithinAsync(db, payment, amount, query.Agent, cancellationToken);
        }

        var (refundable, access) = (payment.Refundable, payment.AccessState);
        var refunds = await db.Refunds.AsNoTracking().Where(r => r.PaymentId == payment.Id).ToListAsync(cancellationToken);
        refunds.Add(Given(payment, amount, query.CancelsSubscription));
        var happened = payment.Reverse(refunds, await db.Disputes.AsNoTracking().Where(d => d.PaymentId == payment.Id).ToListAsync(cancellationToken));
        var ending = happened == ReversalKind.Refunded && !Reversals.KeepsSubscription(refunds) ? await EndingAsync(payment.SubscriptionId, cancellationToken) : null;
        return new RefundPreview(
            amount, refundable, payment.Refundable, payment.Status,
            await credits.PreviewAsync(Reversals.ReturnOf(payment, "refund:preview", refuseOwing: true), cancellationToken),
            access == AccessState.Given && payment.AccessState != AccessState.Given ? payment.Access : ending?.Access,
            ending?.Subscription);
    }

    /// <summary>The refund as it will stand once the provider has made it.</summary>
    private Refund Given(Payment payment, Money amount, bool cancelsSubscription)
    {
        var now = clock.GetUtcNow();
        var refund = Refund.Request(default, payment.Id, amount, RefundReason.Other, RefundOrigin.Api, null, null, null, null, ofSurplus: false, now);
        refund.IssuedBy(limited: false, cancelsSubscription);
        refund.Report(RefundStatus.Succeeded, "", null, now);
        return refund;
    }

    private async Task<(EndingSubscription Subscription, ResourceReference? Access)?> EndingAsync(SubscriptionId? id, CancellationToken cancellationToken)
    {
        if (id is null || await db.Subscriptions.AsNoTracking().FirstOrDefaultAsync(s => s.Id == id, cancellationToken) is not { IsLive: true, Ending: null } subscription)
        {
            return null;
        }

        var plan = await db.Plans.AsNoTracking().FirstOrDefaultAsync(p => p.Id == subscription.PlanId, cancellationToken);
        return (new EndingSubscription(subscription.Id, subscription.PlanId, plan?.Name, subscription.PaidUntil), plan?.Access);
    }
}

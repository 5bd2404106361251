using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Orders;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Orders;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Refunds;

/// <summary>Gives back a payment, or a part of it, by our staff's word. What is refused is in the audit log too.</summary>
/// <param name="AmountMinor">All that remains when null.</param>
/// <param name="Currency">The payment's own when null.</param>
/// <param name="CancelsSubscription">Should all of it be given back, the subscription that it paid for ends with it.</param>
/// <param name="Restock">Pieces of the order that have come back with it; they are on sale again at once.</param>
/// <param name="IsLimited">The caller may give back only so much.</param>
/// <param name="RequestKey">The caller's Idempotency-Key.</param>
public sealed record IssueRefund(
    PaymentId PaymentId, long? AmountMinor, Currency? Currency, RefundReason Reason, string? Note, bool CancelsSubscription, IReadOnlyList<WantedProduct> Restock, bool IsLimited, Actor Actor, string? RequestKey) : IRequest<RefundView>, ITakesTurns, IStaffWrite
{
    Guid ITakesTurns.TurnKey => PaymentId.Value;

    string? IStaffWrite.Reason => Note;

    string IStaffWrite.ReasonField => "note";

    string IStaffWrite.RefusedAs => "refund.refused";

    string IStaffWrite.Subject => PaymentId.ToString();

    object IStaffWrite.Wanted => new { amount = AmountMinor, currency = Currency?.Code, Reason, CancelsSubscription, Restock };
}

internal sealed class IssueRefundValidator : AbstractValidator<IssueRefund>
{
    public IssueRefundValidator() =>
        RuleFor(c => c.AmountMinor).Must(minor => minor is null or > 0).OverridePropertyName("amount").WithMessage("An amount to give back is 1 minor unit or more.");
}

internal sealed class IssueRefundHandler(IUnitOfWorkScopes scopes, RefundSends sends, SupportLimits limits, TimeProvider clock) : IRequestHandler<IssueRefund, RefundView>
{
    public async Task<RefundView> Handle(IssueRefund command, CancellationToken cancellationToken)
    {
        var (id, isNew) = await scopes.RunAsync<IPaymentsDb, Refunding, IAuditLog, (RefundId, bool)>((db, refunding, audit, token) => PlanAsync(command, db, refunding, audit, token), cancellationToken);
        await sends.SendAsync(id);
        return await scopes.RunAsync<IPaymentsDb, IAuditLog, RefundView>((db, audit, token) => AnswerAsync(command.Actor, id, isNew, db, audit, token), cancellationToken);
    }

    /// <summary>With what came of the call for the audit log, once.</summary>
    private static async Task<RefundView> AnswerAsync(Actor actor, RefundId id, bool isNew, IPaymentsDb db, IAuditLog audit, CancellationToken cancellationToken)
    {
        var view = RefundView.From(await db.Refunds.AsNoTracking().FirstAsync(r => r.Id == id, cancellationToken));
        if (isNew)
        {
            await using var transaction = await db.BeginAsync(cancellationToken);
            await audit.WriteAsync(actor, "refund.outcome", view.PaymentId.ToString(), null, new { refundId = id, view.Amount, view.Status, view.FailureReason }, null, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return view;
    }

    private async Task<(RefundId Id, bool IsNew)> PlanAsync(IssueRefund command, IPaymentsDb db, Refunding refunding, IAuditLog audit, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (command.IsLimited)
        {
            await db.LockAgentAsync(command.Actor.UserId, cancellationToken);
        }

        var order = command.Restock.Count > 0 ? (await db.LockOrdersAsync([command.PaymentId], cancellationToken)).FirstOrDefault() ?? throw OrderRefusals.RestockUnknown() : null;
        var payment = (await db.LockPaymentsAsync([command.PaymentId], cancellationToken)).FirstOrDefault() ?? throw PaymentRefusals.Unknown();
        var effectKey = command.RequestKey is { } key ? $"api:{command.Actor.UserId}:{payment.Id}:{key}" : null;
        if (effectKey is not null && await db.Refunds.AsNoTracking().FirstOrDefaultAsync(r => r.EffectKey == effectKey, cancellationToken) is { } repeated)
        {
            return command.AmountMinor is null || repeated.Amount.Minor == command.AmountMinor
                ? (repeated.Id, false)
                : throw new Refusal(RefusalKind.Unprocessable, "idempotency.key_reused", "This Idempotency-Key was used for another refund.");
        }

        if (command.IsLimited && payment.UserId == command.Actor.UserId)
        {
            throw RefundRefusals.OwnPayment();
        }

        var amount = command.AmountMinor is { } minor ? new Money(minor, command.Currency ?? payment.Amount.Currency) : payment.Refundable;
        payment.RequireRefundable(amount);
        if (command.IsLimited)
        {
            await limits.RequireWithinAsync(db, payment, amount, command.Actor.UserId, cancellationToken);
        }

        if (order is not null)
        {
            await RestockAsync(db, order, payment, command.Restock, cancellationToken);
        }

        var before = payment.Refunded;
        var refund = await refunding.PlanAsync(payment, amount, command.Reason, RefundOrigin.Api, effectKey, command.Actor.UserId, command.Note, cancellationToken);
        refund.IssuedBy(command.IsLimited, command.CancelsSubscription);
        refund.TakenUp(clock.GetUtcNow());
        await db.SaveChangesAsync(cancellationToken);
        await audit.WriteAsync(
            command.Actor, "refund.issue", payment.Id.ToString(), new { refunded = before, payment.Paid },
            new { refundId = refund.Id, amount, command.Reason, command.CancelsSubscription, command.Restock }, command.Note, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (refund.Id, true);
    }

    private static async Task RestockAsync(IPaymentsDb db, Order order, Payment payment, IReadOnlyList<WantedProduct> back, CancellationToken cancellationToken)
    {
        if (order.PaymentId != payment.Id)
        {
            throw OrderRefusals.RestockUnknown();
        }

        var stock = (await db.LockStockAsync([.. order.Lines.Select(l => l.ProductId)], cancellationToken)).ToDictionary(s => s.ProductId);
        foreach (var (product, quantity) in back)
        {
            order.Restock(product, quantity);
            stock[product].Restock(quantity);
        }
    }
}

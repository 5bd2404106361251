using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Orders;
using Payments.Application.Payments.Refunds;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Orders;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Charges;

/// <summary>Takes another amount than was agreed for the agreed one: what was bought is granted.</summary>
public sealed record AcceptMismatch(PaymentId PaymentId, string? Reason, Actor Actor) : IRequest<PaymentView>, IStaffWrite;

/// <summary>Gives back money that came in instead of what was agreed.</summary>
public sealed record ReturnMismatch(PaymentId PaymentId, string? Reason, Actor Actor) : IRequest<PaymentView>, IStaffWrite;

internal sealed class AcceptMismatchValidator : AbstractValidator<AcceptMismatch>
{
    public AcceptMismatchValidator() => RuleFor(c => c.Reason).Must(MismatchReasons.AreGiven).WithMessage(MismatchReasons.Wanted);
}

internal sealed class ReturnMismatchValidator : AbstractValidator<ReturnMismatch>
{
    public ReturnMismatchValidator() => RuleFor(c => c.Reason).Must(MismatchReasons.AreGiven).WithMessage(MismatchReasons.Wanted);
}

internal static class MismatchReasons
{
    public const string Wanted = "Say why, in 3 to 500 characters: it is kept in the audit log.";

    public static bool AreGiven(string? reason) => reason?.Trim().Length is >= 3 and <= 500;
}

internal sealed partial class AcceptMismatchHandler(IPaymentsDb db, PaymentRefreshes refreshes, IAuditLog audit, TimeProvider clock, ILogger<AcceptMismatchHandler> logger) : IRequestHandler<AcceptMismatch, PaymentView>
{
    public async Task<PaymentView> Handle(AcceptMismatch command, CancellationToken cancellationToken)
    {
        await using (var transaction = await db.BeginAsync(cancellationToken))
        {
            var payment = (await db.LockPaymentsAsync([command.PaymentId], cancellationToken)).FirstOrDefault() ?? throw PaymentRefusals.Unknown();
            var agreed = payment.Amount;
            payment.AcceptMismatch(clock.GetUtcNow());
            await db.SaveChangesAsync(cancellationToken);
            await audit.WriteAsync(command.Actor, "payment.accept_mismatch", payment.Id.ToString(), new { amount = agreed }, new { payment.Amount }, command.Reason, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        try
        {
            await refreshes.RefreshAsync(command.PaymentId, CancellationToken.None);
        }
        catch (GatewayFailure failure)
        {
            Log.Later(logger, command.PaymentId, failure.Kind, failure.Message);
        }

        return PaymentView.From(await db.Payments.AsNoTracking().FirstAsync(p => p.Id == command.PaymentId, cancellationToken));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Payment {PaymentId} was accepted as it was paid, and could not be asked for ({Kind}): {Reason}; it is granted when it is checked next")]
        public static partial void Later(ILogger logger, PaymentId paymentId, GatewayFailureKind kind, string reason);
    }
}

internal sealed class ReturnMismatchHandler(IPaymentsDb db, Refunding refunding, RefundSends sends, OrderOutcomes outcomes, IAuditLog audit, TimeProvider clock) : IRequestHandler<ReturnMismatch, PaymentView>
{
    public async Task<PaymentView> Handle(ReturnMismatch command, CancellationToken cancellationToken)
    {
        if (await PlanAsync(command, cancellationToken) is { } refund)
        {
            await sends.SendAsync(refund);
        }

        return PaymentView.From(await db.Payments.AsNoTracking().FirstAsync(p => p.Id == command.PaymentId, cancellationToken));
    }

    /// <returns>Null when nothing was taken.</returns>
    private async Task<RefundId?> PlanAsync(ReturnMismatch command, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var orders = await db.LockOrdersAsync([command.PaymentId], cancellationToken);
        var payment = (await db.LockPaymentsAsync([command.PaymentId], cancellationToken)).FirstOrDefault() ?? throw PaymentRefusals.Unknown();
        var before = payment.Status;
        var mismatch = payment.ReturnMismatch(clock.GetUtcNow());
        if (payment.OrderId is not null && !payment.IsPaid)
        {
            await outcomes.ApplyAsync(orders, [], new Dictionary<Payment, CancelReason> { [payment] = CancelReason.PaymentFailed }, clock.GetUtcNow(), cancellationToken);
        }

        Refund? refund = null;
        if (mismatch is { IntentId: { } intent, Taken.Minor: > 0 })
        {
            refund = await refunding.PlanSurplusAsync(payment, mismatch.Taken, intent, RefundOrigin.Api, $"mismatch:{intent}", command.Actor.UserId, command.Reason, cancellationToken);
            refund.TakenUp(clock.GetUtcNow());
        }

        await db.SaveChangesAsync(cancellationToken);
        await audit.WriteAsync(
            command.Actor, "payment.return_mismatch", payment.Id.ToString(), new { status = before }, new { payment.Status, returned = mismatch.Taken, refundId = refund?.Id.ToString() }, command.Reason, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return refund?.Id;
    }
}

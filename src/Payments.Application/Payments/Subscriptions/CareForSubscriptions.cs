using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Subscriptions;

/// <summary>
/// Ends what must end (a second one of a family, a repeated trial, an unpaid one after its grace), takes away what could
/// still be paid for one that has ended, and asks about what stays silent past its time. Answers how many were due.
/// </summary>
public sealed record CareForSubscriptions(int Count) : IRequest<int>;

internal sealed partial class CareForSubscriptionsHandler(IUnitOfWorkScopes scopes, SubscriptionRefreshes refreshes, ISubscriptionGateway gateway, SubscriptionOptions options, TimeProvider clock, ILogger<CareForSubscriptionsHandler> logger)
    : IRequestHandler<CareForSubscriptions, int>
{
    public async Task<int> Handle(CareForSubscriptions command, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = await scopes.RunAsync<IPaymentsDb, List<Due>>(
            (db, token) => db.Subscriptions.AsNoTracking().Where(s => s.NextActionAt <= now).OrderBy(s => s.NextActionAt).Take(command.Count).Select(s => new Due(s.Id, s.UserId, s.GatewayId)).ToListAsync(token),
            cancellationToken);
        foreach (var subscription in due)
        {
            await CareAsync(subscription, cancellationToken);
        }

        return due.Count;
    }

    private async Task CareAsync(Due due, CancellationToken cancellationToken)
    {
        // Put off first: a replica that looks at the same time, or a crash, must not ask in a circle.
        await ChangeAsync(due, s => s.PutOff(clock.GetUtcNow()), cancellationToken);
        try
        {
            await refreshes.ReviewAsync(due.GatewayId, cancellationToken);
            if (await ChangeAsync(due, s => s.PutOff(clock.GetUtcNow()), cancellationToken) is { Ending: null } or { IsOver: true, IsPlaced: false })
            {
                // A renewal may have been paid at the last moment; and of one that is over, a rival wants to know since when it lived.
                await refreshes.RefreshAsync(due.GatewayId, null, cancellationToken);
            }

            var ends = await ChangeAsync(due, EndIfOverdue, cancellationToken);
            if (ends is { Ending: not null, IsOver: false })
            {
                await gateway.CancelAsync(due.GatewayId, $"{due.Id}:end", cancellationToken);
                await refreshes.RefreshAsync(due.GatewayId, null, cancellationToken);
                Log.Ended(logger, due.Id, ends.Ending.Value);
            }

            await VoidOpenAsync(due, cancellationToken);
        }
        catch (GatewayFailure failure)
        {
            Log.NotAnswered(logger, due.Id, failure.Kind, failure.Message);
        }
        catch (Refusal refusal)
        {
            Log.Refused(logger, due.Id, refusal.Code);
        }
    }

    /// <summary>Whoever ended it: the link that was mailed must not take money for a period that nobody gives.</summary>
    private async Task VoidOpenAsync(Due due, CancellationToken cancellationToken)
    {
        var open = await scopes.RunAsync<IPaymentsDb, List<string>>(
            (db, token) => db.Invoices.AsNoTracking()
                .Where(i => i.SubscriptionId == due.Id && i.Status == InvoiceStatus.Open && db.Subscriptions.Any(s => s.Id == due.Id && Subscription.EndStatuses.Contains(s.Status)))
                .Select(i => i.GatewayId).ToListAsync(token),
            cancellationToken);
        foreach (var invoice in open)
        {
            try
            {
                // One whose payment is under way is tried again later, under another key.
                await gateway.VoidInvoiceAsync(invoice, $"{invoice}:void:{clock.GetUtcNow():yyyyMMddHH}", cancellationToken);
            }
            catch (GatewayFailure failure) when (failure.Kind == GatewayFailureKind.Conflict)
            {
                Log.NotVoided(logger, due.Id, invoice, failure.Message);
            }
        }

        if (open.Count > 0)
        {
            await refreshes.RefreshAsync(due.GatewayId, null, cancellationToken);
        }
    }

    private void EndIfOverdue(Subscription subscription)
    {
        var now = clock.GetUtcNow();
        if (subscription.GraceEnd(options.Access) <= now)
        {
            subscription.End(EndingReason.GraceOver, now);
            subscription.PutOff(now);
        }
    }

    private Task<Subscription> ChangeAsync(Due due, Action<Subscription> change, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, Subscription>(
        async (db, token) =>
        {
            await using var transaction = await db.BeginAsync(token);
            var subscription = (await db.LockSubscriptionsAsync(due.UserId, token)).First(s => s.Id == due.Id);
            change(subscription);
            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return subscription;
        },
        cancellationToken);

    private sealed record Due(SubscriptionId Id, UserId UserId, string GatewayId);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Subscription {SubscriptionId} was ended: {Reason}")]
        public static partial void Ended(ILogger logger, SubscriptionId subscriptionId, EndingReason reason);

        [LoggerMessage(2, LogLevel.Warning, "Subscription {SubscriptionId} could not be cared for ({Kind}): {Reason}; it is taken up again")]
        public static partial void NotAnswered(ILogger logger, SubscriptionId subscriptionId, GatewayFailureKind kind, string reason);

        [LoggerMessage(4, LogLevel.Information, "Invoice {InvoiceId} of subscription {SubscriptionId} is paid or being paid: {Reason}")]
        public static partial void NotVoided(ILogger logger, SubscriptionId subscriptionId, string invoiceId, string reason);

        [LoggerMessage(3, LogLevel.Warning, "Subscription {SubscriptionId} could not be cared for: {Code}")]
        public static partial void Refused(ILogger logger, SubscriptionId subscriptionId, string code);
    }
}

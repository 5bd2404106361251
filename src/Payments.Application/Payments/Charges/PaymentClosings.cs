using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Charges;

/// <summary>Sees to it at the provider that an open payment cannot be paid any more.</summary>
internal sealed partial class PaymentClosings(
    IUnitOfWorkScopes scopes, IPaymentGateway gateway, ISubscriptionGateway billing, PaymentOpenings openings, PaymentRecoveries recoveries, PaymentRefreshes refreshes, ILogger<PaymentClosings> logger)
{
    /// <summary>Besides the one that is wanted there are at most a few others, and each closes once.</summary>
    private const int Tries = 3;

    /// <summary>Saves a payment, or finds the one that this is a repeat of. What is open otherwise for the same item, order or plan gives way first.</summary>
    public async Task<PaymentId> PrepareAsync(PaymentOpenings.Wanted wanted, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var prepared = await openings.PrepareAsync(wanted, cancellationToken);
            if (prepared.Id is { } id)
            {
                return id;
            }

            foreach (var other in prepared.InTheWay)
            {
                await CloseAsync(other, cancellationToken);
            }
        }

        throw PaymentOpenings.BeingPaid(wanted.Terms);
    }

    /// <summary>No transaction is open here. Afterwards the payment is over, or paid, or under way; its row says which.</summary>
    /// <exception cref="GatewayFailure">The provider could not be asked.</exception>
    public async Task CloseAsync(PaymentId id, CancellationToken cancellationToken)
    {
        var payment = await ReadAsync(id, cancellationToken);
        if (payment is { IsOpened: false, IsOver: false })
        {
            await RecoverAsync(id, cancellationToken);
            payment = await ReadAsync(id, cancellationToken);
        }

        try
        {
            if (payment is { IsOver: false, Flow: PaymentFlow.Intent, PlanId: not null })
            {
                await EndBeginningAsync(id, cancellationToken);
                return;
            }

            var applied = payment switch
            {
                { IsOver: true } => null,
                { Flow: PaymentFlow.Checkout, SessionId: { } session } => await refreshes.AdoptAsync(await gateway.ExpireCheckoutAsync(session, $"{id}:expire", cancellationToken), cancellationToken),
                { Flow: PaymentFlow.Intent, IntentId: { } intent } => await refreshes.AdoptAsync(id, await gateway.CancelIntentAsync(intent, $"{id}:cancel", cancellationToken), cancellationToken),
                _ => null,
            };
            PaymentAlarms.Raise(logger, id, applied?.Effect);
        }
        catch (GatewayFailure failure) when (failure.Kind == GatewayFailureKind.Conflict)
        {
            // Paid, or under way: what it is, the provider says.
            PaymentAlarms.Raise(logger, id, await refreshes.RefreshAsync(id, cancellationToken));
        }
    }

    /// <summary>
    /// A subscription that waits for its first payment ends with the invoice for it. Ended itself, it might have been paid
    /// at that very moment; an invoice that was is not closed.
    /// </summary>
    private async Task EndBeginningAsync(PaymentId id, CancellationToken cancellationToken)
    {
        var invoice = await scopes.RunAsync<IPaymentsDb, string?>(
            (db, token) => db.Subscriptions.AsNoTracking().Where(s => s.PaymentId == id).Select(s => s.LatestInvoiceId).FirstOrDefaultAsync(token), cancellationToken);
        if (invoice is not null)
        {
            await billing.VoidInvoiceAsync(invoice, $"{id}:void", cancellationToken);
        }

        PaymentAlarms.Raise(logger, id, await refreshes.RefreshAsync(id, cancellationToken));
    }

    /// <summary>What the provider refuses to open at all is closed.</summary>
    private async Task RecoverAsync(PaymentId id, CancellationToken cancellationToken)
    {
        try
        {
            await recoveries.RecoverAsync(id, cancellationToken);
        }
        catch (Refusal refusal)
        {
            Log.NeverOpened(logger, id, refusal.Code);
        }
    }

    private Task<Payment> ReadAsync(PaymentId id, CancellationToken cancellationToken) =>
        scopes.RunAsync<IPaymentsDb, Payment>((db, token) => db.Payments.AsNoTracking().FirstAsync(p => p.Id == id, token), cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Payment {PaymentId} was never opened at the provider: {Code}")]
        public static partial void NeverOpened(ILogger logger, PaymentId paymentId, string code);
    }
}

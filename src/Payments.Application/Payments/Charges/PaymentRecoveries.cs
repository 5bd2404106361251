using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Customers;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Charges;

/// <summary>
/// Finishes openings that were cut short, without their caller. The saved request, sent again, tells what it made. One
/// that charges a saved card is never sent so, because its caller was told that it failed: what it may have made is
/// looked for, and if nothing is there it is given up.
/// </summary>
internal sealed class PaymentRecoveries(
    IUnitOfWorkScopes scopes, PaymentOpenings openings, IPaymentGateway gateway, ISubscriptionGateway billing, CustomerRecords customers, TimeProvider clock, ILogger<PaymentRecoveries> logger)
{
    /// <summary>No transaction is open here.</summary>
    /// <returns>Whether the provider has something that stands for it.</returns>
    /// <exception cref="GatewayFailure">The provider could not be asked.</exception>
    /// <exception cref="Refusal">The provider refuses it for good.</exception>
    public async Task<bool> RecoverAsync(PaymentId id, CancellationToken cancellationToken)
    {
        var payment = await scopes.RunAsync<IPaymentsDb, Payment>((db, token) => db.Payments.AsNoTracking().FirstAsync(p => p.Id == id, token), cancellationToken);
        if (payment.IsNeverOpened)
        {
            return false;
        }

        if (payment.PaymentMethodId is null)
        {
            await openings.OpenAsync(id);
            return true;
        }

        if (payment.IsOpened || await FindAsync(payment, cancellationToken))
        {
            return true;
        }

        await GiveUpAsync(id, cancellationToken);
        return false;
    }

    private async Task<bool> FindAsync(Payment payment, CancellationToken cancellationToken)
    {
        // Without a customer nothing can have been sent.
        if (await customers.FindAsync(payment.UserId, cancellationToken) is not { GatewayId: { } gatewayId } record)
        {
            return false;
        }

        if (payment.PlanId is null)
        {
            return await gateway.FindIntentAsync(gatewayId, payment.Id, cancellationToken) is { } intent
                && await AdoptedAsync(openings.AdoptAsync(payment, intent, cancellationToken));
        }

        return await billing.FindSubscriptionAsync(gatewayId, payment.Id, cancellationToken) is { } started
            && await AdoptedAsync(openings.AdoptAsync(payment, started, new CustomerReference(record.Id, gatewayId), cancellationToken));
    }

    private static async Task<bool> AdoptedAsync(Task adoption)
    {
        await adoption;
        return true;
    }

    private Task<bool> GiveUpAsync(PaymentId id, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, bool>(
        async (db, token) =>
        {
            await using var transaction = await db.BeginAsync(token);
            var payment = (await db.LockPaymentsAsync([id], token))[0];
            if (!payment.GiveUp(clock.GetUtcNow()))
            {
                return false;
            }

            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            PaymentTelemetry.Moved(logger, payment);
            return true;
        },
        cancellationToken);
}

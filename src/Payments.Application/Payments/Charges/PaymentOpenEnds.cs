using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Customers;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Charges;

/// <summary>Pages and intents on which a person could still pay. An order that one of them was to pay is cancelled with it.</summary>
internal sealed class PaymentOpenEnds(IUnitOfWorkScopes scopes, PaymentClosings closings, TimeProvider clock) : IOpenEnds
{
    public async Task CloseAsync(UserId userId, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var open = await scopes.RunAsync<IPaymentsDb, List<Payment>>(
            async (db, token) => await db.HasLiveSubscriptionAsync(userId, token)
                ? throw CustomerRefusals.StillSubscribed()
                : await db.Payments.AsNoTracking().Where(p => p.UserId == userId && p.CompletedAt == null && p.Flow != PaymentFlow.Invoice).ToListAsync(token),
            cancellationToken);
        foreach (var payment in open.Where(p => p.IsPayable(now)))
        {
            await closings.CloseAsync(payment.Id, cancellationToken);
        }
    }
}

using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Domain.Payments.Refunds;

namespace Payments.Application.Payments.Refunds;

/// <summary>Sends refunds that were planned, or that a crash left behind, and asks about those that are pending for long. Answers how many were due.</summary>
public sealed record SendDueRefunds(int Count) : IRequest<int>;

internal sealed class SendDueRefundsHandler(IUnitOfWorkScopes scopes, RefundSends sends, TimeProvider clock) : IRequestHandler<SendDueRefunds, int>
{
    public async Task<int> Handle(SendDueRefunds command, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = await scopes.RunAsync<IPaymentsDb, List<Refund>>(
            (db, token) => db.Refunds.AsNoTracking().Where(r => r.DueAt <= now).OrderBy(r => r.DueAt).Take(command.Count).ToListAsync(token), cancellationToken);
        foreach (var refund in due)
        {
            if (await TakeUpAsync(refund, cancellationToken))
            {
                await sends.SendAsync(refund.Id);
            }
        }

        return due.Count;
    }

    /// <summary>First, so that another replica, or the next round after a crash, does not send at the same time.</summary>
    private Task<bool> TakeUpAsync(Refund due, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, bool>(
        async (db, token) =>
        {
            await using var transaction = await db.BeginAsync(token);
            await db.LockPaymentsAsync([due.PaymentId], token);
            var refund = await db.Refunds.FirstAsync(r => r.Id == due.Id, token);
            var now = clock.GetUtcNow();
            if (!(refund.DueAt <= now))
            {
                return false;
            }

            refund.TakenUp(now);
            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return true;
        },
        cancellationToken);
}

using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Refunds;
using Payments.Application.Shared;
using Payments.Domain.Payments.Disputes;

namespace Payments.Application.Payments.Disputes;

/// <summary>Asks about disputes that have been silent for long: the word of their end may be lost. Answers how many were due.</summary>
public sealed record LookAtDisputes(int Count) : IRequest<int>;

internal sealed partial class LookAtDisputesHandler(IUnitOfWorkScopes scopes, MoneyBackEvents events, TimeProvider clock, ILogger<LookAtDisputesHandler> logger) : IRequestHandler<LookAtDisputes, int>
{
    public async Task<int> Handle(LookAtDisputes command, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = await scopes.RunAsync<IPaymentsDb, List<Dispute>>(
            (db, token) => db.Disputes.AsNoTracking().Where(d => d.DueAt <= now).OrderBy(d => d.DueAt).Take(command.Count).ToListAsync(token), cancellationToken);
        foreach (var dispute in due)
        {
            if (!await TakeUpAsync(dispute, cancellationToken))
            {
                continue;
            }

            try
            {
                await events.LookAsync(dispute.GatewayId, cancellationToken);
            }
            catch (GatewayFailure failure)
            {
                // It is looked at again in a day, as any that stays silent.
                Log.NotAsked(logger, dispute.Id, failure.Message);
            }
        }

        return due.Count;
    }

    /// <summary>First, so that another replica, or the next round after a crash, does not ask at the same time.</summary>
    private Task<bool> TakeUpAsync(Dispute due, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, bool>(
        async (db, token) =>
        {
            await using var transaction = await db.BeginAsync(token);
            await db.LockPaymentsAsync([due.PaymentId], token);
            var dispute = await db.Disputes.FirstAsync(d => d.Id == due.Id, token);
            var now = clock.GetUtcNow();
            if (!(dispute.DueAt <= now))
            {
                return false;
            }

            dispute.TakenUp(now);
            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return true;
        },
        cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Dispute {DisputeId} could not be asked about: {Reason}")]
        public static partial void NotAsked(ILogger logger, Domain.Shared.DisputeId disputeId, string reason);
    }
}

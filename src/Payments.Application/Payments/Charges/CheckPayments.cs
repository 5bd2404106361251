using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Charges;

/// <summary>
/// Asks the provider about payments that have been silent too long, and finishes openings that a crash left behind.
/// Answers how many were due.
/// </summary>
public sealed record CheckPayments(int Count) : IRequest<int>;

internal sealed partial class CheckPaymentsHandler(IUnitOfWorkScopes scopes, PaymentRefreshes refreshes, TimeProvider clock, ILogger<CheckPaymentsHandler> logger)
    : IRequestHandler<CheckPayments, int>
{
    public async Task<int> Handle(CheckPayments command, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = await scopes.RunAsync<IPaymentsDb, List<PaymentId>>(
            (db, token) => db.Payments.AsNoTracking().Where(p => p.NextCheckAt <= now).OrderBy(p => p.NextCheckAt).Take(command.Count).Select(p => p.Id).ToListAsync(token), cancellationToken);
        foreach (var payment in due)
        {
            await CheckAsync(payment, cancellationToken);
        }

        return due.Count;
    }

    private async Task CheckAsync(PaymentId id, CancellationToken cancellationToken)
    {
        // Scheduled first: a replica that looks at the same time, or a crash, must not ask in a circle.
        await scopes.RunAsync<IPaymentsDb, bool>(
            async (db, token) =>
            {
                await using var transaction = await db.BeginAsync(token);
                (await db.LockPaymentsAsync([id], token))[0].Checked(clock.GetUtcNow());
                await db.SaveChangesAsync(token);
                await transaction.CommitAsync(token);
                return true;
            },
            cancellationToken);
        try
        {
            PaymentAlarms.Raise(logger, id, await refreshes.RefreshAsync(id, cancellationToken));
        }
        catch (GatewayFailure failure)
        {
            Log.NotAnswered(logger, id, failure.Kind, failure.Message);
        }
        catch (Refusal refusal)
        {
            Log.Refused(logger, id, refusal.Code);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Payment {PaymentId} could not be checked ({Kind}): {Reason}; it is asked again later")]
        public static partial void NotAnswered(ILogger logger, PaymentId paymentId, GatewayFailureKind kind, string reason);

        [LoggerMessage(2, LogLevel.Warning, "Payment {PaymentId} cannot be opened: {Code}")]
        public static partial void Refused(ILogger logger, PaymentId paymentId, string code);
    }
}

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

internal sealed partial class CheckPaymentsHandler(IUnitOfWorkScopes scopes, PaymentRefreshes refreshes, PaymentOpenings openings, TimeProvider clock, ILogger<CheckPaymentsHandler> logger)
    : IRequestHandler<CheckPayments, int>
{
    public async Task<int> Handle(CheckPayments command, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = await scopes.RunAsync<IPaymentsDb, List<Due>>(
            (db, token) => db.Payments.AsNoTracking().Where(p => p.NextCheckAt <= now).OrderBy(p => p.NextCheckAt).Take(command.Count)
                .Select(p => new Due(p.Id, p.SessionId != null || p.IntentId != null)).ToListAsync(token),
            cancellationToken);
        foreach (var payment in due)
        {
            await CheckAsync(payment, cancellationToken);
        }

        return due.Count;
    }

    private async Task CheckAsync(Due payment, CancellationToken cancellationToken)
    {
        // Scheduled first: a replica that looks at the same time, or a crash, must not ask in a circle.
        await scopes.RunAsync<IPaymentsDb, bool>(
            async (db, token) =>
            {
                await using var transaction = await db.BeginAsync(token);
                (await db.LockPaymentsAsync([payment.Id], token))[0].Checked(clock.GetUtcNow());
                await db.SaveChangesAsync(token);
                await transaction.CommitAsync(token);
                return true;
            },
            cancellationToken);
        try
        {
            if (!payment.Opened)
            {
                await openings.OpenAsync(payment.Id);
            }
            else
            {
                PaymentAlarms.Raise(logger, payment.Id, await refreshes.RefreshAsync(payment.Id, cancellationToken));
            }
        }
        catch (GatewayFailure failure)
        {
            Log.NotAnswered(logger, payment.Id, failure.Kind, failure.Message);
        }
        catch (Refusal refusal)
        {
            Log.Refused(logger, payment.Id, refusal.Code);
        }
    }

    private sealed record Due(PaymentId Id, bool Opened);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Payment {PaymentId} could not be checked ({Kind}): {Reason}; it is asked again later")]
        public static partial void NotAnswered(ILogger logger, PaymentId paymentId, GatewayFailureKind kind, string reason);

        [LoggerMessage(2, LogLevel.Warning, "Payment {PaymentId} cannot be opened: {Code}")]
        public static partial void Refused(ILogger logger, PaymentId paymentId, string code);
    }
}

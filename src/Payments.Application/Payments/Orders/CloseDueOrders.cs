using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Domain.Payments.Orders;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Orders;

/// <summary>Closes orders that were not paid in time, and finishes closings that were cut short. Answers how many were due.</summary>
public sealed record CloseDueOrders(int Count) : IRequest<int>;

internal sealed partial class CloseDueOrdersHandler(IUnitOfWorkScopes scopes, OrderClosings closings, TimeProvider clock, ILogger<CloseDueOrdersHandler> logger) : IRequestHandler<CloseDueOrders, int>
{
    public async Task<int> Handle(CloseDueOrders command, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = await scopes.RunAsync<IPaymentsDb, List<OrderId>>(
            (db, token) => db.Orders.AsNoTracking().Where(o => o.DueAt <= now).OrderBy(o => o.DueAt).Take(command.Count).Select(o => o.Id).ToListAsync(token), cancellationToken);
        foreach (var order in due)
        {
            try
            {
                await closings.CloseAsync(order, CancelReason.TimeOver, cancellationToken);
            }
            catch (GatewayFailure failure)
            {
                Log.NotClosed(logger, order, failure.Kind, failure.Message);
            }
            catch (Refusal refusal)
            {
                Log.Refused(logger, order, refusal.Code);
            }
        }

        return due.Count;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Order {OrderId} could not be closed ({Kind}): {Reason}; it is tried again later, and its stock stays reserved")]
        public static partial void NotClosed(ILogger logger, OrderId orderId, GatewayFailureKind kind, string reason);

        [LoggerMessage(2, LogLevel.Warning, "Order {OrderId} could not be closed: {Code}; it is tried again later")]
        public static partial void Refused(ILogger logger, OrderId orderId, string code);
    }
}

using Payments.Domain.Payments.Gateway;

namespace Payments.Application.Payments.Gateway;

/// <summary>
/// Sends a saved request. While its key is alive that is safe to do any number of times. Once the key is too old, or
/// the provider replays a failure stored under it, what it may have made is looked up first, and only if nothing is
/// there it is sent again under the next key.
/// </summary>
internal sealed class GatewaySends(IPaymentsDb db, TimeProvider clock)
{
    /// <summary>No transaction is open here: a provider call is never made inside one.</summary>
    public async Task<T> SendAsync<T>(
        GatewayRequest request,
        Func<PreparedCall, string, CancellationToken, Task<T>> send,
        Func<CancellationToken, Task<T?>> find,
        CancellationToken cancellationToken)
        where T : class
    {
        if (request.IsStale(clock.GetUtcNow()))
        {
            return await SettleAsync(request, send, find, cancellationToken);
        }

        try
        {
            return await send(new PreparedCall(request.Operation, request.Body), request.IdempotencyKey, cancellationToken);
        }
        catch (GatewayFailure failure) when (failure is { Replayed: true, Kind: GatewayFailureKind.UnknownOutcome })
        {
            return await SettleAsync(request, send, find, cancellationToken);
        }
    }

    private async Task<T> SettleAsync<T>(
        GatewayRequest request,
        Func<PreparedCall, string, CancellationToken, Task<T>> send,
        Func<CancellationToken, Task<T?>> find,
        CancellationToken cancellationToken)
        where T : class
    {
        if (await find(cancellationToken) is { } made)
        {
            return made;
        }

        request.Renew(request.Operation, request.Body, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellationToken);
        return await send(new PreparedCall(request.Operation, request.Body), request.IdempotencyKey, cancellationToken);
    }
}

using System.Collections.Concurrent;
using Npgsql;
using Payments.Application.Payments.Gateway;
using Payments.Domain.Payments.Invoices;

namespace Payments.Infrastructure.Database;

/// <summary>Coalesces concurrent questions about one object, and keeps all replicas together under one budget of reads a second (wall time).</summary>
internal sealed class GatewayFetches(IPaymentGateway gateway, ISubscriptionGateway billing, ICardGateway cards, IRefundGateway refunds, IDisputeGateway disputes, NpgsqlDataSource database, TimeProvider clock) : IGatewayFetches
{
    /// <summary>Half of what the provider allows in test mode (25/s) and an eighth of live mode (100/s).</summary>
    private const int PerSecond = 12;

    private readonly ConcurrentDictionary<string, Lazy<Task<object>>> underWay = new(StringComparer.Ordinal);

    public Task<CheckoutState> CheckoutAsync(string sessionId, uint? version, CancellationToken cancellationToken) => AskAsync(sessionId, version, gateway.GetCheckoutAsync, cancellationToken);

    public Task<IntentState> IntentAsync(string intentId, uint? version, CancellationToken cancellationToken) => AskAsync(intentId, version, gateway.GetIntentAsync, cancellationToken);

    public Task<InvoiceState> InvoiceAsync(string invoiceId, CancellationToken cancellationToken) => AskAsync(invoiceId, null, billing.GetInvoiceAsync, cancellationToken);

    public Task<TaxRate> TaxRateAsync(string taxRateId, CancellationToken cancellationToken) => AskAsync(taxRateId, null, billing.GetTaxRateAsync, cancellationToken);

    public Task<SubscriptionSnapshot> SubscriptionAsync(string subscriptionId, uint? version, CancellationToken cancellationToken) => AskAsync(subscriptionId, version, SnapshotAsync, cancellationToken);

    /// <summary>Invoices first: a state that is newer than them is completed by the next event, one that is older would never be.</summary>
    private async Task<SubscriptionSnapshot> SnapshotAsync(string subscriptionId, CancellationToken cancellationToken)
    {
        var askedAt = clock.GetUtcNow();
        var invoices = await billing.GetInvoicesAsync(subscriptionId, cancellationToken);
        await SpendAsync(cancellationToken);
        var state = await billing.GetSubscriptionAsync(subscriptionId, cancellationToken);

        // The newest that was tried to be collected: its intent shows the attempt and the charge. Older ones were asked for in their day.
        if (invoices.FirstOrDefault(i => i.Report is { IntentId: not null } and ({ AttemptCount: > 0 } or { AmountPaid.Minor: > 0 })) is { Report.IntentId: { } intentId } tried)
        {
            await SpendAsync(cancellationToken);
            var intent = await gateway.GetIntentAsync(intentId, cancellationToken);
            invoices = [.. invoices.Select(i => i == tried ? i with { Intent = intent } : i)];
        }

        return new SubscriptionSnapshot(state, invoices, askedAt);
    }

    public Task<WalletState> WalletAsync(string customerId, long version, CancellationToken cancellationToken) => AskAsync(customerId, version, cards.GetWalletAsync, cancellationToken);

    public Task<RefundState> RefundAsync(string gatewayId, CancellationToken cancellationToken) => AskAloneAsync(gatewayId, refunds.GetRefundAsync, cancellationToken);

    public Task<IReadOnlyList<RefundState>> RefundsAsync(string sourceId, CancellationToken cancellationToken) => AskAloneAsync(sourceId, refunds.ListRefundsAsync, cancellationToken);

    public Task<DisputeState> DisputeAsync(string gatewayId, CancellationToken cancellationToken) => AskAloneAsync(gatewayId, disputes.GetDisputeAsync, cancellationToken);

    public Task<string?> InvoiceOfAsync(string intentId, CancellationToken cancellationToken) => AskAloneAsync(intentId, billing.FindInvoiceOfAsync, cancellationToken);

    private async Task<T> AskAloneAsync<T>(string id, Func<string, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        await SpendAsync(cancellationToken);
        return await ask(id, cancellationToken);
    }

    private async Task<T> AskAsync<T>(string id, long? version, Func<string, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
        where T : class
    {
        // Not under the first caller's token: others wait for the same answer. The adapter's own timeouts bound it.
        var question = underWay.GetOrAdd($"{id}@{version}", key => new Lazy<Task<object>>(async () =>
        {
            try
            {
                await SpendAsync(CancellationToken.None);
                return await ask(id, CancellationToken.None);
            }
            finally
            {
                underWay.TryRemove(key, out _);
            }
        }));
        return (T)await question.Value.WaitAsync(cancellationToken);
    }

    private async Task SpendAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            var now = TimeProvider.System.GetUtcNow();
            await using var command = database.CreateCommand(
                """
                INSERT INTO payments.gateway_budget AS b (one, second, used) VALUES (true, $1, 1)
                ON CONFLICT (one) DO UPDATE SET second = greatest(b.second, excluded.second), used = CASE WHEN b.second < excluded.second THEN 1 ELSE b.used + 1 END
                WHERE b.second < excluded.second OR b.used < $2
                """);
            command.Parameters.Add(new() { Value = now.ToUnixTimeSeconds() });
            command.Parameters.Add(new() { Value = PerSecond });
            if (await command.ExecuteNonQueryAsync(cancellationToken) == 1)
            {
                return;
            }

            await Task.Delay(1000 - now.Millisecond, cancellationToken);
        }

        throw new GatewayFailure(GatewayFailureKind.Unavailable, "The budget of reads from the provider is used up.") { RetryAfter = TimeSpan.FromSeconds(5) };
    }
}

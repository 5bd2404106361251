using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Gateway;
using Payments.Domain.Payments.Invoices;

namespace Payments.Application.Payments.Invoices;

/// <summary>What the taxes of invoices are called. An invoice names its rates by id alone, so each is asked for once, when it is first read.</summary>
internal sealed class TaxRates(IPaymentsDb db, IGatewayFetches fetches, TaxRateMisses misses)
{
    /// <summary>A name is worth a moment, not a reader's patience. The answer that comes later is there for the next one.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    /// <returns>By the provider's id; one that the provider could not be asked for is missing, and is asked for again a while later.</returns>
    public async Task<IReadOnlyDictionary<string, TaxRate>> OfAsync(IEnumerable<Invoice> invoices, CancellationToken cancellationToken)
    {
        var wanted = invoices.SelectMany(i => i.Taxes).Select(t => t.RateId).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        if (wanted.Count == 0)
        {
            return new Dictionary<string, TaxRate>(StringComparer.Ordinal);
        }

        var rates = await db.TaxRates.AsNoTracking().Where(r => wanted.Contains(r.GatewayId)).ToDictionaryAsync(r => r.GatewayId, StringComparer.Ordinal, cancellationToken);
        var unknown = await Task.WhenAll(wanted.Where(id => !rates.ContainsKey(id) && misses.MayAsk(id)).Select(id => AskAsync(id, cancellationToken)));
        foreach (var rate in unknown.OfType<TaxRate>())
        {
            await db.AddTaxRateIfMissingAsync(rate, cancellationToken);
            rates[rate.GatewayId] = rate;
        }

        return rates;
    }

    private async Task<TaxRate?> AskAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            return await fetches.TaxRateAsync(id, cancellationToken).WaitAsync(LongestWait, cancellationToken);
        }
        catch (Exception e) when (e is GatewayFailure or TimeoutException)
        {
            // All else about the invoice is known, and is worth more than the name of a tax: also to a key that may not read rates.
            misses.Missed(id);
            return null;
        }
    }
}

/// <summary>Which rates the provider has just not told, by this process's knowledge: they are not asked for at every read.</summary>
internal sealed class TaxRateMisses(TimeProvider clock)
{
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, DateTimeOffset> missed = new(StringComparer.Ordinal);

    public bool MayAsk(string id) => !missed.TryGetValue(id, out var at) || clock.GetUtcNow() - at >= Pause;

    public void Missed(string id) => missed[id] = clock.GetUtcNow();
}

using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Gateway;
using Payments.Domain.Payments.Invoices;

namespace Payments.Application.Payments.Invoices;

/// <summary>What the taxes of invoices are called. An invoice names its rates by id alone, so each is asked for once, when it is first read.</summary>
internal sealed class TaxRates(IPaymentsDb db, IGatewayFetches fetches)
{
    /// <returns>By the provider's id; one that the provider could not be asked for is missing, and is asked for again next time.</returns>
    public async Task<IReadOnlyDictionary<string, TaxRate>> OfAsync(IEnumerable<Invoice> invoices, CancellationToken cancellationToken)
    {
        var wanted = invoices.SelectMany(i => i.Taxes).Select(t => t.RateId).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        if (wanted.Count == 0)
        {
            return new Dictionary<string, TaxRate>(StringComparer.Ordinal);
        }

        var rates = await db.TaxRates.AsNoTracking().Where(r => wanted.Contains(r.GatewayId)).ToDictionaryAsync(r => r.GatewayId, StringComparer.Ordinal, cancellationToken);
        foreach (var id in wanted.Where(id => !rates.ContainsKey(id)))
        {
            if (await AskAsync(id, cancellationToken) is not { } rate)
            {
                break;
            }

            await db.AddTaxRateIfMissingAsync(rate, cancellationToken);
            rates[id] = rate;
        }

        return rates;
    }

    private async Task<TaxRate?> AskAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            return await fetches.TaxRateAsync(id, cancellationToken);
        }
        catch (GatewayFailure)
        {
            // All else about the invoice is known, and is worth more than the name of a tax: also to a key that may not read rates.
            return null;
        }
    }
}

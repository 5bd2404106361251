using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Invoices;

namespace Payments.Domain.Payments.Subscriptions;

/// <summary>
/// Which invoice grants how many credits. A period's first invoice grants the plan's credits times the seats; one for a
/// change grants what the change adds for the rest of the period, but never what was granted in the period before:
/// whoever takes seats away and adds them again gets nothing twice.
/// </summary>
public static class PeriodCredits
{
    /// <param name="invoices">All of one subscription's that are paid.</param>
    /// <param name="agreedAt">What was agreed at a provider's price; null for a foreign one.</param>
    /// <returns>Credits by invoice, 0 left out.</returns>
    public static IReadOnlyDictionary<string, long> Granted(IEnumerable<Invoice> invoices, Func<string, PlanAgreement?> agreedAt)
    {
        var granted = new Dictionary<string, long>(StringComparer.Ordinal);
        var periods = new Dictionary<DateTimeOffset, (long Due, long Granted, TimeSpan Length)>();
        var begun = new HashSet<(DateTimeOffset Start, DateTimeOffset End)>();
        // Several of one second are told apart by their numbers, which the provider counts up.
        var inOrder = invoices.Where(i => i.Status == InvoiceStatus.Paid).OrderBy(i => i.CreatedAt).ThenBy(i => i.Number, StringComparer.Ordinal).ThenBy(i => i.GatewayId, StringComparer.Ordinal);
        foreach (var invoice in inOrder)
        {
            foreach (var line in invoice.Lines.Where(l => l is { OfSubscription: true, PriceId: not null }).OrderBy(l => l.IsProration ? 0 : 1).ThenBy(l => l.PeriodEnd))
            {
                if (agreedAt(line.PriceId!) is not { CreditsPerPeriod: > 0 } plan)
                {
                    continue;
                }

                var period = periods.GetValueOrDefault(line.PeriodEnd);
                if (!line.IsProration)
                {
                    // Nothing for a trial, and nothing for what a code made free.
                    if (invoice.Total.Minor <= 0 || invoice.Reason == BillingReason.Other || !begun.Add((line.PeriodStart, line.PeriodEnd)))
                    {
                        continue;
                    }

                    period = (period.Due + checked(plan.CreditsPerPeriod * line.Quantity), period.Granted, line.PeriodEnd - line.PeriodStart);
                }
                else
                {
                    var whole = period.Length > TimeSpan.Zero ? period.Length : plan.PeriodLength(line.PeriodEnd);
                    var share = (Int128)plan.CreditsPerPeriod * Math.Max(line.Quantity, 1) * (line.PeriodEnd - line.PeriodStart).Ticks / whole.Ticks;
                    period.Due += line.Amount.Minor < 0 ? -(long)share : (long)share;
                    period.Length = whole;
                }

                periods[line.PeriodEnd] = period;
            }

            // Lines of one invoice belong together, and what a change gave up of any period that still runs pays for what it adds.
            var running = periods.Where(p => p.Key > invoice.CreatedAt || invoice.Lines.Any(l => l.PeriodEnd == p.Key)).OrderBy(p => p.Key).ToList();
            var spare = running.Where(p => p.Key > invoice.CreatedAt).Sum(p => Math.Max(0, p.Value.Granted - p.Value.Due));
            var added = running.Sum(p => Math.Max(0, p.Value.Due - p.Value.Granted));
            var paid = Math.Min(spare, added);
            if (added > paid)
            {
                granted[invoice.GatewayId] = added - paid;
            }

            foreach (var (end, period) in running)
            {
                var given = Math.Min(paid, Math.Max(0, period.Granted - period.Due));
                if (period.Due > period.Granted)
                {
                    periods[end] = period with { Granted = period.Due };
                }
                else if (end > invoice.CreatedAt)
                {
                    paid -= given;
                    periods[end] = period with { Granted = period.Granted - given };
                }
            }
        }

        return granted;
    }
}

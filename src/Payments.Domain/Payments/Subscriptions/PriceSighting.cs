namespace Payments.Domain.Payments.Subscriptions;

/// <summary>Its price at a moment, as one of its events told.</summary>
/// <param name="At">When the event was made (whole seconds).</param>
public sealed record PriceSighting(DateTimeOffset At, string PriceId)
{
    /// <summary>Nothing older than this is told: the provider's events are gone by then.</summary>
    private static readonly TimeSpan StillTold = TimeSpan.FromDays(31);

    /// <summary>So many are kept even of one whose seats change every minute.</summary>
    private const int Most = 200;

    /// <summary>
    /// All that is worth to be kept when another one was seen, in the order of time: whatever is told later may fall between
    /// two of the newest, and of what is older it is the first and the last of each price that count.
    /// </summary>
    public static List<PriceSighting> Add(IReadOnlyList<PriceSighting> known, PriceSighting seen)
    {
        var all = known.Append(seen).Distinct().OrderBy(s => s.At).ThenBy(s => s.PriceId, StringComparer.Ordinal).ToList();
        var told = all[^1].At - StillTold;
        var newest = all.Count - Most;
        return [.. all.Where((s, i) => i == 0 || i == all.Count - 1 || (s.At >= told && i >= newest) || s.PriceId != all[i - 1].PriceId || s.PriceId != all[i + 1].PriceId)];
    }
}

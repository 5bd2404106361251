namespace Payments.Domain.Payments.Subscriptions;

/// <summary>Its price at a moment, as one of its events told.</summary>
/// <param name="At">When the event was made (whole seconds).</param>
public sealed record PriceSighting(DateTimeOffset At, string PriceId)
{
    /// <summary>The provider keeps events for 30 days, so nothing older is told any more.</summary>
    public static readonly TimeSpan Told = TimeSpan.FromDays(31);

    /// <summary>So many are kept even of one that changes every minute.</summary>
    private const int Most = 200;

    /// <summary>
    /// All that is worth to be kept when another one was seen, in the order of time: whatever is told later may fall between
    /// two of the newest, and of what is older it is the first and the last of each price that count.
    /// </summary>
    public static List<PriceSighting> Add(IReadOnlyList<PriceSighting> known, PriceSighting seen)
    {
        var all = known.Append(seen).Distinct().OrderBy(s => s.At).ThenBy(s => s.PriceId, StringComparer.Ordinal).ToList();
        var told = all[^1].At - Told;
        var kept = all.Where((s, i) => s.At >= told || i == 0 || s.PriceId != all[i - 1].PriceId || s.PriceId != all[i + 1].PriceId).ToList();
        return kept.Count <= Most ? kept : [kept[0], .. kept.TakeLast(Most - 1)];
    }
}

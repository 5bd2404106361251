namespace Payments.Sandbox.Stripe.Resources;

/// <summary>Where one billing period ends and the next begins. All in UTC, as at Stripe; times are Unix seconds.</summary>
internal static class BillingPeriods
{
    /// <summary>
    /// The end of the period that begins at <paramref name="start"/>. Months are counted from the anchor and not from the
    /// start, so that an anchor on the 31st comes back to the 31st after a short month.
    /// </summary>
    public static long End(long anchor, long start, string interval, long count) => interval switch
    {
        "day" => start + (count * 86_400),
        "week" => start + (count * 7 * 86_400),
        "year" => Months(anchor, start, 12 * count),
        _ => Months(anchor, start, count),
    };

    public static long AddMonths(long time, long months) =>
        DateTimeOffset.FromUnixTimeSeconds(time).AddMonths((int)months).ToUnixTimeSeconds();

    private static long Months(long anchor, long start, long count)
    {
        var (from, at) = (DateTimeOffset.FromUnixTimeSeconds(anchor), DateTimeOffset.FromUnixTimeSeconds(start));
        var passed = ((at.Year - from.Year) * 12) + at.Month - from.Month;
        return AddMonths(anchor, passed + count);
    }
}

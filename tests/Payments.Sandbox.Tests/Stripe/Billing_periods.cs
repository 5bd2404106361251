using System.Globalization;
using Payments.Sandbox.Stripe.Resources;

namespace Payments.Sandbox.Tests.Stripe;

public sealed class Billing_periods
{
    [Theory]
    [InlineData("month", 1, "2027-01-31T10:00:00Z", "2027-02-28T10:00:00Z 2027-03-31T10:00:00Z 2027-04-30T10:00:00Z 2027-05-31T10:00:00Z")]
    [InlineData("month", 1, "2027-12-30T23:59:59Z", "2028-01-30T23:59:59Z 2028-02-29T23:59:59Z 2028-03-30T23:59:59Z")]
    [InlineData("month", 3, "2026-11-30T00:00:00Z", "2027-02-28T00:00:00Z 2027-05-30T00:00:00Z 2027-08-30T00:00:00Z")]
    [InlineData("month", 6, "2027-08-31T00:00:00Z", "2028-02-29T00:00:00Z 2028-08-31T00:00:00Z 2029-02-28T00:00:00Z")]
    [InlineData("year", 1, "2028-02-29T12:00:00Z", "2029-02-28T12:00:00Z 2030-02-28T12:00:00Z 2031-02-28T12:00:00Z 2032-02-29T12:00:00Z")]
    [InlineData("week", 2, "2027-03-21T01:30:00Z", "2027-04-04T01:30:00Z 2027-04-18T01:30:00Z")]
    [InlineData("day", 1, "2027-03-27T01:30:00Z", "2027-03-28T01:30:00Z 2027-03-29T01:30:00Z")]
    public void End_where_Stripe_ends_them(string interval, int count, string anchor, string ends)
    {
        var (first, start) = (Unix(anchor), Unix(anchor));
        var found = new List<string>();
        foreach (var _ in ends.Split(' '))
        {
            start = BillingPeriods.End(first, start, interval, count);
            found.Add(DateTimeOffset.FromUnixTimeSeconds(start).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        }

        string.Join(' ', found).ShouldBe(ends);
    }

    private static long Unix(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture).ToUnixTimeSeconds();
}

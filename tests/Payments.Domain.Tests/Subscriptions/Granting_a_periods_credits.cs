using Payments.Domain.Payments.Invoices;
using Payments.Domain.Payments.Subscriptions;
using static Payments.Domain.Tests.Subscriptions.Bills;

namespace Payments.Domain.Tests.Subscriptions;

/// <summary>Hard case 24, by figures worked out by hand.</summary>
public sealed class Granting_a_periods_credits
{
    [Theory]
    [InlineData(1, 31)]
    [InlineData(2, 28)]
    [InlineData(4, 30)]
    public void a_paid_month_grants_the_plans_credits_however_long_it_is(int month, int days)
    {
        var start = Day(month, 1);
        Granted(Paid(start, BillingReason.SubscriptionCreate, Period("monthly", 1, start, start.AddDays(days)))).ShouldBe([200]);
    }

    [Fact]
    public void after_a_year_became_months_these_grant_nothing_until_the_years_credits_are_used_up()
    {
        var (bought, changed, yearEnds) = (Day(4, 1), Day(4, 2), Day(4, 1, year: 2028));
        List<Invoice> invoices =
        [
            Paid(bought, BillingReason.SubscriptionCreate, Period("yearly", 1, bought, yearEnds)),
            Make("in_change", changed, BillingReason.SubscriptionUpdate, InvoiceStatus.Paid, null, Rest("yearly", -1, changed, yearEnds), Period("monthly", 1, changed, changed.AddMonths(1))),
            .. Enumerable.Range(1, 12).Select(m => Paid(changed.AddMonths(m), BillingReason.SubscriptionCycle, Period("monthly", 1, changed.AddMonths(m), changed.AddMonths(m + 1)))),
        ];
        var granted = PeriodCredits.Granted(invoices, AgreedAt);
        granted[invoices[0].GatewayId].ShouldBe(2400);
        invoices.Skip(1).SkipLast(2).Sum(i => granted.GetValueOrDefault(i.GatewayId)).ShouldBe(0);
        granted.GetValueOrDefault(invoices[^2].GatewayId).ShouldBeLessThan(10, "a day of the year was used up before");
        granted[invoices[^1].GatewayId].ShouldBe(200, "the year is over");
    }

    [Fact]
    public void seats_count_each() =>
        Granted(Paid(Day(4, 1), BillingReason.SubscriptionCreate, Period("seats", 7, Day(4, 1), Day(5, 1)))).ShouldBe([700]);

    [Fact]
    public void a_trial_grants_nothing_and_the_period_after_it_all() => Granted(
        Make("trial", Day(4, 1), BillingReason.SubscriptionCreate, InvoiceStatus.Paid, 0, Period("monthly", 1, Day(4, 1), Day(4, 15))),
        Paid(Day(4, 15), BillingReason.SubscriptionCycle, Period("monthly", 1, Day(4, 15), Day(5, 15)))).ShouldBe([0, 200]);

    [Fact]
    public void what_a_code_made_free_grants_nothing() => Granted(
        Make("free", Day(4, 1), BillingReason.SubscriptionCreate, InvoiceStatus.Paid, 0, Period("monthly", 1, Day(4, 1), Day(5, 1)))).ShouldBe([0]);

    [Theory]
    [InlineData(InvoiceStatus.Draft)]
    [InlineData(InvoiceStatus.Open)]
    [InlineData(InvoiceStatus.Void)]
    [InlineData(InvoiceStatus.Uncollectible)]
    public void what_is_not_paid_grants_nothing(InvoiceStatus status) => Granted(
        Make("unpaid", Day(4, 1), BillingReason.SubscriptionCycle, status, null, Period("monthly", 1, Day(4, 1), Day(5, 1)))).ShouldBe([0]);

    [Fact]
    public void a_price_that_is_none_of_our_plans_grants_nothing() =>
        Granted(Paid(Day(4, 1), BillingReason.SubscriptionCycle, Period("foreign", 1, Day(4, 1), Day(5, 1)))).ShouldBe([0]);

    [Fact]
    public void two_seats_more_for_half_of_a_month_of_thirty_days_are_half_of_their_credits() => Granted(
        Paid(Day(4, 1), BillingReason.SubscriptionCreate, Period("seats", 2, Day(4, 1), Day(5, 1))),
        Paid(Day(4, 16), BillingReason.SubscriptionUpdate, Rest("seats", -2, Day(4, 16), Day(5, 1)), Rest("seats", 4, Day(4, 16), Day(5, 1)))).ShouldBe([200, 100]);

    [Fact]
    public void half_of_february_is_fourteen_days() => Granted(
        Paid(Day(2, 1), BillingReason.SubscriptionCreate, Period("seats", 2, Day(2, 1), Day(3, 1))),
        Paid(Day(2, 15), BillingReason.SubscriptionUpdate, Rest("seats", -2, Day(2, 15), Day(3, 1)), Rest("seats", 4, Day(2, 15), Day(3, 1)))).ShouldBe([200, 100]);

    [Fact]
    public void in_a_leap_year_half_of_it_is_a_half_day_more() => Granted(
        Paid(Day(2, 1, year: 2028), BillingReason.SubscriptionCreate, Period("seats", 2, Day(2, 1, year: 2028), Day(3, 1, year: 2028))),
        Paid(
            Day(2, 15, 12, 2028), BillingReason.SubscriptionUpdate,
            Rest("seats", -2, Day(2, 15, 12, 2028), Day(3, 1, year: 2028)), Rest("seats", 4, Day(2, 15, 12, 2028), Day(3, 1, year: 2028)))).ShouldBe([200, 100]);

    /// <summary>2 to 4 at 15/30: 300 due. To 2 at 20/30: −133 + 66, 233 due. To 4 at 25/30: −33 + 66, 266 due, and 300 were granted.</summary>
    [Fact]
    public void seats_taken_away_and_added_again_grant_nothing_twice() => Granted(
        Paid(Day(4, 1), BillingReason.SubscriptionCreate, Period("seats", 2, Day(4, 1), Day(5, 1))),
        Paid(Day(4, 16), BillingReason.SubscriptionUpdate, Rest("seats", -2, Day(4, 16), Day(5, 1)), Rest("seats", 4, Day(4, 16), Day(5, 1))),
        Paid(Day(4, 21), BillingReason.SubscriptionUpdate, Rest("seats", -4, Day(4, 21), Day(5, 1)), Rest("seats", 2, Day(4, 21), Day(5, 1))),
        Paid(Day(4, 26), BillingReason.SubscriptionUpdate, Rest("seats", -2, Day(4, 26), Day(5, 1)), Rest("seats", 4, Day(4, 26), Day(5, 1)))).ShouldBe([200, 100, 0, 0]);

    [Fact]
    public void what_is_made_good_with_the_next_invoice_is_granted_by_it() => Granted(
        Paid(Day(4, 1), BillingReason.SubscriptionCreate, Period("seats", 2, Day(4, 1), Day(5, 1))),
        Paid(
            Day(5, 1), BillingReason.SubscriptionCycle,
            Rest("seats", -2, Day(4, 16), Day(5, 1)), Rest("seats", 4, Day(4, 16), Day(5, 1)), Period("seats", 4, Day(5, 1), Day(6, 1)))).ShouldBe([200, 500]);

    [Fact]
    public void seats_given_up_take_nothing_back_of_a_period_that_is_over() => Granted(
        Paid(Day(4, 1), BillingReason.SubscriptionCreate, Period("seats", 4, Day(4, 1), Day(5, 1))),
        Paid(
            Day(5, 1), BillingReason.SubscriptionCycle,
            Rest("seats", -4, Day(4, 16), Day(5, 1)), Rest("seats", 2, Day(4, 16), Day(5, 1)), Period("seats", 2, Day(5, 1), Day(6, 1)))).ShouldBe([400, 200]);

    [Fact]
    public void from_month_to_year_the_unused_half_of_the_month_counts_towards_the_year() => Granted(
        Paid(Day(4, 1), BillingReason.SubscriptionCreate, Period("monthly", 1, Day(4, 1), Day(5, 1))),
        Paid(Day(4, 16), BillingReason.SubscriptionUpdate, Rest("monthly", -1, Day(4, 16), Day(5, 1)), Period("yearly", 1, Day(4, 16), Day(4, 16, year: 2028)))).ShouldBe([200, 2300]);

    [Fact]
    public void from_year_to_month_the_years_credits_were_had_already()
    {
        // A tenth of 2028's 366 days less than a year is left over: 2400 × 36.6 ⁄ 366 = 240 are used up, 2160 are ahead.
        var (start, change, end) = (Day(1, 1, year: 2028), Day(1, 1, year: 2028).AddDays(36.6), Day(1, 1, year: 2029));
        var months = Enumerable.Range(0, 11).Select(m => Paid(change.AddMonths(m), BillingReason.SubscriptionCycle, Period("monthly", 1, change.AddMonths(m), change.AddMonths(m + 1)))).ToArray();
        var downgrade = Make("down", change.AddSeconds(-1), BillingReason.SubscriptionUpdate, InvoiceStatus.Paid, -5000, Rest("yearly", -1, change, end));
        var granted = Granted([Paid(start, BillingReason.SubscriptionCreate, Period("yearly", 1, start, end)), downgrade, .. months]);

        // Ten months eat 2000 of the 2160, the eleventh the 160 that are left, and grants 40.
        granted.ShouldBe([2400, 0, .. Enumerable.Repeat(0L, 10), 40]);
    }

    [Fact]
    public void a_change_in_the_very_second_of_the_beginning_grants_what_it_adds() => Granted(
        Make("in_1", Day(4, 1), BillingReason.SubscriptionCreate, InvoiceStatus.Paid, null, Period("monthly", 1, Day(4, 1), Day(5, 1))),
        Make("in_2", Day(4, 1), BillingReason.SubscriptionUpdate, InvoiceStatus.Paid, null, Rest("monthly", -1, Day(4, 1), Day(5, 1)), Period("yearly", 1, Day(4, 1), Day(4, 1, year: 2028)))).ShouldBe([200, 2200]);

    [Fact]
    public void one_period_billed_twice_is_granted_once() => Granted(
        Paid(Day(4, 1), BillingReason.SubscriptionCreate, Period("monthly", 1, Day(4, 1), Day(5, 1))),
        Paid(Day(4, 2), BillingReason.SubscriptionCycle, Period("monthly", 1, Day(4, 1), Day(5, 1)))).ShouldBe([200, 0]);

    [Fact]
    public void the_order_in_which_invoices_are_known_decides_nothing()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var invoices = Toggles(random, out _);
            var expected = PeriodCredits.Granted(invoices, AgreedAt);
            var shuffled = PeriodCredits.Granted(invoices.OrderBy(_ => random.Next()), AgreedAt);
            shuffled.OrderBy(g => g.Key, StringComparer.Ordinal).ShouldBe(expected.OrderBy(g => g.Key, StringComparer.Ordinal), $"seed {seed}");
        }
    }

    [Fact]
    public void whatever_is_toggled_never_grants_more_than_the_most_seats_of_the_period_would()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var invoices = Toggles(new Random(seed), out var most);
            var granted = PeriodCredits.Granted(invoices, AgreedAt).Values.Sum();
            granted.ShouldBeLessThanOrEqualTo(100L * most, $"seed {seed}");
            granted.ShouldBeGreaterThanOrEqualTo(invoices[0].Lines[0].Quantity * 100L, $"seed {seed}");
        }
    }

    /// <summary>Up to twelve changes of seats at any moments of one month.</summary>
    private static List<Invoice> Toggles(Random random, out int most)
    {
        var start = Day(random.Next(1, 13), 1);
        var end = start.AddMonths(1);
        var seats = most = random.Next(1, 20);
        List<Invoice> invoices = [Paid(start, BillingReason.SubscriptionCreate, Period("seats", seats, start, end))];
        foreach (var at in Enumerable.Range(0, random.Next(1, 13)).Select(_ => start.AddSeconds(random.Next(1, (int)(end - start).TotalSeconds))).Distinct().Order())
        {
            var next = random.Next(1, 20);
            if (next == seats)
            {
                continue;
            }

            invoices.Add(Paid(at, BillingReason.SubscriptionUpdate, Rest("seats", -seats, at, end), Rest("seats", next, at, end)));
            (seats, most) = (next, Math.Max(most, next));
        }

        return invoices;
    }

    /// <summary>By invoice, in the order given.</summary>
    private static long[] Granted(params Invoice[] invoices)
    {
        var granted = PeriodCredits.Granted(invoices, AgreedAt);
        return [.. invoices.Select(i => granted.GetValueOrDefault(i.GatewayId))];
    }
}

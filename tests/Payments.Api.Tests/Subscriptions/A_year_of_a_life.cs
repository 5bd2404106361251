using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Notices;
using Payments.Api.Tests.Worlds;
using Shouldly;

namespace Payments.Api.Tests.Subscriptions;

/// <summary>One person from trial to farewell, by moving the clock; at every month what we say equals what the provider says.</summary>
public sealed class A_year_of_a_life(World world) : IClassFixture<World>
{
    [Fact]
    public async Task From_trial_through_upgrade_failure_and_recovery_to_the_last_second()
    {
        using var ada = world.NewUser();
        await ada.PaidAsync(await ada.BuyAsync(new { planId = Plans.Plus }));
        await world.SettleAsync();
        var id = (await Mine(ada))["id"]!.ToString();
        await TruthAsync(ada);

        // Trial, then the first paid period.
        await AdvanceAsync("P13D");
        (await Mine(ada))["status"]!.ToString().ShouldBe("trialing");
        (await ada.CreditsAsync()).ShouldBe(0);
        await TruthAsync(ada);
        await AdvanceAsync("P1DT3H");
        (await Mine(ada))["status"]!.ToString().ShouldBe("active");
        (await ada.CreditsAsync()).ShouldBe(400);
        await TruthAsync(ada);

        // Two renewals.
        for (var month = 2; month <= 3; month++)
        {
            await AdvanceAsync("P31D");
            (await ada.CreditsAsync()).ShouldBe(400 * month);
            await TruthAsync(ada);
        }

        // A change within the period, priced before it is made.
        var preview = await ada.GetAsync($"subscriptions/{id}/preview?planId={Plans.Yearly}&proration=now");
        using (var changed = await ada.Http.PutAsJsonAsync($"api/v1/subscriptions/{id}", new { planId = Plans.Yearly, proration = "now", at = preview["at"]!.ToString() }))
        {
            changed.EnsureSuccessStatusCode();
        }

        await world.SettleAsync();
        (await ada.GetAsync("payments/history"))["items"]![0]!["amount"]!["amount"]!.GetValue<long>().ShouldBe(preview["dueNow"]!["amount"]!.GetValue<long>());
        await TruthAsync(ada);
        var yearEnds = PeriodEnd(await Mine(ada));
        for (var month = 1; month <= 11; month++)
        {
            await MoveAsync(yearEnds.AddMonths(month - 12));
            await TruthAsync(ada);
        }

        // The card dies before the renewal: past due, grace, then it is replaced and all is well.
        await MoveAsync(yearEnds.AddDays(-3));
        await world.UseCardAsync(ada, "tok_chargeCustomerFail");
        await MoveAsync(yearEnds.AddMinutes(5));
        await TruthAsync(ada);
        await MoveAsync(yearEnds.AddHours(3));
        (await Mine(ada))["status"]!.ToString().ShouldBe("past_due");
        (await AllowedAsync(ada)).ShouldBeTrue("the grace period runs");
        await TruthAsync(ada);
        await MoveAsync(yearEnds.AddDays(2));
        (await AllowedAsync(ada)).ShouldBeTrue();
        await TruthAsync(ada);
        await MoveAsync(yearEnds.AddDays(2).AddHours(12));
        await TruthAsync(ada);
        await world.UseCardAsync(ada, "tok_visa");
        await MoveAsync(yearEnds.AddDays(4));
        (await Mine(ada))["status"]!.ToString().ShouldBe("active");
        await TruthAsync(ada);

        // Farewell: access is gone at the right second.
        using (var cancelled = await ada.PostAsync($"subscriptions/{id}/cancel", new { atPeriodEnd = true }))
        {
            cancelled.EnsureSuccessStatusCode();
        }

        var ends = PeriodEnd(await Mine(ada));
        await MoveAsync(ends.AddMinutes(-1));
        (await AllowedAsync(ada)).ShouldBeTrue();
        DateTimeOffset.Parse((await ada.GetAsync("access/lab/1"))["until"]!.ToString(), CultureInfo.InvariantCulture).ShouldBe(ends);
        await MoveAsync(ends);
        (await AllowedAsync(ada)).ShouldBeFalse();
        (await Mine(ada))["status"]!.ToString().ShouldBe("canceled");
        (await ada.GetAsync("users/me"))["subscriptionType"].ShouldBeNull();
        await TruthAsync(ada);

        // What has ended stays so, and takes nothing more.
        var paid = (await ada.GetAsync("payments/history?limit=100"))["items"]!.AsArray().Count;
        for (var month = 1; month <= 3; month++)
        {
            await MoveAsync(ends.AddMonths(month));
            (await AllowedAsync(ada)).ShouldBeFalse();
            (await ada.GetAsync("payments/history?limit=100"))["items"]!.AsArray().Count.ShouldBe(paid);
            await TruthAsync(ada);
        }

        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task An_unpaid_renewal_ends_access_and_subscription_when_its_grace_is_over()
    {
        using var eve = world.NewUser();
        await eve.PaidAsync(await eve.BuyAsync(new { planId = Plans.Monthly }));
        await world.SettleAsync();
        var ends = PeriodEnd(await Mine(eve));
        await world.UseCardAsync(eve, "tok_chargeCustomerFail");
        await MoveAsync(ends.AddDays(7).AddMinutes(-1));
        (await Mine(eve))["status"]!.ToString().ShouldBe("past_due");
        (await AllowedAsync(eve)).ShouldBeTrue();
        await MoveAsync(ends.AddDays(7));
        (await AllowedAsync(eve)).ShouldBeFalse();
        await World.EventuallyAsync(async () => (await Mine(eve))["status"]!.ToString() == "canceled", "we end it", 60);
        (await eve.CreditsAsync()).ShouldBe(200);
        (await eve.GetAsync("payments/history"))["items"]![0]!["status"]!.ToString().ShouldBeOneOf("failed", "canceled");
        await world.SettleAsync();
        await TruthAsync(eve);
    }

    [Fact]
    public async Task Renewals_keep_the_last_day_of_a_month()
    {
        using var bob = world.NewUser();
        await MoveAsync(Next(1, 31));
        await bob.PaidAsync(await bob.BuyAsync(new { planId = Plans.Monthly }));
        await world.SettleAsync();
        PeriodEnd(await Mine(bob)).Month.ShouldBe(2);
        var february = PeriodEnd(await Mine(bob));
        february.Day.ShouldBe(DateTime.DaysInMonth(february.Year, 2));
        await MoveAsync(february.AddHours(3));
        var march = PeriodEnd(await Mine(bob));
        (march.Month, march.Day).ShouldBe((3, 31));
        await MoveAsync(march.AddHours(3));
        (PeriodEnd(await Mine(bob)).Month, PeriodEnd(await Mine(bob)).Day).ShouldBe((4, 30));
        (await bob.CreditsAsync()).ShouldBe(600);
        await TruthAsync(bob);
    }

    private static async Task<JsonNode> Mine(Caller caller) => (await caller.GetAsync("subscriptions/status"))["items"]!.AsArray().ShouldHaveSingleItem()!;

    private static DateTimeOffset PeriodEnd(JsonNode subscription) => DateTimeOffset.Parse(subscription["currentPeriodEnd"]!.ToString(), CultureInfo.InvariantCulture);

    private static async Task<bool> AllowedAsync(Caller caller) => (await caller.GetAsync("access/lab/1"))["allowed"]!.GetValue<bool>();

    private DateTimeOffset Next(int month, int day)
    {
        var now = world.Stripe.Now;
        var next = new DateTimeOffset(now.Year, month, day, 12, 0, 0, TimeSpan.Zero);
        return next > now ? next : next.AddYears(1);
    }

    private Task AdvanceAsync(string duration) => ClockAsync(new { advance = duration });

    private Task MoveAsync(DateTimeOffset to) => ClockAsync(new { to = to.UtcDateTime });

    private async Task ClockAsync(object body)
    {
        using var answer = await world.Simulator.PostAsJsonAsync("/sandbox/clock", body);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Status, paid invoices and money, as the provider has them, and the credits and the access that follow from these alone.</summary>
    private async Task TruthAsync(Caller caller)
    {
        var gatewayId = await world.ScalarAsync<string>("SELECT gateway_id FROM payments.subscriptions WHERE user_id = $1", caller.Id);
        var truth = JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/subscriptions/{gatewayId}"))!;
        var mine = await Mine(caller);
        mine["status"]!.ToString().ShouldBe(truth["status"]!.ToString());
        PeriodEnd(mine).ToUnixTimeSeconds().ShouldBe(truth["items"]!["data"]![0]!["current_period_end"]!.GetValue<long>());
        var paid = JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/invoices?subscription={gatewayId}&limit=100"))!["data"]!.AsArray()
            .Where(i => i!["status"]!.ToString() == "paid").ToList();
        var invoices = (await caller.GetAsync("invoices?limit=100"))["items"]!.AsArray().Where(i => i!["status"]!.ToString() == "paid").ToList();
        invoices.Select(i => (i!["number"]!.ToString(), i["amountPaid"]!["amount"]!.GetValue<long>())).Order()
            .ShouldBe(paid.Select(i => (i!["number"]!.ToString(), i["amount_paid"]!.GetValue<long>())).Order());
        var money = (await caller.GetAsync("payments/history?limit=100"))["items"]!.AsArray().Where(p => p!["status"]!.ToString() == "succeeded").Sum(p => p!["amount"]!["amount"]!.GetValue<long>());
        money.ShouldBe(paid.Sum(i => i!["amount_paid"]!.GetValue<long>()));
        ((double)await caller.CreditsAsync()).ShouldBe((double)await CreditsOfAsync(paid.Select(i => i!)), 1);
        var entitled = Entitlement.Of(truth, paid.Select(i => i!));
        var access = await caller.GetAsync("access/lab/1");
        access["allowed"]!.GetValue<bool>().ShouldBe(entitled?.Until > world.Stripe.Now);
        if (entitled?.Until > world.Stripe.Now)
        {
            DateTimeOffset.Parse(access["until"]!.ToString(), CultureInfo.InvariantCulture).ShouldBe(entitled.Until);
            DateTimeOffset.Parse((await caller.GetAsync("users/me"))["subscriptionExpires"]!.ToString(), CultureInfo.InvariantCulture).ShouldBe(entitled.Shown);
        }
    }

    /// <summary>What a life without toggling grants: each period that cost something its credits, a change what it adds.</summary>
    private async Task<decimal> CreditsOfAsync(IEnumerable<JsonNode> paid)
    {
        var sum = 0m;
        foreach (var invoice in paid.Where(i => i["total"]!.GetValue<long>() > 0))
        {
            var lines = invoice["lines"]!["data"]!.AsArray().Select(l => l!).ToList();
            var of = 0m;
            foreach (var line in lines)
            {
                var credits = await world.ScalarAsync<long>("SELECT credits_per_period FROM payments.plan_prices WHERE gateway_price_id = $1", line["pricing"]!["price_details"]!["price"]!.ToString());
                var (start, end) = (Moment(line["period"]!["start"]), Moment(line["period"]!["end"]));
                of += line["amount"]!.GetValue<long>() > 0 ? credits : -credits * (decimal)((end - start) / (end - end.AddMonths(-1)));
            }

            sum += Math.Max(0, of);
        }

        return sum;
    }

    private static DateTimeOffset Moment(JsonNode? seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds!.GetValue<long>());
}

using System.Text.Json.Nodes;
using Payments.Api.Tests.Notices;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Subscriptions;

/// <summary>Periods as calendars have them: leap days, several months, clocks that are put forward.</summary>
public sealed class Calendars(World world) : IClassFixture<World>
{
    [Fact]
    public async Task In_the_order_of_the_years()
    {
        // One world has one clock, which goes forward alone.
        await A_period_over_a_change_of_clocks_is_as_long_as_any_other_and_told_in_local_time();
        await A_period_over_the_clocks_going_back_is_as_long_as_any_other_and_told_in_local_time();
        await A_year_from_a_leap_day_ends_on_the_last_of_february_and_finds_back();
        await Half_a_year_from_the_31st_keeps_the_last_day();
    }

    private async Task A_period_over_a_change_of_clocks_is_as_long_as_any_other_and_told_in_local_time()
    {
        await world.MoveAsync(new DateTimeOffset(2027, 2, 1, 12, 0, 0, TimeSpan.Zero));
        using var ada = world.NewUserIn("America/New_York");
        await SubscribeAsync(ada, Plans.Monthly);
        var begun = (await ada.SubscriptionAsync()).Time("currentPeriodEnd");
        await world.MoveAsync(begun.AddHours(3));
        (await ada.SubscriptionAsync()).Time("currentPeriodEnd").ShouldBe(begun.AddMonths(1), "UTC knows no summer");
        var text = (await ada.ToldAsync()).Single(n => n["type"]!.ToString() == "renewal-receipt")["text"]!.ToString();
        text.ShouldContain($"1 March 2027 07:{begun:mm} America/New_York");
        text.ShouldContain($"1 April 2027 08:{begun:mm} America/New_York");
        (await ada.GetAsync("access/lab/1")).Time("until").ShouldBe(begun.AddMonths(1).AddHours(6));
        await CancelAsync(ada);
    }

    private async Task A_period_over_the_clocks_going_back_is_as_long_as_any_other_and_told_in_local_time()
    {
        await world.MoveAsync(new DateTimeOffset(2027, 9, 1, 12, 0, 0, TimeSpan.Zero));
        using var ivy = world.NewUserIn("Europe/Berlin");
        await SubscribeAsync(ivy, Plans.Monthly);
        var begun = (await ivy.SubscriptionAsync()).Time("currentPeriodEnd");
        await world.MoveAsync(begun.AddHours(3));
        (await ivy.SubscriptionAsync()).Time("currentPeriodEnd").ShouldBe(begun.AddMonths(1), "UTC knows no winter");
        var text = (await ivy.ToldAsync()).Single(n => n["type"]!.ToString() == "renewal-receipt")["text"]!.ToString();
        text.ShouldContain($"1 October 2027 14:{begun:mm} Europe/Berlin");
        text.ShouldContain($"1 November 2027 13:{begun:mm} Europe/Berlin");
        (await ivy.GetAsync("access/lab/1")).Time("until").ShouldBe(begun.AddMonths(1).AddHours(6));
        await CancelAsync(ivy);
    }

    private async Task A_year_from_a_leap_day_ends_on_the_last_of_february_and_finds_back()
    {
        await world.MoveAsync(new DateTimeOffset(2028, 2, 29, 12, 0, 0, TimeSpan.Zero));
        using var eve = world.NewUser();
        await SubscribeAsync(eve, Plans.Yearly);
        for (var year = 2029; year <= 2032; year++)
        {
            var end = (await eve.SubscriptionAsync()).Time("currentPeriodEnd");
            (end.Year, end.Month, end.Day).ShouldBe((year, 2, year == 2032 ? 29 : 28));
            (await eve.CreditsAsync()).ShouldBe(2400 * (year - 2028));
            (await eve.GetAsync("access/lab/1")).Time("until").ShouldBe(end.AddHours(6));
            if (year < 2032)
            {
                await world.MoveAsync(end.AddHours(3));
            }
        }

        await CancelAsync(eve);
    }

    private async Task Half_a_year_from_the_31st_keeps_the_last_day()
    {
        using var admin = world.NewUser(null, "admin");
        using var made = await admin.PostAsync("admin/plans", new { name = "Half a year", family = "half", interval = "month", intervalCount = 6, creditsPerPeriod = 7, price = new { amount = 5000, currency = "jpy" } });
        var plan = JsonNode.Parse(await made.Content.ReadAsStringAsync())!["id"]!.GetValue<Guid>();
        await world.MoveAsync(new DateTimeOffset(2032, 8, 31, 12, 0, 0, TimeSpan.Zero));
        using var bob = world.NewUser();
        await SubscribeAsync(bob, plan);
        foreach (var (period, day) in new[] { (1, new DateOnly(2033, 2, 28)), (2, new DateOnly(2033, 8, 31)), (3, new DateOnly(2034, 2, 28)) })
        {
            var end = (await bob.SubscriptionAsync()).Time("currentPeriodEnd");
            DateOnly.FromDateTime(end.UtcDateTime).ShouldBe(day);
            (await bob.CreditsAsync()).ShouldBe(7 * period);
            (await bob.GetAsync("payments/history"))["items"]!.AsArray().Sum(p => p!["amount"]!["amount"]!.GetValue<long>()).ShouldBe(5000 * period);
            await world.MoveAsync(end.AddHours(3));
        }
    }

    private async Task SubscribeAsync(Caller caller, Guid plan)
    {
        await caller.PaidAsync(await caller.BuyAsync(new { planId = plan }));
        await world.SettleAsync();
    }

    private static async Task CancelAsync(Caller caller) =>
        (await caller.PostAsync($"subscriptions/{(await caller.SubscriptionAsync())["id"]}/cancel", new { atPeriodEnd = false })).EnsureSuccessStatusCode();
}

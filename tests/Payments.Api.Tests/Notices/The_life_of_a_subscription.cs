using Payments.Api.Tests.Subscriptions;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Notices;

/// <summary>Each notice comes once and at its time, by the product's clock, whatever is delivered again.</summary>
public sealed class The_life_of_a_subscription(World world) : IClassFixture<World>
{
    [Fact]
    public async Task A_trial_is_told_of_at_its_beginning_and_before_its_end_then_its_renewals_then_its_end()
    {
        using var ada = world.NewUserIn("America/New_York");
        await ada.PaidAsync(await ada.BuyAsync(new { planId = Plans.Plus }));
        await world.SettleAsync();
        (await ada.TypesAsync()).ShouldBe(["trial-started"], "nothing was charged, so there is no receipt");
        var ends = (await ada.SubscriptionAsync()).Time("trialEnd");

        await world.MoveAsync(ends.AddDays(-3).AddMinutes(-5));
        (await ada.TypesAsync()).ShouldBe(["trial-started"]);
        await world.MoveAsync(ends.AddDays(-3));
        (await ada.TypesAsync()).ShouldBe(["trial-started", "trial-ending"]);
        await world.MoveAsync(ends.AddHours(3));
        (await ada.TypesAsync()).ShouldBe(["trial-started", "trial-ending", "renewal-receipt"]);

        var told = await ada.ToldAsync();
        told[1]["text"]!.ToString().ShouldContain("$29.00");
        var local = TimeZoneInfo.ConvertTime(ends, TimeZoneInfo.FindSystemTimeZoneById("America/New_York"));
        told[1]["text"]!.ToString().ShouldContain($"{local.ToString("d MMMM yyyy HH:mm", System.Globalization.CultureInfo.InvariantCulture)} America/New_York ({ends.UtcDateTime:yyyy-MM-dd HH:mm} UTC)");
        var invoice = (await ada.GetAsync("invoices"))["items"]!.AsArray().First(i => i!["amountPaid"]!["amount"]!.GetValue<long>() > 0)!;
        foreach (var said in new[] { "Plus", "$29.00", "400 credits", invoice["number"]!.ToString(), invoice["hostedUrl"]!.ToString() })
        {
            told[2]["text"]!.ToString().ShouldContain(said);
        }

        (await ada.PostAsync($"subscriptions/{(await ada.SubscriptionAsync())["id"]}/cancel", new { atPeriodEnd = true })).EnsureSuccessStatusCode();
        await world.MoveAsync((await ada.SubscriptionAsync()).Time("currentPeriodEnd").AddDays(1));
        (await ada.TypesAsync()).ShouldBe(["trial-started", "trial-ending", "renewal-receipt", "subscription-ended"]);

        await world.DeliverAllAgainAsync();
        (await ada.TypesAsync()).ShouldBe(["trial-started", "trial-ending", "renewal-receipt", "subscription-ended"]);
        world.Mail.Messages.Where(m => m.To == ada.Address()).Select(m => m.Subject).Order().ShouldBe(told.Select(n => n["title"]!.ToString()).Append("Your subscription to Plus has ended").Order());
    }

    [Fact]
    public async Task A_renewal_that_fails_is_told_at_each_try_then_before_the_grace_ends_then_at_the_end()
    {
        using var eve = world.NewUser();
        await eve.PaidAsync(await eve.BuyAsync(new { planId = Plans.Monthly }));
        await world.SettleAsync();
        (await eve.TypesAsync()).Order().ShouldBe(["subscription-receipt", "subscription-started"]);
        var ends = (await eve.SubscriptionAsync()).Time("currentPeriodEnd");
        await world.UseCardAsync(eve, "tok_chargeCustomerFail");

        await world.MoveAsync(ends.AddHours(3));
        (await eve.TypesAsync()).Skip(2).ShouldBe(["invoice-payment-failed"]);
        var failed = (await eve.ToldAsync())[2]["text"]!.ToString();
        var invoice = (await eve.GetAsync("invoices"))["items"]![0]!;
        failed.ShouldContain("try 1 to collect $19.00");
        failed.ShouldContain(invoice["hostedUrl"]!.ToString());
        failed.ShouldContain("We try again on ");
        failed.ShouldContain($"Until {ends.AddDays(7).UtcDateTime.ToString("d MMMM yyyy HH:mm 'UTC'", System.Globalization.CultureInfo.InvariantCulture)} you keep");

        await world.MoveAsync(ends.AddDays(6).AddMinutes(-5));
        (await eve.TypesAsync()).Skip(2).ShouldBe(["invoice-payment-failed", "invoice-payment-failed"]);
        await world.MoveAsync(ends.AddDays(6));
        (await eve.TypesAsync()).Skip(2).ShouldBe(["invoice-payment-failed", "invoice-payment-failed", "grace-ending"]);
        await world.MoveAsync(ends.AddDays(7).AddMinutes(10));
        await World.EventuallyAsync(async () => (await eve.SubscriptionAsync())["status"]!.ToString() == "canceled", "we end it", 60);
        await world.SettleAsync();
        await world.DeliverAllAgainAsync();
        (await eve.TypesAsync()).Skip(2).ShouldBe(["invoice-payment-failed", "invoice-payment-failed", "grace-ending", "subscription-unpaid"]);
        world.Mail.Messages.Count(m => m.To == eve.Address()).ShouldBe(6);
    }

    [Fact]
    public async Task A_renewal_that_waits_for_the_bank_is_told_as_that_and_once()
    {
        using var bob = world.NewUser();
        await bob.PaidAsync(await bob.BuyAsync(new { planId = Plans.Monthly }));
        await world.SettleAsync();
        var ends = (await bob.SubscriptionAsync()).Time("currentPeriodEnd");
        await world.UseCardAsync(bob, "tok_authenticationRequired");

        await world.MoveAsync(ends.AddHours(3));
        await world.DeliverAllAgainAsync();
        (await bob.TypesAsync()).Skip(2).ShouldBe(["action-required"]);
        var text = (await bob.ToldAsync())[2]["text"]!.ToString();
        text.ShouldContain("$19.00");
        text.ShouldContain((await bob.GetAsync("invoices"))["items"]![0]!["hostedUrl"]!.ToString());
    }

    [Fact]
    public async Task A_long_period_is_told_of_before_it_renews_even_when_the_clock_jumps()
    {
        using var kim = world.NewUser();
        await kim.PaidAsync(await kim.BuyAsync(new { planId = Plans.Yearly }));
        await world.SettleAsync();
        var ends = (await kim.SubscriptionAsync()).Time("currentPeriodEnd");

        await world.MoveAsync(ends.AddDays(1));
        (await kim.TypesAsync()).Skip(2).ShouldBe(["renewal-upcoming", "renewal-receipt"]);
        var told = await kim.ToldAsync();
        told[2].Time("createdAt").ShouldBe(ends.AddDays(-7), TimeSpan.FromMinutes(10));
        told[2]["text"]!.ToString().ShouldContain("$190.00");
    }

    [Fact]
    public async Task A_second_trial_of_a_card_is_told_to_have_cost_nothing()
    {
        using var ada = world.NewUser();
        using var eve = world.NewUser();
        await ada.PaidAsync(await ada.BuyAsync(new { planId = Plans.Plus }, "pm_card_mastercard_debit"));
        await world.SettleAsync();
        await world.MoveAsync(world.Stripe.Now.AddMinutes(1));
        await eve.PaidAsync(await eve.BuyAsync(new { planId = Plans.Plus }, "pm_card_mastercard_debit"));
        await World.EventuallyAsync(async () => (await eve.SubscriptionAsync())["status"]!.ToString() == "canceled", "the second trial of the card is ended", 60);
        await world.SettleAsync();
        (await eve.TypesAsync()).ShouldContain("trial-repeated");
        (await eve.TypesAsync()).Count(t => t == "trial-repeated").ShouldBe(1);
        (await eve.TypesAsync()).ShouldNotContain("subscription-ended");
        (await eve.ToldAsync()).Single(n => n["type"]!.ToString() == "trial-repeated")["text"]!.ToString().ShouldContain("Nothing was charged");
    }
}

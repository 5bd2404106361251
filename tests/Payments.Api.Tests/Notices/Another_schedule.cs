using Payments.Api.Tests.Cards;
using Payments.Api.Tests.Subscriptions;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Notices;

/// <summary>Told of a trial's end five days before, of an expiring card ten; of the end of the grace and of a long period's renewal not at all.</summary>
public sealed class RescheduledWorld : World
{
    protected override void Configure()
    {
        Set("NOTICE_TRIAL_ENDING_DAYS", "5");
        Set("NOTICE_GRACE_ENDING_DAYS", "0");
        Set("NOTICE_RENEWAL_DAYS", "0");
        Set("NOTICE_CARD_EXPIRING_DAYS", "10");
    }
}

public sealed class Another_schedule(RescheduledWorld world) : IClassFixture<RescheduledWorld>
{
    [Fact]
    public async Task Is_followed()
    {
        using var ada = world.NewUser();
        using var eve = world.NewUser();
        await ada.PaidAsync(await ada.BuyAsync(new { planId = Plans.Plus }));
        await eve.PaidAsync(await eve.BuyAsync(new { planId = Plans.Yearly }));
        await world.SettleAsync();
        var trialEnds = (await ada.SubscriptionAsync()).Time("trialEnd");
        await world.MoveAsync(trialEnds.AddDays(-5).AddMinutes(-5));
        (await ada.TypesAsync()).ShouldBe(["trial-started"]);
        await world.MoveAsync(trialEnds.AddDays(-5));
        (await ada.TypesAsync()).ShouldBe(["trial-started", "trial-ending"]);

        var year = world.Stripe.Now.Year + 1;
        await eve.SaveCardAsync(await world.NewCardAsync("tok_amex", 5, year), makeDefault: true);
        await world.MoveAsync(new DateTimeOffset(year, 5, 21, 23, 55, 0, TimeSpan.Zero));
        (await eve.TypesAsync()).ShouldNotContain("card-expiring");
        await world.MoveAsync(new DateTimeOffset(year, 5, 22, 0, 5, 0, TimeSpan.Zero));
        (await eve.TypesAsync()).ShouldContain("card-expiring");

        // A year's renewal is not told of before, and neither is the end of the grace when it fails.
        await world.UseCardAsync(eve, "tok_chargeCustomerFail");
        await world.MoveAsync((await eve.SubscriptionAsync()).Time("currentPeriodEnd").AddDays(8));
        var told = await eve.TypesAsync();
        told.ShouldContain("invoice-payment-failed");
        told.ShouldContain("subscription-unpaid");
        told.ShouldNotContain("renewal-upcoming");
        told.ShouldNotContain("grace-ending");
    }
}

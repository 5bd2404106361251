using System.Net.Http.Json;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Cards;

public sealed class Card_expiring_notices(World world) : IClassFixture<World>
{
    [Fact]
    public async Task The_owner_is_told_once_a_month_before_and_again_only_for_another_expiry()
    {
        using var ada = world.NewUser();
        using var bob = world.NewUser();
        using var cleo = world.NewUser();
        var year = world.Stripe.Now.Year + 2;
        var card = await world.NewCardAsync("tok_visa", 5, year);
        await ada.SaveCardAsync(card);
        var spare = await world.NewCardAsync("tok_amex", 5, year);
        await ada.SaveCardAsync(spare);
        var removed = await world.NewCardAsync("tok_visa", 5, year);
        await bob.SaveCardAsync(removed);
        (await bob.Http.DeleteAsync($"api/v1/payments/methods/{removed}")).EnsureSuccessStatusCode();
        await cleo.SaveCardAsync(await world.NewCardAsync("tok_visa", 6, year));
        await world.SettleAsync();

        await MoveAsync(new DateTimeOffset(year, 4, 30, 23, 59, 0, TimeSpan.Zero));
        MailsTo(ada).ShouldBe(0);
        await MoveAsync(new DateTimeOffset(year, 5, 1, 0, 0, 1, TimeSpan.Zero));
        MailsTo(ada).ShouldBe(1);
        var mail = world.Mail.Messages.Single(m => m.To == Address(ada));
        mail.Subject.ShouldBe("Your Visa card ending in 4242 expires soon");
        mail.Text.ShouldNotBeNull().ShouldContain($"05/{year}");
        (await world.ScalarAsync<string>("SELECT effect_key FROM notifications.notifications WHERE user_id = $1", ada.Id)).ShouldBe($"card-expiring:{card}:{year}-05");

        await MoveAsync(new DateTimeOffset(year, 5, 20, 0, 0, 0, TimeSpan.Zero));
        MailsTo(ada).ShouldBe(1);
        MailsTo(bob).ShouldBe(0);
        MailsTo(cleo).ShouldBe(0);

        await MoveAsync(new DateTimeOffset(year, 6, 2, 0, 0, 0, TimeSpan.Zero));
        MailsTo(cleo).ShouldBe(1);

        // The bank sent a new card under the same number: the provider tells, and the clock begins anew.
        await world.StripeAsync($"/v1/payment_methods/{card}", ("card[exp_month]", "5"), ("card[exp_year]", $"{year + 1}"));
        await World.EventuallyAsync(async () => (await ada.CardsAsync())[0]!["expYear"]!.GetValue<int>() == year + 1, "the new expiry is known");
        await MoveAsync(new DateTimeOffset(year + 1, 5, 2, 0, 0, 0, TimeSpan.Zero));
        MailsTo(ada).ShouldBe(2);
        MailsTo(cleo).ShouldBe(1);
    }

    private static string Address(Caller user) => $"{user.Id:N}@example.com";

    private int MailsTo(Caller user) => world.Mail.Messages.Count(m => m.To == Address(user));

    private async Task MoveAsync(DateTimeOffset to)
    {
        using var moved = await world.Simulator.PostAsJsonAsync("/sandbox/clock", new { to });
        moved.EnsureSuccessStatusCode();
        await world.SettleAsync();
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Purchases;

public sealed class Buying_a_credit_pack(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Credits_arrive_by_webhook_with_one_mail()
    {
        using var ada = world.NewUser();
        var session = await ada.BuyAsync();

        await ada.PaidAsync(session);
        (await ada.CreditsAsync()).ShouldBe(100);
        await world.SettleAsync();
        var mail = world.Mail.Messages.Where(m => m.To == $"{ada.Id:N}@example.com").ShouldHaveSingleItem();
        mail.Subject.ShouldBe("Your payment for Starter is confirmed");
        mail.Text!.ShouldContain("$9.99");
        mail.Text!.ShouldContain("You now have 100 credits");
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task The_same_event_fifty_times_at_once_with_the_return_page_polled_grants_once()
    {
        using var ada = world.NewUser();
        var session = await ada.BuyAsync();
        var mine = (await world.EventsAsync()).Where(e => e.ToJsonString().Contains(session["paymentId"]!.ToString(), StringComparison.Ordinal)).ToList();
        mine.Count.ShouldBeGreaterThanOrEqualTo(4);
        mine.Reverse();

        var deliveries = Enumerable.Range(0, 50).SelectMany(_ => mine).Select(async e =>
        {
            using var answer = await world.DeliverAsync(e);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        });
        var polls = Enumerable.Range(0, 20).Select(_ => ada.GetAsync($"payments/checkout-session/{session["sessionId"]}"));
        await Task.WhenAll([.. deliveries, Task.WhenAll(polls)]);

        await ada.PaidAsync(session);
        await world.SettleAsync();
        (await ada.CreditsAsync()).ShouldBe(100);
        world.Mail.Messages.Count(m => m.To == $"{ada.Id:N}@example.com").ShouldBe(1);
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task A_token_with_an_address_that_is_none_still_buys()
    {
        foreach (var email in new[] { "a\0b@example.com", "not an email\nBcc: eve@evil.test", new string('x', 5000) + "@example.com" })
        {
            using var user = world.NewUser(email);
            await user.PaidAsync(await user.BuyAsync());
            (await user.GetAsync("users/me"))["email"].ShouldBeNull();
        }
    }

    [Fact]
    public async Task Its_mail_is_dated_by_the_products_clock()
    {
        using var moved = await world.Simulator.PostAsJsonAsync("/sandbox/clock", new { advance = "P40D" });
        moved.StatusCode.ShouldBe(HttpStatusCode.OK, await moved.Content.ReadAsStringAsync());
        using var ada = world.NewUser();
        var before = world.Stripe.Now;

        await ada.PaidAsync(await ada.BuyAsync());
        await world.SettleAsync();

        var mail = world.Mail.Messages.Where(m => m.To == $"{ada.Id:N}@example.com").ShouldHaveSingleItem();
        mail.At.ShouldBeInRange(before.AddSeconds(-1), world.Stripe.Now);
    }
}

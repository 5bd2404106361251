using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Purchases;

/// <summary>Whoever left the hosted page finds it again in their history, for as long as it can be paid.</summary>
public sealed class Leaving_the_page_unpaid(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Leaves_it_in_the_history_until_it_is_paid()
    {
        using var ada = world.NewUser();
        var session = await ada.CheckoutAsync();

        var page = (await PaymentAsync(ada, session))["openPage"]!;
        (page["url"]!.ToString(), page["expiresAt"]!.ToString()).ShouldBe((session["url"]!.ToString(), session["expiresAt"]!.ToString()));
        (await ada.GetAsync("payments/history"))["items"]![0]!["openPage"]!["url"]!.ToString().ShouldBe(session["url"]!.ToString());
        (await ada.GetAsync($"payments/checkout-session/{session["sessionId"]}"))["openPage"]!["url"]!.ToString().ShouldBe(session["url"]!.ToString());

        // A declined card may be followed by a good one, on the same page.
        (await world.PayAsync(session["sessionId"]!.ToString(), "pm_card_chargeDeclined")).Dispose();
        await World.EventuallyAsync(async () => await ada.StatusAsync(session) == "failed", "the decline is known");
        (await PaymentAsync(ada, session))["openPage"].ShouldNotBeNull();

        (await world.PayAsync(session["sessionId"]!.ToString())).Dispose();
        await ada.PaidAsync(session);
        (await PaymentAsync(ada, session))["openPage"].ShouldBeNull();
    }

    [Fact]
    public async Task Leaves_nothing_once_it_has_closed()
    {
        using var ada = world.NewUser();
        var session = await ada.CheckoutAsync();

        await world.LaterAsync("PT25H");

        (await ada.StatusAsync(session)).ShouldBe("expired");
        (await PaymentAsync(ada, session))["openPage"].ShouldBeNull();
    }

    private static Task<JsonNode> PaymentAsync(Caller caller, JsonNode session) => caller.GetAsync($"payments/{session["paymentId"]}");
}

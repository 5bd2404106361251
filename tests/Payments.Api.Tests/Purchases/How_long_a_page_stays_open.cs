using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Purchases;

public sealed class ShortPagesWorld : World
{
    protected override void Configure() => Set("CHECKOUT_SESSION_MINUTES", "30");
}

public sealed class LongPagesWorld : World
{
    protected override void Configure() => Set("CHECKOUT_SESSION_MINUTES", "1440");
}

/// <summary>Stripe takes 30 minutes to 24 hours by its own clock, when the request has come: at the bounds of ours there is room for both.</summary>
public sealed class How_long_the_shortest_page_stays_open(ShortPagesWorld world) : IClassFixture<ShortPagesWorld>
{
    [Fact]
    public Task Is_far_enough_from_half_an_hour() => world.OpenPageLastsAsync(TimeSpan.FromMinutes(33), TimeSpan.FromMinutes(36));
}

/// <inheritdoc cref="How_long_the_shortest_page_stays_open"/>
public sealed class How_long_the_longest_page_stays_open(LongPagesWorld world) : IClassFixture<LongPagesWorld>
{
    [Fact]
    public Task Is_far_enough_from_a_day() => world.OpenPageLastsAsync(TimeSpan.FromHours(23), TimeSpan.FromHours(24) - TimeSpan.FromMinutes(1));

    [Fact]
    public async Task Whoever_waits_for_no_page_asks_the_provider_nothing_about_one()
    {
        using var ada = world.NewUser();
        await ada.PaidAsync(await ada.BuyAsync());
        await world.FaultsAsync(new { api = new { error = 1.0 } });
        try
        {
            using var unknown = await ada.Http.GetAsync("api/v1/payments/checkout-session/cs_test_of_nobody");
            await Cards.Cards.RefusedAsync(unknown, HttpStatusCode.NotFound, "checkout_session.not_found");
        }
        finally
        {
            await world.FaultsAsync(null);
        }
    }
}

internal static class Pages
{
    public static async Task OpenPageLastsAsync(this World world, TimeSpan least, TimeSpan most)
    {
        using var ada = world.NewUser();
        var opened = await ada.CheckoutAsync();
        var session = JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/checkout/sessions/{opened["sessionId"]}"))!;
        var closes = DateTimeOffset.FromUnixTimeSeconds(session["expires_at"]!.GetValue<long>());
        (closes - world.Stripe.Now).ShouldBeInRange(least, most);
        DateTimeOffset.Parse(opened["expiresAt"]!.ToString(), CultureInfo.InvariantCulture).ShouldBe(closes, TimeSpan.FromSeconds(1));
    }
}

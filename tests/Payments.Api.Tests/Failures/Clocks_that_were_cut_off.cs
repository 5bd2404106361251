using System.Net;
using System.Net.Http.Json;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Failures;

public sealed class Clocks_that_were_cut_off(World world) : IClassFixture<World>
{
    [Fact]
    public async Task An_api_that_is_ahead_is_followed_and_buying_goes_on()
    {
        // As a move leaves it whose simulator died after the API had taken the new time.
        using var service = world.Internal();
        using var ahead = await service.PutAsJsonAsync("sandbox/clock", new { now = world.Stripe.Now.AddDays(3) });
        ahead.StatusCode.ShouldBe(HttpStatusCode.OK);

        using var moved = await world.Simulator.PostAsJsonAsync("/sandbox/clock", new { advance = "PT1M" });
        moved.StatusCode.ShouldBe(HttpStatusCode.OK, await moved.Content.ReadAsStringAsync());

        using var ada = world.NewUser();
        await ada.PaidAsync(await ada.BuyAsync());
        (await ada.CreditsAsync()).ShouldBe(100);
    }

    [Fact]
    public async Task A_caller_that_gives_up_does_not_stop_the_move()
    {
        using var ada = world.NewUser();
        await ada.CheckoutAsync();
        using (var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(20)))
        {
            await Should.ThrowAsync<OperationCanceledException>(() => world.Simulator.PostAsJsonAsync("/sandbox/clock", new { advance = "P2D" }, patience.Token));
        }

        using var moved = await world.Simulator.PostAsJsonAsync("/sandbox/clock", new { advance = "PT1M" });
        moved.StatusCode.ShouldBe(HttpStatusCode.OK, await moved.Content.ReadAsStringAsync());
        await ada.PaidAsync(await ada.BuyAsync());
    }

    [Fact]
    public async Task Three_moves_at_once_are_three_moves()
    {
        var before = world.Stripe.Now;
        await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ => (await world.Simulator.PostAsJsonAsync("/sandbox/clock", new { advance = "PT1H" })).Dispose()));
        (world.Stripe.Now - before).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromHours(3));
    }
}

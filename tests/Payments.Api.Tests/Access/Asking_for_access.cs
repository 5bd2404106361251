using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Access;

public sealed class Asking_for_access(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Nobody_has_access_who_was_given_none()
    {
        using var ada = world.NewUser();
        using var service = world.Internal();

        (await ada.GetAsync("access/course/42")).ToJsonString().ShouldBe("""{"allowed":false,"until":null,"reason":"none"}""");
        (await service.GetFromJsonAsync<JsonNode>($"api/v1/users/{Guid.NewGuid()}/access/course/42"))!["reason"]!.ToString().ShouldBe("none");
    }

    [Fact]
    public async Task A_subscription_from_another_service_opens_everything_until_it_ends()
    {
        using var ada = world.NewUser();
        using var service = world.Internal();
        var until = world.Stripe.Now.AddDays(30);
        using var granted = await service.PostAsJsonAsync($"api/v1/users/{ada.Id}/entitlements", new { subscription = new { type = "gold", activeUntil = until } });
        granted.StatusCode.ShouldBe(HttpStatusCode.OK, await granted.Content.ReadAsStringAsync());

        var mine = await ada.GetAsync("access/course/42");

        (mine["allowed"]!.GetValue<bool>(), mine["reason"]!.ToString()).ShouldBe((true, "entitlement"));
        mine["until"]!.GetValue<DateTimeOffset>().ShouldBe(until, TimeSpan.FromMilliseconds(1));
        (await service.GetFromJsonAsync<JsonNode>($"api/v1/users/{ada.Id}/access/lab/7"))!["allowed"]!.GetValue<bool>().ShouldBeTrue();
        (await ada.GetAsync("users/me"))["subscriptionType"]!.ToString().ShouldBe("gold");
        using var bob = world.NewUser();
        (await bob.GetAsync("access/course/42"))["allowed"]!.GetValue<bool>().ShouldBeFalse();

        using var ended = await service.PostAsJsonAsync($"api/v1/users/{ada.Id}/entitlements", new { subscription = new { type = "gold", activeUntil = world.Stripe.Now.AddDays(-1) } });
        ended.EnsureSuccessStatusCode();
        (await ada.GetAsync("access/course/42"))["reason"]!.ToString().ShouldBe("expired");
        (await ada.GetAsync("access/platform/*"))["reason"]!.ToString().ShouldBe("expired");
    }

    [Fact]
    public async Task A_resource_that_no_one_could_name_is_refused()
    {
        using var ada = world.NewUser();

        using var spaces = await ada.Http.GetAsync("api/v1/access/course/a%20b");
        using var nul = await ada.Http.GetAsync("api/v1/access/course/a%01b");
        using var tooLong = await ada.Http.GetAsync($"api/v1/access/course/{new string('a', 201)}");

        new[] { spaces.StatusCode, nul.StatusCode, tooLong.StatusCode }.ShouldAllBe(s => s == HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Others_access_is_for_our_own_services_to_ask()
    {
        using var ada = world.NewUser();
        using var anybody = world.Anonymous();
        using var service = world.Internal();

        using var byUser = await ada.Http.GetAsync($"api/v1/users/{ada.Id}/access/course/42");
        using var byNobody = await anybody.GetAsync("api/v1/access/course/42");
        using var byService = await service.GetAsync("api/v1/access/course/42");

        byUser.IsSuccessStatusCode.ShouldBeFalse();
        (byNobody.StatusCode, byService.IsSuccessStatusCode).ShouldBe((HttpStatusCode.Unauthorized, false));
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Credits;

public sealed class Spending_credits(World world) : IClassFixture<World>
{
    private static readonly bool Full = Environment.GetEnvironmentVariable("PAYMENTS_TEST_FULL") == "1";

    [Fact]
    public async Task A_thousand_spends_at_once_never_go_below_zero_and_sum_up()
    {
        using var service = world.Internal();
        var user = await RichAsync(service, 700);
        var count = Full ? 1000 : 200;
        var amounts = Enumerable.Range(0, count).Select(i => 1 + (i % 7)).ToArray();
        var answers = await Task.WhenAll(amounts.Select((amount, i) => SendAsync(service, user, "consume", new { amount, reason = "evaluation", reference = $"r{i}" })));
        var spent = answers.Zip(amounts).Where(a => a.First.Status == HttpStatusCode.OK).Sum(a => a.Second);
        answers.Select(a => a.Status).Distinct().ShouldBeSubsetOf([HttpStatusCode.OK, HttpStatusCode.Conflict]);
        (await CreditsAsync(user)).ShouldBe(700 - spent);
        (700 - spent).ShouldBeInRange(0, 6);
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task The_same_reason_and_reference_spend_once()
    {
        using var service = world.Internal();
        var user = await RichAsync(service, 50);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => SendAsync(service, user, "consume", new { amount = 5, reason = "evaluation", reference = "one" })));
        answers.ShouldAllBe(a => a.Status == HttpStatusCode.OK);
        answers.Select(a => a.Body["id"]!.ToString()).Distinct().Count().ShouldBe(1);
        (await CreditsAsync(user)).ShouldBe(45);
        (await SendAsync(service, user, "consume", new { amount = 6, reason = "evaluation", reference = "one" })).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Held_credits_cannot_be_spent_elsewhere_and_a_part_can_be_captured()
    {
        using var service = world.Internal();
        var user = await RichAsync(service, 10);
        var hold = await SendAsync(service, user, "holds", new { amount = 8, reason = "assignment", reference = "a1" });
        hold.Status.ShouldBe(HttpStatusCode.OK);
        (await CreditsAsync(user)).ShouldBe(2);
        (await SendAsync(service, user, "consume", new { amount = 3, reason = "evaluation", reference = "e1" })).Body["code"]!.ToString().ShouldBe("credits.insufficient");
        (await SendAsync(service, user, "consume", new { amount = 1, reason = "assignment", reference = "a1" })).Body["code"]!.ToString().ShouldBe("credits.reference_held");

        var id = hold.Body["id"]!.ToString();
        (await SendAsync(service, user, $"holds/{id}/capture", new { amount = 9 })).Status.ShouldBe(HttpStatusCode.Conflict);
        var captured = await SendAsync(service, user, $"holds/{id}/capture", new { amount = 5 });
        captured.Status.ShouldBe(HttpStatusCode.OK);
        captured.Body["status"]!.ToString().ShouldBe("captured");
        (await CreditsAsync(user)).ShouldBe(5);
        (await SendAsync(service, user, $"holds/{id}/capture", new { amount = 5 })).Status.ShouldBe(HttpStatusCode.OK);
        (await SendAsync(service, user, $"holds/{id}/release", new { })).Body["code"]!.ToString().ShouldBe("hold.closed");
        (await CreditsAsync(user)).ShouldBe(5);
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task A_hold_ends_by_itself_after_fifteen_minutes()
    {
        using var service = world.Internal();
        var user = await RichAsync(service, 10);
        var hold = await SendAsync(service, user, "holds", new { amount = 8, reason = "assignment", reference = "a2" });
        using var moved = await world.Simulator.PostAsJsonAsync("/sandbox/clock", new { advance = "PT16M" });
        moved.StatusCode.ShouldBe(HttpStatusCode.OK, await moved.Content.ReadAsStringAsync());
        (await CreditsAsync(user)).ShouldBe(10);
        (await SendAsync(service, user, $"holds/{hold.Body["id"]}/capture", new { })).Status.ShouldBe(HttpStatusCode.Conflict);
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task Credits_of_a_pack_that_expires_are_gone_at_the_second_while_held_ones_can_still_be_captured()
    {
        using var service = world.Internal();
        var pack = Guid.NewGuid();
        await world.ScalarAsync<Guid>("INSERT INTO payments.credit_packs (id, name, credits, credits_expire_after_days, currency, price_minor, display_order, active) VALUES ($1, 'Short', 30, 1, 'usd', 300, 9, true) RETURNING id", pack);
        using var ada = world.NewUser();
        var session = await ada.BuyAsync(new { creditPackId = pack });
        await ada.PaidAsync(session);
        await ada.CheckoutAsync();
        var completed = DateTimeOffset.Parse((await ada.GetAsync($"payments/{session["paymentId"]}"))["completedAt"]!.ToString(), System.Globalization.CultureInfo.InvariantCulture);
        using (var almost = await world.Simulator.PostAsJsonAsync("/sandbox/clock", new { to = completed.AddDays(1).AddMinutes(-1) }))
        {
            almost.StatusCode.ShouldBe(HttpStatusCode.OK, await almost.Content.ReadAsStringAsync());
        }

        (await ada.CreditsAsync()).ShouldBe(30);
        var hold = await SendAsync(service, ada.Id, "holds", new { amount = 10, reason = "assignment", reference = "late" });
        using (var over = await world.Simulator.PostAsJsonAsync("/sandbox/clock", new { to = completed.AddDays(1).AddSeconds(1) }))
        {
            over.StatusCode.ShouldBe(HttpStatusCode.OK, await over.Content.ReadAsStringAsync());
        }

        (await ada.CreditsAsync()).ShouldBe(0);
        (await SendAsync(service, ada.Id, $"holds/{hold.Body["id"]}/capture", new { amount = 4 })).Status.ShouldBe(HttpStatusCode.OK);
        (await ada.CreditsAsync()).ShouldBe(0);
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task Entitlements_are_given_once_by_key_and_the_profile_shows_them()
    {
        using var service = world.Internal();
        using var ada = world.NewUser();
        for (var i = 0; i < 3; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"api/v1/users/{ada.Id}/entitlements")
            {
                Content = JsonContent.Create(new { credits = 10, subscription = new { type = "monthly", activeUntil = "2027-12-31T00:00:00Z" } }),
            };
            request.Headers.Add("Idempotency-Key", "signup-bonus");
            using var answer = await service.SendAsync(request);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        }

        var me = await ada.GetAsync("users/me");
        me["credits"]!.GetValue<long>().ShouldBe(10);
        me["subscriptionType"]!.ToString().ShouldBe("monthly");
        me["subscriptionExpires"]!.ToString().ShouldBe("2027-12-31T00:00:00Z");
        var lines = await ada.GetAsync("users/me/credits");
        lines["items"]!.AsArray().ShouldHaveSingleItem()!["amount"]!.GetValue<long>().ShouldBe(10);
    }

    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000", "monthly", "2027-12-31T00:00:00Z", "id")]
    [InlineData("0197a000-0000-7000-8000-000000000001", " ", "2027-12-31T00:00:00Z", "subscription.type")]
    [InlineData("0197a000-0000-7000-8000-000000000001", "monthly ", "2027-12-31T00:00:00Z", "subscription.type")]
    [InlineData("0197a000-0000-7000-8000-000000000001", "mon\nthly", "2027-12-31T00:00:00Z", "subscription.type")]
    [InlineData("0197a000-0000-7000-8000-000000000001", "monthly", "1899-12-31T00:00:00Z", "subscription.activeUntil")]
    [InlineData("0197a000-0000-7000-8000-000000000001", "monthly", "0001-01-01T00:00:00Z", "subscription.activeUntil")]
    public async Task Entitlements_that_cannot_be_meant_are_refused_by_their_field(string user, string type, string until, string field)
    {
        using var service = world.Internal();
        using var answer = await service.PostAsJsonAsync($"api/v1/users/{user}/entitlements", new { subscription = new { type, activeUntil = until } });

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadFromJsonAsync<JsonNode>())!["errors"]!.AsObject().Select(e => e.Key).ShouldBe([field]);
    }

    [Fact]
    public async Task Internal_calls_want_the_internal_key_and_a_users_token_is_not_enough()
    {
        using var ada = world.NewUser(null, "admin", "internal");
        using var answer = await ada.PostAsync($"users/{ada.Id}/entitlements", new { credits = 1_000_000 });
        answer.StatusCode.ShouldBeOneOf(HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden);
        (await ada.CreditsAsync()).ShouldBe(0);
    }

    private static async Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(HttpClient service, Guid user, string path, object body)
    {
        using var answer = await service.PostAsJsonAsync($"api/v1/users/{user}/credits/{path}", body);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    private static async Task<Guid> RichAsync(HttpClient service, int credits)
    {
        var user = Guid.NewGuid();
        using var answer = await service.PostAsJsonAsync($"api/v1/users/{user}/entitlements", new { credits });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return user;
    }

    private Task<long> CreditsAsync(Guid user) => world.ScalarAsync<long>("SELECT credits FROM users.users WHERE id = $1", user);
}

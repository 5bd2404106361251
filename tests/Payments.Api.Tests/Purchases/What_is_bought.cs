using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Notices;
using Payments.Api.Tests.Subscriptions;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Purchases;

public sealed class What_is_bought(World world) : IClassFixture<World>
{
    [Fact]
    public async Task The_catalog_is_public_ordered_and_cached_by_etag()
    {
        using var anyone = world.Anonymous();
        using var first = await anyone.GetAsync("api/v1/credit-packs");
        first.StatusCode.ShouldBe(HttpStatusCode.OK);
        var packs = JsonNode.Parse(await first.Content.ReadAsStringAsync())!["items"]!.AsArray();
        packs.Count.ShouldBe(5);
        packs[0]!.ToJsonString().ShouldBe("""{"id":"c0000000-0000-4000-8000-000000000001","name":"Starter","credits":100,"price":{"amount":999,"currency":"usd"}}""");

        using var again = new HttpRequestMessage(HttpMethod.Get, "api/v1/credit-packs");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var unchanged = await anyone.SendAsync(again);
        unchanged.StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task A_price_edited_or_a_pack_deleted_after_the_page_opened_changes_nothing_of_what_was_shown()
    {
        var pack = Guid.NewGuid();
        await world.ScalarAsync<Guid>("INSERT INTO payments.credit_packs (id, name, credits, currency, price_minor, display_order, active) VALUES ($1, 'Edited', 70, 'usd', 700, 9, true) RETURNING id", pack);
        using var ada = world.NewUser();
        var session = await ada.CheckoutAsync(new { creditPackId = pack });
        await world.ScalarAsync<Guid>("UPDATE payments.credit_packs SET price_minor = 5000, credits = 1 WHERE id = $1 RETURNING id", pack);
        await world.ScalarAsync<Guid>("DELETE FROM payments.credit_packs WHERE id = $1 RETURNING id", pack);

        using var paid = await world.PayAsync(session["sessionId"]!.ToString());
        paid.StatusCode.ShouldBe(HttpStatusCode.OK);
        await ada.PaidAsync(session);
        (await ada.CreditsAsync()).ShouldBe(70);
        (await ada.GetAsync($"payments/{session["paymentId"]}"))["amount"]!.ToJsonString().ShouldBe("""{"amount":700,"currency":"usd"}""");
        using var gone = await ada.PostAsync("payments/checkout-session", new { creditPackId = pack });
        gone.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Free_credits_by_amount_and_quantity_cost_what_the_configuration_says()
    {
        using var ada = world.NewUser();
        var session = await ada.BuyAsync(new { creditAmount = 50, quantity = 3 });
        await ada.PaidAsync(session);
        (await ada.CreditsAsync()).ShouldBe(150);
        var payment = await ada.GetAsync($"payments/{session["paymentId"]}");
        payment["amount"]!.ToJsonString().ShouldBe("""{"amount":1500,"currency":"usd"}""");
        payment["kind"]!.ToString().ShouldBe("creditAmount");
    }

    [Fact]
    public async Task Yen_have_no_cents()
    {
        using var ada = world.NewUser();
        var session = await ada.BuyAsync(new { creditPackId = World.Japan });
        await ada.PaidAsync(session);
        await world.SettleAsync();
        world.Mail.Messages.Single(m => m.To == $"{ada.Id:N}@example.com").Text!.ShouldContain("¥1,500");
    }

    [Fact]
    public async Task A_full_discount_is_fulfilled_without_money()
    {
        await CodeAsync("FREE100", 100);
        using var ada = world.NewUser();
        var session = await ada.CheckoutAsync(new { creditPackId = World.Starter, promotionCode = "FREE100" });
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["expected_amount"] = "0" });
        using var confirmed = await world.Simulator.PostAsync($"/v1/payment_pages/{session["sessionId"]}/confirm", form);
        confirmed.StatusCode.ShouldBe(HttpStatusCode.OK, await confirmed.Content.ReadAsStringAsync());
        await ada.PaidAsync(session);
        (await ada.CreditsAsync()).ShouldBe(100);
        (await ada.GetAsync($"payments/{session["paymentId"]}"))["amount"]!["amount"]!.GetValue<long>().ShouldBe(0);
    }

    [Fact]
    public async Task A_discount_is_charged_less_and_grants_the_same()
    {
        await CodeAsync("HALF50", 50);
        using var ada = world.NewUser();
        var session = await ada.BuyAsync(new { creditPackId = World.Starter, promotionCode = "half50", quantity = 2 });
        await ada.PaidAsync(session);
        await world.SettleAsync();
        (await ada.CreditsAsync()).ShouldBe(200);
        (await ada.GetAsync($"payments/{session["paymentId"]}"))["amount"]!["amount"]!.GetValue<long>().ShouldBe(999);
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task A_plans_first_period_is_discounted_and_its_renewal_is_not()
    {
        await CodeAsync("PLAN50", 50);
        using var ada = world.NewUser();
        await ada.PaidAsync(await ada.BuyAsync(new { planId = Plans.Monthly, promotionCode = "PLAN50" }));
        await world.SettleAsync();
        (await ada.CreditsAsync()).ShouldBe(200);

        await world.MoveAsync((await ada.SubscriptionAsync()).Time("currentPeriodEnd").AddHours(2));

        (await ada.GetAsync("payments/history"))["items"]!.AsArray().Select(p => p!["amount"]!["amount"]!.GetValue<long>()).ShouldBe([1900, 950]);
        (await ada.CreditsAsync()).ShouldBe(400);
    }

    [Fact]
    public async Task A_code_that_leaves_less_than_the_provider_takes_is_refused_for_good()
    {
        await CodeAsync("NEARLY_FREE", 97);
        using var ada = world.NewUser();
        var (status, problem) = await ada.TryAsync("payments/checkout-session", new { creditPackId = World.Starter, promotionCode = "nearly_free" }, "nearly");

        (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.BadRequest, "amount.too_small"), problem.ToJsonString());
        problem["errors"]!["promotionCode"]![0]!.ToString().ShouldContain("$0.50");
        var left = (await ada.GetAsync("payments/history"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        (left["status"]!.ToString(), left["failure"]!["code"]!.ToString()).ShouldBe(("failed", "amount_too_small"));
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.payments WHERE id = $1 AND next_check_at IS NULL", Guid.Parse(left["id"]!.ToString()))).ShouldBe(1);
    }

    [Theory]
    [InlineData("""{}""", "creditPackId")]
    [InlineData("""{"creditPackId":"c0000000-0000-4000-8000-000000000001","creditAmount":5}""", "creditPackId")]
    [InlineData("""{"creditAmount":9}""", "creditAmount")]
    [InlineData("""{"creditAmount":100001}""", "creditAmount")]
    [InlineData("""{"creditAmount":-1}""", "creditAmount")]
    [InlineData("""{"creditAmount":50,"quantity":0}""", "quantity")]
    [InlineData("""{"creditAmount":50,"quantity":1001}""", "quantity")]
    [InlineData("""{"creditAmount":100000,"quantity":1000}""", "quantity")]
    [InlineData("""{"creditPackId":"c0000000-0000-4000-8000-000000000001","promotionCode":"NOSUCH"}""", "promotionCode")]
    [InlineData("""{"creditPackId":"not-an-id"}""", "creditPackId")]
    [InlineData("""{"creditAmount":"50"}""", "creditAmount")]
    [InlineData("""{"creditAmount":50,"price":1}""", "price")]
    public async Task A_wrong_wish_is_refused_by_the_name_of_the_field(string body, string field)
    {
        using var ada = world.NewUser();
        using var answer = await ada.PostAsync("payments/checkout-session", JsonNode.Parse(body)!);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest, text);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        JsonNode.Parse(text)!["errors"]!.AsObject().Select(e => e.Key).ShouldContain(field, text);
    }

    [Fact]
    public async Task Another_users_id_in_the_body_is_refused_and_anothers_payment_is_not_found()
    {
        using var ada = world.NewUser();
        using var grace = world.NewUser();
        using var forged = await ada.PostAsync("payments/checkout-session", new { creditPackId = World.Starter, userId = grace.Id });
        forged.StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        var session = await ada.CheckoutAsync();
        using var foreign = await grace.Http.GetAsync($"api/v1/payments/{session["paymentId"]}");
        foreign.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var foreignSession = await grace.Http.GetAsync($"api/v1/payments/checkout-session/{session["sessionId"]}");
        foreignSession.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await grace.GetAsync("payments/history"))["items"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task History_pages_newest_first_without_gaps_or_repeats()
    {
        using var ada = world.NewUser();
        var made = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            made.Insert(0, (await ada.CheckoutAsync(new { creditAmount = 50 + i }))["paymentId"]!.ToString());
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await ada.GetAsync($"payments/history?limit=3{(cursor is null ? "" : $"&cursor={cursor}")}");
            seen.AddRange(page["items"]!.AsArray().Select(p => p!["id"]!.ToString()));
            cursor = page["nextCursor"]?.ToString();
        }
        while (cursor is not null);
        seen.ShouldBe(made);

        using var tooMany = await ada.Http.GetAsync("api/v1/payments/history?limit=101");
        tooMany.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using var badCursor = await ada.Http.GetAsync("api/v1/payments/history?cursor=abc");
        badCursor.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    private async Task CodeAsync(string code, int percent)
    {
        using var coupon = new FormUrlEncodedContent(new Dictionary<string, string> { ["percent_off"] = percent.ToString(System.Globalization.CultureInfo.InvariantCulture), ["duration"] = "once" });
        using var made = await world.Simulator.PostAsync("/v1/coupons", coupon);
        var id = JsonNode.Parse(await made.Content.ReadAsStringAsync())!["id"]!.ToString();
        using var promotion = new FormUrlEncodedContent(new Dictionary<string, string> { ["promotion[type]"] = "coupon", ["promotion[coupon]"] = id, ["code"] = code });
        using var answer = await world.Simulator.PostAsync("/v1/promotion_codes", promotion);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }
}

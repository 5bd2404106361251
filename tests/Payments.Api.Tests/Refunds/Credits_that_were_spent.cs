using System.Net;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Refunds;

/// <summary>Hard case 18: what becomes of them is the product's policy, fixed when it was bought.</summary>
public sealed class Credits_that_were_spent(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Are_forgiven_by_clamp()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var pack = await PackAsync(admin, "clamp");
        var session = await BuyAsync(ada, pack);
        await world.SpendAsync(ada, 70);

        await admin.RefundAsync(session);

        await ada.BecomesAsync(session, "refunded");
        var statement = await ada.CreditsOfAsync();
        (statement["credits"]!.GetValue<long>(), statement["debt"]!.GetValue<long>()).ShouldBe((0, 0));
        (await admin.PaymentAsync(session))["refundPolicy"]!.ToString().ShouldBe("clamp");
        await world.SettleAsync();
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task Keep_a_refund_that_is_asked_for_from_being_made_by_block_and_of_a_dashboards_are_owed()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var session = await BuyAsync(ada, await PackAsync(admin, "block"));
        await world.SpendAsync(ada, 70);

        var (status, problem) = await admin.TryRefundAsync(session);
        (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.Conflict, "refund.credits_spent"));
        (await world.RefundsAtProviderAsync(session)).ShouldBeEmpty();
        (await ada.CreditsAsync()).ShouldBe(30, "a refusal holds nothing");

        // 30 of 100 are left: so much of the price, and no more, can be asked for.
        await admin.RefundAsync(session, new { amount = 300 });
        (await ada.CreditsAsync()).ShouldBe(0);
        (await admin.TryRefundAsync(session, new { amount = 10 })).Body["code"]!.ToString().ShouldBe("refund.credits_spent");

        await world.DashboardRefundAsync(session);
        await ada.BecomesAsync(session, "refunded");
        var statement = await ada.CreditsOfAsync();
        (statement["credits"]!.GetValue<long>(), statement["debt"]!.GetValue<long>()).ShouldBe((0, 70));
        await world.SettleAsync();
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task Follow_the_policy_that_was_agreed_whatever_the_pack_says_later()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var pack = await PackAsync(admin, "clamp");
        var session = await BuyAsync(ada, pack);
        await world.SpendAsync(ada, 100);
        using var edited = await admin.Http.PutAsync(
            new Uri($"api/v1/admin/credit-packs/{pack}", UriKind.Relative),
            System.Net.Http.Json.JsonContent.Create(new { name = "Blocked", credits = 100, price = new { amount = 1000, currency = "usd" }, refundPolicy = "block" }));
        edited.StatusCode.ShouldBe(HttpStatusCode.OK, await edited.Content.ReadAsStringAsync());

        await admin.RefundAsync(session);

        await ada.BecomesAsync(session, "refunded");
        (await ada.CreditsOfAsync())["debt"]!.GetValue<long>().ShouldBe(0);
    }

    /// <summary>Hard case 19: amounts obey the currency's own step, in refunds too.</summary>
    [Theory]
    [InlineData("kwd", 12_340, 6_170, 5)]
    [InlineData("jpy", 1_500, 750, null)]
    [InlineData("isk", 120_000, 60_000, 50)]
    public async Task Are_taken_back_part_for_part_in_every_currency(string currency, long price, long half, int? offStep)
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var session = await BuyAsync(ada, await PackAsync(admin, "debt", price, currency));
        if (offStep is { } wrong)
        {
            (await admin.TryRefundAsync(session, new { amount = new { amount = wrong, currency } })).Body["code"]!.ToString().ShouldBe("refund.amount_step");
        }

        (await admin.TryRefundAsync(session, new { amount = new { amount = half, currency = "usd" } })).Body["code"]!.ToString().ShouldBe("refund.currency_mismatch");
        var refund = await admin.RefundAsync(session, new { amount = new { amount = half, currency } });

        refund["amount"]!.ToJsonString().ShouldBe($$"""{"amount":{{half}},"currency":"{{currency}}"}""");
        await ada.BecomesAsync(session, "partiallyRefunded");
        (await ada.CreditsAsync()).ShouldBe(50);
        await admin.RefundAsync(session);
        await ada.BecomesAsync(session, "refunded");
        (await ada.CreditsAsync()).ShouldBe(0);
        (await world.RefundsAtProviderAsync(session)).Sum(r => r["amount"]!.GetValue<long>()).ShouldBe(price);
        await world.SettleAsync();
        await world.LedgerIsSoundAsync();
    }

    private static async Task<Guid> PackAsync(Caller admin, string policy, long amount = 1000, string currency = "usd") =>
        Guid.Parse((await admin.DoAsync("admin/credit-packs", new { name = $"Pack {Guid.NewGuid():N}", credits = 100, price = new { amount, currency }, refundPolicy = policy }))["id"]!.ToString());

    private static async Task<JsonNode> BuyAsync(Caller buyer, Guid pack)
    {
        var session = await buyer.BuyAsync(new { creditPackId = pack });
        await buyer.PaidAsync(session);
        return session;
    }
}

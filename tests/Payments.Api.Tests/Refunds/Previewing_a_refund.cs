using System.Net;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Subscriptions;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Refunds;

/// <summary>What is shown before is what happens then.</summary>
public sealed class Previewing_a_refund(World world) : IClassFixture<World>
{
    [Theory]
    [InlineData(null, 100, 0, 0, "refunded", 0)]
    [InlineData(333L, 33, 0, 67, "partiallyRefunded", 666)]
    public async Task Says_what_is_taken_back_and_moves_nothing(long? amount, long takenBack, long debt, long balanceAfter, string status, long refundableAfter)
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var session = await PaidAsync(ada);

        var preview = await PreviewAsync(admin, session, amount);

        preview["amount"]!.ToJsonString().ShouldBe($$"""{"amount":{{amount ?? 999}},"currency":"usd"}""");
        (preview["statusAfter"]!.ToString(), Minor(preview["refundable"]), Minor(preview["refundableAfter"])).ShouldBe((status, 999, refundableAfter));
        Credits(preview).ShouldBe((takenBack, debt, 100, balanceAfter));
        (preview["accessEnds"], preview["subscriptionEnds"]).ShouldBe((null, null));
        (await admin.RefundsAsync(session)).ShouldBeEmpty();
        (await ada.CreditsAsync()).ShouldBe(100);

        await admin.RefundAsync(session, amount is null ? new { } : new { amount });
        await ada.BecomesAsync(session, status);
        (await ada.CreditsAsync()).ShouldBe(balanceAfter);
        Minor((await admin.PaymentAsync(session))["refundable"]).ShouldBe(refundableAfter);
        await world.SettleAsync();
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task Of_spent_credits_says_the_debt_that_would_arise_or_what_else_pays_for_it()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var first = await PaidAsync(ada);
        await world.SpendAsync(ada, 70);

        Credits(await PreviewAsync(admin, first)).ShouldBe((100, 70, 30, 0));
        Credits(await PreviewAsync(admin, first, 500)).ShouldBe((50, 20, 30, 0));

        await PaidAsync(ada);
        Credits(await PreviewAsync(admin, first)).ShouldBe((100, 0, 130, 30));

        await admin.RefundAsync(first);
        (await ada.CreditsAsync()).ShouldBe(30);
        (await ada.CreditsOfAsync())["debt"]!.GetValue<long>().ShouldBe(0);
    }

    [Fact]
    public async Task After_a_part_says_what_the_rest_takes()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var session = await PaidAsync(ada);
        await admin.RefundAsync(session, new { amount = 333 });

        var rest = await PreviewAsync(admin, session);

        (Minor(rest["amount"]), Minor(rest["refundableAfter"]), rest["statusAfter"]!.ToString()).ShouldBe((666, 0, "refunded"));
        Credits(rest).ShouldBe((67, 0, 67, 0));
    }

    [Fact]
    public async Task Of_an_item_says_the_access_that_would_end()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var purchase = await world.BuyItemAsync(ada, ThingSteps.Course);
        var session = new JsonObject { ["paymentId"] = purchase["id"]!.ToString() };

        var all = await PreviewAsync(admin, session);
        var part = await PreviewAsync(admin, session, 1);

        all["accessEnds"]!.ToJsonString().ShouldBe("""{"type":"course","id":"cloud-foundations"}""");
        all["credits"].ShouldBeNull();
        part["accessEnds"].ShouldBeNull();
        (await ada.MayUseAsync("course/cloud-foundations")).ShouldBeTrue();
    }

    [Fact]
    public async Task Of_a_subscription_says_that_it_would_end_unless_it_is_to_go_on()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var session = await ada.BuyAsync(new { planId = Plans.Monthly });
        await ada.PaidAsync(session);
        await world.SettleAsync();
        var subscription = (await ada.GetAsync("subscriptions/status"))["items"]![0]!;

        var ends = await PreviewAsync(admin, session);
        var stays = await PreviewAsync(admin, session, null, "&cancelSubscription=false");
        var part = await PreviewAsync(admin, session, 900);

        ends["subscriptionEnds"]!["id"]!.ToString().ShouldBe(subscription["id"]!.ToString());
        ends["subscriptionEnds"]!["planId"]!.ToString().ShouldBe(Plans.Monthly.ToString());
        ends["accessEnds"].ShouldNotBeNull();
        foreach (var other in new[] { stays, part })
        {
            (other["subscriptionEnds"], other["accessEnds"]).ShouldBe((null, null));
        }

        Credits(stays).ShouldBe(Credits(ends));
    }

    [Fact]
    public async Task Refuses_what_the_refund_would_be_refused_for()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        using var support = world.NewUser(null, "support");
        var unpaid = await ada.CheckoutAsync();
        await CodeAsync(admin, unpaid, "", HttpStatusCode.Conflict, "refund.not_paid");
        var paid = await PaidAsync(ada);
        await CodeAsync(admin, paid, "?amount=1000", HttpStatusCode.Conflict, "refund.exceeds_refundable");
        await CodeAsync(admin, paid, "?amount=0", HttpStatusCode.BadRequest, "request.invalid");
        await CodeAsync(admin, paid, "?amount=100&currency=eur", HttpStatusCode.BadRequest, "refund.currency_mismatch");
        var large = await ada.BuyAsync(new { creditAmount = 5000 });
        await ada.PaidAsync(large);
        await CodeAsync(support, large, "", HttpStatusCode.Forbidden, "refund.limit_exceeded");
        Minor((await PreviewAsync(support, large, 10_000))["amount"]).ShouldBe(10_000);
        await CodeAsync(admin, new JsonObject { ["paymentId"] = Guid.NewGuid().ToString() }, "", HttpStatusCode.NotFound, "payment.not_found");
    }

    [Theory]
    [InlineData("finance", HttpStatusCode.Forbidden)]
    [InlineData(null, HttpStatusCode.Forbidden)]
    [InlineData("support", HttpStatusCode.OK)]
    public async Task Is_for_who_may_give_back(string? role, HttpStatusCode status)
    {
        using var ada = world.NewUser();
        using var caller = role is null ? world.NewUser() : world.NewUser(null, role);
        var session = await PaidAsync(ada);

        using var answer = await caller.Http.GetAsync(Path(session, ""));

        answer.StatusCode.ShouldBe(status);
    }

    private async Task<JsonNode> PaidAsync(Caller buyer)
    {
        var session = await buyer.BuyAsync();
        await buyer.PaidAsync(session);
        await world.SettleAsync();
        return session;
    }

    private static Task<JsonNode> PreviewAsync(Caller staff, JsonNode session, long? amount = null, string more = "") =>
        staff.GetAsync($"payments/{session["paymentId"]}/refunds/preview?amount={amount}{more}");

    private static async Task CodeAsync(Caller staff, JsonNode session, string query, HttpStatusCode status, string code)
    {
        using var answer = await staff.Http.GetAsync(Path(session, query));
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        (answer.StatusCode, problem["code"]!.ToString()).ShouldBe((status, code), problem.ToJsonString());
    }

    private static string Path(JsonNode session, string query) => $"api/v1/payments/{session["paymentId"]}/refunds/preview{query}";

    private static (long TakenBack, long Debt, long Balance, long BalanceAfter) Credits(JsonNode preview) =>
        (Number(preview, "takenBack"), Number(preview, "debt"), Number(preview, "balance"), Number(preview, "balanceAfter"));

    private static long Number(JsonNode preview, string name) => preview["credits"]![name]!.GetValue<long>();

    private static long Minor(JsonNode? money) => money!["amount"]!.GetValue<long>();
}

using System.Net;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Refunds;

public sealed class Refunding_a_payment(World world) : IClassFixture<World>
{
    [Fact]
    public async Task In_full_gives_back_all_money_and_takes_back_all_credits()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var session = await PaidAsync(ada);

        var refund = await admin.RefundAsync(session, new { reason = "duplicate", note = "clicked twice" });

        refund["paymentId"]!.ToString().ShouldBe(session["paymentId"]!.ToString());
        refund["amount"]!.ToJsonString().ShouldBe("""{"amount":999,"currency":"usd"}""");
        refund["status"]!.ToString().ShouldBe("succeeded");
        refund["reason"]!.ToString().ShouldBe("duplicate");
        await ada.BecomesAsync(session, "refunded");
        await world.SettleAsync();
        (await ada.CreditsAsync()).ShouldBe(0);
        var payment = await ada.GetAsync($"payments/{session["paymentId"]}");
        payment["refunded"]!.ToJsonString().ShouldBe("""{"amount":999,"currency":"usd"}""");
        var line = (await ada.CreditsOfAsync())["items"]![0]!;
        (line["kind"]!.ToString(), line["amount"]!.GetValue<long>(), line["reason"]!.ToString(), line["reference"]!.ToString())
            .ShouldBe(("return", -100, "refund", refund["id"]!.ToString()));
        var atProvider = (await world.RefundsAtProviderAsync(session)).ShouldHaveSingleItem();
        atProvider["metadata"]!["refund_id"]!.ToString().ShouldBe(refund["id"]!.ToString());
        atProvider["reason"]!.ToString().ShouldBe("duplicate");
        world.Mail.Messages.Where(m => m.To == $"{ada.Id:N}@example.com").Select(m => m.Subject).ShouldBe(["Your payment for Starter is confirmed", "Your refund of $9.99 is on its way"], ignoreOrder: true);
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task In_parts_takes_back_the_share_rounded_down_over_the_sum()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var session = await PaidAsync(ada);

        await admin.RefundAsync(session, new { amount = new { amount = 333, currency = "usd" } });
        await ada.BecomesAsync(session, "partiallyRefunded");
        (await ada.CreditsAsync()).ShouldBe(67);
        await admin.RefundAsync(session, new { amount = 333 });
        (await ada.CreditsAsync()).ShouldBe(34);
        var (status, problem) = await admin.TryRefundAsync(session, new { amount = 334 });
        (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.Conflict, "refund.exceeds_refundable"));
        await admin.RefundAsync(session);

        await ada.BecomesAsync(session, "refunded");
        (await ada.CreditsAsync()).ShouldBe(0);
        (await world.RefundsAtProviderAsync(session)).Sum(r => r["amount"]!.GetValue<long>()).ShouldBe(999);
        (await admin.RefundsAsync(session)).Count.ShouldBe(3);
        await world.SettleAsync();
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task Of_spent_credits_makes_a_debt_that_the_next_purchase_pays()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var session = await PaidAsync(ada);
        await world.SpendAsync(ada, 70);

        await admin.RefundAsync(session);

        await ada.BecomesAsync(session, "refunded");
        var statement = await ada.CreditsOfAsync();
        (statement["credits"]!.GetValue<long>(), statement["debt"]!.GetValue<long>()).ShouldBe((0, 70));
        await PaidAsync(ada);
        (await ada.CreditsAsync()).ShouldBe(30);
        await world.SettleAsync();
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task Again_under_the_same_key_is_the_same_refund_and_with_another_amount_it_is_refused()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var session = await PaidAsync(ada);
        var key = Guid.NewGuid().ToString();

        var first = await admin.RefundAsync(session, new { amount = 100 }, key);
        var second = await admin.RefundAsync(session, new { amount = 100 }, key);
        var (status, _) = await admin.TryRefundAsync(session, new { amount = 101 }, key);

        second["id"]!.ToString().ShouldBe(first["id"]!.ToString());
        status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await world.RefundsAtProviderAsync(session)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task That_is_not_paid_or_not_there_or_in_another_currency_or_wrong_in_itself_is_refused()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var unpaid = await ada.CheckoutAsync();
        await CodeAsync(admin, unpaid, new { amount = 1 }, HttpStatusCode.Conflict, "refund.not_paid");
        var paid = await PaidAsync(ada);

        await CodeAsync(admin, paid, new { amount = new { amount = 100, currency = "eur" } }, HttpStatusCode.BadRequest, "refund.currency_mismatch");
        await CodeAsync(admin, paid, new { amount = 0 }, HttpStatusCode.BadRequest, "request.invalid");
        await CodeAsync(admin, paid, new { amount = -5 }, HttpStatusCode.BadRequest, "request.invalid");
        await CodeAsync(admin, paid, new { amount = "all" }, HttpStatusCode.BadRequest, "request.invalid");
        await CodeAsync(admin, paid, new { amount = 10_000 }, HttpStatusCode.Conflict, "refund.exceeds_refundable");
        using var nowhere = await admin.PostAsync($"payments/{Guid.NewGuid()}/refunds", new { });
        nowhere.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await ada.CreditsAsync()).ShouldBe(100);
    }

    [Fact]
    public async Task Is_for_staff_and_its_list_for_the_buyer_too_without_what_is_for_staff()
    {
        using var ada = world.NewUser();
        using var grace = world.NewUser();
        using var finance = world.NewUser(null, "finance");
        using var admin = world.NewUser(null, "admin");
        var session = await PaidAsync(ada);

        foreach (var caller in new[] { ada, grace, finance })
        {
            using var refused = await caller.PostAsync($"payments/{session["paymentId"]}/refunds", new { });
            refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        }

        await admin.RefundAsync(session, new { note = "secret" });

        (await ada.RefundsAsync(session)).ShouldHaveSingleItem()!["note"].ShouldBeNull();
        (await finance.RefundsAsync(session)).ShouldHaveSingleItem()!["note"]!.ToString().ShouldBe("secret");
        using var foreign = await grace.Http.GetAsync($"api/v1/payments/{session["paymentId"]}/refunds");
        foreign.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task In_a_currency_without_decimals_is_counted_in_its_own_units()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var session = await ada.BuyAsync(new { creditPackId = World.Japan });
        await ada.PaidAsync(session);
        var payment = await admin.PaymentAsync(session);
        var (price, credits) = (payment["amount"]!["amount"]!.GetValue<long>(), payment["credits"]!.GetValue<long>());

        await admin.RefundAsync(session, new { amount = new { amount = price / 2, currency = "jpy" } });

        await ada.BecomesAsync(session, "partiallyRefunded");
        (await ada.CreditsAsync()).ShouldBe(credits - (credits * (price / 2) / price));
        (await world.RefundsAtProviderAsync(session)).ShouldHaveSingleItem()["amount"]!.GetValue<long>().ShouldBe(price / 2);
    }

    [Fact]
    public async Task By_two_admins_fifty_times_at_once_never_gives_back_more_than_was_paid()
    {
        using var ada = world.NewUser();
        using var first = world.NewUser(null, "admin");
        using var second = world.NewUser(null, "admin");
        var session = await PaidAsync(ada);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => (i % 2 == 0 ? first : second).TryRefundAsync(session, new { amount = 50 }, Guid.NewGuid().ToString())));

        answers.Count(a => a.Status == HttpStatusCode.OK).ShouldBe(19);
        answers.Where(a => a.Status != HttpStatusCode.OK).ShouldAllBe(a => a.Status == HttpStatusCode.Conflict && a.Body["code"]!.ToString() == "refund.exceeds_refundable");
        (await world.RefundsAtProviderAsync(session)).Sum(r => r["amount"]!.GetValue<long>()).ShouldBe(950);
        await world.SettleAsync();
        var payment = await first.PaymentAsync(session);
        (payment["refunded"]!["amount"]!.GetValue<long>(), payment["refundable"]!["amount"]!.GetValue<long>(), payment["status"]!.ToString()).ShouldBe((950, 49, "partiallyRefunded"));
        (await ada.CreditsAsync()).ShouldBe(100 - (100 * 950 / 999));
        await world.LedgerIsSoundAsync();
    }

    private static async Task CodeAsync(Caller staff, System.Text.Json.Nodes.JsonNode session, object body, HttpStatusCode status, string code)
    {
        var (was, problem) = await staff.TryRefundAsync(session, body);
        (was, problem["code"]!.ToString()).ShouldBe((status, code), problem.ToJsonString());
    }

    private async Task<System.Text.Json.Nodes.JsonNode> PaidAsync(Caller buyer)
    {
        var session = await buyer.BuyAsync();
        await buyer.PaidAsync(session);
        await world.SettleAsync();
        return session;
    }
}

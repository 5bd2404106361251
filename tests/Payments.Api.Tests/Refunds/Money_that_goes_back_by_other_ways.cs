using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Refunds;

public sealed class Money_that_goes_back_by_other_ways(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Refunds_made_in_the_dashboard_become_ours()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var session = await PaidAsync(ada);

        var made = await world.DashboardRefundAsync(session, 500);

        await ada.BecomesAsync(session, "partiallyRefunded");
        await world.SettleAsync();
        var refund = (await admin.PaymentAsync(session))["refunds"]!.AsArray().ShouldHaveSingleItem()!;
        (refund["origin"]!.ToString(), refund["status"]!.ToString(), refund["amount"]!["amount"]!.GetValue<long>()).ShouldBe(("dashboard", "succeeded", 500));
        (await world.ScalarAsync<string>("SELECT gateway_id FROM payments.refunds WHERE id = $1", Guid.Parse(refund["id"]!.ToString()))).ShouldBe(made["id"]!.ToString());
        (await ada.CreditsAsync()).ShouldBe(100 - (100 * 500 / 999));
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task A_pending_refund_counts_from_the_start_and_succeeds_later()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var session = await PaidAsync(ada, "pm_card_pendingRefund");

        var refund = await admin.RefundAsync(session);

        refund["status"]!.ToString().ShouldBe("pending");
        (await ada.CreditsAsync()).ShouldBe(0);
        await World.EventuallyAsync(async () => (await admin.RefundsAsync(session))[0]!["status"]!.ToString() == "succeeded", "the refund succeeds");
        (await ada.StatusAsync(session)).ShouldBe("refunded");
        await world.SettleAsync();
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task A_refund_that_fails_after_it_succeeded_gives_everything_back_and_says_so()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var session = await PaidAsync(ada, "pm_card_refundFail");

        var refund = await admin.RefundAsync(session);

        refund["status"]!.ToString().ShouldBe("succeeded");
        await ada.BecomesAsync(session, "succeeded");
        await world.SettleAsync();
        (await ada.CreditsAsync()).ShouldBe(100);
        (await admin.RefundsAsync(session))[0]!["status"]!.ToString().ShouldBe("failed");
        (await ada.GetAsync($"payments/{session["paymentId"]}"))["refunded"]!["amount"]!.GetValue<long>().ShouldBe(0);
        (await ada.CreditsOfAsync())["items"]![0]!["kind"]!.ToString().ShouldBe("restore");
        world.Mail.Messages.Where(m => m.To == $"{ada.Id:N}@example.com").Select(m => m.Subject).ShouldContain("Your refund of $9.99 could not be paid out");
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task A_charge_that_shows_more_given_back_than_we_know_has_its_refunds_asked_for()
    {
        using var ada = world.NewUser();
        var session = await PaidAsync(ada);
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        var before = await KnownAsync();
        try
        {
            await world.DashboardRefundAsync(session, 100);
            await world.DashboardRefundAsync(session, 200);
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        // Of all that was lost only the last word about the charge comes through.
        var last = (await world.EventsAsync("charge.refunded")).Last(e => !before.Contains(e["id"]!.ToString()));
        (await world.DeliverAsync(last)).Dispose();
        await world.SettleAsync();

        (await ada.StatusAsync(session)).ShouldBe("partiallyRefunded");
        (await ada.GetAsync($"payments/{session["paymentId"]}"))["refunded"]!["amount"]!.GetValue<long>().ShouldBe(300);
        (await ada.CreditsAsync()).ShouldBe(100 - (100 * 300 / 999));
    }

    [Fact]
    public async Task A_refund_that_was_made_elsewhere_is_known_as_soon_as_the_provider_refuses_ours_for_it()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var session = await PaidAsync(ada);
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        try
        {
            await world.DashboardRefundAsync(session);

            var refused = await admin.RefundAsync(session, new { amount = 100 });

            (refused["status"]!.ToString(), refused["failureReason"]!.ToString()).ShouldBe(("failed", "charge_already_refunded"));
            (await ada.StatusAsync(session)).ShouldBe("refunded");
            (await ada.CreditsAsync()).ShouldBe(0);
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        var rows = (await admin.GetAsync($"admin/audit-log?subject={session["paymentId"]}"))["items"]!.AsArray();
        rows.Select(r => r!["action"]!.ToString()).ShouldBe(["refund.outcome", "refund.issue"]);
        (rows[0]!["after"]!["status"]!.ToString(), rows[0]!["after"]!["failureReason"]!.ToString(), rows[0]!["after"]!["refundId"]!.ToString())
            .ShouldBe(("failed", "charge_already_refunded", rows[1]!["after"]!["refundId"]!.ToString()));
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task A_refund_heard_of_before_its_payment_has_the_provider_asked_for_both()
    {
        using var ada = world.NewUser();
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        var before = await KnownAsync();
        JsonNode session;
        try
        {
            session = await ada.BuyAsync(new { creditAmount = 70 });
            await world.DashboardRefundAsync(session, 350);
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        (await world.DeliverAsync((await world.EventsAsync("refund.created")).Last(e => !before.Contains(e["id"]!.ToString())))).Dispose();
        await world.SettleAsync();

        (await ada.StatusAsync(session)).ShouldBe("partiallyRefunded");
        (await ada.CreditsAsync()).ShouldBe(35);
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task A_refund_of_somebody_elses_payment_is_foreign()
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["amount"] = "500", ["currency"] = "usd", ["payment_method"] = "pm_card_visa", ["confirm"] = "true", ["automatic_payment_methods[enabled]"] = "true", ["automatic_payment_methods[allow_redirects]"] = "never" });
        using var made = await world.Simulator.PostAsync("/v1/payment_intents", form);
        var intent = JsonNode.Parse(await made.Content.ReadAsStringAsync())!["id"]!.ToString();
        using var refunded = await world.Simulator.PostAsJsonAsync("/sandbox/refunds", new { payment_intent = intent });
        var id = JsonNode.Parse(await refunded.Content.ReadAsStringAsync())!["id"]!.ToString();

        await world.SettleAsync();

        await World.EventuallyAsync(
            async () => await world.ScalarAsync<long>("SELECT count(*) FROM payments.webhook_events WHERE object_id = $1 AND type LIKE 'refund.%' AND status = 'foreign'", id) > 0, "the event is foreign");
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.refunds WHERE gateway_id = $1", id)).ShouldBe(0);
    }

    private async Task<HashSet<string>> KnownAsync() => (await world.EventsAsync()).Select(e => e["id"]!.ToString()).ToHashSet(StringComparer.Ordinal);

    private async Task<JsonNode> PaidAsync(Caller buyer, string card = "pm_card_visa")
    {
        var session = await buyer.BuyAsync(paymentMethod: card);
        await buyer.PaidAsync(session);
        await world.SettleAsync();
        return session;
    }
}

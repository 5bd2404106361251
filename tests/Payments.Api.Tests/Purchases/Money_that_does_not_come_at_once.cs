using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Purchases;

public sealed class Money_that_does_not_come_at_once(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Declined_then_paid_on_the_same_session_grants_and_keeps_both_attempts()
    {
        using var ada = world.NewUser();
        var session = await ada.CheckoutAsync();
        using (var declined = await world.PayAsync(session["sessionId"]!.ToString(), "pm_card_visa_chargeDeclinedInsufficientFunds"))
        {
            declined.StatusCode.ShouldBe(HttpStatusCode.PaymentRequired);
        }

        await World.EventuallyAsync(async () => await ada.StatusAsync(session) == "failed", "the decline is seen");
        (await ada.CreditsAsync()).ShouldBe(0);
        var failure = (await ada.GetAsync($"payments/{session["paymentId"]}"))["failure"]!;
        failure["code"]!.ToString().ShouldBe("insufficient_funds");

        using (var paid = await world.PayAsync(session["sessionId"]!.ToString()))
        {
            paid.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await ada.PaidAsync(session);
        await world.SettleAsync();
        (await ada.CreditsAsync()).ShouldBe(100);
        (await ada.GetAsync($"payments/{session["paymentId"]}"))["failure"].ShouldBeNull();
        var attempts = await AttemptsAsync(session);
        attempts.ShouldBe(["failed visa 9995", "succeeded visa 4242"], ignoreOrder: true);
        world.Mail.Messages.Where(m => m.To == $"{ada.Id:N}@example.com").Select(m => m.Subject)
            .ShouldBe(["Your payment for Starter did not go through", "Your payment for Starter is confirmed"], ignoreOrder: true);
    }

    [Fact]
    public async Task Declined_for_one_reason_and_then_for_another_tells_the_last_and_mails_once()
    {
        using var ada = world.NewUser();
        var session = await ada.CheckoutAsync();
        (await world.PayAsync(session["sessionId"]!.ToString(), "pm_card_visa_chargeDeclinedInsufficientFunds")).Dispose();
        await FailsAsync(ada, session, "insufficient_funds");
        (await world.PayAsync(session["sessionId"]!.ToString(), "pm_card_chargeDeclinedExpiredCard")).Dispose();
        await FailsAsync(ada, session, "expired_card");

        // An event of the first that comes late says nothing of the last.
        var first = (await world.EventsAsync("payment_intent.payment_failed")).First(e => e.ToJsonString().Contains("insufficient_funds", StringComparison.Ordinal) && e.ToJsonString().Contains(session["paymentId"]!.ToString(), StringComparison.Ordinal));
        first["id"] = $"evt_{Guid.NewGuid():N}";
        (await world.DeliverAsync(first)).Dispose();
        await world.SettleAsync();

        await FailsAsync(ada, session, "expired_card");
        world.MailsTo(ada).ShouldBe(["Your payment for Starter did not go through"]);
    }

    [Fact]
    public async Task The_mail_of_a_decline_names_the_sum_that_was_tried()
    {
        var coupon = JsonNode.Parse(await (await world.Simulator.PostAsync("/v1/coupons", new FormUrlEncodedContent(new Dictionary<string, string> { ["percent_off"] = "25", ["duration"] = "once" }))).Content.ReadAsStringAsync())!;
        (await world.Simulator.PostAsync("/v1/promotion_codes", new FormUrlEncodedContent(new Dictionary<string, string> { ["promotion[type]"] = "coupon", ["promotion[coupon]"] = coupon["id"]!.ToString(), ["code"] = "QUARTER" }))).EnsureSuccessStatusCode();
        using var ada = world.NewUser();
        var session = await ada.CheckoutAsync(new { creditAmount = 100, promotionCode = "quarter" });
        (await world.PayAsync(session["sessionId"]!.ToString(), "pm_card_visa_chargeDeclined")).Dispose();

        await World.EventuallyAsync(() => Task.FromResult(world.MailsTo(ada).Count == 1), "the mail of the decline");
        var mail = world.Mail.Messages.Single(m => m.To == $"{ada.Id:N}@example.com");
        mail.Text!.ShouldContain("your payment of $7.50");
        mail.Text!.ShouldNotContain("$10.00");
    }

    [Theory]
    [InlineData("000777777771", "payment_method_customer_decline")]
    [InlineData("000111111113", "account_closed")]
    public async Task A_bank_debit_that_is_declined_is_not_told_as_a_card(string account, string code)
    {
        using var ada = world.NewUser();
        var session = await ada.CheckoutAsync();
        await DebitAsync(session, account);

        await FailsAsync(ada, session, code);
        (await ada.GetAsync($"payments/{session["paymentId"]}"))["failure"]!["message"]!.ToString().ShouldNotContain("card", Case.Insensitive);
        await World.EventuallyAsync(() => Task.FromResult(world.MailsTo(ada).Count == 1), "the mail of the decline");
        world.Mail.Messages.Single(m => m.To == $"{ada.Id:N}@example.com").Text!.ShouldNotContain("card", Case.Insensitive);
    }

    [Theory]
    [InlineData("pm_card_visa_chargeDeclinedLostCard")]
    [InlineData("pm_card_visa_chargeDeclinedStolenCard")]
    [InlineData("pm_card_radarBlock")]
    public async Task A_lost_stolen_or_fraudulent_card_is_told_to_the_buyer_as_a_plain_decline(string card)
    {
        using var ada = world.NewUser();
        var session = await ada.CheckoutAsync();
        (await world.PayAsync(session["sessionId"]!.ToString(), card)).Dispose();

        await World.EventuallyAsync(async () => await ada.StatusAsync(session) == "failed", "the decline is seen");
        var shown = (await ada.GetAsync($"payments/{session["paymentId"]}"))["failure"]!;
        shown["code"]!.ToString().ShouldBe("card_declined");
        shown.ToJsonString().ShouldNotContain("lost");
        shown.ToJsonString().ShouldNotContain("stolen");
        shown.ToJsonString().ShouldNotContain("fraud");
    }

    [Fact]
    public async Task A_bank_debit_is_processing_first_and_granted_when_it_arrives()
    {
        using var ada = world.NewUser();
        var session = await ada.CheckoutAsync();
        await DebitAsync(session, "000123456789");
        await ada.PaidAsync(session);
        (await ada.CreditsAsync()).ShouldBe(100);
        var types = (await world.EventsAsync()).Where(e => e.ToJsonString().Contains(session["sessionId"]!.ToString(), StringComparison.Ordinal)).Select(e => e["type"]!.ToString());
        types.ShouldBe(["checkout.session.completed", "checkout.session.async_payment_succeeded"]);
    }

    [Fact]
    public async Task A_bank_debit_that_fails_later_grants_nothing_ever()
    {
        using var ada = world.NewUser();
        var session = await ada.CheckoutAsync();
        await DebitAsync(session, "000222222227");
        await World.EventuallyAsync(async () => await ada.StatusAsync(session) == "failed", "the debit fails");
        await world.SettleAsync();
        (await ada.CreditsAsync()).ShouldBe(0);
        (await ada.GetAsync($"payments/checkout-session/{session["sessionId"]}"))["status"]!.ToString().ShouldBe("failed");
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task Three_d_secure_refused_then_accepted_grants_once()
    {
        using var ada = world.NewUser();
        var session = await ada.CheckoutAsync();
        using (var asked = await world.PayAsync(session["sessionId"]!.ToString(), "pm_card_threeDSecure2Required"))
        {
            asked.StatusCode.ShouldBe(HttpStatusCode.OK, await asked.Content.ReadAsStringAsync());
        }

        await World.EventuallyAsync(async () => await ada.StatusAsync(session) == "requiresAction", "the bank asks");
        await AuthenticateAsync(session, accepted: false);
        await World.EventuallyAsync(async () => await ada.StatusAsync(session) == "failed", "the refusal is seen");
        (await world.PayAsync(session["sessionId"]!.ToString(), "pm_card_threeDSecure2Required")).Dispose();
        await AuthenticateAsync(session, accepted: true);
        await ada.PaidAsync(session);
        await world.SettleAsync();
        (await ada.CreditsAsync()).ShouldBe(100);
        (await AttemptsAsync(session)).Order().ShouldBe(["failed visa 3220", "succeeded visa 3220"]);
    }

    [Fact]
    public async Task An_expired_session_is_no_failure_and_does_not_block_the_next_try()
    {
        using var ada = world.NewUser();
        var first = await ada.CheckoutAsync();
        using (var expired = await world.Simulator.PostAsync($"/v1/checkout/sessions/{first["sessionId"]}/expire", null))
        {
            expired.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await World.EventuallyAsync(async () => await ada.StatusAsync(first) == "expired", "the session closes");
        (await ada.GetAsync($"payments/{first["paymentId"]}"))["failure"].ShouldBeNull();
        var second = await ada.BuyAsync();
        second["sessionId"]!.ToString().ShouldNotBe(first["sessionId"]!.ToString());
        await ada.PaidAsync(second);
        (await ada.CreditsAsync()).ShouldBe(100);
    }

    [Fact]
    public async Task Lost_webhooks_are_made_up_for_by_the_return_page()
    {
        using var ada = world.NewUser();
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        try
        {
            var session = await ada.BuyAsync();
            (await ada.StatusAsync(session)).ShouldBe("pending");
            var verified = await ada.GetAsync($"payments/checkout-session/{session["sessionId"]}");
            verified["status"]!.ToString().ShouldBe("succeeded");
            verified["verified"]!.GetValue<bool>().ShouldBeTrue();
            (await ada.CreditsAsync()).ShouldBe(100);
            (await AttemptsAsync(session)).ShouldBe(["succeeded visa 4242"]);
        }
        finally
        {
            await world.FaultsAsync(null);
        }
    }

    [Fact]
    public async Task Lost_webhooks_without_a_return_page_are_made_up_for_by_the_poll()
    {
        using var ada = world.NewUser();
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        try
        {
            var session = await ada.BuyAsync();
            using var moved = await world.Simulator.PostAsJsonAsync("/sandbox/clock", new { advance = "PT10M" });
            moved.StatusCode.ShouldBe(HttpStatusCode.OK, await moved.Content.ReadAsStringAsync());
            (await ada.StatusAsync(session)).ShouldBe("succeeded");
            (await ada.CreditsAsync()).ShouldBe(100);
        }
        finally
        {
            await world.FaultsAsync(null);
        }
    }

    private static Task FailsAsync(Caller buyer, JsonNode session, string code) => World.EventuallyAsync(
        async () => (await buyer.GetAsync($"payments/{session["paymentId"]}"))["failure"]?["code"]?.ToString() == code, $"the payment fails with {code}");

    private async Task DebitAsync(JsonNode session, string account)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["type"] = "us_bank_account", ["us_bank_account[account_number]"] = account, ["us_bank_account[routing_number]"] = "110000000",
            ["us_bank_account[account_holder_type]"] = "individual", ["billing_details[name]"] = "Ada", ["billing_details[email]"] = "ada@example.com",
        });
        using var made = await world.Simulator.PostAsync("/v1/payment_methods", form);
        var method = JsonNode.Parse(await made.Content.ReadAsStringAsync())!;
        using var paid = await world.PayAsync(session["sessionId"]!.ToString(), method["id"]!.ToString());
        paid.StatusCode.ShouldBe(HttpStatusCode.OK, await paid.Content.ReadAsStringAsync());
    }

    private async Task AuthenticateAsync(JsonNode session, bool accepted)
    {
        var intent = (await world.Simulator.GetFromJsonAsync<JsonNode>($"/v1/checkout/sessions/{session["sessionId"]}"))!["payment_intent"]!.ToString();
        using var answer = await world.Simulator.PostAsJsonAsync($"/sandbox/intents/{intent}/authenticate", new { accepted });
        answer.IsSuccessStatusCode.ShouldBe(accepted, await answer.Content.ReadAsStringAsync());
    }

    private async Task<List<string>> AttemptsAsync(JsonNode session)
    {
        await using var command = world.Database.CreateCommand("SELECT outcome || ' ' || coalesce(card_brand, '') || ' ' || coalesce(card_last4, '') FROM payments.payment_attempts WHERE payment_id = $1");
        command.Parameters.Add(new() { Value = Guid.Parse(session["paymentId"]!.ToString()) });
        await using var rows = await command.ExecuteReaderAsync();
        var attempts = new List<string>();
        while (await rows.ReadAsync())
        {
            attempts.Add(rows.GetString(0));
        }

        return attempts;
    }
}

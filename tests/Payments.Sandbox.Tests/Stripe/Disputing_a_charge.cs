using System.Net;

namespace Payments.Sandbox.Tests.Stripe;

public sealed class Disputing_a_charge
{
    private static readonly string[] Paid = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"];
    private static readonly string[] Disputed = [.. Paid, "charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.updated"];

    [Theory]
    [InlineData("pm_card_createDispute", "fraudulent")]
    [InlineData("pm_card_createDisputeProductNotReceived", "product_not_received")]
    public async Task Takes_the_money_and_a_fee_D1(string card, string reason)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var (paid, dispute) = await DisputedAsync(sandbox, card);
        (await sandbox.EventTypesAsync()).ShouldBe(Disputed);
        dispute["reason"].ShouldBe(reason);
        dispute["status"].ShouldBe("needs_response");
        dispute["payment_intent"].ShouldBe(paid["id"]);
        dispute["balance_transactions.0.amount"].ShouldBe("-2000");
        dispute["balance_transactions.0.fee"].ShouldBe("1500");
        dispute["balance_transactions.0.net"].ShouldBe("-3500");
        var dueBy = DateTimeOffset.FromUnixTimeSeconds(long.Parse(dispute["evidence_details.due_by"]!));
        (dueBy - sandbox.Simulator.Now).TotalDays.ShouldBeInRange(7, 21);
        var charge = await sandbox.GetAsync($"/v1/charges/{dispute["charge"]}");
        charge["disputed"].ShouldBe("true");
        charge["status"].ShouldBe("succeeded");
        (await sandbox.EventAsync("charge.updated"))["data"]!["previous_attributes"]!["disputed"]!.GetValue<bool>().ShouldBeFalse();
        (await sandbox.GetAsync($"/v1/disputes?charge={dispute["charge"]}"))["data.0.id"].ShouldBe(dispute["id"]);
        (await sandbox.GetAsync("/v1/disputes?charge=ch_nothing")).Json["data"]!.AsArray().ShouldBeEmpty();

        var refused = await sandbox.PostAsync("/v1/refunds", $"payment_intent={paid["id"]}");
        refused["error.code"].ShouldBe("charge_disputed");
        refused["error.message"].ShouldBe($"Charge {dispute["charge"]} has been charged back; cannot issue a refund.");
        var truth = await sandbox.GetAsync("/sandbox/truth");
        truth["payments.0.disputed"].ShouldBe("2000");
        truth["disputed.usd"].ShouldBe("2000");
    }

    [Fact]
    public async Task Through_the_checkout_page_comes_after_the_session_has_told_its_own()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var session = await sandbox.SessionAsync();
        (await sandbox.PayAsync(session, "pm_card_createDispute"))["status"].ShouldBe("complete");
        (await sandbox.EventTypesAsync())[^4..].ShouldBe(["checkout.session.completed", .. Disputed[3..]]);
    }

    [Theory]
    [InlineData("winning_evidence", "won", "charge.dispute.closed charge.dispute.funds_reinstated", 0)]
    [InlineData("losing_evidence", "lost", "charge.dispute.closed", 2000)]
    public async Task With_test_evidence_ends_as_the_evidence_says_D3_D4(string evidence, string status, string closing, int lost)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var (paid, dispute) = await DisputedAsync(sandbox);
        var path = $"/v1/disputes/{dispute["id"]}";
        var staged = await sandbox.PostAsync(path, $"evidence[uncategorized_text]={evidence}&evidence[customer_name]=Ada&submit=false&metadata[a]=b");
        staged["status"].ShouldBe("needs_response");
        staged["evidence_details.has_evidence"].ShouldBe("true");
        staged["evidence_details.submission_count"].ShouldBe("0");
        var submitted = await sandbox.PostAsync(path, "submit=true");
        submitted["status"].ShouldBe("under_review");
        submitted["evidence_details.submission_count"].ShouldBe("1");
        submitted["evidence.uncategorized_text"].ShouldBe(evidence);
        (await sandbox.EventAsync("charge.dispute.updated"))["data"]!["previous_attributes"]!["status"]!.ToString().ShouldBe("needs_response");
        (await sandbox.PostAsync(path, "evidence[customer_name]=Eve")).Status.ShouldBe(HttpStatusCode.BadRequest);

        await sandbox.AdvanceAsync("PT1M");
        (await sandbox.EventTypesAsync()).ShouldBe([.. Disputed, "charge.dispute.updated", "charge.dispute.updated", .. closing.Split(' ')]);
        var closed = await sandbox.GetAsync(path);
        closed["status"].ShouldBe(status);
        (await sandbox.EventAsync("charge.dispute.closed"))["data"]!["object"]!["status"]!.ToString().ShouldBe(status);
        var refund = await sandbox.PostAsync("/v1/refunds", $"payment_intent={paid["id"]}");
        refund.Status.ShouldBe(lost > 0 ? HttpStatusCode.BadRequest : HttpStatusCode.OK);
        var truth = await sandbox.GetAsync("/sandbox/truth");
        truth["lost.usd"].ShouldBe($"{lost}");
        truth["disputed.usd"].ShouldBe("0");
        (await sandbox.PostAsync(path, "submit=true")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Given_up_by_the_seller_is_lost()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var (_, dispute) = await DisputedAsync(sandbox);
        (await sandbox.PostAsync($"/v1/disputes/{dispute["id"]}/close"))["status"].ShouldBe("lost");
        (await sandbox.EventTypesAsync()).ShouldBe([.. Disputed, "charge.dispute.closed"]);
        var again = await sandbox.PostAsync($"/v1/disputes/{dispute["id"]}/close");
        again["error.message"].ShouldBe("This dispute is already closed");
        await sandbox.AdvanceAsync("P30D");
        (await sandbox.EventTypesAsync()).ShouldNotContain("charge.dispute.funds_reinstated");
    }

    [Fact]
    public async Task Lost_may_still_be_won_when_the_bank_changes_its_mind()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var (paid, dispute) = await DisputedAsync(sandbox);
        (await sandbox.ControlAsync($"/sandbox/disputes/{dispute["id"]}/lose", "{}"))["status"].ShouldBe("lost");

        (await sandbox.ControlAsync($"/sandbox/disputes/{dispute["id"]}/win", "{}"))["status"].ShouldBe("won");

        (await sandbox.EventTypesAsync())[^2..].ShouldBe(["charge.dispute.closed", "charge.dispute.funds_reinstated"]);
        (await sandbox.GetAsync("/sandbox/truth"))["lost.usd"].ShouldBe("0");
        (await sandbox.PostAsync("/v1/refunds", $"payment_intent={paid["id"]}")).Status.ShouldBe(HttpStatusCode.OK);
        (await sandbox.ControlAsync($"/sandbox/disputes/{dispute["id"]}/win", "{}")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Left_unanswered_is_lost_when_its_time_is_up()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var (_, dispute) = await DisputedAsync(sandbox);
        await sandbox.AdvanceAsync("P7D");
        (await sandbox.GetAsync($"/v1/disputes/{dispute["id"]}"))["status"].ShouldBe("needs_response");
        await sandbox.AdvanceAsync("P4D");
        var lost = await sandbox.GetAsync($"/v1/disputes/{dispute["id"]}");
        lost["status"].ShouldBe("lost");
        lost["evidence_details.past_due"].ShouldBe("true");
    }

    [Fact]
    public async Task As_an_inquiry_takes_nothing_and_ends_with_a_refund_D2()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var (paid, inquiry) = await DisputedAsync(sandbox, "pm_card_createDisputeInquiry");
        inquiry["status"].ShouldBe("warning_needs_response");
        inquiry["is_charge_refundable"].ShouldBe("true");
        inquiry.Json["balance_transactions"]!.AsArray().ShouldBeEmpty();
        (await sandbox.EventTypesAsync()).ShouldBe([.. Paid, "charge.dispute.created"]);
        (await sandbox.GetAsync("/sandbox/truth"))["disputed.usd"].ShouldBe("0");
        (await sandbox.PostAsync("/v1/refunds", $"payment_intent={paid["id"]}"))["status"].ShouldBe("succeeded");
        (await sandbox.GetAsync($"/v1/disputes/{inquiry["id"]}"))["status"].ShouldBe("warning_closed");
        (await sandbox.EventTypesAsync())[^3..].ShouldBe(["refund.created", "charge.refunded", "charge.dispute.closed"]);
    }

    [Fact]
    public async Task As_an_inquiry_that_nobody_pursues_comes_to_nothing()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var (_, inquiry) = await DisputedAsync(sandbox, "pm_card_createDisputeInquiry");
        (await sandbox.PostAsync($"/v1/disputes/{inquiry["id"]}", "evidence[uncategorized_text]=I+sold+it"))["status"].ShouldBe("warning_under_review");
        await sandbox.AdvanceAsync("P121D");
        (await sandbox.GetAsync($"/v1/disputes/{inquiry["id"]}"))["status"].ShouldBe("warning_closed");
    }

    [Fact]
    public async Task As_an_inquiry_that_escalates_takes_what_was_not_refunded()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var (paid, inquiry) = await DisputedAsync(sandbox, "pm_card_createDisputeInquiry");
        await sandbox.PostAsync("/v1/refunds", $"payment_intent={paid["id"]}&amount=500");
        var escalated = await sandbox.ControlAsync($"/sandbox/disputes/{inquiry["id"]}/escalate", "{}");
        escalated.Status.ShouldBe(HttpStatusCode.OK, escalated.Text);
        var dispute = await sandbox.GetAsync($"/v1/disputes/{inquiry["id"]}");
        dispute["status"].ShouldBe("needs_response");
        dispute["amount"].ShouldBe("1500");
        dispute["balance_transactions.0.amount"].ShouldBe("-1500");
        (await sandbox.EventTypesAsync())[^3..].ShouldBe(["charge.dispute.updated", "charge.dispute.funds_withdrawn", "charge.updated"]);
        (await sandbox.ControlAsync($"/sandbox/disputes/{inquiry["id"]}/escalate", "{}")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await sandbox.ControlAsync($"/sandbox/disputes/{inquiry["id"]}/win", "{}"))["status"].ShouldBe("won");
        (await sandbox.EventTypesAsync())[^2..].ShouldBe(["charge.dispute.closed", "charge.dispute.funds_reinstated"]);
        (await sandbox.ControlAsync($"/sandbox/disputes/{inquiry["id"]}/lose", "{}")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await sandbox.ControlAsync($"/sandbox/disputes/{inquiry["id"]}/shout", "{}")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Can_be_done_to_any_payment_by_the_controls()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var paid = await sandbox.PostAsync("/v1/payment_intents", "amount=2000&currency=usd&payment_method_types[]=card&confirm=true&payment_method=pm_card_visa");
        var inquiry = await sandbox.ControlAsync("/sandbox/disputes", $$"""{ "payment_intent": "{{paid["id"]}}", "inquiry": true }""");
        inquiry["status"].ShouldBe("warning_needs_response");
        (await sandbox.ControlAsync($"/sandbox/disputes/{inquiry["id"]}/lose", "{}"))["status"].ShouldBe("lost");
        (await sandbox.ControlAsync("/sandbox/disputes", $$"""{ "charge": "{{paid["latest_charge"]}}" }""")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await sandbox.GetAsync("/sandbox/disputes"))["items.0.status"].ShouldBe("lost");
    }

    [Theory]
    [InlineData("eur", "sepa_debit", "type=sepa_debit&sepa_debit[iban]=AT591904300234573203&billing_details[name]=Ada&billing_details[email]=ada@example.com")]
    [InlineData("usd", "us_bank_account", "type=us_bank_account&us_bank_account[routing_number]=110000000&us_bank_account[account_number]=000555555559&us_bank_account[account_holder_type]=individual&billing_details[name]=Ada")]
    public async Task Of_a_bank_debit_is_final(string currency, string type, string account)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var method = await sandbox.PostAsync("/v1/payment_methods", account);
        var intent = await sandbox.PostAsync("/v1/payment_intents", $"amount=2000&currency={currency}&payment_method_types[]={type}&confirm=true&payment_method={method["id"]}");
        await sandbox.AdvanceAsync("PT100S");
        (await sandbox.GetAsync($"/v1/disputes?payment_intent={intent["id"]}"))["data.0.status"].ShouldBe("lost");
        var types = await sandbox.EventTypesAsync();
        types[types.IndexOf("payment_intent.succeeded")..].ShouldBe(
            ["payment_intent.succeeded", "charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.updated", "charge.dispute.closed"]);
    }

    [Fact]
    public async Task Can_happen_in_parts()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var paid = await sandbox.PostAsync("/v1/payment_intents", "amount=2001&currency=usd&payment_method_types[]=card&confirm=true&payment_method=pm_card_createMultipleDisputes");
        var disputes = await sandbox.GetAsync($"/v1/disputes?payment_intent={paid["id"]}");
        disputes.Json["data"]!.AsArray().Select(d => d!["amount"]!.GetValue<long>()).ShouldBe([1001, 1000]);
        (await sandbox.EventTypesAsync()).Count(t => t is "charge.updated").ShouldBe(1);
    }

    [Fact]
    public async Task Can_be_foretold_by_the_issuer_D5()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var paid = await sandbox.PostAsync("/v1/payment_intents", "amount=2000&currency=usd&payment_method_types[]=card&confirm=true&payment_method=pm_card_createIssuerFraudRecord");
        var told = (await sandbox.Receiver.WaitForAsync(1, d => d.Type is "radar.early_fraud_warning.created")).Single().Json["data"]!["object"]!;
        told["actionable"]!.GetValue<bool>().ShouldBeTrue();
        told["charge"]!.ToString().ShouldBe(paid["latest_charge"]);
        (await sandbox.GetAsync("/v1/disputes")).Json["data"]!.AsArray().ShouldBeEmpty();
        await sandbox.PostAsync("/v1/refunds", $"payment_intent={paid["id"]}");
        var settled = (await sandbox.Receiver.WaitForAsync(1, d => d.Type is "radar.early_fraud_warning.updated")).Single().Json["data"]!["object"]!;
        settled["actionable"]!.GetValue<bool>().ShouldBeFalse();
        var listed = await sandbox.GetAsync($"/v1/radar/early_fraud_warnings?charge={paid["latest_charge"]}");
        listed["data.0.id"].ShouldBe(told["id"]!.ToString());
        (await sandbox.GetAsync($"/v1/radar/early_fraud_warnings/{told["id"]}"))["actionable"].ShouldBe("false");
    }

    private static async Task<(Reply Paid, Reply Dispute)> DisputedAsync(Sandbox sandbox, string card = "pm_card_createDispute")
    {
        var paid = await sandbox.PostAsync("/v1/payment_intents", $"amount=2000&currency=usd&payment_method_types[]=card&confirm=true&payment_method={card}");
        paid["status"].ShouldBe("succeeded", paid.Text);
        var list = await sandbox.GetAsync($"/v1/disputes?payment_intent={paid["id"]}");
        return (paid, await sandbox.GetAsync($"/v1/disputes/{list["data.0.id"]}"));
    }
}

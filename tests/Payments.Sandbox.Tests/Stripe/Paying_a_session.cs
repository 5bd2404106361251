using System.Net;
using System.Text.Json.Nodes;

namespace Payments.Sandbox.Tests.Stripe;

public sealed class Paying_a_session
{
    [Fact]
    public async Task With_a_good_card_tells_in_the_order_of_real_logs()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var session = await sandbox.SessionAsync();
        session["payment_intent"].ShouldBeNull();
        session["status"].ShouldBe("open");
        session["url"].ShouldBe($"{sandbox.Simulator.Address}c/pay/{session["id"]}");

        var paid = await sandbox.PayAsync(session);

        paid.Status.ShouldBe(HttpStatusCode.OK, paid.Text);
        await sandbox.AdvanceAsync("PT2M");
        (await sandbox.EventTypesAsync()).ShouldBe(
        [
            "product.created", "price.created", "charge.succeeded", "payment_intent.succeeded", "payment_intent.created",
            "checkout.session.completed", "charge.updated",
        ]);
        await sandbox.Receiver.WaitForAsync(7);
    }

    [Fact]
    public async Task Shows_in_the_session_its_intent_and_its_charge()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var session = await sandbox.SessionAsync(more: "metadata[order]=7&payment_intent_data[metadata][payment]=p-1&client_reference_id=r&customer_email=ada@example.com");
        await sandbox.PayAsync(session);

        var now = await sandbox.GetAsync($"/v1/checkout/sessions/{session["id"]}?expand[]=payment_intent.latest_charge&expand[]=line_items.data.price.product");

        now["status"].ShouldBe("complete");
        now["payment_status"].ShouldBe("paid");
        now["url"].ShouldBeNull();
        now["customer_details.email"].ShouldBe("ada@example.com");
        now["metadata.order"].ShouldBe("7");
        now["payment_intent.status"].ShouldBe("succeeded");
        now["payment_intent.metadata.payment"].ShouldBe("p-1");
        now["payment_intent.latest_charge.metadata.payment"].ShouldBe("p-1");
        now["payment_intent.latest_charge.balance_transaction"].ShouldBeNull();
        now["line_items.data.0.price.product.name"].ShouldBe("Credits");

        await sandbox.AdvanceAsync("PT2M");
        var updated = await sandbox.EventAsync("charge.updated");
        updated["data"]!["previous_attributes"]!.ToJsonString().ShouldBe("""{"balance_transaction":null}""");
        updated["request"]!["id"].ShouldBeNull();
        var transaction = await sandbox.GetAsync($"/v1/balance_transactions/{updated["data"]!["object"]!["balance_transaction"]}");
        transaction["fee"].ShouldBe("117");
        transaction["net"].ShouldBe("2883");
    }

    [Fact]
    public async Task Declined_leaves_it_open_and_a_later_success_uses_the_same_intent()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var session = await sandbox.SessionAsync();

        var declined = await sandbox.PayAsync(session, "pm_card_visa_chargeDeclinedInsufficientFunds");

        declined.Status.ShouldBe(HttpStatusCode.PaymentRequired);
        declined["error.code"].ShouldBe("card_declined");
        declined["error.decline_code"].ShouldBe("insufficient_funds");
        declined["error.payment_intent.status"].ShouldBe("requires_payment_method");
        var open = await sandbox.GetAsync($"/v1/checkout/sessions/{session["id"]}");
        open["status"].ShouldBe("open");
        (await sandbox.PayAsync(session)).Status.ShouldBe(HttpStatusCode.OK);
        var paid = await sandbox.GetAsync($"/v1/checkout/sessions/{session["id"]}");
        paid["payment_intent"].ShouldBe(open["payment_intent"]);
        (await sandbox.EventTypesAsync()).Skip(2).ShouldBe(
        [
            "payment_intent.created", "charge.failed", "payment_intent.payment_failed",
            "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed",
        ]);
    }

    [Theory]
    [InlineData("pm_card_visa_chargeDeclined", "card_declined", "generic_decline")]
    [InlineData("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card")]
    [InlineData("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card")]
    [InlineData("pm_card_chargeDeclinedExpiredCard", "expired_card", null)]
    [InlineData("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", null)]
    [InlineData("pm_card_chargeDeclinedProcessingError", "processing_error", null)]
    [InlineData("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_declined", "card_velocity_exceeded")]
    [InlineData("pm_card_chargeCustomerFail", "card_declined", "generic_decline")]
    [InlineData("pm_card_radarBlock", "card_declined", "fraudulent")]
    public async Task Fails_as_each_test_card_says(string method, string code, string? declineCode)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var declined = await sandbox.PayAsync(await sandbox.SessionAsync(), method);

        declined.Status.ShouldBe(HttpStatusCode.PaymentRequired);
        declined["error.type"].ShouldBe("card_error");
        declined["error.code"].ShouldBe(code);
        declined["error.decline_code"].ShouldBe(declineCode);
        var failed = await sandbox.EventAsync("charge.failed");
        failed["data"]!["object"]!["failure_code"]!.ToString().ShouldBe(code);
    }

    [Fact]
    public async Task By_3DS_waits_for_the_buyer_and_then_completes()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var session = await sandbox.SessionAsync();

        var asked = await sandbox.PayAsync(session, "pm_card_threeDSecure2Required");

        asked.Status.ShouldBe(HttpStatusCode.OK);
        asked["status"].ShouldBe("open");
        asked["payment_intent.status"].ShouldBe("requires_action");
        asked["payment_intent.next_action.redirect_to_url.url"].ShouldBe($"{sandbox.Simulator.Address}3ds/{asked["payment_intent.id"]}");

        (await sandbox.ControlAsync($"/sandbox/intents/{asked["payment_intent.id"]}/authenticate", """{ "accepted": true }""")).Status.ShouldBe(HttpStatusCode.OK);
        (await sandbox.GetAsync($"/v1/checkout/sessions/{session["id"]}"))["payment_status"].ShouldBe("paid");
        (await sandbox.EventTypesAsync()).Skip(2).ShouldBe(
        [
            "payment_intent.created", "payment_intent.requires_action", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed",
        ]);
        var charge = (await sandbox.EventAsync("charge.succeeded"))["data"]!["object"]!;
        charge["payment_method_details"]!["card"]!["three_d_secure"]!["result"]!.ToString().ShouldBe("authenticated");
    }

    [Fact]
    public async Task By_3DS_refused_fails_without_a_charge()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var asked = await sandbox.PayAsync(await sandbox.SessionAsync(), "pm_card_authenticationRequired");

        var refused = await sandbox.ControlAsync($"/sandbox/intents/{asked["payment_intent.id"]}/authenticate", """{ "accepted": false }""");

        refused.Status.ShouldBe(HttpStatusCode.PaymentRequired);
        (await sandbox.EventTypesAsync()).Skip(2).ShouldBe(["payment_intent.created", "payment_intent.requires_action", "payment_intent.payment_failed"]);
        var error = (await sandbox.EventAsync("payment_intent.payment_failed"))["data"]!["object"]!["last_payment_error"]!;
        error["code"]!.ToString().ShouldBe("payment_intent_authentication_failure");
        error["charge"].ShouldBeNull();
    }

    [Fact]
    public async Task By_3DS_may_still_be_declined_afterwards()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var session = await sandbox.SessionAsync();
        var asked = await sandbox.PayAsync(session, "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds");

        var answered = await sandbox.ControlAsync($"/sandbox/intents/{asked["payment_intent.id"]}/authenticate", """{ "accepted": true }""");

        answered["error.decline_code"].ShouldBe("insufficient_funds");
        (await sandbox.GetAsync($"/v1/checkout/sessions/{session["id"]}"))["status"].ShouldBe("open");
    }

    [Theory]
    [InlineData("AT611904300234573201", "PT2M", true)]
    [InlineData("AT321904300235473204", "PT2M", null)]
    [InlineData("AT321904300235473204", "PT4M", true)]
    [InlineData("IT60X0542811101000000123456", "PT2M", false)]
    public async Task By_SEPA_debit_completes_unpaid_and_is_settled_later(string iban, string after, bool? paid)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var session = await sandbox.SessionAsync(currency: "eur");
        var method = await sandbox.PostAsync("/v1/payment_methods", $"type=sepa_debit&sepa_debit[iban]={iban}&billing_details[name]=Bob&billing_details[email]=bob@example.com");

        (await sandbox.PayAsync(session, method["id"]!)).Status.ShouldBe(HttpStatusCode.OK);
        var completed = (await sandbox.EventAsync("checkout.session.completed"))["data"]!["object"]!;
        completed["payment_status"]!.ToString().ShouldBe("unpaid");
        await sandbox.AdvanceAsync(after);

        var types = (await sandbox.EventTypesAsync()).Skip(2).Where(t => t != "charge.updated").ToList();
        string[] first = ["payment_intent.created", "payment_intent.processing", "charge.pending", "checkout.session.completed"];
        string[] then = paid switch
        {
            true => ["charge.succeeded", "payment_intent.succeeded", "checkout.session.async_payment_succeeded"],
            false => ["charge.failed", "payment_intent.payment_failed", "checkout.session.async_payment_failed"],
            null => [],
        };
        types.ShouldBe([.. first, .. then]);
        (await sandbox.GetAsync($"/v1/checkout/sessions/{session["id"]}"))["payment_status"].ShouldBe(paid == true ? "paid" : "unpaid");
    }

    [Theory]
    [InlineData("000123456789", null)]
    [InlineData("000222222227", "insufficient_funds")]
    [InlineData("000111111113", "account_closed")]
    [InlineData("000111111116", "no_account")]
    [InlineData("000333333335", "debit_not_authorized")]
    public async Task By_ACH_debit_ends_as_the_test_account_says(string account, string? failure)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var session = await sandbox.SessionAsync();
        var method = await sandbox.PostAsync(
            "/v1/payment_methods",
            $"type=us_bank_account&us_bank_account[routing_number]=110000000&us_bank_account[account_number]={account}&us_bank_account[account_holder_type]=individual&billing_details[name]=Bob");
        await sandbox.PayAsync(session, method["id"]!);
        await sandbox.AdvanceAsync("PT2M");

        var intent = await sandbox.GetAsync($"/v1/payment_intents/{(await sandbox.GetAsync($"/v1/checkout/sessions/{session["id"]}"))["payment_intent"]}");
        intent["status"].ShouldBe(failure is null ? "succeeded" : "requires_payment_method");
        intent["last_payment_error.code"].ShouldBe(failure);
    }

    [Fact]
    public async Task That_has_expired_by_itself_is_refused()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var session = await sandbox.SessionAsync();
        await sandbox.PayAsync(session, "pm_card_threeDSecure2Required");

        await sandbox.AdvanceAsync("PT25H");

        (await sandbox.EventTypesAsync()).TakeLast(2).ShouldBe(["checkout.session.expired", "payment_intent.canceled"]);
        (await sandbox.GetAsync($"/v1/checkout/sessions/{session["id"]}"))["url"].ShouldBeNull();
        (await sandbox.PayAsync(session)).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task That_was_expired_by_the_seller_is_refused_and_so_is_expiring_a_paid_one()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var session = await sandbox.SessionAsync();
        (await sandbox.PostAsync($"/v1/checkout/sessions/{session["id"]}/expire"))["status"].ShouldBe("expired");
        (await sandbox.PayAsync(session)).Status.ShouldBe(HttpStatusCode.BadRequest);

        var other = await sandbox.SessionAsync();
        await sandbox.PayAsync(other);
        var refused = await sandbox.PostAsync($"/v1/checkout/sessions/{other["id"]}/expire");
        refused.Status.ShouldBe(HttpStatusCode.BadRequest);
        refused["error.message"]!.ShouldContain("complete");
    }

    [Fact]
    public async Task For_another_amount_than_its_own_is_refused()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var session = await sandbox.SessionAsync();

        var refused = await sandbox.PostAsync($"/v1/payment_pages/{session["id"]}/confirm", "payment_method=pm_card_visa&expected_amount=1");

        refused.Status.ShouldBe(HttpStatusCode.BadRequest);
        (await sandbox.EventTypesAsync()).ShouldBe(["product.created", "price.created"]);
    }

    [Fact]
    public async Task With_a_customer_to_be_made_makes_one_first_and_keeps_the_card_when_asked()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var session = await sandbox.SessionAsync(more: "customer_creation=always&customer_email=ada@example.com&payment_intent_data[setup_future_usage]=off_session");
        await sandbox.PayAsync(session);

        (await sandbox.EventTypesAsync()).Skip(2).ShouldBe(
        [
            "customer.created", "payment_method.attached", "charge.succeeded", "payment_intent.succeeded", "payment_intent.created", "checkout.session.completed",
        ]);
        var paid = await sandbox.GetAsync($"/v1/checkout/sessions/{session["id"]}?expand[]=customer&expand[]=payment_intent");
        paid["customer.email"].ShouldBe("ada@example.com");
        paid["payment_intent.customer"].ShouldBe(paid["customer.id"]);
        var cards = await sandbox.GetAsync($"/v1/customers/{paid["customer.id"]}/payment_methods");
        cards["data.0.card.last4"].ShouldBe("4242");
    }

    [Fact]
    public async Task That_a_discount_made_free_needs_no_card()
    {
        await using var sandbox = await Sandbox.StartAsync();
        await sandbox.PostAsync("/v1/coupons", "id=ALL&percent_off=100");
        var promotion = await sandbox.PostAsync("/v1/promotion_codes", "promotion[type]=coupon&promotion[coupon]=ALL&code=FREE&max_redemptions=1");
        var session = await sandbox.SessionAsync(more: $"discounts[0][promotion_code]={promotion["id"]}");
        session["amount_subtotal"].ShouldBe("3000");
        session["amount_total"].ShouldBe("0");
        session["total_details.amount_discount"].ShouldBe("3000");

        (await sandbox.PostAsync($"/v1/payment_pages/{session["id"]}/confirm", "expected_amount=0")).Status.ShouldBe(HttpStatusCode.OK);

        var done = await sandbox.GetAsync($"/v1/checkout/sessions/{session["id"]}?expand[]=total_details.breakdown&expand[]=discounts.promotion_code");
        done["payment_status"].ShouldBe("no_payment_required");
        done["payment_intent"].ShouldBeNull();
        done["discounts.0.promotion_code.code"].ShouldBe("FREE");
        done["total_details.breakdown.discounts.0.amount"].ShouldBe("3000");
        (await sandbox.GetAsync($"/v1/promotion_codes/{promotion["id"]}"))["times_redeemed"].ShouldBe("1");
        var again = await sandbox.PostAsync(
            "/v1/checkout/sessions",
            $"mode=payment&success_url=https://a.example&discounts[0][promotion_code]={promotion["id"]}&line_items[0][quantity]=1&line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=500&line_items[0][price_data][product_data][name]=x");
        again.Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Spreads_a_discount_over_its_lines_without_losing_a_cent()
    {
        await using var sandbox = await Sandbox.StartAsync();
        await sandbox.PostAsync("/v1/coupons", "id=OFF&amount_off=1000&currency=usd");
        var session = await sandbox.SessionAsync(amount: 1001, more:
            "line_items[1][price_data][currency]=usd&line_items[1][price_data][unit_amount]=333&line_items[1][price_data][product_data][name]=B&line_items[1][quantity]=4&discounts[0][coupon]=OFF");
        session["amount_total"].ShouldBe("1333");

        var lines = (await sandbox.GetAsync($"/v1/checkout/sessions/{session["id"]}/line_items")).Json["data"]!.AsArray();

        lines.Sum(l => (long)l!["amount_discount"]!).ShouldBe(1000);
        lines.Sum(l => (long)l!["amount_total"]!).ShouldBe(1333);
    }

    [Fact]
    public async Task Every_event_has_the_shape_of_Stripes_own()
    {
        await using var sandbox = await Sandbox.StartAsync();
        await sandbox.PayAsync(await sandbox.SessionAsync(more: "customer_creation=always&customer_email=a@example.com"));
        await sandbox.PayAsync(await sandbox.SessionAsync(), "pm_card_visa_chargeDeclined");
        await sandbox.PayAsync(await sandbox.SessionAsync(), "pm_card_authenticationRequired");
        await sandbox.AdvanceAsync("PT25H");

        var events = (await sandbox.GetAsync("/v1/events?limit=100")).Json["data"]!.AsArray();

        var delivered = await sandbox.Receiver.WaitForAsync(events.Count);
        foreach (JsonNode item in delivered.Select(d => d.Json))
        {
            Payments.Tests.Shared.StripeSchema.Load().ObjectErrors(item).ShouldBeEmpty(item.ToJsonString());
            item["api_version"]!.ToString().ShouldBe("2026-07-29.dahlia");
        }
    }
}

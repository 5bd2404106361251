using System.Net;

namespace Payments.Sandbox.Tests.Stripe;

public sealed class Subscribing_through_checkout
{
    [Fact]
    public async Task Paid_at_once_tells_in_the_order_of_real_logs()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var session = await SessionAsync(sandbox, "subscription_data[metadata][payment]=p-1&metadata[order]=7&customer_email=ada@example.com");
        session["customer_creation"].ShouldBe("always");
        session["subscription"].ShouldBeNull();

        (await sandbox.PayAsync(session)).Status.ShouldBe(HttpStatusCode.OK);

        var done = await sandbox.GetAsync($"/v1/checkout/sessions/{session["id"]}?expand[]=subscription.latest_invoice&expand[]=invoice&expand[]=customer");
        done["status"].ShouldBe("complete");
        done["payment_status"].ShouldBe("paid");
        done["payment_intent"].ShouldBeNull();
        done["subscription.status"].ShouldBe("active");
        done["subscription.metadata.payment"].ShouldBe("p-1");
        done["subscription.items.data.0.quantity"].ShouldBe("2");
        done["invoice.status"].ShouldBe("paid");
        done["invoice.amount_paid"].ShouldBe("3998");
        done["invoice.id"].ShouldBe(done["subscription.latest_invoice.id"]);
        done["customer.email"].ShouldBe("ada@example.com");
        done["customer.invoice_settings.default_payment_method"].ShouldBe(done["subscription.default_payment_method"]);
        await sandbox.AdvanceAsync("PT2M");
        (await sandbox.EventTypesAsync()).Skip(2).ShouldBe(
        [
            "charge.succeeded", "payment_method.attached", "customer.created", "customer.updated", "checkout.session.completed", "customer.subscription.created",
            "payment_intent.created", "payment_intent.succeeded", "invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded",
            "charge.updated", "invoice_payment.paid",
        ]);
        await sandbox.AdvanceAsync("P32D");
        (await sandbox.GetAsync($"/v1/invoices?subscription={done["subscription.id"]}&status=paid")).Json["data"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task Declined_leaves_no_subscription_and_a_later_success_uses_the_same_intent()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var session = await SessionAsync(sandbox);
        (await sandbox.PayAsync(session, "pm_card_visa_chargeDeclined")).Status.ShouldBe(HttpStatusCode.PaymentRequired);
        (await sandbox.GetAsync("/v1/subscriptions?status=all")).Json["data"]!.AsArray().ShouldBeEmpty();
        (await sandbox.EventTypesAsync()).Skip(2).ShouldBe(["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]);
        (await sandbox.PayAsync(session)).Status.ShouldBe(HttpStatusCode.OK);
        (await sandbox.GetAsync("/v1/payment_intents")).Json["data"]!.AsArray().Count.ShouldBe(1);
        (await sandbox.GetAsync("/v1/subscriptions"))["data.0.status"].ShouldBe("active");
    }

    [Fact]
    public async Task Given_up_leaves_a_cancelled_intent_and_no_subscription()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var session = await SessionAsync(sandbox);
        await sandbox.PayAsync(session, "pm_card_visa_chargeDeclined");
        await sandbox.AdvanceAsync("PT25H");
        (await sandbox.GetAsync($"/v1/checkout/sessions/{session["id"]}"))["status"].ShouldBe("expired");
        (await sandbox.EventTypesAsync()).TakeLast(2).ShouldBe(["checkout.session.expired", "payment_intent.canceled"]);
        (await sandbox.GetAsync("/v1/subscriptions?status=all")).Json["data"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task By_3DS_begins_when_the_buyer_has_answered()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var session = await SessionAsync(sandbox);
        var asked = await sandbox.PayAsync(session, "pm_card_threeDSecure2Required");
        asked["status"].ShouldBe("open");
        (await sandbox.ControlAsync($"/sandbox/intents/{asked["payment_intent.id"]}/authenticate", """{ "accepted": false }""")).Status.ShouldBe(HttpStatusCode.PaymentRequired);
        var again = await sandbox.PayAsync(session, "pm_card_threeDSecure2Required");
        again["payment_intent.id"].ShouldBe(asked["payment_intent.id"]);
        await sandbox.ControlAsync($"/sandbox/intents/{asked["payment_intent.id"]}/authenticate", """{ "accepted": true }""");
        (await sandbox.GetAsync($"/v1/checkout/sessions/{session["id"]}?expand[]=subscription"))["subscription.status"].ShouldBe("active");
        (await sandbox.EventTypesAsync()).Skip(2).ShouldBe(
        [
            "payment_intent.created", "payment_intent.requires_action", "payment_intent.payment_failed", "payment_intent.requires_action", "charge.succeeded",
            "payment_method.attached", "customer.created", "customer.updated", "checkout.session.completed", "customer.subscription.created",
            "payment_intent.succeeded", "invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded",
        ]);
    }

    [Fact]
    public async Task On_trial_saves_the_card_and_charges_it_when_the_trial_ends()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var session = await SessionAsync(sandbox, "subscription_data[trial_period_days]=7");
        session["amount_total"].ShouldBe("0");
        (await sandbox.PostAsync($"/v1/payment_pages/{session["id"]}/confirm", "expected_amount=0")).Status.ShouldBe(HttpStatusCode.BadRequest, "a card is collected");
        (await sandbox.PayAsync(session)).Status.ShouldBe(HttpStatusCode.OK);
        var done = await sandbox.GetAsync($"/v1/checkout/sessions/{session["id"]}?expand[]=subscription&expand[]=setup_intent&expand[]=invoice");
        done["payment_status"].ShouldBe("no_payment_required");
        done["setup_intent.status"].ShouldBe("succeeded");
        done["subscription.status"].ShouldBe("trialing");
        done["invoice.amount_paid"].ShouldBe("0");
        (await sandbox.EventTypesAsync()).Skip(2).ShouldBe(
        [
            "customer.created", "setup_intent.created", "setup_intent.succeeded", "payment_method.attached", "customer.updated", "customer.subscription.created",
            "invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded", "checkout.session.completed",
        ]);
        await sandbox.AdvanceAsync("P7DT2H");
        var charged = await sandbox.GetAsync($"/v1/subscriptions/{done["subscription.id"]}?expand[]=latest_invoice");
        charged["status"].ShouldBe("active");
        charged["latest_invoice.amount_paid"].ShouldBe("3998");
    }

    [Fact]
    public async Task On_trial_by_3DS_waits_for_the_buyer()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var session = await SessionAsync(sandbox, "subscription_data[trial_period_days]=7");
        var asked = await sandbox.PayAsync(session, "pm_card_authenticationRequiredOnSetup");
        asked["status"].ShouldBe("open");
        await sandbox.ControlAsync($"/sandbox/intents/{asked["setup_intent.id"]}/authenticate", """{ "accepted": true }""");
        (await sandbox.GetAsync($"/v1/checkout/sessions/{session["id"]}?expand[]=subscription"))["subscription.status"].ShouldBe("trialing");
        (await sandbox.EventTypesAsync()).Skip(2).ShouldBe(
        [
            "customer.created", "setup_intent.created", "setup_intent.requires_action", "setup_intent.succeeded", "payment_method.attached", "customer.updated",
            "customer.subscription.created", "invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded", "checkout.session.completed",
        ]);
        await sandbox.AdvanceAsync("P7DT2H");
        (await sandbox.GetAsync("/v1/subscriptions"))["data.0.status"].ShouldBe("active", "a card that was set up needs its buyer no more");
    }

    [Fact]
    public async Task On_trial_without_a_card_when_none_is_asked_for()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var session = await SessionAsync(sandbox, "subscription_data[trial_period_days]=7&payment_method_collection=if_required&subscription_data[trial_settings][end_behavior][missing_payment_method]=cancel");
        (await sandbox.PostAsync($"/v1/payment_pages/{session["id"]}/confirm", "expected_amount=0")).Status.ShouldBe(HttpStatusCode.OK);
        (await sandbox.GetAsync("/v1/subscriptions"))["data.0.status"].ShouldBe("trialing");
        await sandbox.AdvanceAsync("P8D");
        (await sandbox.GetAsync("/v1/subscriptions?status=all"))["data.0.status"].ShouldBe("canceled");
    }

    [Theory]
    [InlineData(50, "once", 1999, 3998)]
    [InlineData(100, "once", 0, 3998)]
    [InlineData(100, "forever", 0, 0)]
    public async Task With_a_code_begins_at_its_price(int percent, string duration, long first, long second)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var coupon = await sandbox.PostAsync("/v1/coupons", $"percent_off={percent}&duration={duration}");
        var code = await sandbox.PostAsync("/v1/promotion_codes", $"promotion[type]=coupon&promotion[coupon]={coupon["id"]}&code=LESS");
        var session = await SessionAsync(sandbox, $"discounts[0][promotion_code]={code["id"]}");
        (await sandbox.PayAsync(session)).Status.ShouldBe(HttpStatusCode.OK);
        await sandbox.AdvanceAsync("P32D");
        sandbox.Delivered("invoice.paid").Select(e => (long)e["data"]!["object"]!["amount_paid"]!).ShouldBe([first, second]);
        (await sandbox.GetAsync($"/v1/promotion_codes/{code["id"]}"))["times_redeemed"].ShouldBe("1");
    }

    [Fact]
    public async Task In_setup_mode_saves_a_card_and_nothing_else()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var customer = await sandbox.CustomerAsync(card: null);
        var session = await sandbox.PostAsync("/v1/checkout/sessions", $"mode=setup&currency=usd&customer={customer}&success_url=https://shop.example/ok&setup_intent_data[metadata][user]=u1");
        session.Status.ShouldBe(HttpStatusCode.OK, session.Text);
        (await sandbox.PostAsync($"/v1/payment_pages/{session["id"]}/confirm", "expected_amount=0&payment_method=pm_card_visa")).Status.ShouldBe(HttpStatusCode.OK);
        var done = await sandbox.GetAsync($"/v1/checkout/sessions/{session["id"]}?expand[]=setup_intent");
        done["status"].ShouldBe("complete");
        done["payment_status"].ShouldBe("no_payment_required");
        done["setup_intent.status"].ShouldBe("succeeded");
        done["setup_intent.metadata.user"].ShouldBe("u1");
        (await sandbox.GetAsync($"/v1/customers/{customer}/payment_methods"))["data.0.id"].ShouldBe(done["setup_intent.payment_method"]);
        (await sandbox.GetAsync("/sandbox/truth")).Json["payments"]!.AsArray().ShouldBeEmpty();
        (await sandbox.EventTypesAsync()).Skip(1).ShouldBe(["setup_intent.created", "setup_intent.succeeded", "payment_method.attached", "checkout.session.completed"]);
    }

    [Theory]
    [InlineData("mode=payment", "line_items")]
    [InlineData("mode=subscription&payment_intent_data[description]=x", "payment_intent_data")]
    [InlineData("mode=subscription&customer_creation=always", "customer_creation")]
    public async Task Refuses_what_belongs_to_another_mode(string parameters, string param)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var refused = await sandbox.PostAsync(
            "/v1/checkout/sessions", $"{parameters}&success_url=https://shop.example/ok&line_items[0][quantity]=1&line_items[0][price]={await sandbox.PriceAsync(1999)}");
        refused.Status.ShouldBe(HttpStatusCode.BadRequest);
        refused["error.param"].ShouldBe(param is "line_items" ? "mode" : param);
    }

    [Fact]
    public async Task Is_told_in_the_truth()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var session = await SessionAsync(sandbox, "subscription_data[metadata][payment]=p-1");
        await sandbox.PayAsync(session);
        var truth = await sandbox.GetAsync("/sandbox/truth");
        truth["subscriptions.0.status"].ShouldBe("active");
        truth["subscriptions.0.metadata.payment"].ShouldBe("p-1");
        truth["invoices.0.amountPaid"].ShouldBe("3998");
        truth["payments.0.session"].ShouldBe(session["id"]);
        truth["payments.0.invoice"].ShouldBe(truth["invoices.0.invoice"]);
        truth["totals.usd"].ShouldBe("3998");
    }

    private static async Task<Reply> SessionAsync(Sandbox sandbox, string more = "")
    {
        var session = await sandbox.PostAsync(
            "/v1/checkout/sessions",
            $"mode=subscription&success_url=https://shop.example/ok?s={{CHECKOUT_SESSION_ID}}&line_items[0][price]={await sandbox.PriceAsync(1999)}&line_items[0][quantity]=2"
            + (more.Length > 0 ? "&" + more : ""));
        session.Status.ShouldBe(HttpStatusCode.OK, session.Text);
        return session;
    }
}

using System.Net;
using System.Text.Json.Nodes;

namespace Payments.Sandbox.Tests.Stripe;

public sealed class Subscribing
{
    private static readonly string[] Catalog = ["product.created", "price.created"];
    private static readonly string[] NewCustomer = ["payment_method.attached", "customer.created"];

    [Fact]
    public async Task With_a_default_card_is_active_and_tells_in_the_order_of_real_logs()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var made = await sandbox.SubscribeAsync(
            await sandbox.CustomerAsync(), await sandbox.PriceAsync(1999), "metadata[plan]=p1&expand[]=latest_invoice.payments");

        made["status"].ShouldBe("active");
        made["items.data.0.current_period_start"].ShouldBe(made["created"]);
        made["billing_cycle_anchor"].ShouldBe(made["created"]);
        made["latest_invoice.status"].ShouldBe("paid");
        made["latest_invoice.amount_paid"].ShouldBe("1999");
        made["latest_invoice.billing_reason"].ShouldBe("subscription_create");
        made["latest_invoice.parent.subscription_details.subscription"].ShouldBe(made["id"]);
        made["latest_invoice.parent.subscription_details.metadata.plan"].ShouldBe("p1");
        made["latest_invoice.lines.data.0.period.end"].ShouldBe(made["items.data.0.current_period_end"]);
        made["latest_invoice.lines.data.0.parent.subscription_item_details.proration"].ShouldBe("false");
        made["latest_invoice.payments.data.0.status"].ShouldBe("paid");
        var invoice = await sandbox.GetAsync($"/v1/invoices/{made["latest_invoice.id"]}?expand[]=payments.data.payment.payment_intent&expand[]=parent.subscription_details.subscription");
        invoice["payments.data.0.payment.payment_intent.status"].ShouldBe("succeeded");
        invoice["parent.subscription_details.subscription.status"].ShouldBe("active");
        var links = await sandbox.GetAsync(
            $"/v1/invoice_payments?payment[type]=payment_intent&payment[payment_intent]={invoice["payments.data.0.payment.payment_intent.id"]}");
        links["data.0.invoice"].ShouldBe(made["latest_invoice.id"]);
        (await sandbox.GetAsync($"/v1/customers/{made["customer"]}?expand[]=subscriptions"))["subscriptions.data.0.id"].ShouldBe(made["id"]);
        (await sandbox.GetAsync($"/v1/subscription_items?subscription={made["id"]}"))["data.0.id"].ShouldBe(made["items.data.0.id"]);
        made["latest_invoice.number"]!.ShouldEndWith("-0001");
        await sandbox.AdvanceAsync("PT2M");
        (await sandbox.EventTypesAsync()).ShouldBe(
        [
            .. NewCustomer, .. Catalog, "charge.succeeded", "customer.updated", "customer.subscription.created", "payment_intent.succeeded",
            "payment_intent.created", "invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded", "charge.updated", "invoice_payment.paid",
        ]);
        var created = await sandbox.EventAsync("customer.subscription.created");
        created["data"]!["object"]!["status"]!.ToString().ShouldBe("active");
        created["data"]!["object"]!["latest_invoice"]!.ToString().ShouldBe(made["latest_invoice.id"]);
        (await sandbox.EventAsync("invoice.created"))["data"]!["object"]!["status"]!.ToString().ShouldBe("draft");
        (await sandbox.EventAsync("customer.updated"))["data"]!["previous_attributes"]!.AsObject().ContainsKey("currency").ShouldBeTrue();
    }

    [Fact]
    public async Task Without_a_card_is_refused_as_Stripe_refuses_it()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var (customer, price) = (await sandbox.CustomerAsync(card: null), await sandbox.PriceAsync(1999));
        var refused = await sandbox.PostAsync("/v1/subscriptions", $"customer={customer}&items[0][price]={price}");
        refused.Status.ShouldBe(HttpStatusCode.BadRequest);
        refused["error.code"].ShouldBe("resource_missing");
        refused["error.param"].ShouldBeNull();
        (await sandbox.GetAsync($"/v1/subscriptions?customer={customer}&status=all")).Json["data"]!.AsArray().ShouldBeEmpty();
        (await sandbox.GetAsync($"/v1/invoices?customer={customer}")).Json["data"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task With_a_card_that_fails_is_incomplete_and_expires_after_23_hours()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var made = await sandbox.SubscribeAsync(
            await sandbox.CustomerAsync("pm_card_chargeCustomerFail"), await sandbox.PriceAsync(1999), "expand[]=latest_invoice.payments");

        made["status"].ShouldBe("incomplete");
        made["latest_invoice.status"].ShouldBe("open");
        made["latest_invoice.attempt_count"].ShouldBe("1");
        made["latest_invoice.next_payment_attempt"].ShouldBeNull();
        made["latest_invoice.payments.data.0.status"].ShouldBe("open");
        (await sandbox.EventTypesAsync()).ShouldBe(
        [
            .. NewCustomer, .. Catalog, "customer.updated", "customer.subscription.created", "invoice.created", "invoice.finalized", "payment_intent.created",
            "charge.failed", "payment_intent.payment_failed", "invoice.payment_failed", "invoice.updated",
        ]);

        await sandbox.AdvanceAsync("PT22H59M");
        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}"))["status"].ShouldBe("incomplete");
        await sandbox.AdvanceAsync("PT2M");
        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}"))["status"].ShouldBe("incomplete_expired");
        (await sandbox.GetAsync($"/v1/invoices/{made["latest_invoice.id"]}"))["status"].ShouldBe("void");
        (await sandbox.EventTypesAsync()).TakeLast(3).ShouldBe(["customer.subscription.updated", "invoice.voided", "payment_intent.canceled"]);
    }

    [Fact]
    public async Task With_error_if_incomplete_leaves_nothing_behind_when_the_card_fails()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var (customer, price) = (await sandbox.CustomerAsync("pm_card_chargeCustomerFail"), await sandbox.PriceAsync(1999));
        var refused = await sandbox.PostAsync("/v1/subscriptions", $"customer={customer}&items[0][price]={price}&payment_behavior=error_if_incomplete");
        refused.Status.ShouldBe(HttpStatusCode.PaymentRequired);
        refused["error.code"].ShouldBe("card_declined");
        (await sandbox.EventTypesAsync()).ShouldBe([.. NewCustomer, .. Catalog]);
        (await sandbox.GetAsync("/v1/subscriptions?status=all")).Json["data"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task With_default_incomplete_is_paid_by_the_buyers_own_hand()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var made = await sandbox.SubscribeAsync(
            await sandbox.CustomerAsync(card: null),
            await sandbox.PriceAsync(1999),
            "payment_behavior=default_incomplete&payment_settings[save_default_payment_method]=on_subscription&expand[]=latest_invoice.confirmation_secret&expand[]=latest_invoice.payments");
        made["status"].ShouldBe("incomplete");
        var secret = made["latest_invoice.confirmation_secret.client_secret"]!;
        var intent = secret.Split("_secret_")[0];
        made["latest_invoice.payments.data.0.payment.payment_intent"].ShouldBe(intent);
        (await sandbox.EventTypesAsync()).ShouldBe(
        [
            "customer.created", .. Catalog, "customer.updated", "customer.subscription.created", "invoice.created", "invoice.finalized", "payment_intent.created",
        ]);

        var confirmed = await sandbox.PostAsync($"/v1/payment_intents/{intent}/confirm", "payment_method=pm_card_visa&return_url=https://shop.example/back");
        confirmed["status"].ShouldBe("succeeded");

        var now = await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}?expand[]=latest_invoice&expand[]=default_payment_method");
        now["status"].ShouldBe("active");
        now["latest_invoice.status"].ShouldBe("paid");
        now["default_payment_method.card.last4"].ShouldBe("4242");
        (await sandbox.EventTypesAsync()).Skip(8).ShouldBe(
        [
            "payment_method.attached", "charge.succeeded", "payment_intent.succeeded", "invoice.paid", "invoice.payment_succeeded", "customer.subscription.updated",
        ]);
        await sandbox.AdvanceAsync("P1D");
        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}"))["status"].ShouldBe("active");
    }

    [Fact]
    public async Task By_3DS_waits_for_the_buyer()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var made = await sandbox.SubscribeAsync(
            await sandbox.CustomerAsync("pm_card_authenticationRequired"), await sandbox.PriceAsync(1999), "expand[]=latest_invoice.payments");
        made["status"].ShouldBe("incomplete");
        (await sandbox.EventTypesAsync()).Skip(6).ShouldBe(
        [
            "invoice.created", "invoice.finalized", "payment_intent.created", "payment_intent.requires_action", "invoice.payment_action_required", "invoice.updated",
        ]);
        await sandbox.ControlAsync($"/sandbox/intents/{made["latest_invoice.payments.data.0.payment.payment_intent"]}/authenticate", """{ "accepted": true }""");
        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}"))["status"].ShouldBe("active");
    }

    [Fact]
    public async Task With_a_trial_costs_nothing_until_it_ends()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var made = await sandbox.SubscribeAsync(await sandbox.CustomerAsync(), await sandbox.PriceAsync(1999), "trial_period_days=14&expand[]=latest_invoice");
        made["status"].ShouldBe("trialing");
        made["latest_invoice.status"].ShouldBe("paid");
        made["latest_invoice.total"].ShouldBe("0");
        made["items.data.0.current_period_end"].ShouldBe(made["trial_end"]);
        made["pending_setup_intent"].ShouldBeNull();
        (await sandbox.EventTypesAsync()).Skip(4).ShouldBe(
            ["customer.updated", "customer.subscription.created", "invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded"]);

        await sandbox.AdvanceAsync("P14DT2H");
        var now = await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}?expand[]=latest_invoice");
        now["status"].ShouldBe("active");
        now["latest_invoice.billing_reason"].ShouldBe("subscription_cycle");
        now["latest_invoice.amount_paid"].ShouldBe("1999");
        now["items.data.0.current_period_start"].ShouldBe(made["trial_end"]);
        var told = sandbox.Delivered().Single(e => (string)e["type"]! == "customer.subscription.trial_will_end");
        ((long)told["created"]!).ShouldBeInRange(long.Parse(made["trial_end"]!) - (3 * 86_400), long.Parse(made["trial_end"]!) - (3 * 86_400) + 60);
        var updated = sandbox.Delivered("customer.subscription.updated").Single();
        updated["data"]!["previous_attributes"]!["status"]!.ToString().ShouldBe("trialing");
        updated["data"]!["previous_attributes"]!["items"]!["data"]![0]!["current_period_end"]!.ToString().ShouldBe(made["trial_end"]);
    }

    [Theory]
    [InlineData("cancel", "canceled", "customer.subscription.deleted")]
    [InlineData("pause", "paused", "customer.subscription.paused")]
    [InlineData("create_invoice", "past_due", "customer.subscription.updated")]
    public async Task Without_a_card_at_the_trials_end_does_as_it_was_told(string behavior, string status, string last)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var made = await sandbox.SubscribeAsync(
            await sandbox.CustomerAsync(card: null),
            await sandbox.PriceAsync(1999),
            $"trial_period_days=2&trial_settings[end_behavior][missing_payment_method]={behavior}&expand[]=pending_setup_intent");
        made["pending_setup_intent.status"].ShouldBe("requires_payment_method");
        (await sandbox.EventTypesAsync()).ShouldContain("customer.subscription.trial_will_end");
        await sandbox.AdvanceAsync("P2DT2H");
        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}"))["status"].ShouldBe(status);
        (await sandbox.EventTypesAsync())[^1].ShouldBe(last);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Paused_for_want_of_a_card_is_resumed_by_one(bool forItAlone)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var made = await sandbox.SubscribeAsync(
            await sandbox.CustomerAsync(card: null), await sandbox.PriceAsync(1999), "trial_period_days=2&trial_settings[end_behavior][missing_payment_method]=pause");
        await sandbox.AdvanceAsync("P3D");
        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}"))["status"].ShouldBe("paused");
        var card = await sandbox.PostAsync("/v1/payment_methods/pm_card_visa/attach", $"customer={made["customer"]}");
        if (forItAlone)
        {
            await sandbox.PostAsync($"/v1/subscriptions/{made["id"]}", $"default_payment_method={card["id"]}");
        }
        else
        {
            await sandbox.PostAsync($"/v1/customers/{made["customer"]}", $"invoice_settings[default_payment_method]={card["id"]}");
        }

        var resumed = await sandbox.PostAsync($"/v1/subscriptions/{made["id"]}/resume", "expand[]=latest_invoice");
        resumed["status"].ShouldBe("active");
        resumed["latest_invoice.amount_paid"].ShouldBe("1999");
        resumed["billing_cycle_anchor"].ShouldBe(resumed["items.data.0.current_period_start"]);
        (await sandbox.EventTypesAsync())[^1].ShouldBe("customer.subscription.resumed");
        await sandbox.AdvanceAsync("P32D");
        sandbox.Delivered("invoice.paid").Count.ShouldBe(3);
    }

    [Fact]
    public async Task On_trial_gives_a_card_through_the_pending_setup_intent()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var made = await sandbox.SubscribeAsync(await sandbox.CustomerAsync(card: null), await sandbox.PriceAsync(1999), "trial_period_days=5");
        await sandbox.PostAsync($"/v1/setup_intents/{made["pending_setup_intent"]}/confirm", "payment_method=pm_card_visa");
        var ready = await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}");
        ready["pending_setup_intent"].ShouldBeNull();
        ready["default_payment_method"].ShouldNotBeNull();
        await sandbox.AdvanceAsync("P6D");
        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}"))["status"].ShouldBe("active");
    }

    [Theory]
    [InlineData("false", "incomplete")]
    [InlineData("true", "active")]
    public async Task Asks_the_bank_for_the_buyer_only_when_the_buyer_is_there(string offSession, string status)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var made = await sandbox.SubscribeAsync(
            await sandbox.CustomerAsync("pm_card_authenticationRequiredSetupForOffSession"), await sandbox.PriceAsync(1999), $"off_session={offSession}");
        made["status"].ShouldBe(status);
    }

    [Fact]
    public async Task Trial_ended_by_hand_is_charged_at_once()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var made = await sandbox.SubscribeAsync(await sandbox.CustomerAsync(), await sandbox.PriceAsync(1999), "trial_period_days=14");
        await sandbox.AdvanceAsync("P1D");
        var now = await sandbox.PostAsync($"/v1/subscriptions/{made["id"]}", "trial_end=now&expand[]=latest_invoice");
        now["status"].ShouldBe("active");
        now["latest_invoice.amount_paid"].ShouldBe("1999");
        now["items.data.0.current_period_start"].ShouldBe(now["trial_end"]);
        await sandbox.AdvanceAsync("P32D");
        sandbox.Delivered("invoice.paid").Select(e => (long)e["data"]!["object"]!["amount_paid"]!).ShouldBe([0, 1999, 1999]);
    }

    [Fact]
    public async Task Previewed_costs_what_it_then_costs()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var (customer, price) = (await sandbox.CustomerAsync(), await sandbox.PriceAsync(1999));
        var preview = await sandbox.PostAsync(
            "/v1/invoices/create_preview", $"customer={customer}&subscription_details[items][0][price]={price}&subscription_details[items][0][quantity]=3");
        preview["amount_due"].ShouldBe("5997");
        (await sandbox.GetAsync("/v1/subscriptions?status=all")).Json["data"]!.AsArray().ShouldBeEmpty();
        (await sandbox.SubscribeAsync(customer, price, "items[0][quantity]=3&expand[]=latest_invoice"))["latest_invoice.amount_paid"].ShouldBe("5997");
    }

    [Theory]
    [InlineData("items[0][price]=price_nothing", "items[0][price]", "resource_missing")]
    [InlineData("", "items", "parameter_missing")]
    [InlineData("items[0][price]={price}&trial_end=1&trial_period_days=3", "trial_end", "parameters_exclusive")]
    [InlineData("items[0][price]={price}&trial_end=1", "trial_end", null)]
    [InlineData("items[0][price]={price}&items[0][bogus]=1", "items[0][bogus]", "parameter_unknown")]
    [InlineData("items[0][price]={once}", "items[0][price]", null)]
    [InlineData("items[0][price]={price}&items[1][price]={yearly}", "items", null)]
    [InlineData("items[0][price]={price}&payment_behavior=pending_if_incomplete", "payment_behavior", null)]
    [InlineData("items[0][price]={price}&default_payment_method=pm_nothing", "default_payment_method", "resource_missing")]
    [InlineData("items[0][price]={price}&discounts[0][promotion_code]=promo_nothing", "discounts[0][promotion_code]", "resource_missing")]
    public async Task Wrongly_is_refused_with_Stripes_own_words(string parameters, string param, string? code)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var once = await sandbox.PostAsync("/v1/prices", "currency=usd&unit_amount=500&product_data[name]=Once");
        var sent = parameters.Replace("{price}", await sandbox.PriceAsync(1999), StringComparison.Ordinal)
            .Replace("{yearly}", await sandbox.PriceAsync(19900, "year"), StringComparison.Ordinal).Replace("{once}", once["id"], StringComparison.Ordinal);
        var refused = await sandbox.PostAsync("/v1/subscriptions", $"customer={await sandbox.CustomerAsync()}&{sent}");
        refused.Status.ShouldBe(HttpStatusCode.BadRequest);
        refused["error.param"].ShouldBe(param);
        refused["error.code"].ShouldBe(code);
    }

    [Fact]
    public async Task With_a_code_takes_the_discount_off_for_as_long_as_it_holds()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var coupon = await sandbox.PostAsync("/v1/coupons", "percent_off=25&duration=repeating&duration_in_months=2");
        var code = await sandbox.PostAsync("/v1/promotion_codes", $"promotion[type]=coupon&promotion[coupon]={coupon["id"]}&code=QUARTER");
        var made = await sandbox.SubscribeAsync(
            await sandbox.CustomerAsync(), await sandbox.PriceAsync(1999), $"discounts[0][promotion_code]={code["id"]}&expand[]=latest_invoice&expand[]=discounts.promotion_code");
        made["latest_invoice.subtotal"].ShouldBe("1999");
        made["latest_invoice.total"].ShouldBe("1499");
        made["latest_invoice.total_discount_amounts.0.amount"].ShouldBe("500");
        made["discounts.0.promotion_code.code"].ShouldBe("QUARTER");
        await sandbox.AdvanceAsync("P94D");
        Totals(sandbox).ShouldBe([1499, 1499, 1999, 1999]);
    }

    [Fact]
    public async Task With_tax_rates_shows_tax_lines()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var gst = await sandbox.PostAsync("/v1/tax_rates", "display_name=GST&percentage=10&inclusive=false&country=AU");
        var made = await sandbox.SubscribeAsync(
            await sandbox.CustomerAsync(), await sandbox.PriceAsync(1999), $"default_tax_rates[0]={gst["id"]}&expand[]=latest_invoice");
        made["latest_invoice.subtotal"].ShouldBe("1999");
        made["latest_invoice.total_taxes.0.amount"].ShouldBe("200");
        made["latest_invoice.total_taxes.0.taxable_amount"].ShouldBe("1999");
        made["latest_invoice.total"].ShouldBe("2199");
        made["latest_invoice.amount_paid"].ShouldBe("2199");
    }

    [Fact]
    public async Task For_a_buyer_with_tax_numbers_shows_them_on_invoices()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var customer = (await sandbox.PostAsync("/v1/customers", "tax_id_data[0][type]=eu_vat&tax_id_data[0][value]=DE123456789&payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa"))["id"]!;
        (await sandbox.PostAsync($"/v1/customers/{customer}/tax_ids", "type=in_gst&value=27AAPFU0939F1ZV"))["country"].ShouldBe("IN");
        (await sandbox.GetAsync($"/v1/customers/{customer}/tax_ids")).Json["data"]!.AsArray().Select(t => t!["type"]!.ToString()).ShouldBe(["in_gst", "eu_vat"]);
        var made = await sandbox.SubscribeAsync(customer, await sandbox.PriceAsync(1999), "expand[]=latest_invoice");
        made.Json["latest_invoice"]!["customer_tax_ids"]!.ToJsonString().ShouldBe("""[{"type":"eu_vat","value":"DE123456789"},{"type":"in_gst","value":"27AAPFU0939F1ZV"}]""");
    }

    private static IEnumerable<long> Totals(Sandbox sandbox) => sandbox.Delivered("invoice.paid").Select(e => (long)e["data"]!["object"]!["total"]!);
}

using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Payments.Sandbox.Tests.Stripe;

/// <summary>Figures by hand: June has 30 days, so after 10 days two thirds of a period that began on 1 June remain.</summary>
public sealed class Changing_a_subscription
{
    [Fact]
    public async Task Upward_at_once_bills_the_difference_to_the_cent_and_tells_in_order()
    {
        await using var sandbox = await InJuneAsync();
        var (made, item) = await BasicAsync(sandbox);
        var pro = await sandbox.PriceAsync(4999, product: "Pro");
        await sandbox.AdvanceToAsync("2099-06-11T00:00:00Z");
        var before = (await sandbox.EventTypesAsync()).Count;

        var changed = await sandbox.PostAsync(
            $"/v1/subscriptions/{made["id"]}",
            $"items[0][id]={item}&items[0][price]={pro}&proration_behavior=always_invoice&proration_date={Unix("2099-06-11T00:00:00Z")}&expand[]=latest_invoice");

        changed.Status.ShouldBe(HttpStatusCode.OK, changed.Text);
        var lines = Lines(changed.Json["latest_invoice"]!);
        // 1999 × 20/30 = 1332.67 and 4999 × 20/30 = 3332.67
        lines.ShouldBe([(-1333, "Unused time on Basic after 11 Jun 2099", true), (3333, "Remaining time on Pro after 11 Jun 2099", true)]);
        changed["latest_invoice.total"].ShouldBe("2000");
        changed["latest_invoice.amount_paid"].ShouldBe("2000");
        changed["latest_invoice.billing_reason"].ShouldBe("subscription_update");
        changed["items.data.0.price.unit_amount"].ShouldBe("4999");
        changed["items.data.0.current_period_end"].ShouldBe(made["items.data.0.current_period_end"]);
        (await sandbox.EventTypesAsync()).Skip(before).ShouldBe(
        [
            "customer.subscription.updated", "invoiceitem.created", "invoiceitem.created", "invoice.created", "invoice.finalized", "payment_intent.created",
            "charge.succeeded", "payment_intent.succeeded", "invoice.paid", "invoice.payment_succeeded",
        ]);
        var told = (await sandbox.EventAsync("customer.subscription.updated"))["data"]!["previous_attributes"]!;
        told["items"]!["data"]![0]!["price"]!["unit_amount"]!.ToString().ShouldBe("1999");
        told["latest_invoice"]!.ToString().ShouldBe(made["latest_invoice"]);

        await sandbox.AdvanceToAsync("2099-07-01T02:00:00Z");
        Lines((await LatestAsync(sandbox, made)).Json["latest_invoice"]!).ShouldBe([(4999, "1 × Pro (at $49.99 / month)", false)]);
    }

    [Fact]
    public async Task By_default_waits_for_the_next_invoice()
    {
        await using var sandbox = await InJuneAsync();
        var (made, item) = await BasicAsync(sandbox);
        await sandbox.AdvanceToAsync("2099-06-16T00:00:00Z");
        await sandbox.PostAsync($"/v1/subscriptions/{made["id"]}", $"items[0][id]={item}&items[0][quantity]=3&proration_date={Unix("2099-06-16T00:00:00Z")}");
        (await sandbox.EventTypesAsync()).TakeLast(3).ShouldBe(["customer.subscription.updated", "invoiceitem.created", "invoiceitem.created"]);
        (await LatestAsync(sandbox, made))["latest_invoice.id"].ShouldBe(made["latest_invoice"]);
        (await sandbox.GetAsync($"/v1/invoiceitems?customer={made["customer"]}&pending=true")).Json["data"]!.AsArray().Count.ShouldBe(2);

        await sandbox.AdvanceToAsync("2099-07-01T02:00:00Z");
        // Half of 1999 is 999.5, half of 5997 is 2998.5; halves go away from zero.
        Lines((await LatestAsync(sandbox, made)).Json["latest_invoice"]!).ShouldBe(
        [
            (-1000, "Unused time on Basic after 16 Jun 2099", true), (2999, "Remaining time on 3 × Basic after 16 Jun 2099", true),
            (5997, "3 × Basic (at $19.99 / month)", false),
        ]);
        (await LatestAsync(sandbox, made))["latest_invoice.amount_paid"].ShouldBe("7996");
        (await sandbox.GetAsync($"/v1/invoiceitems?customer={made["customer"]}&pending=true")).Json["data"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_prorations_costs_nothing_now()
    {
        await using var sandbox = await InJuneAsync();
        var (made, item) = await BasicAsync(sandbox);
        var pro = await sandbox.PriceAsync(4999, product: "Pro");
        await sandbox.PostAsync($"/v1/subscriptions/{made["id"]}", $"items[0][id]={item}&items[0][price]={pro}&proration_behavior=none");
        await sandbox.AdvanceToAsync("2099-07-01T02:00:00Z");
        Lines((await LatestAsync(sandbox, made)).Json["latest_invoice"]!).ShouldBe([(4999, "1 × Pro (at $49.99 / month)", false)]);
    }

    [Fact]
    public async Task Downward_at_once_leaves_a_credit_that_the_next_invoices_use_up()
    {
        await using var sandbox = await InJuneAsync();
        var customer = await sandbox.CustomerAsync();
        var made = await sandbox.SubscribeAsync(customer, await sandbox.PriceAsync(9000, product: "Team"));
        var basic = await sandbox.PriceAsync(1999);
        await sandbox.AdvanceToAsync("2099-06-11T00:00:00Z");
        var before = (await sandbox.EventTypesAsync()).Count;

        var changed = await sandbox.PostAsync(
            $"/v1/subscriptions/{made["id"]}",
            $"items[0][id]={made["items.data.0.id"]}&items[0][price]={basic}&proration_behavior=always_invoice&proration_date={Unix("2099-06-11T00:00:00Z")}&expand[]=latest_invoice");

        // -6000 + 1333
        changed["latest_invoice.total"].ShouldBe("-4667");
        changed["latest_invoice.amount_due"].ShouldBe("0");
        changed["latest_invoice.status"].ShouldBe("paid");
        changed["latest_invoice.ending_balance"].ShouldBe("-4667");
        (await sandbox.GetAsync($"/v1/customers/{customer}"))["balance"].ShouldBe("-4667");
        (await sandbox.EventTypesAsync()).Skip(before).ShouldBe(
        [
            "customer.subscription.updated", "invoiceitem.created", "invoiceitem.created", "invoice.created", "invoice.finalized", "invoice.paid",
            "invoice.payment_succeeded", "customer.updated",
        ]);
        await sandbox.AdvanceToAsync("2099-09-01T02:00:00Z");
        // July and August are free of charge; of September's 1999 the last 669 are credit.
        sandbox.Delivered("invoice.paid").TakeLast(3).Select(e => (long)e["data"]!["object"]!["amount_paid"]!).ShouldBe([0, 0, 1330]);
        (await sandbox.GetAsync($"/v1/customers/{customer}"))["balance"].ShouldBe("0");
    }

    [Fact]
    public async Task To_another_rhythm_begins_a_new_period()
    {
        await using var sandbox = await InJuneAsync();
        var (made, item) = await BasicAsync(sandbox);
        var yearly = await sandbox.PriceAsync(19900, "year");
        await sandbox.AdvanceToAsync("2099-06-16T00:00:00Z");
        var changed = await sandbox.PostAsync(
            $"/v1/subscriptions/{made["id"]}", $"items[0][id]={item}&items[0][price]={yearly}&proration_date={Unix("2099-06-16T00:00:00Z")}&expand[]=latest_invoice");
        Lines(changed.Json["latest_invoice"]!).ShouldBe([(-1000, "Unused time on Basic after 16 Jun 2099", true), (19900, "1 × Basic (at $199.00 / year)", false)]);
        changed["latest_invoice.amount_paid"].ShouldBe("18900");
        var start = long.Parse(changed["items.data.0.current_period_start"]!, CultureInfo.InvariantCulture);
        changed["billing_cycle_anchor"].ShouldBe(start.ToString(CultureInfo.InvariantCulture));
        changed["items.data.0.current_period_end"].ShouldBe(DateTimeOffset.FromUnixTimeSeconds(start).AddYears(1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        await sandbox.AdvanceToAsync("2100-06-17T00:00:00Z");
        (await LatestAsync(sandbox, made))["latest_invoice.amount_paid"].ShouldBe("19900");
    }

    [Theory]
    [InlineData("always_invoice")]
    [InlineData("create_prorations")]
    [InlineData("none")]
    public async Task Is_previewed_exactly_as_it_will_be_billed(string behavior)
    {
        await using var sandbox = await InJuneAsync();
        var (made, item) = await BasicAsync(sandbox, "discounts[0][coupon]=" + await TenOffAsync(sandbox));
        var pro = await sandbox.PriceAsync(4999, product: "Pro");
        await sandbox.AdvanceToAsync("2099-06-12T03:14:15Z");
        var at = Unix("2099-06-12T03:14:15Z");
        var events = (await sandbox.EventTypesAsync()).Count;
        var state = (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}")).Text;

        var preview = await sandbox.PostAsync(
            "/v1/invoices/create_preview",
            $"customer={made["customer"]}&subscription={made["id"]}&subscription_details[items][0][id]={item}&subscription_details[items][0][price]={pro}"
            + $"&subscription_details[items][0][quantity]=2&subscription_details[proration_behavior]={behavior}&subscription_details[proration_date]={at}");

        preview.Status.ShouldBe(HttpStatusCode.OK, preview.Text);
        preview["status"].ShouldBe("draft");
        preview["id"]!.ShouldStartWith("upcoming_in_");
        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}")).Text.ShouldBe(state, "a preview changes nothing");
        (await sandbox.EventTypesAsync()).Count.ShouldBe(events);

        var changed = await sandbox.PostAsync(
            $"/v1/subscriptions/{made["id"]}", $"items[0][id]={item}&items[0][price]={pro}&items[0][quantity]=2&proration_behavior={behavior}&proration_date={at}");
        changed.Status.ShouldBe(HttpStatusCode.OK, changed.Text);
        if (behavior is not "always_invoice")
        {
            await sandbox.AdvanceToAsync("2099-07-01T02:00:00Z");
        }

        var billed = (await LatestAsync(sandbox, made)).Json["latest_invoice"]!;
        Lines(billed).ShouldBe(Lines(preview.Json));
        Lines(billed).Count.ShouldBe(behavior switch { "always_invoice" => 2, "none" => 1, _ => 3 });
        billed["total"]!.ToString().ShouldBe(preview["total"]);
        billed["amount_due"]!.ToString().ShouldBe(preview["amount_due"]);
        billed["amount_paid"]!.ToString().ShouldBe(preview["amount_due"]);
    }

    [Fact]
    public async Task That_is_declined_changes_nothing_when_asked_so_and_is_past_due_otherwise()
    {
        await using var sandbox = await InJuneAsync();
        var (made, item) = await BasicAsync(sandbox);
        var pro = await sandbox.PriceAsync(4999, product: "Pro");
        var bad = await sandbox.PostAsync("/v1/payment_methods/pm_card_chargeCustomerFail/attach", $"customer={made["customer"]}");
        await sandbox.PostAsync($"/v1/subscriptions/{made["id"]}", $"default_payment_method={bad["id"]}");
        var change = $"items[0][id]={item}&items[0][price]={pro}&proration_behavior=always_invoice";

        var refused = await sandbox.PostAsync($"/v1/subscriptions/{made["id"]}", $"{change}&payment_behavior=error_if_incomplete");
        refused.Status.ShouldBe(HttpStatusCode.PaymentRequired);
        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}"))["items.data.0.price.unit_amount"].ShouldBe("1999");

        var taken = await sandbox.PostAsync($"/v1/subscriptions/{made["id"]}", $"{change}&expand[]=latest_invoice");
        taken["status"].ShouldBe("past_due");
        taken["items.data.0.price.unit_amount"].ShouldBe("4999");
        taken["latest_invoice.status"].ShouldBe("open");
    }

    [Fact]
    public async Task That_is_declined_stays_pending_when_asked_so_until_it_is_paid_or_its_time_is_up()
    {
        await using var sandbox = await InJuneAsync();
        var (made, item) = await BasicAsync(sandbox);
        var pro = await sandbox.PriceAsync(4999, product: "Pro");
        var bad = await sandbox.PostAsync("/v1/payment_methods/pm_card_chargeCustomerFail/attach", $"customer={made["customer"]}");
        await sandbox.PostAsync($"/v1/subscriptions/{made["id"]}", $"default_payment_method={bad["id"]}");
        var change = $"items[0][id]={item}&items[0][price]={pro}&proration_behavior=always_invoice&payment_behavior=pending_if_incomplete&expand[]=latest_invoice";
        var before = (await sandbox.EventTypesAsync()).Count;

        var pending = await sandbox.PostAsync($"/v1/subscriptions/{made["id"]}", change);
        pending["status"].ShouldBe("active");
        pending["items.data.0.price.unit_amount"].ShouldBe("1999");
        pending["pending_update.subscription_items.0.price.unit_amount"].ShouldBe("4999");
        pending["latest_invoice.status"].ShouldBe("open");
        (await sandbox.EventTypesAsync()).Skip(before).ShouldBe(
        [
            "customer.subscription.updated", "invoiceitem.created", "invoiceitem.created", "invoice.created", "invoice.finalized", "payment_intent.created",
            "charge.failed", "payment_intent.payment_failed", "invoice.payment_failed", "invoice.updated",
        ]);
        await sandbox.AdvanceAsync("PT24H");
        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}"))["pending_update"].ShouldBeNull();
        (await sandbox.GetAsync($"/v1/invoices/{pending["latest_invoice.id"]}"))["status"].ShouldBe("void");
        (await sandbox.EventTypesAsync()).ShouldContain("customer.subscription.pending_update_expired");

        var again = await sandbox.PostAsync($"/v1/subscriptions/{made["id"]}", change);
        var good = await sandbox.PostAsync("/v1/payment_methods/pm_card_visa/attach", $"customer={made["customer"]}");
        await sandbox.PostAsync($"/v1/invoices/{again["latest_invoice.id"]}/pay", $"payment_method={good["id"]}");
        var applied = await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}");
        applied["items.data.0.price.unit_amount"].ShouldBe("4999");
        applied["pending_update"].ShouldBeNull();
        (await sandbox.EventTypesAsync()).TakeLast(2).ShouldBe(["customer.subscription.updated", "customer.subscription.pending_update_applied"]);
    }

    [Fact]
    public async Task With_a_good_card_is_never_pending()
    {
        await using var sandbox = await InJuneAsync();
        var (made, item) = await BasicAsync(sandbox);
        var pro = await sandbox.PriceAsync(4999, product: "Pro");
        var before = (await sandbox.EventTypesAsync()).Count;
        var changed = await sandbox.PostAsync(
            $"/v1/subscriptions/{made["id"]}", $"items[0][id]={item}&items[0][price]={pro}&proration_behavior=always_invoice&payment_behavior=pending_if_incomplete");
        changed["items.data.0.price.unit_amount"].ShouldBe("4999");
        changed["pending_update"].ShouldBeNull();
        (await sandbox.EventTypesAsync()).Skip(before).ShouldBe(
        [
            "customer.subscription.updated", "invoiceitem.created", "invoiceitem.created", "invoice.created", "invoice.finalized", "payment_intent.created",
            "charge.succeeded", "payment_intent.succeeded", "invoice.paid", "invoice.payment_succeeded",
        ]);
    }

    [Fact]
    public async Task Away_at_once_gives_back_by_proration_only_when_asked()
    {
        await using var sandbox = await InJuneAsync();
        var (first, _) = await BasicAsync(sandbox);
        await sandbox.AdvanceToAsync("2099-06-16T00:00:00Z");
        var ended = await sandbox.DeleteAsync($"/v1/subscriptions/{first["id"]}");
        ended["status"].ShouldBe("canceled");
        ended["ended_at"].ShouldBe(ended["canceled_at"]);
        ended["cancellation_details.reason"].ShouldBe("cancellation_requested");
        (await sandbox.EventTypesAsync())[^1].ShouldBe("customer.subscription.deleted");
        (await sandbox.DeleteAsync($"/v1/subscriptions/{first["id"]}")).Status.ShouldBe(HttpStatusCode.NotFound);

        var (second, _) = await BasicAsync(sandbox);
        var back = await sandbox.DeleteAsync($"/v1/subscriptions/{second["id"]}?invoice_now=true&prorate=true&expand[]=latest_invoice");
        long.Parse(back["latest_invoice.total"]!, CultureInfo.InvariantCulture).ShouldBeInRange(-1999, -1998);
        (await sandbox.GetAsync($"/v1/customers/{second["customer"]}"))["balance"].ShouldBe(back["latest_invoice.total"]);
    }

    [Fact]
    public async Task By_deleting_its_customer_ends_it()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var made = await sandbox.SubscribeAsync(await sandbox.CustomerAsync(), await sandbox.PriceAsync(1999));
        await sandbox.DeleteAsync($"/v1/customers/{made["customer"]}");
        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}"))["status"].ShouldBe("canceled");
        (await sandbox.EventTypesAsync()).TakeLast(2).ShouldBe(["customer.subscription.deleted", "customer.deleted"]);
    }

    private static Task<Sandbox> InJuneAsync() =>
        Sandbox.StartAsync(o => o with { Time = new StillClock(DateTimeOffset.Parse("2099-06-01T00:00:00Z", CultureInfo.InvariantCulture)) });

    private static async Task<(Reply Made, string Item)> BasicAsync(Sandbox sandbox, string more = "")
    {
        var made = await sandbox.SubscribeAsync(await sandbox.CustomerAsync(), await sandbox.PriceAsync(1999), more);
        return (made, made["items.data.0.id"]!);
    }

    private static async Task<string> TenOffAsync(Sandbox sandbox) => (await sandbox.PostAsync("/v1/coupons", "percent_off=10&duration=forever"))["id"]!;

    private static Task<Reply> LatestAsync(Sandbox sandbox, Reply made) => sandbox.GetAsync($"/v1/subscriptions/{made["id"]}?expand[]=latest_invoice");

    private static List<(long Amount, string Description, bool Proration)> Lines(JsonNode invoice) => [.. invoice["lines"]!["data"]!.AsArray().Select(l => (
        (long)l!["amount"]!, (string)l["description"]!, (bool)l["parent"]!["subscription_item_details"]!["proration"]!))];

    private static long Unix(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture).ToUnixTimeSeconds();
}

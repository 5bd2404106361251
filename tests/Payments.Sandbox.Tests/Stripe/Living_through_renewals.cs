using System.Globalization;
using System.Text.Json.Nodes;

namespace Payments.Sandbox.Tests.Stripe;

public sealed class Living_through_renewals
{
    [Fact]
    public async Task Of_a_year_brings_twelve_right_ones_each_at_its_time()
    {
        await using var sandbox = await Sandbox.StartAsync();
        await sandbox.AdvanceToAsync(NextYear("01-31T10:00:00Z"));
        var made = await sandbox.SubscribeAsync(await sandbox.CustomerAsync(), await sandbox.PriceAsync(1999));
        var anchor = DateTimeOffset.FromUnixTimeSeconds(long.Parse(made["billing_cycle_anchor"]!, CultureInfo.InvariantCulture));

        await sandbox.AdvanceToAsync(anchor.AddYears(1).AddHours(2).ToString("O"));

        var created = sandbox.Delivered("invoice.created").Skip(1).Select(e => Time(e["created"]!)).ToList();
        created.Count.ShouldBe(12);
        for (var month = 1; month <= 12; month++)
        {
            Near(created[month - 1], anchor.AddMonths(month));
        }

        var paid = sandbox.Delivered("invoice.paid").Skip(1).ToList();
        paid.Count.ShouldBe(12);
        for (var month = 1; month <= 12; month++)
        {
            Near(Time(paid[month - 1]["created"]!), anchor.AddMonths(month).AddHours(1));
            var line = paid[month - 1]["data"]!["object"]!["lines"]!["data"]![0]!;
            Time(line["period"]!["start"]!).ShouldBe(anchor.AddMonths(month));
            Time(line["period"]!["end"]!).ShouldBe(anchor.AddMonths(month + 1));
            ((long)line["amount"]!).ShouldBe(1999);
        }

        paid.Select(e => ((string)e["data"]!["object"]!["number"]!)[^4..]).ShouldBe(Enumerable.Range(2, 12).Select(n => n.ToString("0000", CultureInfo.InvariantCulture)));
        sandbox.Delivered("invoice.upcoming").Count.ShouldBe(12);
        Near(Time(sandbox.Delivered("invoice.upcoming")[0]["created"]!), anchor.AddMonths(1).AddDays(-7));
        sandbox.Delivered("invoice.upcoming").ShouldAllBe(e => e["data"]!["object"]!["id"] == null);
        (await sandbox.GetAsync($"/v1/invoices?subscription={made["id"]}&status=paid&limit=100")).Json["data"]!.AsArray().Count.ShouldBe(13);
    }

    [Fact]
    public async Task Tells_each_in_the_order_of_real_logs()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var made = await sandbox.SubscribeAsync(await sandbox.CustomerAsync(), await sandbox.PriceAsync(1999));
        await sandbox.AdvanceAsync("PT3M");
        var before = (await sandbox.EventTypesAsync()).Count;
        await sandbox.AdvanceAsync("P32D");
        (await sandbox.EventTypesAsync()).Skip(before).ShouldBe(
        [
            "invoice.upcoming", "customer.subscription.updated", "invoice.created", "invoice.finalized", "payment_intent.created", "charge.succeeded",
            "payment_intent.succeeded", "invoice.updated", "invoice.paid", "invoice.payment_succeeded", "charge.updated", "invoice_payment.paid",
        ]);
        var updated = (await sandbox.EventAsync("customer.subscription.updated"))["data"]!;
        updated["previous_attributes"]!["latest_invoice"]!.ToString().ShouldBe(made["latest_invoice"]);
        updated["previous_attributes"]!["items"]!["data"]![0]!["current_period_end"]!.ToString().ShouldBe(made["items.data.0.current_period_end"]);
        var draft = (await sandbox.EventAsync("invoice.created"))["data"]!["object"]!;
        ((bool)draft["auto_advance"]!).ShouldBeTrue();
        draft["billing_reason"]!.ToString().ShouldBe("subscription_cycle");
        draft["period_end"]!.ToString().ShouldBe(made["items.data.0.current_period_end"]);
    }

    [Theory]
    [InlineData("day", 1, "P10DT2H", 11)]
    [InlineData("week", 2, "P57D", 5)]
    [InlineData("month", 3, "P366D", 5)]
    [InlineData("year", 1, "P732D", 3)]
    public async Task Comes_in_every_rhythm(string interval, int count, string time, int invoices)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var made = await sandbox.SubscribeAsync(await sandbox.CustomerAsync(), await sandbox.PriceAsync(1999, interval, count));
        await sandbox.AdvanceAsync(time);
        (await sandbox.GetAsync($"/v1/invoices?subscription={made["id"]}&limit=100&status=paid")).Json["data"]!.AsArray().Count.ShouldBe(invoices);
    }

    [Fact]
    public async Task Fails_retries_after_3_5_and_7_days_and_ends()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var (made, end) = await FailingAsync(sandbox);

        await sandbox.AdvanceToAsync(end.AddHours(2).ToString("O"));
        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}"))["status"].ShouldBe("past_due");
        (await sandbox.EventTypesAsync()).TakeLast(8).ShouldBe(
        [
            "invoice.created", "invoice.finalized", "payment_intent.created", "charge.failed", "payment_intent.payment_failed", "invoice.payment_failed",
            "invoice.updated", "customer.subscription.updated",
        ]);
        var changed = (await sandbox.EventAsync("customer.subscription.updated"))["data"]!;
        changed["previous_attributes"]!.ToJsonString().ShouldBe("""{"status":"active"}""");

        await sandbox.AdvanceToAsync(end.AddDays(16).ToString("O"));
        var failures = sandbox.Delivered("invoice.payment_failed");
        failures.Select(f => (long)f["data"]!["object"]!["attempt_count"]!).ShouldBe([1, 2, 3, 4]);
        var tries = failures.Select(f => Time(f["created"]!)).ToList();
        Near(tries[0], end.AddHours(1));
        Near(tries[1], end.AddHours(1).AddDays(3));
        Near(tries[2], end.AddHours(1).AddDays(8));
        Near(tries[3], end.AddHours(1).AddDays(15));
        Time(failures[0]["data"]!["object"]!["next_payment_attempt"]!).ShouldBe(tries[1], TimeSpan.FromSeconds(5));
        failures[3]["data"]!["object"]!["next_payment_attempt"].ShouldBeNull();
        sandbox.Delivered("charge.failed").Select(c => (string)c["data"]!["object"]!["payment_intent"]!).Distinct().Count().ShouldBe(1, "all tries on one intent");
        var ended = sandbox.Delivered("customer.subscription.deleted").Single()["data"]!["object"]!;
        ended["cancellation_details"]!["reason"]!.ToString().ShouldBe("payment_failed");
        ended["status"]!.ToString().ShouldBe("canceled");
    }

    [Theory]
    [InlineData("unpaid")]
    [InlineData("past_due")]
    public async Task Ends_as_the_seller_has_chosen(string action)
    {
        await using var sandbox = await Sandbox.StartAsync();
        (await sandbox.ControlAsync("/sandbox/billing", $$"""{ "finalAction": "{{action}}", "retryAfterDays": [1] }"""))["finalAction"].ShouldBe(action);
        var (made, end) = await FailingAsync(sandbox);
        await sandbox.AdvanceToAsync(end.AddDays(2).ToString("O"));
        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}"))["status"].ShouldBe(action);
        sandbox.Delivered("invoice.payment_failed").Count.ShouldBe(2);

        await sandbox.AdvanceAsync("P31D");
        var latest = await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}?expand[]=latest_invoice");
        latest["latest_invoice.status"].ShouldBe(action is "unpaid" ? "draft" : "open");
    }

    [Fact]
    public async Task Recovers_when_the_card_is_replaced_and_the_invoice_paid()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var (made, end) = await FailingAsync(sandbox);
        await sandbox.AdvanceToAsync(end.AddHours(2).ToString("O"));
        var before = (await sandbox.EventTypesAsync()).Count;
        var good = await sandbox.PostAsync("/v1/payment_methods/pm_card_visa/attach", $"customer={made["customer"]}");
        await sandbox.PostAsync($"/v1/customers/{made["customer"]}", $"invoice_settings[default_payment_method]={good["id"]}");
        var due = await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}");

        (await sandbox.PostAsync($"/v1/invoices/{due["latest_invoice"]}/pay"))["status"].ShouldBe("paid");

        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}"))["status"].ShouldBe("active");
        (await sandbox.EventTypesAsync()).Skip(before).ShouldBe(
        [
            "payment_method.attached", "customer.updated", "charge.succeeded", "payment_intent.succeeded", "invoice.paid", "invoice.payment_succeeded",
            "customer.subscription.updated",
        ]);
        await sandbox.AdvanceAsync("P20D");
        sandbox.Delivered("invoice.payment_failed").Count.ShouldBe(1, "nothing is tried again");
    }

    [Fact]
    public async Task Recovers_by_itself_at_the_next_try_with_a_good_card()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var (made, end) = await FailingAsync(sandbox);
        await sandbox.AdvanceToAsync(end.AddHours(2).ToString("O"));
        var good = await sandbox.PostAsync("/v1/payment_methods/pm_card_visa/attach", $"customer={made["customer"]}");
        await sandbox.PostAsync($"/v1/customers/{made["customer"]}", $"invoice_settings[default_payment_method]={good["id"]}");
        await sandbox.AdvanceAsync("P3D");
        var now = await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}?expand[]=latest_invoice");
        now["status"].ShouldBe("active");
        now["latest_invoice.attempt_count"].ShouldBe("2");
    }

    [Fact]
    public async Task Waits_for_the_buyer_when_the_bank_wants_to_see_them()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var (made, end) = await FailingAsync(sandbox, "pm_card_authenticationRequired");
        await sandbox.AdvanceToAsync(end.AddHours(2).ToString("O"));
        (await sandbox.EventTypesAsync()).TakeLast(5).ShouldBe(
            ["payment_intent.created", "payment_intent.requires_action", "invoice.payment_action_required", "invoice.updated", "customer.subscription.updated"]);
        var due = await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}?expand[]=latest_invoice.payments");
        due["status"].ShouldBe("past_due");
        await sandbox.ControlAsync($"/sandbox/intents/{due["latest_invoice.payments.data.0.payment.payment_intent"]}/authenticate", """{ "accepted": true }""");
        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}"))["status"].ShouldBe("active");
    }

    [Fact]
    public async Task Stops_at_the_periods_end_when_cancelled_so()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var made = await sandbox.SubscribeAsync(await sandbox.CustomerAsync(), await sandbox.PriceAsync(1999));
        var cancelling = await sandbox.PostAsync($"/v1/subscriptions/{made["id"]}", "cancel_at_period_end=true&cancellation_details[feedback]=unused");
        cancelling["status"].ShouldBe("active");
        cancelling["cancel_at"].ShouldBe(made["items.data.0.current_period_end"]);
        cancelling["cancellation_details.reason"].ShouldBe("cancellation_requested");
        cancelling["cancellation_details.feedback"].ShouldBe("unused");
        var undone = await sandbox.PostAsync($"/v1/subscriptions/{made["id"]}", "cancel_at_period_end=false");
        undone["cancel_at"].ShouldBeNull();
        undone["canceled_at"].ShouldBeNull();
        await sandbox.PostAsync($"/v1/subscriptions/{made["id"]}", "cancel_at_period_end=true");
        await sandbox.AdvanceAsync("P32D");
        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}"))["status"].ShouldBe("canceled");
        var ended = sandbox.Delivered("customer.subscription.deleted").Single();
        Near(Time(ended["created"]!), Time(made.Json["items"]!["data"]![0]!["current_period_end"]!));
        sandbox.Delivered("invoice.created").Count.ShouldBe(1);
        sandbox.Delivered("invoice.upcoming").ShouldBeEmpty();
    }

    [Fact]
    public async Task Stops_at_any_other_time_when_cancelled_so()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var made = await sandbox.SubscribeAsync(await sandbox.CustomerAsync(), await sandbox.PriceAsync(1999));
        var at = long.Parse(made["created"]!, CultureInfo.InvariantCulture) + (40 * 86_400);
        await sandbox.PostAsync($"/v1/subscriptions/{made["id"]}", $"cancel_at={at}");
        await sandbox.AdvanceAsync("P45D");
        Near(Time(sandbox.Delivered("customer.subscription.deleted").Single()["created"]!), DateTimeOffset.FromUnixTimeSeconds(at));
        sandbox.Delivered("invoice.created").Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("void", "void")]
    [InlineData("mark_uncollectible", "uncollectible")]
    [InlineData("keep_as_draft", "draft")]
    public async Task Collects_nothing_while_paused(string behavior, string status)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var made = await sandbox.SubscribeAsync(await sandbox.CustomerAsync(), await sandbox.PriceAsync(1999));
        var paused = await sandbox.PostAsync($"/v1/subscriptions/{made["id"]}", $"pause_collection[behavior]={behavior}");
        paused["status"].ShouldBe("active");
        paused["pause_collection.behavior"].ShouldBe(behavior);
        await sandbox.AdvanceAsync("P32D");
        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}?expand[]=latest_invoice"))["latest_invoice.status"].ShouldBe(status);
        (await sandbox.PostAsync($"/v1/subscriptions/{made["id"]}", "pause_collection="))["pause_collection"].ShouldBeNull();
        await sandbox.AdvanceAsync("P31D");
        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}?expand[]=latest_invoice"))["latest_invoice.status"].ShouldBe("paid");
    }

    [Fact]
    public async Task Collects_again_by_itself_when_the_pause_was_for_a_time()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var made = await sandbox.SubscribeAsync(await sandbox.CustomerAsync(), await sandbox.PriceAsync(1999));
        var until = long.Parse(made["created"]!, CultureInfo.InvariantCulture) + (40 * 86_400);
        await sandbox.PostAsync($"/v1/subscriptions/{made["id"]}", $"pause_collection[behavior]=void&pause_collection[resumes_at]={until}");
        await sandbox.AdvanceAsync("P41D");
        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}"))["pause_collection"].ShouldBeNull();
        Near(Time(sandbox.Delivered("customer.subscription.updated")[^1]["created"]!), DateTimeOffset.FromUnixTimeSeconds(until));
        sandbox.Delivered("invoice.voided").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Goes_on_after_a_restart()
    {
        var directory = Directory.CreateTempSubdirectory("payments-billing-");
        try
        {
            string id;
            await using (var first = await Sandbox.StartAsync(o => o with { DataDirectory = directory.FullName }))
            {
                id = (await first.SubscribeAsync(await first.CustomerAsync(), await first.PriceAsync(1999)))["id"]!;
                await first.AdvanceAsync("P20D");
            }

            await using var second = await Sandbox.StartAsync(o => o with { DataDirectory = directory.FullName });
            await second.AdvanceAsync("P12D");
            (await second.GetAsync($"/v1/invoices?subscription={id}&status=paid")).Json["data"]!.AsArray().Count.ShouldBe(2);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>A subscription that was paid once, and whose customer has since changed to a card that will not be charged.</summary>
    private static async Task<(Reply Made, DateTimeOffset End)> FailingAsync(Sandbox sandbox, string card = "pm_card_chargeCustomerFail")
    {
        var customer = await sandbox.CustomerAsync();
        var made = await sandbox.SubscribeAsync(customer, await sandbox.PriceAsync(1999));
        var bad = await sandbox.PostAsync($"/v1/payment_methods/{card}/attach", $"customer={customer}");
        await sandbox.PostAsync($"/v1/customers/{customer}", $"invoice_settings[default_payment_method]={bad["id"]}");
        await sandbox.AdvanceAsync("PT5M");
        return (made, Time(made.Json["items"]!["data"]![0]!["current_period_end"]!));
    }

    private static string NextYear(string rest) => $"{DateTimeOffset.UtcNow.Year + 1}-{rest}";

    private static DateTimeOffset Time(JsonNode seconds) => DateTimeOffset.FromUnixTimeSeconds((long)seconds);

    /// <summary>The wall clock ticks on beneath the sandbox's.</summary>
    private static void Near(DateTimeOffset actual, DateTimeOffset expected) => (actual - expected).ShouldBeInRange(TimeSpan.Zero, TimeSpan.FromSeconds(60));
}

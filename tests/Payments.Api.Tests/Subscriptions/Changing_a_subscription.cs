using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Notices;
using Payments.Api.Tests.Worlds;
using Shouldly;

namespace Payments.Api.Tests.Subscriptions;

public sealed class Changing_a_subscription(World world) : IClassFixture<World>
{
    [Fact]
    public async Task An_upgrade_costs_what_its_preview_said_and_grants_the_difference()
    {
        using var ada = world.NewUser();
        var id = await SubscribeAsync(ada, Plans.Monthly);
        var preview = await ada.GetAsync($"subscriptions/{id}/preview?planId={Plans.Yearly}");
        var due = preview["dueNow"]!["amount"]!.GetValue<long>();
        due.ShouldBeInRange(17000, 17200);
        preview["proration"]!.ToString().ShouldBe("now");
        preview["lines"]!.AsArray().Count.ShouldBeGreaterThanOrEqualTo(2);

        using var changed = await PutAsync(ada, id, new { planId = Plans.Yearly, at = preview["at"]!.ToString() });
        var after = await BodyAsync(changed);
        after["planId"]!.ToString().ShouldBe(Plans.Yearly.ToString());
        await world.SettleAsync();
        (await ada.GetAsync("payments/history"))["items"]!.AsArray().Select(p => p!["amount"]!["amount"]!.GetValue<long>()).Order().ShouldBe([1900, due]);
        // 2400 for the year, less what of the month's 200 was not used up.
        (await ada.CreditsAsync()).ShouldBeInRange(2400, 2401);
        (await ada.GetAsync("users/me"))["subscriptionType"]!.ToString().ShouldBe("yearly");
        await world.LedgerIsSoundAsync();
    }

    /// <summary>Another interval begins a new period at once, whatever was asked for its prorating.</summary>
    [Theory]
    [InlineData("now")]
    [InlineData("nextInvoice")]
    [InlineData("none")]
    public async Task What_a_change_of_interval_costs_now_is_shown_and_charged(string proration)
    {
        using var ada = world.NewUser();
        var id = await SubscribeAsync(ada, Plans.Monthly);
        var preview = await ada.GetAsync($"subscriptions/{id}/preview?planId={Plans.Yearly}&proration={proration}");
        var due = preview["dueNow"]!["amount"]!.GetValue<long>();
        (await BodyAsync(await PutAsync(ada, id, new { planId = Plans.Yearly, proration, at = preview["at"]!.ToString() }))).ShouldNotBeNull();
        await world.SettleAsync();
        (await ada.GetAsync("payments/history"))["items"]!.AsArray().Select(p => p!["amount"]!["amount"]!.GetValue<long>()).Order().ShouldBe([1900, due]);
        due.ShouldBeGreaterThan(17000);
    }

    /// <summary>Within one interval nothing is charged before the renewal, which costs what its preview said.</summary>
    [Theory]
    [InlineData("nextInvoice", 200)]
    [InlineData("none", 0)]
    public async Task What_a_change_of_seats_costs_with_the_next_invoice_is_shown_and_charged_then(string proration, long madeUpFor)
    {
        using var ada = world.NewUser();
        var id = await SubscribeAsync(ada, Plans.Team, 2);
        var ends = (await ada.SubscriptionAsync()).Time("currentPeriodEnd");
        var before = (await HistoryAsync(ada)).ShouldHaveSingleItem();

        var preview = await ada.GetAsync($"subscriptions/{id}/preview?quantity=4&proration={proration}");
        preview["proration"]!.ToString().ShouldBe(proration);
        preview["dueNow"]!["amount"]!.GetValue<long>().ShouldBe(0);
        preview.Time("nextAt").ShouldBeInRange(ends, ends.AddHours(1), "an invoice is a draft for an hour");
        (await BodyAsync(await PutAsync(ada, id, new { quantity = 4, proration, at = preview["at"]!.ToString() })))["quantity"]!.GetValue<int>().ShouldBe(4);
        await world.SettleAsync();
        (await HistoryAsync(ada)).ShouldBe([before]);
        (await ada.CreditsAsync()).ShouldBe(200);

        await world.MoveAsync(ends.AddHours(3));
        (await HistoryAsync(ada)).ShouldBe([before, preview["nextTotal"]!["amount"]!.GetValue<long>()], ignoreOrder: true);
        preview["nextTotal"]!["amount"]!.GetValue<long>().ShouldBeInRange(proration == "none" ? before * 2 : (before * 3) - 10, proration == "none" ? before * 2 : before * 3);
        (await ada.CreditsAsync()).ShouldBeInRange(600 + madeUpFor - (madeUpFor > 0 ? 1 : 0), 600 + madeUpFor);
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task In_a_trial_a_change_costs_nothing_now_and_the_preview_says_so()
    {
        using var ada = world.NewUser();
        await ada.PaidAsync(await ada.BuyAsync(new { planId = Plans.Plus }, "pm_card_diners"));
        await world.SettleAsync();
        var id = (await ada.GetAsync("subscriptions/status"))["items"]!.AsArray().ShouldHaveSingleItem()!["id"]!.ToString();
        var preview = await ada.GetAsync($"subscriptions/{id}/preview?planId={Plans.Monthly}&proration=now");
        preview["dueNow"]!["amount"]!.GetValue<long>().ShouldBe(0);
        preview["nextTotal"]!["amount"]!.GetValue<long>().ShouldBe(1900);
        preview["nextAt"].ShouldNotBeNull();
        await BodyAsync(await PutAsync(ada, id, new { planId = Plans.Monthly, proration = "now", at = preview["at"]!.ToString() }));
        await world.SettleAsync();
        (await ada.GetAsync("payments/history"))["items"]!.AsArray().Sum(p => p!["amount"]!["amount"]!.GetValue<long>()).ShouldBe(0);
    }

    [Fact]
    public async Task A_preview_of_what_cannot_be_is_refused_as_the_change_is()
    {
        using var ada = world.NewUser();
        var id = await SubscribeAsync(ada, Plans.Team, 3);
        await BodyAsync(await ada.PostAsync($"subscriptions/{id}/cancel", new { atPeriodEnd = true }));
        await RefusedAsync(await ada.Http.GetAsync($"api/v1/subscriptions/{id}/preview?quantity=2"), 409, "subscription.not_accepted");
        await BodyAsync(await ada.PostAsync($"subscriptions/{id}/resume", new { }));
        var before = Uri.EscapeDataString(world.Stripe.Now.AddMinutes(-30).ToString("O"));
        await RefusedAsync(await ada.Http.GetAsync($"api/v1/subscriptions/{id}/preview?quantity=5&at={before}"), 409, "subscription.not_accepted");
    }

    [Fact]
    public async Task Seats_taken_away_and_added_again_grant_nothing_twice()
    {
        using var ada = world.NewUser();
        var id = await SubscribeAsync(ada, Plans.Team, 2);
        foreach (var seats in new[] { 4, 2, 4, 1, 4 })
        {
            (await BodyAsync(await PutAsync(ada, id, new { quantity = seats, proration = "now" })))["quantity"]!.GetValue<int>().ShouldBe(seats);
            await world.SettleAsync();
        }

        (await ada.CreditsAsync()).ShouldBeInRange(399, 400);
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task A_declined_upgrade_changes_nothing()
    {
        using var ada = world.NewUser();
        var id = await SubscribeAsync(ada, Plans.Monthly);
        await world.UseCardAsync(ada, "tok_chargeCustomerFail");
        using var refused = await PutAsync(ada, id, new { planId = Plans.Yearly });
        refused.StatusCode.ShouldBe(HttpStatusCode.Conflict, await refused.Content.ReadAsStringAsync());
        JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["code"]!.ToString().ShouldBe("subscription.payment_declined");
        await world.SettleAsync();
        (await ada.GetAsync("subscriptions/status"))["items"]![0]!["planId"]!.ToString().ShouldBe(Plans.Monthly.ToString());
        (await ada.CreditsAsync()).ShouldBe(200);
    }

    /// <summary>Those that come when another is done are changes of their own; what matters is that none is half of two.</summary>
    [Fact]
    public async Task Of_twenty_concurrent_changes_to_as_many_numbers_of_seats_each_is_made_whole_and_paid_once_or_refused()
    {
        using var ada = world.NewUser();
        var id = await SubscribeAsync(ada, Plans.Team);
        var answers = await Task.WhenAll(Enumerable.Range(2, 20).Select(async seats => (Seats: seats, Answer: await PutAsync(ada, id, new { quantity = seats, proration = "now" }))));
        var made = answers.Where(a => a.Answer.StatusCode == HttpStatusCode.OK).Select(a => a.Seats).ToList();
        made.ShouldNotBeEmpty();
        foreach (var (seats, refused) in answers.Where(a => !made.Contains(a.Seats)))
        {
            await RefusedAsync(refused, 409, "subscription.busy");
        }

        await world.SettleAsync();
        var standing = (await ada.SubscriptionAsync())["quantity"]!.GetValue<int>();
        standing.ShouldBeOneOf([.. made]);
        var gatewayId = await world.ScalarAsync<string>("SELECT gateway_id FROM payments.subscriptions WHERE user_id = $1", ada.Id);
        JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/subscriptions/{gatewayId}"))!["items"]!["data"]![0]!["quantity"]!.GetValue<int>().ShouldBe(standing);
        var changes = JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/invoices?subscription={gatewayId}&limit=100"))!["data"]!.AsArray().Count(i => i!["billing_reason"]!.ToString() == "subscription_update");
        changes.ShouldBe(made.Count, "one invoice a change that was made");
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task Of_twenty_concurrent_changes_that_all_differ_one_wins_and_the_rest_are_told_why_not()
    {
        // Four plans of one family, so that each change could be made were it alone; their prices are made when they are first asked for.
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        using var shopper = world.NewUser();
        var crews = new List<Guid>();
        for (var rank = 0; rank < 4; rank++)
        {
            var plan = new { name = $"Crew {rank}", price = new { amount = 700 + (100 * rank), currency = "eur" }, interval = "month", family = "crew", rank, maximumQuantity = 20, reason = "For a test." };
            crews.Add(Guid.Parse((await admin.DoAsync("admin/plans", plan))["id"]!.ToString()));
            await shopper.CheckoutAsync(new { planId = crews[^1] });
        }

        var id = await SubscribeAsync(ada, crews[0]);

        // So that all have come before the first one is done.
        await world.FaultsAsync(new { api = new { slow = 1.0 } });
        object[] changes = [.. crews.Skip(1).Select(plan => (object)new { planId = plan, proration = "now" }), .. Enumerable.Range(2, 17).Select(seats => (object)new { quantity = seats, proration = "now" })];
        var answers = await Task.WhenAll(changes.Select(async change => (Change: JsonSerializer.SerializeToNode(change)!, Answer: await PutAsync(ada, id, change))));
        await world.FaultsAsync(null);
        var winner = answers.Where(a => a.Answer.StatusCode == HttpStatusCode.OK).ToList().ShouldHaveSingleItem().Change;
        foreach (var (_, refused) in answers.Where(a => a.Change != winner))
        {
            await RefusedAsync(refused, 409, "subscription.busy");
        }

        await world.SettleAsync();
        var mine = await ada.SubscriptionAsync();
        mine["planId"]!.ToString().ShouldBe(winner["planId"]?.ToString() ?? crews[0].ToString());
        mine["quantity"]!.ToString().ShouldBe(winner["quantity"]?.ToString() ?? "1");
        var gatewayId = await world.ScalarAsync<string>("SELECT gateway_id FROM payments.subscriptions WHERE user_id = $1", ada.Id);
        JsonNode.Parse(await world.Simulator.GetStringAsync($"/v1/invoices?subscription={gatewayId}&limit=100"))!["data"]!.AsArray().Count.ShouldBe(2, "the first one, and that of the change");
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task Of_twenty_concurrent_changes_to_one_plan_one_wins_and_the_rest_are_told_why_not()
    {
        using var ada = world.NewUser();
        var id = await SubscribeAsync(ada, Plans.Monthly);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PutAsync(ada, id, new { planId = Plans.Yearly })));
        answers.Count(a => a.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        foreach (var refused in answers.Where(a => a.StatusCode != HttpStatusCode.OK))
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
            JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["code"]!.ToString().ShouldBeOneOf("subscription.busy", "subscription.unchanged");
        }

        await world.SettleAsync();
        (await ada.GetAsync("payments/history"))["items"]!.AsArray().Count.ShouldBe(2);
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task Cancelling_at_the_end_can_be_taken_back()
    {
        using var ada = world.NewUser();
        var id = await SubscribeAsync(ada, Plans.Monthly);
        (await BodyAsync(await ada.PostAsync($"subscriptions/{id}/cancel", new { atPeriodEnd = true })))["cancelAtPeriodEnd"]!.GetValue<bool>().ShouldBeTrue();
        using var twice = await ada.PostAsync($"subscriptions/{id}/cancel", new { atPeriodEnd = true });
        twice.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await BodyAsync(await ada.PostAsync($"subscriptions/{id}/resume", new { })))["cancelAtPeriodEnd"]!.GetValue<bool>().ShouldBeFalse();
        using var nothing = await ada.PostAsync($"subscriptions/{id}/resume", new { });
        JsonNode.Parse(await nothing.Content.ReadAsStringAsync())!["code"]!.ToString().ShouldBe("subscription.not_cancelling");
    }

    [Fact]
    public async Task Collection_is_paused_and_resumed()
    {
        using var ada = world.NewUser();
        var id = await SubscribeAsync(ada, Plans.Monthly);
        (await BodyAsync(await ada.PostAsync($"subscriptions/{id}/pause", new { behavior = "void" })))["pause"]!["behavior"]!.ToString().ShouldBe("void");
        (await BodyAsync(await ada.PostAsync($"subscriptions/{id}/resume", new { })))["pause"].ShouldBeNull();
    }

    [Fact]
    public async Task A_period_that_a_pause_leaves_unpaid_gives_nothing_and_the_next_paid_one_does()
    {
        using var ada = world.NewUser();
        var id = await SubscribeAsync(ada, Plans.Monthly);
        var first = (await ada.SubscriptionAsync()).Time("currentPeriodEnd");
        (await BodyAsync(await ada.PostAsync($"subscriptions/{id}/pause", new { behavior = "void" })))["pause"].ShouldNotBeNull();

        await world.MoveAsync(first.AddHours(7));

        var paused = await ada.SubscriptionAsync();
        paused["status"]!.ToString().ShouldBe("active");
        (await ada.CreditsAsync()).ShouldBe(200);
        (await ada.GetAsync("access/lab/1"))["allowed"]!.GetValue<bool>().ShouldBeFalse();

        (await BodyAsync(await ada.PostAsync($"subscriptions/{id}/resume", new { })))["pause"].ShouldBeNull();
        await world.MoveAsync(paused.Time("currentPeriodEnd").AddHours(2));

        (await ada.CreditsAsync()).ShouldBe(400);
        (await ada.GetAsync("access/lab/1"))["allowed"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task Wrong_wishes_are_refused_with_their_field()
    {
        using var ada = world.NewUser();
        using var eve = world.NewUser();
        var id = await SubscribeAsync(ada, Plans.Monthly);
        await RefusedAsync(await PutAsync(ada, id, new { }), 400, "request.invalid");
        await RefusedAsync(await PutAsync(ada, id, new { planId = Plans.Team }), 409, "plan.other_family");
        await RefusedAsync(await PutAsync(ada, id, new { quantity = 2 }), 400, "quantity.invalid");
        await RefusedAsync(await PutAsync(ada, id, new { planId = Plans.Monthly }), 409, "subscription.unchanged");
        await RefusedAsync(await PutAsync(ada, id, new { planId = Guid.NewGuid() }), 404, "plan.not_found");
        await RefusedAsync(await PutAsync(eve, id, new { planId = Plans.Yearly }), 404, "subscription.not_found");
        await RefusedAsync(await eve.PostAsync($"subscriptions/{id}/cancel", new { }), 404, "subscription.not_found");
    }

    private async Task<string> SubscribeAsync(Caller caller, Guid plan, int quantity = 1)
    {
        await caller.PaidAsync(await caller.BuyAsync(new { planId = plan, quantity }));
        await world.SettleAsync();
        return (await caller.GetAsync("subscriptions/status"))["items"]!.AsArray().ShouldHaveSingleItem()!["id"]!.ToString();
    }

    private static async Task<List<long>> HistoryAsync(Caller caller) =>
        [.. (await caller.GetAsync("payments/history"))["items"]!.AsArray().Select(p => p!["amount"]!["amount"]!.GetValue<long>())];

    private static Task<HttpResponseMessage> PutAsync(Caller caller, string id, object body) => caller.Http.PutAsJsonAsync($"api/v1/subscriptions/{id}", body);

    private static async Task<JsonNode> BodyAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
            return JsonNode.Parse(text)!;
        }
    }

    private static async Task RefusedAsync(HttpResponseMessage answer, int status, string code)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            ((int)answer.StatusCode).ShouldBe(status, text);
            JsonNode.Parse(text)!["code"]!.ToString().ShouldBe(code);
        }
    }
}

using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Payments.Api.Tests.Cards;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Subscriptions;

/// <summary>What a life with a subscription may be, each as the steps that make its events, and where it must end whatever the order of these.</summary>
/// <param name="Status">Of the subscription; of several the newest first.</param>
/// <param name="Access">Whether they may use what the plan gives.</param>
/// <param name="Steps">A step is done for everybody before the next one begins; a text moves the clock.</param>
internal sealed record Story(string Name, string Status, long Credits, bool Access, string[] Payments, object[] Steps)
{
    public long Tolerance { get; init; }

    /// <summary>How much of the payments has gone back, in minor units.</summary>
    public long Refunds { get; init; }

    /// <summary>Months are of different lengths.</summary>
    public long RefundsTolerance { get; init; }

    /// <summary>As <see cref="Status"/>, of a second person whose card is the same; null when there is none.</summary>
    public string? Beside { get; init; }

    /// <summary>Where the provider's tries to collect end, and after which days it tries; null for the usual.</summary>
    public object? Dunning { get; init; }

    /// <summary>Of how many people at once; a trial is had once a card, and there are only so many cards.</summary>
    public int AtOnce { get; init; } = Actor.Cards.Length;

    /// <summary>When something happened, an event tells and nothing else: no answer and no invoice.</summary>
    public bool OnlyEventsTell { get; init; }

    public override string ToString() => Name;
}

internal static partial class Stories
{
    private const string AMonth = "P31DT3H";
    private const string MissingCard = "trial_settings[end_behavior][missing_payment_method]";

    public static readonly Story[] All =
    [
        new("B1 paid on the page", "active", 200, true, ["succeeded"], [Buy(Plans.Monthly)]),
        new("B1' charged to a saved card", "active", 200, true, ["succeeded"], [Subscribe(Plans.Monthly, "tok_visa")]),
        new("B1'' declined, then left alone", "incomplete_expired", 0, false, ["canceled"], [Subscribe(Plans.Monthly, "tok_chargeCustomerFail"), "P1DT1H"]),
        new("B1'' challenged, then confirmed", "active", 200, true, ["succeeded"], [Subscribe(Plans.Monthly, "tok_threeDSecure2Required"), Authenticate]),
        new("B1'' challenged, then left alone", "incomplete_expired", 0, false, ["canceled"], [Subscribe(Plans.Monthly, "tok_threeDSecure2Required"), "P1DT1H"]),
        new("B2 a trial with a card", "trialing", 0, true, ["succeeded"], [Buy(Plans.Plus)]),
        new("B3 a trial that is paid", "active", 400, true, ["succeeded", "succeeded"], [Buy(Plans.Plus), "P14DT3H"]),
        new("B3 a trial whose card fails", "past_due", 0, true, ["failed", "succeeded"], [Buy(Plans.Plus), UseCard("pm_card_chargeCustomerFail"), "P14DT3H"]) { AtOnce = 1 },
        new("B3 a trial without a card", "past_due", 0, true, ["failed", "succeeded"], [Subscribe(Plans.Plus, null), "P14DT3H"]),
        new("B3 a trial without a card, told to pause", "paused", 0, false, ["succeeded"], [Subscribe(Plans.Plus, null), Update((MissingCard, "pause")), "P14DT3H"]),
        new("B3 a trial without a card that pauses, and resumes with one", "active", 400, true, ["succeeded", "succeeded"], [
            Subscribe(Plans.Plus, null), Update((MissingCard, "pause")), "P14DT3H", UseCard("pm_card_visa"), Resume]) { AtOnce = 1 },
        new("B3 a trial without a card, told to end", "canceled", 0, false, ["succeeded"], [Subscribe(Plans.Plus, null), Update((MissingCard, "cancel")), "P14DT3H"]),
        new("B3 a trial on a card that had one", "canceled", 0, false, ["succeeded"], [BuyAsAnother(Plans.Plus), "PT1M", Buy(Plans.Plus)]) { Beside = "trialing" },
        new("B4 a renewal", "active", 400, true, ["succeeded", "succeeded"], [Buy(Plans.Monthly), AMonth]),
        new("B4 a year", "active", 800, true, ["succeeded", "succeeded", "succeeded", "succeeded"], [Buy(Plans.Monthly), AMonth, AMonth, AMonth]),
        new("B5 a renewal that fails", "past_due", 200, true, ["failed", "succeeded"], [Buy(Plans.Monthly), UseCard("pm_card_chargeCustomerFail"), AMonth]),
        new("B5 a renewal that fails and recovers", "active", 400, true, ["succeeded", "succeeded"], [Buy(Plans.Monthly), UseCard("pm_card_chargeCustomerFail"), AMonth, UseCard("pm_card_visa"), "P6D"]),
        new("B5 a renewal that fails for good", "canceled", 200, false, ["canceled", "succeeded"], [Buy(Plans.Monthly), UseCard("pm_card_chargeCustomerFail"), AMonth, Cancel]),
        new("B5 a renewal that the provider gives up", "canceled", 200, true, ["canceled", "succeeded"], [Buy(Plans.Monthly), UseCard("pm_card_chargeCustomerFail"), AMonth, "P3D"]) { Dunning = TwoTriesThen("cancel") },
        new("B5 a renewal that stays past due", "past_due", 200, true, ["failed", "succeeded"], [Buy(Plans.Monthly), UseCard("pm_card_chargeCustomerFail"), AMonth, "P3D"]) { Dunning = TwoTriesThen("past_due") },
        new("B5 a renewal that is challenged", "past_due", 200, true, ["requiresAction", "succeeded"], [Buy(Plans.Monthly), UseCard("pm_card_threeDSecure2Required"), AMonth]),
        new("B5 a renewal that stays unpaid", "unpaid", 200, true, ["failed", "succeeded"], [Buy(Plans.Monthly), UseCard("pm_card_chargeCustomerFail"), AMonth, "P3D"]) { Dunning = TwoTriesThen("unpaid") },
        new("B5 a renewal that stays unpaid and is paid by hand", "active", 400, true, ["succeeded", "succeeded"], [
            Buy(Plans.Monthly), UseCard("pm_card_chargeCustomerFail"), AMonth, "P3D", PayOpen("pm_card_visa")]) { Dunning = TwoTriesThen("unpaid") },
        new("B5 a renewal that stays unpaid through the grace", "canceled", 200, false, ["canceled", "succeeded"], [Buy(Plans.Monthly), UseCard("pm_card_chargeCustomerFail"), AMonth, "P7D"]) { Dunning = TwoTriesThen("unpaid") },
        new("B5 a renewal that is paid after the end", "canceled", 200, false, ["refunded", "succeeded"], [Buy(Plans.Monthly), UseCard("pm_card_chargeCustomerFail"), AMonth, Cancel, "PT1H", PayOpen("pm_card_visa")]) { Refunds = 1900 },
        // 2400 for the year, and what of the month's 200 was used up in three days.
        new("B6 an upgrade paid now", "active", 2420, true, ["succeeded", "succeeded"], [Buy(Plans.Monthly), "P3D", Change(Plans.Yearly, 1, "always_invoice")]) { Tolerance = 2 },
        new("B6 an upgrade that waits for its money", "active", 200, true, ["failed", "succeeded"], [Buy(Plans.Monthly), "P3D", UseCard("pm_card_chargeCustomerFail"), Change(Plans.Yearly, 1, "always_invoice", "pending_if_incomplete")]),
        new("B6 an upgrade that waits for its money in vain", "active", 200, true, ["canceled", "succeeded"], [
            Buy(Plans.Monthly), "P3D", UseCard("pm_card_chargeCustomerFail"), Change(Plans.Yearly, 1, "always_invoice", "pending_if_incomplete"), "P1DT1H"]),
        new("B6 an upgrade that waits for its money, which comes", "active", 2420, true, ["succeeded", "succeeded"], [
            Buy(Plans.Monthly), "P3D", UseCard("pm_card_chargeCustomerFail"), Change(Plans.Yearly, 1, "always_invoice", "pending_if_incomplete"), "PT1H", PayOpen("pm_card_visa")]) { Tolerance = 2 },
        new("B7 seats taken away and made good later", "active", 600, true, ["succeeded", "succeeded"], [Buy(Plans.Team, 4), "P3D", Change(Plans.Team, 2, "create_prorations"), AMonth]) { Tolerance = 1 },
        new("B7 seats added and paid later", "active", 732, true, ["succeeded", "succeeded"], [Buy(Plans.Team, 2), "P10D", Change(Plans.Team, 4, "create_prorations"), AMonth]) { Tolerance = 5 },
        new("B6 seats toggled", "active", 390, true, ["succeeded", "succeeded", "succeeded"], [
            Buy(Plans.Team, 2), "PT36H", Change(Plans.Team, 4, "always_invoice"), "PT1H", Change(Plans.Team, 2, "always_invoice"), "PT1H", Change(Plans.Team, 4, "always_invoice")]) { Tolerance = 10 },
        new("B7 a downgrade at once", "active", 2400, true, ["succeeded"], [Buy(Plans.Yearly), "P1D", Change(Plans.Monthly, 1, "always_invoice")]),
        new("B8 cancelled at the period's end", "active", 200, true, ["succeeded"], [Buy(Plans.Monthly), "P1D", Update(("cancel_at_period_end", "true"))]),
        new("B8 cancelled at the period's end, which came", "canceled", 200, false, ["succeeded"], [Buy(Plans.Monthly), "P1D", Update(("cancel_at_period_end", "true")), AMonth]),
        new("B8 cancelled and taken back", "active", 400, true, ["succeeded", "succeeded"], [Buy(Plans.Monthly), "P1D", Update(("cancel_at_period_end", "true")), "P1D", Update(("cancel_at_period_end", "false")), AMonth]),
        new("B9 cancelled now", "canceled", 200, false, ["succeeded"], [Buy(Plans.Monthly), "P1D", Cancel]),
        new("B10 collection paused", "active", 200, false, ["succeeded"], [Buy(Plans.Monthly), "P1D", Update(("pause_collection[behavior]", "void")), AMonth]),
        new("B10 collection paused, drafts kept", "active", 200, false, ["succeeded"], [Buy(Plans.Monthly), "P1D", Update(("pause_collection[behavior]", "keep_as_draft")), AMonth]),
        new("B10 collection paused, written off", "active", 200, false, ["succeeded"], [Buy(Plans.Monthly), "P1D", Update(("pause_collection[behavior]", "mark_uncollectible")), AMonth]),
        new("B10 paused and resumed", "active", 400, true, ["succeeded", "succeeded"], [Buy(Plans.Monthly), Update(("pause_collection[behavior]", "void")), "P1D", Update(("pause_collection", "")), AMonth]),
        new("C1 a payment given back whole", "canceled", 0, false, ["refunded"], [Buy(Plans.Monthly), "PT1H", Refund(null)]) { Refunds = 1900 },
        new("C2 a payment given back in part", "active", 100, true, ["partiallyRefunded"], [Buy(Plans.Monthly), "PT1H", Refund(950)]) { Refunds = 950 },
        new("C1 a renewal given back whole", "canceled", 200, false, ["refunded", "succeeded"], [Buy(Plans.Monthly), AMonth, Refund(null)]) { Refunds = 1900 },
        new("D1 a payment disputed", "canceled", 0, false, ["disputed"], [Buy(Plans.Monthly), "PT1H", Dispute]),
        new("D4 a payment disputed and won", "canceled", 200, true, ["succeeded"], [Buy(Plans.Monthly), "PT1H", Dispute, "P1D", Rule("win")]),
        new("D4 a payment disputed and lost", "canceled", 0, false, ["lost"], [Buy(Plans.Monthly), "PT1H", Dispute, "P1D", Rule("lose")]),
        new("Two pages of a family, both paid", "canceled, active", 200, true, ["refunded", "succeeded"], [Open(Plans.Monthly), Open(Plans.Yearly), PayPage(0), "PT1M", PayPage(1)]) { Refunds = 19000 },
        new("A page and a card's challenge, both paid", "canceled, active", 200, true, ["refunded", "succeeded"], [Open(Plans.Yearly), Subscribe(Plans.Monthly, "tok_threeDSecure2Required"), "PT1M", PayPage(0), "PT1M", Authenticate]) { Refunds = 19000 },
        new("A move to an older one's family, paid now", "canceled, active", 210, true, ["partiallyRefunded", "refunded", "succeeded"], [
            Buy(Plans.Monthly), "PT1M", Buy(Plans.Team), "P3D", Change(Plans.Monthly, 1, "always_invoice")]) { Refunds = 1716, RefundsTolerance = 25, Tolerance = 2 },
        new("A move to an older one's family, paid later", "canceled, active", 210, true, ["partiallyRefunded", "succeeded"], [
            Buy(Plans.Monthly), "PT1M", Buy(Plans.Team), "P3D", Change(Plans.Monthly, 1, "create_prorations")]) { Refunds = 1080, RefundsTolerance = 15, Tolerance = 2 },
        new("A move to an older one's family, told much later", "canceled, active", 210, true, ["partiallyRefunded", "succeeded"], [
            Buy(Plans.Monthly), "PT1M", Buy(Plans.Team), "P3D", Change(Plans.Monthly, 1, "create_prorations"), "P5D", Update(("metadata[looked]", "1"))]) { Refunds = 1080, RefundsTolerance = 15, Tolerance = 2, OnlyEventsTell = true },
        new("A move to an older one's family, never paid", "canceled, active", 210, true, ["partiallyRefunded", "succeeded"], [
            Buy(Plans.Monthly), "PT1M", Buy(Plans.Team), "P3D", Change(Plans.Monthly, 1, "none"), "P5D", Update(("metadata[looked]", "1"))]) { Refunds = 1080, RefundsTolerance = 15, Tolerance = 2, OnlyEventsTell = true },
        new("A move of the older one to the family of two", "canceled, canceled, active", 120, true, ["partiallyRefunded", "refunded", "succeeded"], [
            Buy(Plans.Team), "PT1M", Open(Plans.Monthly), Open(Plans.Yearly), PayPage(0), "PT1M", PayPage(1), "P3D", Change(Plans.Monthly, 1, "none", of: 2), "P5D", Update(("metadata[looked]", "1"))]) { Refunds = 20710, RefundsTolerance = 25, Tolerance = 4, OnlyEventsTell = true },
        new("Two pages, both paid, and the newer one cancelled", "canceled, active", 200, true, ["refunded", "succeeded"], [
            Open(Plans.Monthly), Open(Plans.Yearly), PayPage(0), "PT1M", PayPage(1), "PT1M", Cancel]) { Refunds = 19000 },
    ];

    private static object TwoTriesThen(string finalAction) => new { retryAfterDays = new[] { 1, 1 }, finalAction };

    public static Story Named(string name) => All.Single(s => s.Name == name);

    private static Func<Actor, Task> Buy(Guid plan, int quantity = 1) => actor => actor.Caller.BuyAsync(new { planId = plan, quantity }, actor.Card);

    private static Func<Actor, Task> BuyAsAnother(Guid plan) => actor => actor.Meets().BuyAsync(new { planId = plan }, actor.Card);

    private static Func<Actor, Task> Open(Guid plan) => async actor => actor.Pages.Add((await actor.Caller.CheckoutAsync(new { planId = plan }))["sessionId"]!.ToString());

    private static Func<Actor, Task> PayPage(int number) => async actor =>
    {
        using var paid = await actor.World.PayAsync(actor.Pages[number], actor.Card);
        paid.StatusCode.ShouldBe(HttpStatusCode.OK, await paid.Content.ReadAsStringAsync());
    };

    private static Func<Actor, Task> Subscribe(Guid plan, string? token) => async actor =>
    {
        string? card = null;
        if (token is not null)
        {
            card = await actor.World.NewCardAsync(token);
            await actor.Caller.SaveCardAsync(card);
        }

        using var answer = await actor.Caller.PostAsync("payments/payment-intent", new { planId = plan, paymentMethodId = card });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    };

    private static Func<Actor, Task> Authenticate => async actor =>
    {
        var intent = (await actor.ListAsync("/v1/payment_intents?limit=10&customer=" + await actor.CustomerAsync())).Single(i => i["status"]!.ToString() == "requires_action")["id"]!.ToString();
        using var answer = await actor.World.Simulator.PostAsJsonAsync($"/sandbox/intents/{intent}/authenticate", new { accepted = true });
        answer.EnsureSuccessStatusCode();
    };

    private static Func<Actor, Task> UseCard(string card) => async actor =>
    {
        var method = await actor.World.StripeAsync($"/v1/payment_methods/{card}/attach", ("customer", await actor.CustomerAsync()));
        await actor.World.StripeAsync($"/v1/subscriptions/{(await actor.TruthAsync())["id"]}", ("default_payment_method", method["id"]!.ToString()));
    };

    private static Func<Actor, Task> PayOpen(string card) => async actor =>
    {
        var method = await actor.World.StripeAsync($"/v1/payment_methods/{card}/attach", ("customer", await actor.CustomerAsync()));
        var open = (await actor.ListAsync($"/v1/invoices?status=open&customer={await actor.CustomerAsync()}")).ShouldHaveSingleItem();
        await actor.World.StripeAsync($"/v1/invoices/{open["id"]}/pay", ("payment_method", method["id"]!.ToString()));
    };

    /// <param name="of">Of which subscription; 0 is the newest.</param>
    private static Func<Actor, Task> Change(Guid plan, int quantity, string proration, string behavior = "allow_incomplete", int of = 0) => async actor =>
    {
        var subscription = await actor.TruthAsync(of);
        await actor.World.StripeAsync(
            $"/v1/subscriptions/{subscription["id"]}", ("items[0][id]", subscription["items"]!["data"]![0]!["id"]!.ToString()), ("items[0][price]", await actor.PriceAsync(plan)),
            ("items[0][quantity]", quantity.ToString(CultureInfo.InvariantCulture)), ("proration_behavior", proration), ("payment_behavior", behavior));
    };

    private static Func<Actor, Task> Resume => async actor => await actor.World.StripeAsync($"/v1/subscriptions/{(await actor.TruthAsync())["id"]}/resume", ("billing_cycle_anchor", "now"));

    private static Func<Actor, Task> Update(params (string, string)[] form) => async actor => await actor.World.StripeAsync($"/v1/subscriptions/{(await actor.TruthAsync())["id"]}", form);

    private static Func<Actor, Task> Cancel => async actor => (await actor.World.Simulator.DeleteAsync($"/v1/subscriptions/{(await actor.TruthAsync())["id"]}")).EnsureSuccessStatusCode();

    private static Func<Actor, Task> Refund(long? amount) => async actor =>
    {
        var intent = await actor.NewestPaidIntentAsync();
        await actor.World.StripeAsync("/v1/refunds", amount is { } minor ? [("payment_intent", intent), ("amount", minor.ToString(CultureInfo.InvariantCulture))] : [("payment_intent", intent)]);
    };

    private static Func<Actor, Task> Dispute => async actor =>
        (await actor.World.Simulator.PostAsJsonAsync("/sandbox/disputes", new { payment_intent = await actor.NewestPaidIntentAsync() })).EnsureSuccessStatusCode();

    private static Func<Actor, Task> Rule(string verdict) => async actor =>
    {
        var dispute = (await actor.ListAsync($"/v1/disputes?limit=10&payment_intent={await actor.NewestPaidIntentAsync()}"))[0]["id"];
        (await actor.World.Simulator.PostAsync($"/sandbox/disputes/{dispute}/{verdict}", null)).EnsureSuccessStatusCode();
    };
}

/// <summary>One person who lives a story.</summary>
internal sealed class Actor(World world, int seed) : IDisposable
{
    public static readonly string[] Cards =
        ["pm_card_visa", "pm_card_visa_debit", "pm_card_mastercard", "pm_card_mastercard_debit", "pm_card_mastercard_prepaid", "pm_card_amex", "pm_card_discover", "pm_card_diners", "pm_card_jcb", "pm_card_unionpay"];

    public World World => world;

    public string Card => Cards[seed % Cards.Length];

    public int Seed => seed;

    public Caller Caller { get; } = world.NewUser();

    /// <summary>A second person, who has the same card; null in most stories.</summary>
    public Caller? Another { get; private set; }

    public IEnumerable<Caller> People => Another is null ? [Caller] : [Caller, Another];

    /// <summary>The checkout sessions that are open, as they were opened.</summary>
    public List<string> Pages { get; } = [];

    public List<JsonNode> Order { get; set; } = [];

    /// <summary>The event that is not delivered with the others; null in most orders.</summary>
    public JsonNode? Lost { get; set; }

    public Caller Meets() => Another = world.NewUser();

    public async Task<string> CustomerAsync() => await world.CustomerOfAsync(Caller);

    public async Task<List<JsonNode>> ListAsync(string path) =>
        [.. JsonNode.Parse(await world.Simulator.GetStringAsync(path))!["data"]!.AsArray().Select(o => o!)];

    /// <summary>A subscription as the provider has it; 0 is the newest.</summary>
    public async Task<JsonNode> TruthAsync(int number = 0) => (await TruthsAsync(Caller))[number];

    public async Task<string> NewestPaidIntentAsync() =>
        (await ListAsync($"/v1/payment_intents?limit=20&customer={await CustomerAsync()}")).First(i => i["status"]!.ToString() == "succeeded")["id"]!.ToString();

    public async Task<string> PriceAsync(Guid plan) =>
        await world.ScalarAsync<string>("SELECT gateway_price_id FROM payments.plan_prices WHERE plan_id = $1 AND gateway_price_id IS NOT NULL LIMIT 1", plan);

    /// <summary>Waits until all is as the story and the provider say; tells what is not, and the order of events that led there.</summary>
    public async Task EndsAsync(Story story, string told)
    {
        var lastSeen = "";
        try
        {
            await Worlds.World.EventuallyAsync(async () => (lastSeen = await DifferenceAsync(story)).Length == 0, "the same end", 40);
        }
        catch (ShouldAssertException e)
        {
            throw new ShouldAssertException($"{lastSeen}\n{told}: {string.Join(" → ", Order.Select(made => made["type"]))}", e);
        }
    }

    public void Dispose()
    {
        foreach (var person in People)
        {
            person.Dispose();
        }
    }

    /// <summary>Newest first.</summary>
    private async Task<List<JsonNode>> TruthsAsync(Caller person) => await ListAsync($"/v1/subscriptions?status=all&customer={await world.CustomerOfAsync(person)}");

    /// <summary>Empty when all is as the story and the provider say.</summary>
    private async Task<string> DifferenceAsync(Story story)
    {
        var differences = new List<string>();
        var truths = await CompareAsync(Caller, story.Status, differences);
        if (Another is not null)
        {
            await CompareAsync(Another, story.Beside!, differences);
        }

        var me = await Caller.GetAsync("users/me");
        var access = await Caller.GetAsync("access/lab/1");
        var payments = (await Caller.GetAsync("payments/history?limit=100"))["items"]!.AsArray().Select(p => p!).ToList();
        var invoices = (await Caller.GetAsync("invoices?limit=100"))["items"]!.AsArray().Select(i => i!).ToList();
        var theirs = new List<JsonNode>();
        foreach (var truth in truths)
        {
            theirs.AddRange(await ListAsync($"/v1/invoices?limit=100&subscription={truth["id"]}"));
        }

        var issued = theirs.Where(i => i["status"]!.ToString() != "draft").ToList();
        Same("access", story.Access, access["allowed"]!.GetValue<bool>());
        // The profile names a subscription as long as it gives access.
        Same("profile", story.Access, me["subscriptionType"] is not null);
        Same("payments", string.Join(",", story.Payments.Order()), string.Join(",", payments.Select(p => p["status"]!.ToString()).Order()));
        Near("given back", story.Refunds, story.RefundsTolerance, payments.Sum(p => p["refunded"]!["amount"]!.GetValue<long>()));
        Same("invoices", Listed(issued.Select(i => (i["number"]?.ToString() ?? "", i["status"]!.ToString(), i["amount_paid"]!.GetValue<long>()))),
            Listed(invoices.Select(i => (i["number"]?.ToString() ?? "", i["status"]!.ToString(), i["amountPaid"]!["amount"]!.GetValue<long>()))));
        Same("money", Listed(theirs.Where(i => i["status"]!.ToString() == "paid" && i["amount_paid"]!.GetValue<long>() > 0).Select(i => ("", "", i["amount_paid"]!.GetValue<long>()))),
            Listed(payments.Where(p => p["completedAt"] is not null && p["amount"]!["amount"]!.GetValue<long>() > 0).Select(p => ("", "", p["amount"]!["amount"]!.GetValue<long>()))));
        Near("credits", story.Credits, story.Tolerance, me["credits"]!.GetValue<long>());
        var stuck = await world.ScalarAsync<string>(
            "SELECT coalesce(string_agg(type || ' ' || status || ' ' || coalesce(last_error, ''), '; '), '') FROM payments.webhook_events WHERE id = ANY($1) AND status NOT IN ('processed', 'unhandled', 'foreign')",
            (object)Order.Select(e => e["id"]!.ToString()).ToArray());
        Same("events left over", "", stuck);
        return string.Join("\n", differences);

        void Same<T>(string what, T expected, T found) => Differ(differences, what, expected, found);

        void Near(string what, long expected, long tolerance, long found) => Differ(differences, what, expected, Math.Abs(found - expected) <= tolerance ? expected : found);
    }

    /// <returns>What the provider has.</returns>
    private async Task<List<JsonNode>> CompareAsync(Caller person, string statuses, List<string> differences)
    {
        var truths = await TruthsAsync(person);
        var mine = (await person.GetAsync("subscriptions/status"))["items"]!.AsArray().ToDictionary(s => s!["id"]!.GetValue<Guid>(), s => s!);
        Differ(differences, "provider's status", statuses, string.Join(", ", truths.Select(t => t["status"])));
        Differ(differences, "subscriptions", truths.Count, mine.Count);
        foreach (var truth in truths)
        {
            var id = await world.ScalarAsync<Guid>("SELECT coalesce((SELECT id FROM payments.subscriptions WHERE gateway_id = $1), '00000000-0000-0000-0000-000000000000')", truth["id"]!.ToString());
            if (!mine.TryGetValue(id, out var known))
            {
                differences.Add($"{truth["id"]} is not known");
                continue;
            }

            Same("status", truth["status"]!.ToString(), known["status"]!.ToString());
            Same("quantity", truth["items"]!["data"]![0]!["quantity"]!.ToString(), known["quantity"]!.ToString());
            Same("period end", Seconds(truth["items"]!["data"]![0]!["current_period_end"]), Parsed(known["currentPeriodEnd"]));
            Same("cancelAt", Seconds(truth["cancel_at"]), Parsed(known["cancelAt"]));
            Same("cancelAtPeriodEnd", truth["cancel_at_period_end"]!.ToString(), known["cancelAtPeriodEnd"]!.ToString());
            Same("pause", truth["pause_collection"]?["behavior"]?.ToString().Replace("_", "", StringComparison.Ordinal), known["pause"]?["behavior"]?.ToString().ToLowerInvariant());
            Same("price", truth["items"]!["data"]![0]!["price"]!["id"]!.ToString(), await world.ScalarAsync<string>("SELECT coalesce(price_id, '') FROM payments.subscriptions WHERE id = $1", id));
        }

        return truths;

        void Same<T>(string what, T expected, T found) => Differ(differences, what, expected, found);
    }

    private static void Differ<T>(List<string> differences, string what, T expected, T found)
    {
        if (!Equals(expected, found))
        {
            differences.Add($"{what}: {expected} expected, {found} found");
        }
    }

    private static string Listed(IEnumerable<(string, string, long)> items) => string.Join(" | ", items.Order());

    private static long? Seconds(JsonNode? time) => time?.GetValue<long>();

    private static long? Parsed(JsonNode? time) => time is null ? null : DateTimeOffset.Parse(time.ToString(), CultureInfo.InvariantCulture).ToUnixTimeSeconds();
}

/// <summary>Plays stories while nothing reaches the API, and hands out the events that each of its people has caused.</summary>
internal sealed partial class Stage(World world)
{
    private static readonly object UsualDunning = new { retryAfterDays = new[] { 3, 5, 7 }, finalAction = "cancel" };

    /// <summary>Plays a story, has its events told, and clears up however that ends.</summary>
    public async Task TellAsync(Story story, IEnumerable<int> seeds, Func<List<Actor>, Task> tell)
    {
        var actors = await PlayAsync(story, seeds);
        try
        {
            await tell(actors);
        }
        finally
        {
            // Whatever the provider was made to fail at meanwhile: it is to end what is left, and to say nothing of it.
            await SilenceAsync();
            await ClearAsync(actors);
            await world.FaultsAsync(null);
        }
    }

    /// <summary>Nothing that happens is told.</summary>
    public Task SilenceAsync() => world.FaultsAsync(new { deliveries = new { drop = 1.0 } });

    /// <summary>Plays a story for many at once. Afterwards the API knows of it what its own calls were answered, and no more; its clock stands where the provider's stands.</summary>
    private async Task<List<Actor>> PlayAsync(Story story, IEnumerable<int> seeds)
    {
        await PriceAsync();
        var actors = seeds.Select(seed => new Actor(world, seed)).ToList();
        await SilenceAsync();
        await DunningAsync(story.Dunning ?? UsualDunning);
        try
        {
            foreach (var step in story.Steps)
            {
                await (step is string duration ? MoveAloneAsync(duration) : TogetherAsync(actors, (Func<Actor, Task>)step));
            }

            // Nobody asks by himself: all that is learned is learned from events.
            var users = actors.SelectMany(a => a.People).Select(p => p.Id).ToArray();
            await world.ScalarAsync<long>("WITH silent AS (UPDATE payments.payments SET next_check_at = NULL WHERE user_id = ANY($1) RETURNING 1) SELECT count(*) FROM silent", users);
            await world.ScalarAsync<long>("WITH silent AS (UPDATE payments.subscriptions SET next_action_at = NULL WHERE user_id = ANY($1) RETURNING 1) SELECT count(*) FROM silent", users);
        }
        finally
        {
            await FollowAsync();
        }

        await SpendFreelyAsync();
        foreach (var (actor, events) in await EventsOfAsync(actors))
        {
            actor.Order = events;
        }

        return actors;
    }

    private static async Task TogetherAsync(List<Actor> actors, Func<Actor, Task> step)
    {
        foreach (var actor in actors)
        {
            await step(actor);
        }
    }

    /// <summary>Ends what the story left running, so that it does not renew beside the next one.</summary>
    private async Task ClearAsync(List<Actor> actors)
    {
        foreach (var actor in actors)
        {
            foreach (var person in actor.People)
            {
                foreach (var live in (await actor.ListAsync($"/v1/subscriptions?customer={await world.CustomerOfAsync(person)}")).Where(s => s["status"]!.ToString() != "incomplete_expired").Select(s => s["id"]))
                {
                    (await world.Simulator.DeleteAsync($"/v1/subscriptions/{live}")).EnsureSuccessStatusCode();
                }

                await world.ScalarAsync<long>("WITH silent AS (UPDATE payments.subscriptions SET next_action_at = NULL, card_fingerprint = 'past:' || id WHERE user_id = $1 RETURNING 1) SELECT count(*) FROM silent", person.Id);
                await world.ScalarAsync<long>("WITH silent AS (UPDATE payments.payments SET next_check_at = NULL WHERE user_id = $1 RETURNING 1) SELECT count(*) FROM silent", person.Id);
            }

            actor.Dispose();
        }

        await DunningAsync(UsualDunning);
    }

    /// <summary>As due work would in its time: asks about everything of theirs that is not over.</summary>
    public async Task AskAsync(Actor actor)
    {
        var users = actor.People.Select(p => p.Id).ToArray();
        await world.ScalarAsync<long>(
            "WITH due AS (UPDATE payments.payments SET next_check_at = '2000-01-01' WHERE user_id = ANY($1) AND completed_at IS NULL AND status NOT IN ('canceled', 'expired') RETURNING 1) SELECT count(*) FROM due", users);
        await world.ScalarAsync<long>(
            "WITH due AS (UPDATE payments.disputes d SET due_at = '2000-01-01' FROM payments.payments p WHERE p.id = d.payment_id AND p.user_id = ANY($1) AND d.due_at IS NOT NULL RETURNING 1) SELECT count(*) FROM due", users);
        await world.ScalarAsync<long>("WITH due AS (UPDATE payments.subscriptions SET next_action_at = '2000-01-01' WHERE user_id = ANY($1) RETURNING 1) SELECT count(*) FROM due", users);
    }

    /// <summary>Prices are made when they are first asked for; a change at the provider needs them before.</summary>
    private async Task PriceAsync()
    {
        if (await world.ScalarAsync<long>("SELECT count(DISTINCT plan_id) FROM payments.plan_prices WHERE gateway_price_id IS NOT NULL") < 4)
        {
            using var shopper = world.NewUser();
            foreach (var plan in new[] { Plans.Monthly, Plans.Yearly, Plans.Team, Plans.Plus })
            {
                await shopper.CheckoutAsync(new { planId = plan });
            }
        }
    }

    /// <summary>The provider's clock alone; the API lives on in the past.</summary>
    private async Task MoveAloneAsync(string duration)
    {
        world.Stripe.SetApi(new Uri(world.Api, "api/v1/webhooks/stripe"), null);
        try
        {
            using var moved = await world.Simulator.PostAsJsonAsync("/sandbox/clock", new { advance = duration });
            moved.StatusCode.ShouldBe(HttpStatusCode.OK, await moved.Content.ReadAsStringAsync());
        }
        finally
        {
            world.Stripe.SetApi(new Uri(world.Api, "api/v1/webhooks/stripe"), world.Api);
        }
    }

    private async Task DunningAsync(object settings) => (await world.Simulator.PostAsJsonAsync("/sandbox/billing", settings)).EnsureSuccessStatusCode();

    private async Task FollowAsync()
    {
        using var service = world.Internal();
        using var moved = await service.PutAsJsonAsync("sandbox/clock", new { now = world.Stripe.Now });
        moved.StatusCode.ShouldBe(HttpStatusCode.OK, await moved.Content.ReadAsStringAsync());
    }

    /// <summary>The budget of reads spares the real provider; here it would only make the test slow.</summary>
    private Task<bool> SpendFreelyAsync() => world.ScalarAsync<bool>(
        "INSERT INTO payments.gateway_budget AS b (one, second, used) VALUES (true, 99999999999, -100000000) ON CONFLICT (one) DO UPDATE SET second = excluded.second, used = excluded.used RETURNING b.one");

    /// <summary>Events belong together when they name the same object; one of these is a person's customer.</summary>
    private async Task<List<(Actor, List<JsonNode>)>> EventsOfAsync(List<Actor> actors)
    {
        var events = await AllAsync();
        var parents = new Dictionary<string, string>(StringComparer.Ordinal);
        var named = events.ConvertAll(e => OneCustomersId().Matches(e["data"]!["object"]!.ToJsonString()).Select(m => m.Groups["id"].Value).Distinct().ToList());
        foreach (var ids in named)
        {
            foreach (var id in ids.Skip(1))
            {
                parents[Root(id)] = Root(ids[0]);
            }
        }

        var found = new List<(Actor, List<JsonNode>)>();
        foreach (var actor in actors)
        {
            var roots = new List<string>();
            foreach (var person in actor.People)
            {
                roots.Add(Root(await world.CustomerOfAsync(person)));
            }

            found.Add((actor, [.. events.Where((_, i) => named[i].Count > 0 && roots.Contains(Root(named[i][0])))]));
        }

        return found;

        string Root(string id)
        {
            while (parents.GetValueOrDefault(id, id) is var parent && parent != id)
            {
                id = parent;
            }

            return id;
        }
    }

    /// <summary>All events there are, oldest first.</summary>
    private async Task<List<JsonNode>> AllAsync()
    {
        var all = new List<JsonNode>();
        for (JsonNode? page = null; page is null || page["has_more"]!.GetValue<bool>();)
        {
            using var answer = await world.Simulator.GetAsync($"/v1/events?limit=100{(all.Count == 0 ? "" : $"&starting_after={all[^1]["id"]}")}");
            if (answer.StatusCode == HttpStatusCode.BadRequest)
            {
                // Events are listed for 30 days, and the one that the last page ended with has just become older: from the start again.
                all.Clear();
                page = null;
                continue;
            }

            page = JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!;
            all.AddRange(page["data"]!.AsArray().Select(e => e!.DeepClone()));
        }

        all.Reverse();
        return all;
    }

    [GeneratedRegex("\"(?<id>(cus|sub|in|pi|ch|py|re|cs|du|dp|seti|inpay)_[A-Za-z0-9_]+?)(_secret_[A-Za-z0-9]+)?\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OneCustomersId();
}

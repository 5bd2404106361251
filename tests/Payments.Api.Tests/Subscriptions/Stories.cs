using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
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

    /// <summary>Credits that can be spent no more, and are not taken yet.</summary>
    public long Held { get; init; }

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

internal static class Stories
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
        new("D1 a payment disputed", "canceled", 0, false, ["disputed"], [Buy(Plans.Monthly), "PT1H", Dispute]) { Held = 200 },
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
        new("A move to an older one's family, part given back", "canceled, active", 210, true, ["partiallyRefunded", "succeeded"], [
            Buy(Plans.Monthly), "PT1M", Buy(Plans.Team), "P3D", Change(Plans.Monthly, 1, "none"), "PT1H", Refund(500)]) { Refunds = 1080, RefundsTolerance = 15, Tolerance = 2, OnlyEventsTell = true },
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
            $"/v1/subscriptions/{subscription["id"]}", ("items[0][id]", subscription["items"]!["data"]![0]!["id"]!.ToString()), ("items[0][price]", await actor.World.PriceOfAsync(plan)),
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

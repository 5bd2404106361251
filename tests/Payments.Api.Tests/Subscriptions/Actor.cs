using System.Globalization;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Cards;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Subscriptions;

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
            throw new ShouldAssertException($"{lastSeen}\n{told}: {string.Join(" → ", Order.Select(Named))}", e);
        }
    }

    public void Dispose()
    {
        foreach (var person in People)
        {
            person.Dispose();
        }
    }

    /// <summary>An event so that it can be told from others of its type.</summary>
    private string Named(JsonNode e) => $"{e["type"]} {e["data"]!["object"]!["id"] ?? ""} +{e["created"]!.GetValue<long>() - Order.Min(made => made["created"]!.GetValue<long>())} s";

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
        var statement = await Caller.GetAsync("users/me/credits");
        var entitled = story.Access ? await EntitlementAsync(truths, theirs) : null;
        Same("access", story.Access, access["allowed"]!.GetValue<bool>());
        // The profile names a subscription as long as it gives access.
        Same("profile", story.Access, me["subscriptionType"] is not null);
        Same("access until", entitled?.Until.ToUnixTimeSeconds(), access["allowed"]!.GetValue<bool>() ? Parsed(access["until"]) : null);
        Same("profile's expiry", entitled?.Shown.ToUnixTimeSeconds(), Parsed(me["subscriptionExpires"]));
        Same("credits held", story.Held, statement["held"]!.GetValue<long>());
        Same("credits owed", 0, statement["debt"]!.GetValue<long>());
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

    /// <summary>What follows from the provider's objects alone; of several that give access, the one that gives it longest.</summary>
    private async Task<Entitlement?> EntitlementAsync(List<JsonNode> subscriptions, List<JsonNode> invoices)
    {
        var given = subscriptions.Select(s => Entitlement.Of(s, invoices)).OfType<Entitlement>().OrderBy(e => e.Until).LastOrDefault();
        if (given is null && subscriptions[0]["status"]!.ToString() == "canceled"
            && (await ListAsync($"/v1/disputes?limit=100&payment_intent={await NewestPaidIntentAsync()}")).Exists(d => d["status"]!.ToString() == "won"))
        {
            // Its money went back, so it was ended; the money came back, and with it what it was for.
            return Entitlement.PaidUntil(subscriptions[0], invoices) is { } paid ? new Entitlement(paid, paid) : null;
        }

        return given;
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

using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Resources;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Controls;

/// <summary>What was really paid, straight from the objects: what a test compares the seller's books with.</summary>
internal static class Truth
{
    private const int MaxPayments = 50_000;

    public static JsonObject Show(Engine engine, string? customer)
    {
        // Bytes are taken under the lock and read outside of it.
        var (intents, sessions, refunds, disputes, customers) = engine.Read(store => (
            store.NewestFirst("payment_intent").Take(MaxPayments).ToList(),
            store.NewestFirst("checkout.session").Take(MaxPayments).ToList(),
            store.NewestFirst("refund").ToList(),
            store.NewestFirst("dispute").ToList(),
            store.NewestFirst("customer").Where(c => !c.Deleted).ToDictionary(c => c.Id, c => c, StringComparer.Ordinal)));
        var shownSessions = sessions.Where(s => s.Filter("status") is "complete").Select(s => Json.Parse(s.Json)).ToList();
        var sessionOfIntent = shownSessions
            .Where(s => s.Text("payment_intent") is not null)
            .ToDictionary(s => s.Text("payment_intent")!, s => s, StringComparer.Ordinal);
        var back = MoneyBack(refunds, disputes);
        var payments = intents
            .Select(i => Json.Parse(i.Json))
            .Where(i => i.Text("status") is "succeeded")
            .Select(i => Payment(i, sessionOfIntent.GetValueOrDefault(i.Text("id")!), back.GetValueOrDefault(i.Text("latest_charge")!, Back.Nothing)))
            .Concat(shownSessions.Where(s => s.Text("payment_status") is "no_payment_required").Select(s => Payment(intent: null, s, Back.Nothing)))
            .Where(p => customer is null || string.Equals(p.Text("customer"), customer, StringComparison.Ordinal))
            .ToList();
        return new JsonObject
        {
            ["payments"] = new JsonArray([.. payments]),
            ["customers"] = new JsonArray([.. payments
                .Where(p => p.Text("customer") is not null)
                .GroupBy(p => p.Text("customer")!, StringComparer.Ordinal)
                .Select(group => Customer(group.Key, customers.GetValueOrDefault(group.Key), group))]),
            ["totals"] = Totals(payments),
            ["refunded"] = Totals(payments, "refunded"),
            ["disputed"] = Totals(payments, "disputed"),
            ["lost"] = Totals(payments, "lost"),
        };
    }

    /// <summary>By charge: what went back to the buyer or is on its way, and what the bank holds or has taken.</summary>
    private static Dictionary<string, Back> MoneyBack(IEnumerable<StoredObject> refunds, IEnumerable<StoredObject> disputes) =>
        refunds.Concat(disputes)
            .Select(o => Json.Parse(o.Json))
            .Select(o => (Charge: o.Text("charge")!, Amount: o.Integer("amount")!.Value, Kind: (o.Text("object"), o.Text("status"))))
            .Select(o => (o.Charge, Back: o.Kind switch
            {
                ("refund", "succeeded" or "pending" or "requires_action") => new Back(o.Amount, 0, 0),
                ("dispute", "needs_response" or "under_review") => new Back(0, o.Amount, 0),
                ("dispute", "lost") => new Back(0, 0, o.Amount),
                _ => Back.Nothing,
            }))
            .GroupBy(o => o.Charge, o => o.Back, StringComparer.Ordinal)
            .ToDictionary(
                group => group.Key,
                group => group.Aggregate((a, b) => new Back(a.Refunded + b.Refunded, a.Disputed + b.Disputed, a.Lost + b.Lost)),
                StringComparer.Ordinal);

    private static JsonObject Payment(JsonObject? intent, JsonObject? session, Back back) => new()
    {
        ["paymentIntent"] = intent.Text("id"),
        ["session"] = session.Text("id"),
        ["charge"] = intent.Text("latest_charge"),
        ["amount"] = intent.Integer("amount_received") ?? 0,
        ["refunded"] = back.Refunded,
        ["disputed"] = back.Disputed,
        ["lost"] = back.Lost,
        ["amountSubtotal"] = session.Integer("amount_subtotal") ?? intent.Integer("amount_received") ?? 0,
        ["currency"] = (intent ?? session).Text("currency"),
        ["customer"] = (intent ?? session).Text("customer"),
        ["clientReferenceId"] = session.Text("client_reference_id"),
        ["metadata"] = (intent ?? session).Copy("metadata"),
        ["sessionMetadata"] = session.Copy("metadata"),
    };

    private static JsonObject Customer(string id, StoredObject? stored, IEnumerable<JsonObject> payments)
    {
        var customer = stored is null ? null : Json.Parse(stored.Json);
        return new JsonObject
        {
            ["customer"] = id,
            ["email"] = customer.Text("email"),
            ["metadata"] = customer.Copy("metadata"),
            ["payments"] = payments.Count(),
            ["paid"] = Totals(payments),
            ["refunded"] = Totals(payments, "refunded"),
            ["disputed"] = Totals(payments, "disputed"),
            ["lost"] = Totals(payments, "lost"),
        };
    }

    private static JsonObject Totals(IEnumerable<JsonObject> payments, string what = "amount")
    {
        var totals = new JsonObject();
        foreach (var group in payments.GroupBy(p => p.Text("currency")!, StringComparer.Ordinal))
        {
            totals[group.Key] = group.Sum(p => p.Integer(what)!.Value);
        }

        return totals;
    }

    /// <summary>In minor units. Disputed is withheld by an open chargeback; lost is gone with one.</summary>
    private sealed record Back(long Refunded, long Disputed, long Lost)
    {
        public static readonly Back Nothing = new(0, 0, 0);
    }
}

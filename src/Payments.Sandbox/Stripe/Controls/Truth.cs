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
        var (intents, sessions, refunds, disputes, subscriptions, invoices, customers) = engine.Read(store => (
            store.NewestFirst("payment_intent").Take(MaxPayments).ToList(),
            store.NewestFirst("checkout.session").Take(MaxPayments).ToList(),
            store.NewestFirst("refund").ToList(),
            store.NewestFirst("dispute").ToList(),
            store.NewestFirst("subscription").Where(s => customer is null || string.Equals(s.Filter("customer"), customer, StringComparison.Ordinal)).Take(MaxPayments).ToList(),
            store.NewestFirst("invoice").Where(i => !i.Deleted && (customer is null || string.Equals(i.Filter("customer"), customer, StringComparison.Ordinal))).Take(MaxPayments).ToList(),
            store.NewestFirst("customer").Where(c => !c.Deleted).ToDictionary(c => c.Id, c => c, StringComparer.Ordinal)));
        var shownSessions = sessions.Where(s => s.Filter("status") is "complete").Select(s => Json.Parse(s.Json)).ToList();
        var sessionOfIntent = shownSessions
            .Where(s => s.Text("payment_intent") is not null)
            .ToDictionary(s => s.Text("payment_intent")!, s => s, StringComparer.Ordinal);
        var back = MoneyBack(refunds, disputes);
        var sessionOfInvoice = shownSessions
            .Where(s => s.Text("invoice") is not null)
            .ToDictionary(s => s.Text("invoice")!, s => s, StringComparer.Ordinal);
        var payments = intents
            .Select(i => Json.Parse(i.Json))
            .Where(i => i.Text("status") is "succeeded")
            .Select(i => Payment(
                i,
                sessionOfIntent.GetValueOrDefault(i.Text("id")!) ?? sessionOfInvoice.GetValueOrDefault(InvoiceOf(i) ?? ""),
                back.GetValueOrDefault(i.Text("latest_charge")!, Back.Nothing)))
            .Concat(shownSessions.Where(s => s.Text("payment_status") is "no_payment_required" && s.Text("mode") is not "setup").Select(s => Payment(intent: null, s, Back.Nothing)))
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
            ["subscriptions"] = new JsonArray([.. subscriptions.Select(s => Subscription(Json.Parse(s.Json)))]),
            ["invoices"] = new JsonArray([.. invoices.Select(i => Invoice(Json.Parse(i.Json)))]),
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

    private static JsonObject Subscription(JsonObject subscription) => new()
    {
        ["subscription"] = subscription.Text("id"),
        ["customer"] = subscription.Text("customer"),
        ["status"] = subscription.Text("status"),
        ["currentPeriodStart"] = SubscriptionCycles.PeriodOf(subscription).Start,
        ["currentPeriodEnd"] = SubscriptionCycles.PeriodOf(subscription).End,
        ["trialEnd"] = subscription.Integer("trial_end"),
        ["cancelAt"] = subscription.Integer("cancel_at"),
        ["cancelAtPeriodEnd"] = subscription.Flag("cancel_at_period_end"),
        ["endedAt"] = subscription.Integer("ended_at"),
        ["paused"] = subscription.Hash("pause_collection") is not null,
        ["latestInvoice"] = subscription.Text("latest_invoice"),
        ["items"] = new JsonArray([.. SubscriptionCycles.ItemsOf(subscription).Select(i => new JsonObject
        {
            ["price"] = i.Hash("price").Text("id"),
            ["quantity"] = i.Integer("quantity"),
        })]),
        ["metadata"] = subscription.Copy("metadata"),
    };

    private static JsonObject Invoice(JsonObject invoice) => new()
    {
        ["invoice"] = invoice.Text("id"),
        ["number"] = invoice.Text("number"),
        ["customer"] = invoice.Text("customer"),
        ["subscription"] = invoice.Hash("parent").Hash("subscription_details").Text("subscription"),
        ["paymentIntent"] = invoice.Hash(StoredObject.PrivateField).Text("intent"),
        ["billingReason"] = invoice.Text("billing_reason"),
        ["status"] = invoice.Text("status"),
        ["currency"] = invoice.Text("currency"),
        ["total"] = invoice.Integer("total"),
        ["amountDue"] = invoice.Integer("amount_due"),
        ["amountPaid"] = invoice.Integer("amount_paid"),
        ["created"] = invoice.Integer("created"),
    };

    private static string? InvoiceOf(JsonObject intent) => intent.Hash(StoredObject.PrivateField).Text("invoice");

    private static JsonObject Payment(JsonObject? intent, JsonObject? session, Back back) => new()
    {
        ["paymentIntent"] = intent.Text("id"),
        ["session"] = session.Text("id"),
        ["charge"] = intent.Text("latest_charge"),
        ["invoice"] = intent is null ? session.Text("invoice") : InvoiceOf(intent),
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

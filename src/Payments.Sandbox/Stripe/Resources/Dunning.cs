using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>What happens when an invoice cannot be charged: further tries, and in the end what the seller has chosen.</summary>
internal static class Dunning
{
    /// <summary>Due when a failed invoice is tried again.</summary>
    public const string RetryDue = "invoice-retry";

    private const string SettingsId = "sandbox.billing";

    public static readonly string[] FinalActions = ["cancel", "unpaid", "past_due"];

    /// <summary>Stripe's Dashboard has these; here they are a control of the sandbox.</summary>
    public static JsonObject Settings(Work work) => work.Find(SettingsId) ?? new JsonObject
    {
        ["id"] = SettingsId,
        ["object"] = SettingsId,
        ["retryAfterDays"] = new JsonArray(3, 5, 7),
        ["finalAction"] = FinalActions[0],
    };

    /// <summary>An attempt has failed, or waits for the buyer's bank. Tells of it and plans the next one, or ends it.</summary>
    public static void Failed(Work work, JsonObject invoice, JsonObject before, bool automatic, bool needsBuyer)
    {
        var subscription = Invoices.SubscriptionOf(work, invoice);
        // A change that is only pending is not owed.
        var dunned = automatic && subscription.Text("status") is "active" or "past_due" or "trialing" && !PendingUpdates.Holds(subscription!, invoice);
        var last = dunned && !Plan(work, invoice);
        work.Save(invoice);
        work.Emit(needsBuyer ? "invoice.payment_action_required" : "invoice.payment_failed", invoice);
        work.EmitUpdated("invoice.updated", before, invoice);
        if (dunned)
        {
            SubscriptionStates.PaymentFailed(work, subscription!, last ? Settings(work).Text("finalAction") : null);
        }
    }

    public static void Retry(Work work, string invoiceId)
    {
        if (work.Find(invoiceId, Invoices.Type) is { } invoice)
        {
            InvoicePayments.ChargeByItself(work, invoice, tellUpdated: false);
        }
    }

    /// <summary>False when there is no further try.</summary>
    private static bool Plan(Work work, JsonObject invoice)
    {
        var days = Settings(work).Items("retryAfterDays")!.Select(d => d!.GetValue<int>()).ToList();
        var tried = (int)invoice.Integer("attempt_count")!.Value;
        if (tried > days.Count)
        {
            invoice["next_payment_attempt"] = null;
            invoice["auto_advance"] = false;
            return false;
        }

        var next = work.Time.AddDays(days[tried - 1]);
        invoice["next_payment_attempt"] = next.ToUnixTimeSeconds();
        work.Schedule(RetryDue, invoice.Text("id")!, next);
        return true;
    }
}

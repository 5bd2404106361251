using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>
/// payment_behavior=pending_if_incomplete: a change that counts once its invoice is paid, and is forgotten when that does
/// not happen in time. Until then the subscription stands as it was, and shows what is pending.
/// </summary>
internal static class PendingUpdates
{
    public const string ExpiryDue = "subscription-pending-update-expiry";

    private static readonly TimeSpan Kept = TimeSpan.FromHours(23);

    private static readonly string[] Order =
    [
        "customer.subscription.updated", "invoiceitem.created", "invoice.created", "invoice.finalized", "payment_intent.created", "charge.succeeded", "charge.failed",
        "payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.requires_action", "invoice.payment_failed", "invoice.payment_action_required",
        "invoice.updated", "invoice.paid", "invoice.payment_succeeded", "customer.updated",
    ];

    /// <param name="work">The work at hand.</param>
    /// <param name="subscription">As the change has left it.</param>
    /// <param name="before">As it was.</param>
    /// <param name="change">What the change made.</param>
    /// <param name="offSession">The buyer is away.</param>
    public static void Bill(Work work, JsonObject subscription, JsonObject before, SubscriptionChange change, bool offSession) => work.InOrder(() =>
    {
        var invoice = change.Invoice!;
        var wanted = subscription.DeepClone().AsObject();
        wanted.Remove(StoredObject.PrivateField);
        var billed = subscription.Private().Copy("billed");
        subscription.Clear();
        foreach (var (name, value) in before)
        {
            subscription[name] = value?.DeepClone();
        }

        subscription["latest_invoice"] = invoice.Text("id");
        subscription.Private()["pending"] = new JsonObject { ["invoice"] = invoice.Text("id"), ["wanted"] = wanted, ["billed"] = billed };
        work.Save(subscription);
        SubscriptionCycles.Schedule(work, subscription);
        foreach (var item in change.Prorations)
        {
            work.Emit("invoiceitem.created", item);
        }

        work.Emit("invoice.created", invoice);
        Invoices.Finalize(work, invoice);
        InvoicePayments.ChargeByItself(work, invoice, tellUpdated: false, offSession);
        if (Holds(subscription, invoice))
        {
            var until = work.Time + Kept;
            subscription["pending_update"] = new JsonObject
            {
                ["billing_cycle_anchor"] = wanted.Copy("billing_cycle_anchor"),
                ["discount"] = null,
                ["discounts"] = null,
                ["expires_at"] = until.ToUnixTimeSeconds(),
                ["metadata"] = null,
                ["subscription_items"] = wanted.Hash("items").Copy("data"),
                ["trial_end"] = wanted.Copy("trial_end"),
                ["trial_from_plan"] = null,
            };
            work.Save(subscription);
            work.Schedule(ExpiryDue, subscription.Text("id")!, until);
        }

        work.EmitUpdated("customer.subscription.updated", before, subscription);
        return Order;
    });

    /// <summary>The invoice is the one that a pending change waits for.</summary>
    public static bool Holds(JsonObject subscription, JsonObject invoice) =>
        string.Equals(subscription.Private().Hash("pending").Text("invoice"), invoice.Text("id"), StringComparison.Ordinal);

    /// <summary>The invoice is paid: the change counts.</summary>
    public static void Count(Work work, JsonObject subscription)
    {
        var before = subscription.DeepClone().AsObject();
        var pending = subscription.Private().Hash("pending")!;
        foreach (var name in new[] { "items", "billing_cycle_anchor", "trial_end" })
        {
            subscription[name] = pending.Hash("wanted").Copy(name);
        }

        subscription.Private()["billed"] = pending.Copy("billed");
        subscription.Private().Remove("pending");
        var told = subscription["pending_update"] is not null;
        subscription["pending_update"] = null;
        work.Save(subscription);
        work.CallOff(ExpiryDue, subscription.Text("id")!);
        SubscriptionCycles.Schedule(work, subscription);
        if (told)
        {
            work.EmitUpdated("customer.subscription.updated", before, subscription);
            work.Emit("customer.subscription.pending_update_applied", subscription);
        }
    }

    public static void Expire(Work work, string id)
    {
        if (work.Find(id, Subscriptions.Type) is not { } subscription || subscription.Private().Hash("pending").Text("invoice") is not { } invoiceId)
        {
            return;
        }

        subscription.Private().Remove("pending");
        subscription["pending_update"] = null;
        work.Save(subscription);
        work.Emit("customer.subscription.pending_update_expired", subscription);
        if (work.Find(invoiceId, Invoices.Type) is { } invoice && invoice.Text("status") is "open")
        {
            Invoices.Void(work, invoice);
        }
    }
}

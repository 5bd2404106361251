using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>From incomplete to canceled: what invoices and time make of a subscription's status.</summary>
internal static class SubscriptionStates
{
    /// <summary>Due when a first payment has not been made in time.</summary>
    public const string ExpiryDue = "subscription-expiry";

    /// <summary>Due at a cancel_at that is not the end of a period.</summary>
    public const string CancelDue = "subscription-cancel";

    /// <summary>Due when pause_collection ends by itself.</summary>
    public const string ResumeCollectionDue = "subscription-resume-collection";

    public static readonly TimeSpan FirstPaymentWithin = TimeSpan.FromHours(23);

    /// <summary>Nothing more can happen to it.</summary>
    public static bool IsOver(JsonObject subscription) => subscription.Text("status") is "canceled" or "incomplete_expired";

    public static void End(Work work, JsonObject subscription, string? reason)
    {
        var id = subscription.Text("id")!;
        subscription["status"] = "canceled";
        subscription["canceled_at"] ??= work.Now;
        subscription["ended_at"] = work.Now;
        subscription["pause_collection"] = null;
        if (reason is not null)
        {
            subscription["cancellation_details"]!["reason"] = reason;
        }

        work.Save(subscription);
        foreach (var kind in new[]
        {
            ExpiryDue, CancelDue, ResumeCollectionDue, PendingUpdates.ExpiryDue, SubscriptionCycles.CycleDue, SubscriptionCycles.UpcomingDue, SubscriptionCycles.TrialEndingDue,
        })
        {
            work.CallOff(kind, id);
        }

        // What is open stays open, but nobody charges it any more.
        foreach (var invoice in InvoicesOf(work, id).Where(i => i.Text("status") is "open" or "draft"))
        {
            invoice["auto_advance"] = false;
            invoice["next_payment_attempt"] = null;
            work.Save(invoice);
            work.CallOff(Dunning.RetryDue, invoice.Text("id")!);
            work.CallOff(Invoices.FinalizeDue, invoice.Text("id")!);
        }

        work.Emit("customer.subscription.deleted", subscription);
    }

    /// <param name="work">The work at hand.</param>
    /// <param name="subscription">Whose invoice has failed.</param>
    /// <param name="finalAction">What to do now that no try is left; null: one is.</param>
    public static void PaymentFailed(Work work, JsonObject subscription, string? finalAction)
    {
        if (finalAction is "cancel")
        {
            End(work, subscription, "payment_failed");
            return;
        }

        Become(work, subscription, finalAction is "unpaid" ? "unpaid" : "past_due");
    }

    /// <summary>The first invoice makes a subscription active, the latest one brings it back.</summary>
    public static void InvoicePaid(Work work, JsonObject invoice)
    {
        if (Invoices.SubscriptionOf(work, invoice) is not { } subscription || IsOver(subscription))
        {
            return;
        }

        if (PendingUpdates.Holds(subscription, invoice))
        {
            PendingUpdates.Count(work, subscription);
            return;
        }

        var latest = string.Equals(subscription.Text("latest_invoice"), invoice.Text("id"), StringComparison.Ordinal);
        switch (subscription.Text("status"))
        {
            case "incomplete":
                work.CallOff(ExpiryDue, subscription.Text("id")!);
                Become(work, subscription, "active");
                break;
            case "past_due" or "unpaid" when latest:
                Become(work, subscription, "active");
                break;
            case "paused" when latest:
                SubscriptionCycles.Schedule(work, subscription);
                Become(work, subscription, "active", "customer.subscription.resumed");
                break;
        }
    }

    /// <summary>An invoice was voided or written off: it holds nothing up any more.</summary>
    public static void InvoiceClosed(Work work, JsonObject invoice)
    {
        if (Invoices.SubscriptionOf(work, invoice) is not { } subscription
            || !string.Equals(subscription.Text("latest_invoice"), invoice.Text("id"), StringComparison.Ordinal))
        {
            return;
        }

        switch (subscription.Text("status"))
        {
            case "incomplete" when invoice.Text("status") is "void":
                work.CallOff(ExpiryDue, subscription.Text("id")!);
                subscription["ended_at"] = work.Now;
                Become(work, subscription, "incomplete_expired");
                break;
            case "past_due" or "unpaid":
                Become(work, subscription, "active");
                break;
        }
    }

    public static void Expire(Work work, string id)
    {
        if (work.Find(id, Subscriptions.Type) is not { } subscription || subscription.Text("status") is not "incomplete")
        {
            return;
        }

        subscription["ended_at"] = work.Now;
        Become(work, subscription, "incomplete_expired");
        work.CallOff(SubscriptionCycles.CycleDue, id);
        work.CallOff(SubscriptionCycles.UpcomingDue, id);
        foreach (var invoice in InvoicesOf(work, id).Where(i => i.Text("status") is "open"))
        {
            Invoices.Void(work, invoice);
        }
    }

    public static void CancelByItself(Work work, string id)
    {
        if (work.Find(id, Subscriptions.Type) is { } subscription && !IsOver(subscription))
        {
            End(work, subscription, reason: null);
        }
    }

    public static void ResumeCollection(Work work, string id)
    {
        if (work.Find(id, Subscriptions.Type) is { } subscription && subscription.Hash("pause_collection") is not null)
        {
            var before = subscription.DeepClone().AsObject();
            subscription["pause_collection"] = null;
            work.Save(subscription);
            work.EmitUpdated("customer.subscription.updated", before, subscription);
        }
    }

    public static void Become(Work work, JsonObject subscription, string status, string type = "customer.subscription.updated")
    {
        var before = subscription.DeepClone().AsObject();
        subscription["status"] = status;
        work.Save(subscription);
        // One that is just being made is told of as it is in the end.
        if (subscription.Private().Flag("untold") != true)
        {
            work.EmitUpdated(type, before, subscription);
        }
    }

    public static List<JsonObject> InvoicesOf(Work work, string subscription) =>
        [.. work.NewestFirst(Invoices.Type)
            .Where(i => string.Equals(i.Filter("parent.subscription_details.subscription"), subscription, StringComparison.Ordinal))
            .Select(i => work.Find(i.Id)!)];
}

using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>A subscription from period to period, by the sandbox's clock.</summary>
internal static class SubscriptionCycles
{
    /// <summary>Due at the end of the period, or of the trial.</summary>
    public const string CycleDue = "subscription-cycle";

    public const string UpcomingDue = "subscription-upcoming";

    public const string TrialEndingDue = "subscription-trial-ending";

    private static readonly TimeSpan TrialNotice = TimeSpan.FromDays(3);

    /// <summary>How long before a renewal invoice.upcoming comes: a setting of the account at Stripe, never before the period has begun.</summary>
    private static readonly TimeSpan UpcomingNotice = TimeSpan.FromDays(7);

    public static (long Start, long End) PeriodOf(JsonObject subscription)
    {
        var first = subscription.Hash("items").Items("data")![0];
        return (first.Integer("current_period_start")!.Value, first.Integer("current_period_end")!.Value);
    }

    public static void SetPeriod(JsonObject subscription, long start, long end)
    {
        foreach (var item in ItemsOf(subscription))
        {
            item["current_period_start"] = start;
            item["current_period_end"] = end;
        }
    }

    public static IEnumerable<JsonObject> ItemsOf(JsonObject subscription) => subscription.Hash("items").Items("data")!.OfType<JsonObject>();

    /// <summary>The end of the period that begins at a time.</summary>
    public static long EndOf(JsonObject subscription, long start)
    {
        var (interval, count) = SubscriptionItems.Rhythm(ItemsOf(subscription).First());
        return BillingPeriods.End(subscription.Integer("billing_cycle_anchor")!.Value, start, interval, count);
    }

    /// <summary>Puts what is to come on the clock.</summary>
    public static void Schedule(Work work, JsonObject subscription)
    {
        var id = subscription.Text("id")!;
        var (start, end) = PeriodOf(subscription);
        var turn = DateTimeOffset.FromUnixTimeSeconds(end);
        work.Schedule(CycleDue, id, turn);
        work.CallOff(UpcomingDue, id);
        if (turn - UpcomingNotice > DateTimeOffset.FromUnixTimeSeconds(start) && turn - UpcomingNotice > work.Time)
        {
            work.Schedule(UpcomingDue, id, turn - UpcomingNotice);
        }

        work.CallOff(TrialEndingDue, id);
        if (subscription.Text("status") is "trialing" && turn - TrialNotice > work.Time)
        {
            work.Schedule(TrialEndingDue, id, turn - TrialNotice);
        }

        ScheduleCancellation(work, subscription);
    }

    /// <summary>The end of a period brings its own cancellation; only another time needs one more.</summary>
    public static void ScheduleCancellation(Work work, JsonObject subscription)
    {
        work.CallOff(SubscriptionStates.CancelDue, subscription.Text("id")!);
        if (subscription.Integer("cancel_at") is { } at && at < PeriodOf(subscription).End)
        {
            work.Schedule(SubscriptionStates.CancelDue, subscription.Text("id")!, DateTimeOffset.FromUnixTimeSeconds(at));
        }
    }

    /// <summary>Tells at once of a trial that is shorter than the notice.</summary>
    public static void TellShortTrial(Work work, JsonObject subscription)
    {
        if (subscription.Text("status") is "trialing" && subscription.Integer("trial_end") - work.Now <= TrialNotice.TotalSeconds)
        {
            work.Emit("customer.subscription.trial_will_end", subscription);
        }
    }

    public static void TellTrialEnding(Work work, string id)
    {
        if (work.Find(id, Subscriptions.Type) is { } subscription && subscription.Text("status") is "trialing")
        {
            work.Emit("customer.subscription.trial_will_end", subscription);
        }
    }

    public static void TellUpcoming(Work work, string id)
    {
        if (work.Find(id, Subscriptions.Type) is not { } subscription || subscription.Text("status") is not ("active" or "past_due" or "trialing")
            || EndsWithPeriod(subscription))
        {
            return;
        }

        var upcoming = NextInvoice(work, subscription, peek: true);
        upcoming["billing_reason"] = "upcoming";
        upcoming["next_payment_attempt"] = PeriodOf(subscription).End + (long)Invoices.DraftFor.TotalSeconds;
        // Not an invoice yet, so it has no id.
        upcoming.Remove("id");
        work.Emit("invoice.upcoming", upcoming);
    }

    public static bool EndsWithPeriod(JsonObject subscription) => subscription.Integer("cancel_at") <= PeriodOf(subscription).End;

    /// <summary>The period is over: the subscription ends, pauses, or goes into its next period with a new invoice.</summary>
    public static void Turn(Work work, string id)
    {
        if (work.Find(id, Subscriptions.Type) is not { } subscription
            || subscription.Text("status") is not ("trialing" or "active" or "past_due" or "unpaid"))
        {
            return;
        }

        if (EndsWithPeriod(subscription))
        {
            SubscriptionStates.End(work, subscription, reason: null);
            return;
        }

        var before = subscription.DeepClone().AsObject();
        if (subscription.Text("status") is "trialing" && !EndTrial(work, subscription))
        {
            return;
        }

        var invoice = NextInvoice(work, subscription, peek: false);
        var start = PeriodOf(subscription).End;
        SetPeriod(subscription, start, EndOf(subscription, start));
        subscription["latest_invoice"] = invoice.Text("id");
        RememberBilled(work, subscription, invoice);
        work.Save(subscription);
        work.EmitUpdated("customer.subscription.updated", before, subscription);
        var behavior = subscription.Hash("pause_collection").Text("behavior");
        if (behavior is null && invoice.Flag("auto_advance") == true)
        {
            Invoices.ScheduleFinalization(work, invoice);
        }

        work.Emit("invoice.created", invoice);
        Schedule(work, subscription);
        KeepFromCollection(work, invoice, behavior);
    }

    /// <summary>Over goes the trial: with a method to charge, or as the subscription says without one. False: it ended or paused.</summary>
    public static bool EndTrial(Work work, JsonObject subscription)
    {
        var missing = InvoicePayments.DefaultMethod(work, subscription, subscription.Text("customer")!) is null
            ? subscription.Hash("trial_settings").Hash("end_behavior").Text("missing_payment_method")
            : null;
        switch (missing)
        {
            case "cancel":
                SubscriptionStates.End(work, subscription, reason: null);
                return false;
            case "pause":
                subscription["status"] = "paused";
                work.Save(subscription);
                work.Emit("customer.subscription.paused", subscription);
                return false;
            default:
                subscription["status"] = "active";
                return true;
        }
    }

    /// <summary>The invoice for the period after the current one, with what has waited for it.</summary>
    public static JsonObject NextInvoice(Work work, JsonObject subscription, bool peek)
    {
        var (previous, start) = PeriodOf(subscription);
        var end = EndOf(subscription, start);
        var customer = subscription.Text("customer")!;
        return Invoices.Draft(work, new DraftInvoice
        {
            Customer = customer,
            Currency = subscription.Text("currency")!,
            Reason = "subscription_cycle",
            Subscription = subscription,
            PendingItems = InvoiceItems.Pending(work, customer, subscription),
            Lines = [.. ItemsOf(subscription).Select(i => InvoiceLines.ForItem(work, subscription, i, start, end, trial: false))],
            Discounts = Discounts.Holding(work, subscription, start),
            PeriodStart = previous,
            PeriodEnd = start,
            AutoAdvance = subscription.Text("status") is not "unpaid",
            Peek = peek,
        });
    }

    /// <summary>Keeps what each item's whole period was billed at, for the credit of a later change, and uses up what is for once.</summary>
    public static void RememberBilled(Work work, JsonObject subscription, JsonObject invoice)
    {
        var billed = new JsonObject();
        foreach (var line in invoice.Hash("lines").Items("data")!.OfType<JsonObject>())
        {
            var details = line.Hash("parent").Hash("subscription_item_details");
            if (details.Text("subscription_item") is { } item && details.Flag("proration") == false)
            {
                billed[item] = InvoiceLines.Net(line);
            }
        }

        subscription.Private()["billed"] = billed;
        Discounts.Use(work, subscription, invoice);
    }

    private static void KeepFromCollection(Work work, JsonObject invoice, string? behavior)
    {
        switch (behavior)
        {
            case "void":
                Invoices.Void(work, invoice);
                break;
            case "mark_uncollectible":
                Invoices.WriteOff(work, invoice);
                break;
            case "keep_as_draft":
                invoice["auto_advance"] = false;
                work.Save(invoice);
                break;
        }
    }
}

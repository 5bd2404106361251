using System.Globalization;
using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>Other prices and quantities, pauses and cancellations of a subscription, and what each of them costs.</summary>
internal static class SubscriptionChanges
{
    public static JsonObject Update(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var subscription = work.FromPath(call.Id, Subscriptions.Type, "subscription");
        var before = subscription.DeepClone().AsObject();
        var change = Apply(work, subscription, parameters);
        if (before.Text("status") is "trialing" && subscription.Text("status") is "paused" or "canceled")
        {
            // The trial was ended by hand with nothing to charge, and that has been told.
            return subscription;
        }

        if (change.Invoice is not null && parameters.Text("payment_behavior") is "pending_if_incomplete")
        {
            PendingUpdates.Bill(work, subscription, before, change, parameters.Flag("off_session") == true);
            return subscription;
        }

        work.EmitUpdated("customer.subscription.updated", before, subscription);
        foreach (var item in change.Prorations)
        {
            work.Emit("invoiceitem.created", item);
        }

        if (change.Invoice is { } invoice)
        {
            Bill(work, subscription, invoice, parameters.Text("payment_behavior") ?? "allow_incomplete", parameters.Flag("off_session") == true);
        }

        if (parameters.ContainsKey("trial_end"))
        {
            SubscriptionCycles.TellShortTrial(work, subscription);
        }

        return subscription;
    }

    /// <summary>
    /// Changes the subscription as the parameters say, without a word to the world. The invoice that the change makes at
    /// once, if any, is a draft. A preview does the same and throws it away.
    /// </summary>
    public static SubscriptionChange Apply(Work work, JsonObject subscription, JsonObject parameters)
    {
        CheckEditable(subscription, parameters);
        Subscriptions.Refuse(
            parameters, "billing_schedules", "billing_thresholds", "pending_invoice_item_interval", "transfer_data", "on_behalf_of", "application_fee_percent");
        TakePlain(work, subscription, parameters);
        var (start, end) = SubscriptionCycles.PeriodOf(subscription);
        // Of one that is paused the period is long over.
        var at = parameters.Integer("proration_date") ?? Math.Clamp(work.Now, start, end);
        if (at < start || at > end)
        {
            throw StripeException.Invalid("The `proration_date` must be within the current billing period of the subscription.", "proration_date");
        }

        var behavior = parameters.Text("proration_behavior") ?? "create_prorations";
        var trialing = subscription.Text("status") is "trialing";
        var old = SubscriptionCycles.ItemsOf(subscription).Select(i => i.DeepClone().AsObject()).ToList();
        ChangeItems(work, subscription, parameters.Items("items"));
        var rhythmChanged = SubscriptionItems.Rhythm(old[0]) != SubscriptionItems.Rhythm(SubscriptionCycles.ItemsOf(subscription).First());
        var anew = parameters.Text("billing_cycle_anchor") is "now" || (rhythmChanged && !trialing);
        if (SetTrial(work, subscription, parameters, trialing) is { } endsTrial)
        {
            if (!endsTrial)
            {
                return new SubscriptionChange([], null);
            }

            anew = true;
        }

        var prorations = behavior is "none" || trialing ? [] : Prorate(work, subscription, old, at, anew);
        var oneTime = Subscriptions.OneTime(work, subscription, parameters.Items("add_invoice_items"));
        var invoice = anew ? BeginAnew(work, subscription)
            : behavior is "always_invoice" && prorations.Count + oneTime.Count > 0 ? Draft(work, subscription, [])
            : null;
        if (invoice is not null)
        {
            invoice["parent"]!["subscription_details"]!["subscription_proration_date"] = at;
            subscription["latest_invoice"] = invoice.Text("id");
            work.Save(invoice);
        }

        SetCancellation(work, subscription, parameters);
        work.Save(subscription);
        if (!SubscriptionStates.IsOver(subscription))
        {
            SubscriptionCycles.Schedule(work, subscription);
        }

        return new SubscriptionChange(prorations, invoice);
    }

    /// <summary>cancel_at and cancel_at_period_end, at creation and later.</summary>
    public static void SetCancellation(Work work, JsonObject subscription, JsonObject parameters)
    {
        var details = subscription.Hash("cancellation_details")!;
        details.TakeOver(parameters.Hash("cancellation_details") ?? [], "comment", "feedback");
        var end = SubscriptionCycles.PeriodOf(subscription).End;
        var atPeriodEnd = parameters.Flag("cancel_at_period_end");
        var at = parameters.Integer("cancel_at") ?? (parameters.Text("cancel_at") is not null ? end : null);
        if (at <= work.Now)
        {
            throw StripeException.Invalid("Invalid timestamp: must be an integer Unix timestamp in the future.", "cancel_at");
        }

        if (atPeriodEnd == true || at is not null)
        {
            subscription["cancel_at"] = at ?? end;
            subscription["cancel_at_period_end"] = atPeriodEnd == true;
            subscription["canceled_at"] = work.Now;
            details["reason"] = "cancellation_requested";
        }
        else if (atPeriodEnd == false || parameters.IsEmptied("cancel_at"))
        {
            subscription["cancel_at"] = null;
            subscription["cancel_at_period_end"] = false;
            subscription["canceled_at"] = null;
            details["reason"] = null;
        }
        else if (subscription.Flag("cancel_at_period_end") == true)
        {
            // The period may have become another one.
            subscription["cancel_at"] = end;
        }
    }

    public static JsonObject Cancel(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var subscription = work.FromPath(call.Id, Subscriptions.Type, "subscription");
        if (SubscriptionStates.IsOver(subscription))
        {
            throw StripeException.NotFound("subscription", call.Id);
        }

        var prorations = parameters.Flag("prorate") == true ? Prorate(work, subscription, [.. SubscriptionCycles.ItemsOf(subscription)], work.Now, anew: true) : [];
        subscription.Hash("cancellation_details")!.TakeOver(parameters.Hash("cancellation_details") ?? [], "comment", "feedback");
        subscription["canceled_at"] = work.Now;
        var open = subscription.Text("status") is "incomplete" && subscription.Text("latest_invoice") is { } first ? work.Find(first, Invoices.Type) : null;
        SubscriptionStates.End(work, subscription, "cancellation_requested");
        if (open.Text("status") is "open")
        {
            Invoices.Void(work, open!);
        }

        foreach (var item in prorations)
        {
            work.Emit("invoiceitem.created", item);
        }

        if (parameters.Flag("invoice_now") == true && InvoiceItems.Pending(work, subscription.Text("customer")!, subscription).Count > 0)
        {
            var invoice = Draft(work, subscription, []);
            subscription["latest_invoice"] = invoice.Text("id");
            work.Save(subscription);
            work.Emit("invoice.created", invoice);
            Invoices.Finalize(work, invoice);
            InvoicePayments.ChargeByItself(work, invoice, tellUpdated: false);
        }

        return subscription;
    }

    /// <summary>From paused back to active, as soon as the new period is paid.</summary>
    public static JsonObject Resume(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var subscription = work.FromPath(call.Id, Subscriptions.Type, "subscription");
        if (subscription.Text("status") is not "paused")
        {
            throw StripeException.Conflict("You can only resume subscriptions with status `paused`.");
        }

        if (parameters.Text("billing_cycle_anchor") is "unchanged")
        {
            throw StripeException.Invalid("The sandbox's Stripe resumes with `billing_cycle_anchor=now` only.", "billing_cycle_anchor");
        }

        var before = subscription.DeepClone().AsObject();
        var invoice = BeginAnew(work, subscription);
        subscription["latest_invoice"] = invoice.Text("id");
        work.Save(subscription);
        work.EmitUpdated("customer.subscription.updated", before, subscription);
        work.Emit("invoice.created", invoice);
        Invoices.Finalize(work, invoice);
        InvoicePayments.ChargeByItself(work, invoice, tellUpdated: false);
        return subscription;
    }

    /// <summary>The buyer has given a method through the subscription's setup intent.</summary>
    public static void MethodGiven(Work work, string id, JsonObject method)
    {
        if (work.Find(id, Subscriptions.Type) is not { } subscription || SubscriptionStates.IsOver(subscription))
        {
            return;
        }

        var before = subscription.DeepClone().AsObject();
        subscription["pending_setup_intent"] = null;
        subscription["default_payment_method"] ??= method.Text("id");
        work.Save(subscription);
        work.EmitUpdated("customer.subscription.updated", before, subscription);
    }

    private static void Bill(Work work, JsonObject subscription, JsonObject invoice, string behavior, bool offSession)
    {
        work.Emit("invoice.created", invoice);
        Invoices.Finalize(work, invoice);
        if (invoice.Text("status") is not "open")
        {
            return;
        }

        if (behavior is "default_incomplete")
        {
            SubscriptionStates.Become(work, subscription, "past_due");
        }
        else if (InvoicePayments.ChargeByItself(work, invoice, tellUpdated: false, offSession) is { } refusal && behavior is "error_if_incomplete")
        {
            throw StripeException.Declined(refusal.Error, keepsEffects: false);
        }
    }

    private static void CheckEditable(JsonObject subscription, JsonObject parameters)
    {
        var harmless = parameters.All(p => p.Key is "metadata" or "cancellation_details" or "expand");
        if (SubscriptionStates.IsOver(subscription) && !harmless)
        {
            throw StripeException.Conflict("A canceled subscription can only update its cancellation_details and metadata.");
        }

        if (subscription.Text("status") is "incomplete" && (parameters.ContainsKey("items") || parameters.ContainsKey("trial_end")))
        {
            throw StripeException.Conflict(
                "This subscription is incomplete. Until its first invoice is paid, only its metadata and default payment method can be updated.");
        }
    }

    private static void TakePlain(Work work, JsonObject subscription, JsonObject parameters)
    {
        Metadata.Merge(subscription, parameters);
        subscription.TakeOver(parameters, "description");
        if (parameters.ContainsKey("default_payment_method"))
        {
            subscription["default_payment_method"] = Subscriptions.MethodOf(work, parameters, subscription.Text("customer")!);
        }

        if (parameters.ContainsKey("default_tax_rates"))
        {
            subscription["default_tax_rates"] = parameters.IsEmptied("default_tax_rates") ? new JsonArray() : TaxRates.Named(work, parameters, "default_tax_rates");
        }

        if (parameters.Hash("payment_settings") is { } settings)
        {
            subscription.Hash("payment_settings")!.TakeOver(settings, "save_default_payment_method");
        }

        if (parameters.Hash("trial_settings") is { } trial)
        {
            subscription["trial_settings"] = trial.DeepClone();
        }

        if (parameters.ContainsKey("discounts"))
        {
            var amount = SubscriptionCycles.ItemsOf(subscription).Sum(SubscriptionItems.Amount);
            subscription["discounts"] = Discounts.From(
                work, parameters.Items("discounts"), subscription.Text("customer")!, subscription.Text("id"), amount, subscription.Text("currency")!);
        }

        if (parameters.ContainsKey("pause_collection"))
        {
            var id = subscription.Text("id")!;
            var pause = parameters.Hash("pause_collection");
            subscription["pause_collection"] = pause is null
                ? null
                : new JsonObject { ["behavior"] = pause.Text("behavior"), ["resumes_at"] = pause.Integer("resumes_at") };
            work.CallOff(SubscriptionStates.ResumeCollectionDue, id);
            if (pause.Integer("resumes_at") is { } until)
            {
                work.Schedule(SubscriptionStates.ResumeCollectionDue, id, DateTimeOffset.FromUnixTimeSeconds(until));
            }
        }
    }

    private static void ChangeItems(Work work, JsonObject subscription, JsonArray? changes)
    {
        var items = subscription.Hash("items").Items("data")!;
        for (var i = 0; i < (changes?.Count ?? 0); i++)
        {
            var (change, path) = (changes![i]!.AsObject(), $"items[{i}]");
            var price = SubscriptionItems.PriceOf(work, change, path);
            if (change.Text("id") is not { } id)
            {
                if (price is null)
                {
                    throw StripeException.Invalid($"Missing required param: {path}[price].", $"{path}[price]", "parameter_missing");
                }

                if (items.Any(item => string.Equals(item.Hash("price").Text("id"), price.Text("id"), StringComparison.Ordinal)))
                {
                    throw StripeException.Invalid($"Cannot add multiple subscription items with the same plan: {price.Text("id")}", $"{path}[price]");
                }

                var (start, end) = SubscriptionCycles.PeriodOf(subscription);
                var added = SubscriptionItems.New(work, subscription.Text("id")!, price, change, path);
                added["current_period_start"] = start;
                added["current_period_end"] = end;
                items.Add(added);
                continue;
            }

            var existing = items.OfType<JsonObject>().FirstOrDefault(item => string.Equals(item.Text("id"), id, StringComparison.Ordinal))
                ?? throw StripeException.Missing("subscription_item", id, $"{path}[id]");
            if (change.Flag("deleted") == true)
            {
                items.Remove(existing);
                continue;
            }

            if (price is not null)
            {
                SubscriptionItems.SetPrice(existing, price);
            }

            existing["quantity"] = SubscriptionItems.Quantity(change, path) ?? existing.Integer("quantity") ?? 1;
            Metadata.Merge(existing, change);
        }

        if (items.Count == 0)
        {
            throw StripeException.Conflict("A subscription must have at least one active plan.", param: "items");
        }

        SubscriptionItems.CheckTogether(items);
        if (!string.Equals(items[0].Hash("price").Text("currency"), subscription.Text("currency"), StringComparison.Ordinal))
        {
            throw StripeException.Invalid(
                $"The price specified only supports `{items[0].Hash("price").Text("currency")}`. This doesn't match the expected currency: `{subscription.Text("currency")}`.", "items");
        }
    }

    /// <summary>Null: the trial is not touched. True: it ends here and now, and is charged. False: it ended without anything to charge.</summary>
    private static bool? SetTrial(Work work, JsonObject subscription, JsonObject parameters, bool trialing)
    {
        if (parameters.Integer("trial_end") is { } until)
        {
            if (!trialing)
            {
                throw StripeException.Invalid("The sandbox's Stripe moves the end of a running trial only.", "trial_end");
            }

            if (until <= work.Now)
            {
                throw StripeException.Invalid("Invalid timestamp: must be an integer Unix timestamp in the future.", "trial_end");
            }

            subscription["trial_end"] = until;
            subscription["billing_cycle_anchor"] = until;
            SubscriptionCycles.SetPeriod(subscription, SubscriptionCycles.PeriodOf(subscription).Start, until);
            return null;
        }

        if (parameters.Text("trial_end") is not "now" || !trialing)
        {
            return null;
        }

        subscription["trial_end"] = work.Now;
        return SubscriptionCycles.EndTrial(work, subscription);
    }

    /// <summary>
    /// To the second: what was billed for the rest of the period comes back, and the rest is billed anew (unless a new
    /// period begins, whose price is a line of its own).
    /// </summary>
    private static List<JsonObject> Prorate(Work work, JsonObject subscription, List<JsonObject> old, long at, bool anew)
    {
        var (start, end) = (old[0].Integer("current_period_start")!.Value, old[0].Integer("current_period_end")!.Value);
        var billed = subscription.Private().Hash("billed") ?? [];
        var now = SubscriptionCycles.ItemsOf(subscription).ToDictionary(i => i.Text("id")!, i => i, StringComparer.Ordinal);
        var net = InvoiceLines.NetOfItems(work, subscription, now.Values, at);
        var after = DateTimeOffset.FromUnixTimeSeconds(at).ToString("d MMM yyyy", CultureInfo.InvariantCulture);
        var made = new List<JsonObject>();
        foreach (var item in old.Where(i => anew || IsChanged(i, now.GetValueOrDefault(i.Text("id")!))))
        {
            Add("Unused time on", item, -Share(billed.Integer(item.Text("id")!) ?? 0));
        }

        foreach (var item in anew ? [] : now.Values.Where(i => IsChanged(i, old.Find(o => string.Equals(o.Text("id"), i.Text("id"), StringComparison.Ordinal)))))
        {
            Add("Remaining time on", item, Share(net[item.Text("id")!]));
            billed[item.Text("id")!] = net[item.Text("id")!];
        }

        subscription.Private()["billed"] = billed.DeepClone();
        return made;

        long Share(long whole) => (long)Math.Round((decimal)whole * (end - at) / (end - start), MidpointRounding.AwayFromZero);

        void Add(string what, JsonObject item, long amount)
        {
            if (amount != 0)
            {
                var many = item.Integer("quantity") is > 1 and var quantity ? $"{quantity} × " : "";
                made.Add(InvoiceItems.Proration(
                    work, subscription, item, amount, $"{what} {many}{SubscriptionItems.ProductName(work, item)} after {after}", at, end));
            }
        }

        static bool IsChanged(JsonObject item, JsonObject? other) =>
            !string.Equals(item.Hash("price").Text("id"), other.Hash("price").Text("id"), StringComparison.Ordinal)
            || item.Integer("quantity") != other.Integer("quantity");
    }

    /// <summary>A new period from now, and the draft of its invoice.</summary>
    private static JsonObject BeginAnew(Work work, JsonObject subscription)
    {
        subscription["billing_cycle_anchor"] = work.Now;
        var end = SubscriptionCycles.EndOf(subscription, work.Now);
        SubscriptionCycles.SetPeriod(subscription, work.Now, end);
        var invoice = Draft(
            work, subscription, [.. SubscriptionCycles.ItemsOf(subscription).Select(i => InvoiceLines.ForItem(work, subscription, i, work.Now, end, trial: false))]);
        SubscriptionCycles.RememberBilled(work, subscription, invoice);
        return invoice;
    }

    private static JsonObject Draft(Work work, JsonObject subscription, IReadOnlyList<JsonObject> lines)
    {
        var customer = subscription.Text("customer")!;
        return Invoices.Draft(work, new DraftInvoice
        {
            Customer = customer,
            Currency = subscription.Text("currency")!,
            Reason = "subscription_update",
            Subscription = subscription,
            PendingItems = InvoiceItems.Pending(work, customer, subscription),
            Lines = lines,
            Discounts = Discounts.Holding(work, subscription, work.Now),
        });
    }
}

/// <param name="Prorations">Invoice items that the change has made, not yet told of.</param>
/// <param name="Invoice">The draft that bills them at once; null: they wait, or there are none.</param>
internal sealed record SubscriptionChange(IReadOnlyList<JsonObject> Prorations, JsonObject? Invoice);

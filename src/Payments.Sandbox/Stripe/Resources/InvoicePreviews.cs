using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>What an invoice would say: the very work that would make it is done, looked at, and thrown away.</summary>
internal static class InvoicePreviews
{
    public static JsonObject Create(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        Subscriptions.Refuse(parameters, "schedule", "schedule_details", "invoice_items", "customer_details");
        var details = parameters.Hash("subscription_details")?.DeepClone().AsObject() ?? [];
        Subscriptions.Refuse(details, "cancel_now", "resume_at", "start_date");
        if (parameters.ContainsKey("discounts"))
        {
            details["discounts"] = parameters.Copy("discounts");
        }

        JsonObject invoice;
        if (parameters.Text("subscription") is { } id)
        {
            invoice = OfChange(work, Subscriptions.Get(work, id, "subscription"), details);
        }
        else
        {
            var customer = parameters.Text("customer")
                ?? throw StripeException.Invalid("You must specify one of: customer, subscription.", "customer", "parameter_missing");
            invoice = OfNew(work, Customers.Get(work, customer), details);
        }

        var shown = DeclineBodies.Shown(invoice);
        var upcoming = "upcoming_" + shown.Text("id");
        shown["id"] = upcoming;
        shown["auto_advance"] = false;
        shown.Hash("lines")!["url"] = $"/v1/invoices/{upcoming}/lines";
        foreach (var line in shown.Hash("lines").Items("data")!)
        {
            line!["invoice"] = upcoming;
        }

        work.Discard();
        return shown;
    }

    private static JsonObject OfChange(Work work, JsonObject subscription, JsonObject details)
    {
        var change = SubscriptionChanges.Apply(work, subscription, details);
        if (change.Invoice is { } atOnce)
        {
            return atOnce;
        }

        if (SubscriptionStates.IsOver(subscription) || SubscriptionCycles.EndsWithPeriod(subscription))
        {
            throw StripeException.NothingUpcoming(subscription.Text("customer")!);
        }

        var next = SubscriptionCycles.NextInvoice(work, subscription, peek: true);
        next["billing_reason"] = "upcoming";
        next["next_payment_attempt"] = SubscriptionCycles.PeriodOf(subscription).End + (long)Invoices.DraftFor.TotalSeconds;
        return next;
    }

    private static JsonObject OfNew(Work work, JsonObject customer, JsonObject details)
    {
        if (details.Items("items") is not { Count: > 0 } parameters)
        {
            return work.NewestFirst(Subscriptions.Type)
                .Where(s => string.Equals(s.Filter("customer"), customer.Text("id"), StringComparison.Ordinal) && s.Filter("status") is "active" or "trialing" or "past_due")
                .Select(s => work.Find(s.Id)!)
                .Where(s => !SubscriptionCycles.EndsWithPeriod(s))
                .OrderBy(s => SubscriptionCycles.PeriodOf(s).End)
                .Select(s => OfChange(work, s, details))
                .FirstOrDefault() ?? throw StripeException.NothingUpcoming(customer.Text("id")!);
        }

        var id = Ids.New("sub_");
        var items = SubscriptionItems.From(work, id, parameters);
        var subscription = Subscriptions.New(work, id, customer.Text("id")!, items, details);
        subscription["discounts"] = Discounts.From(
            work, details.Items("discounts"), customer.Text("id")!, id, items.Sum(i => SubscriptionItems.Amount(i!.AsObject())), subscription.Text("currency")!);
        var invoice = Subscriptions.FirstInvoice(work, subscription, oneTime: [], peek: true);
        invoice["billing_reason"] = "upcoming";
        return invoice;
    }
}

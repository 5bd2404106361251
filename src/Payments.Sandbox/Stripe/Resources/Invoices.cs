using System.Globalization;
using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>Invoices from draft to paid, void or uncollectible. Their money is <see cref="InvoicePayments"/>' business.</summary>
internal static class Invoices
{
    /// <summary>Due about an hour after a draft was made by itself.</summary>
    public const string FinalizeDue = "invoice-finalize";

    public const string Type = "invoice";

    public static readonly TimeSpan DraftFor = TimeSpan.FromHours(1);

    public static void Map(RouteTable routes)
    {
        routes.Post("/v1/invoices", Create);
        routes.Get("/v1/invoices", List);
        routes.Post("/v1/invoices/create_preview", InvoicePreviews.Create);
        routes.Get("/v1/invoices/{id}", call => Get(call.Work, call.Id));
        routes.Post("/v1/invoices/{id}", Update);
        routes.Delete("/v1/invoices/{id}", Delete);
        routes.Get("/v1/invoices/{id}/lines", Lines);
        routes.Post("/v1/invoices/{id}/finalize", FinalizeCall);
        routes.Post("/v1/invoices/{id}/pay", InvoicePayments.Pay);
        routes.Post("/v1/invoices/{id}/send", Send);
        routes.Post("/v1/invoices/{id}/void", VoidCall);
        routes.Post("/v1/invoices/{id}/mark_uncollectible", MarkUncollectible);
    }

    public static JsonObject Get(Work work, string id) => work.FromPath(id, Type, "invoice");

    public static JsonObject? SubscriptionOf(Work work, JsonObject invoice) =>
        invoice.Hash("parent").Hash("subscription_details").Text("subscription") is { } id ? work.Find(id, "subscription") : null;

    /// <summary>A draft over the lines, not yet told of. Pending invoice items become lines of it.</summary>
    public static JsonObject Draft(Work work, DraftInvoice draft)
    {
        var customer = work.Find(draft.Customer, "customer")!;
        var subscription = draft.Subscription;
        var id = Ids.New("in_");
        var shipping = customer.Hash("shipping");
        var invoice = new JsonObject
        {
            ["id"] = id,
            ["object"] = Type,
            ["account_country"] = "US",
            ["account_name"] = work.Options.MerchantName,
            ["account_tax_ids"] = null,
            ["amount_due"] = 0,
            ["amount_overpaid"] = 0,
            ["amount_paid"] = 0,
            ["amount_remaining"] = 0,
            ["amount_shipping"] = 0,
            ["application"] = null,
            ["attempt_count"] = 0,
            ["attempted"] = false,
            ["auto_advance"] = draft.AutoAdvance,
            ["automatic_tax"] = new JsonObject { ["disabled_reason"] = null, ["enabled"] = false, ["liability"] = null, ["provider"] = null, ["status"] = null },
            ["automatically_finalizes_at"] = null,
            ["billing_reason"] = draft.Reason,
            ["collection_method"] = draft.CollectionMethod,
            ["created"] = work.Now,
            ["currency"] = draft.Currency,
            ["custom_fields"] = null,
            ["customer"] = draft.Customer,
            ["customer_account"] = null,
            ["customer_address"] = customer.Copy("address"),
            ["customer_email"] = customer.Text("email"),
            ["customer_name"] = customer.Text("name"),
            ["customer_phone"] = customer.Text("phone"),
            ["customer_shipping"] = shipping?.DeepClone(),
            ["customer_tax_exempt"] = customer.Text("tax_exempt") ?? "none",
            ["customer_tax_ids"] = TaxIds.Shown(work, customer.Text("id")!),
            ["default_payment_method"] = null,
            ["default_source"] = null,
            ["default_tax_rates"] = subscription?["default_tax_rates"]?.DeepClone() ?? new JsonArray(),
            ["description"] = draft.Description,
            ["discounts"] = new JsonArray(),
            ["due_date"] = draft.DueDate,
            ["effective_at"] = null,
            ["ending_balance"] = null,
            ["footer"] = null,
            ["from_invoice"] = null,
            ["hosted_invoice_url"] = null,
            ["invoice_pdf"] = null,
            ["issuer"] = new JsonObject { ["type"] = "self" },
            ["last_finalization_error"] = null,
            ["latest_revision"] = null,
            ["lines"] = Lists.Of([], hasMore: false, $"/v1/invoices/{id}/lines"),
            ["livemode"] = false,
            ["metadata"] = draft.Metadata ?? [],
            ["next_payment_attempt"] = null,
            ["number"] = null,
            ["on_behalf_of"] = null,
            ["parent"] = subscription is null ? null : new JsonObject
            {
                ["quote_details"] = null,
                ["subscription_details"] = new JsonObject
                {
                    ["metadata"] = subscription.Copy("metadata"),
                    ["subscription"] = subscription.Text("id"),
                },
                ["type"] = "subscription_details",
            },
            ["payment_settings"] = new JsonObject { ["default_mandate"] = null, ["payment_method_options"] = null, ["payment_method_types"] = null },
            ["period_end"] = draft.PeriodEnd ?? work.Now,
            ["period_start"] = draft.PeriodStart ?? work.Now,
            ["post_payment_credit_notes_amount"] = 0,
            ["pre_payment_credit_notes_amount"] = 0,
            ["receipt_number"] = null,
            ["rendering"] = null,
            ["shipping_cost"] = null,
            ["shipping_details"] = null,
            ["starting_balance"] = 0,
            ["statement_descriptor"] = null,
            ["status"] = "draft",
            ["status_transitions"] = new JsonObject { ["finalized_at"] = null, ["marked_uncollectible_at"] = null, ["paid_at"] = null, ["voided_at"] = null },
            ["subtotal"] = 0,
            ["subtotal_excluding_tax"] = 0,
            ["test_clock"] = customer.Text("test_clock"),
            ["total"] = 0,
            ["total_discount_amounts"] = new JsonArray(),
            ["total_excluding_tax"] = 0,
            ["total_pretax_credit_amounts"] = new JsonArray(),
            ["total_taxes"] = new JsonArray(),
            ["webhooks_delivered_at"] = null,
        };
        var lines = invoice.Hash("lines").Items("data")!;
        foreach (var pending in draft.PendingItems)
        {
            if (!draft.Peek)
            {
                pending["invoice"] = id;
                work.Save(pending);
            }

            lines.Add(InvoiceLines.ForInvoiceItem(pending));
        }

        foreach (var line in draft.Lines)
        {
            lines.Add(line);
        }

        foreach (var line in lines)
        {
            line!["invoice"] = id;
        }

        InvoiceLines.Total(work, invoice, draft.Discounts);
        if (!draft.Peek)
        {
            work.Save(invoice);
        }

        return invoice;
    }

    /// <summary>Gives the invoice its number, takes the customer's balance in, and opens it to payment.</summary>
    /// <param name="work">The work at hand.</param>
    /// <param name="invoice">A draft.</param>
    /// <param name="paidBy">An intent that has paid it already: Checkout's.</param>
    public static void Finalize(Work work, JsonObject invoice, JsonObject? paidBy = null)
    {
        var id = invoice.Text("id")!;
        var customer = work.Find(invoice.Text("customer")!, "customer")!;
        var before = customer.DeepClone().AsObject();
        var sequence = customer.Integer("next_invoice_sequence") ?? 1;
        customer["next_invoice_sequence"] = sequence + 1;
        // What Checkout has taken was the whole total; the balance stays for the next invoice.
        var balance = paidBy is null ? customer.Integer("balance") ?? 0 : 0;
        var total = invoice.Integer("total")!.Value;
        var due = InvoiceLines.Due(total, balance, invoice.Text("currency")!);
        customer["balance"] = (customer.Integer("balance") ?? 0) - balance + (total + balance - due);
        work.Save(customer);
        invoice["starting_balance"] = balance;
        invoice["ending_balance"] = total + balance - due;
        invoice["amount_due"] = due;
        invoice["amount_remaining"] = due;
        invoice["number"] = $"{customer.Text("invoice_prefix")}-{sequence.ToString("0000", CultureInfo.InvariantCulture)}";
        invoice["status"] = "open";
        invoice["automatically_finalizes_at"] = null;
        invoice["effective_at"] = work.Now;
        invoice["status_transitions"]!["finalized_at"] = work.Now;
        invoice["hosted_invoice_url"] = new Uri(work.Address, $"/invoice/{id}").AbsoluteUri;
        invoice["invoice_pdf"] = new Uri(work.Address, $"/invoice/{id}/pdf").AbsoluteUri;
        work.Save(invoice);
        work.CallOff(FinalizeDue, id);
        work.Emit("invoice.finalized", invoice);
        if (due > 0 && paidBy is null)
        {
            InvoicePayments.Open(work, invoice);
        }
        else
        {
            if (paidBy is not null)
            {
                InvoicePayments.Link(work, invoice, paidBy);
            }

            InvoicePayments.Settle(work, invoice, tellUpdated: false);
        }

        // The number by itself is no news; a changed balance is.
        if (customer.Integer("balance") != before.Integer("balance"))
        {
            work.EmitUpdated("customer.updated", before, customer);
        }
    }

    /// <summary>A draft's hour is over: it is opened and charged.</summary>
    public static void FinalizeByItself(Work work, string id)
    {
        if (work.Find(id, Type) is { } invoice && invoice.Text("status") is "draft" && invoice.Flag("auto_advance") == true)
        {
            Finalize(work, invoice);
            InvoicePayments.ChargeByItself(work, invoice, tellUpdated: true);
        }
    }

    public static void ScheduleFinalization(Work work, JsonObject invoice)
    {
        var at = work.Time + DraftFor;
        invoice["automatically_finalizes_at"] = at.ToUnixTimeSeconds();
        work.Save(invoice);
        work.Schedule(FinalizeDue, invoice.Text("id")!, at);
    }

    public static void Void(Work work, JsonObject invoice)
    {
        Close(work, invoice, "void", "voided_at");
        work.Emit("invoice.voided", invoice);
        InvoicePayments.Cancel(work, invoice);
        if (invoice.Integer("ending_balance") is { } ending && ending != invoice.Integer("starting_balance"))
        {
            // What the balance had borne goes back to it.
            var customer = work.Find(invoice.Text("customer")!, "customer")!;
            var before = customer.DeepClone().AsObject();
            customer["balance"] = customer.Integer("balance") - ending + invoice.Integer("starting_balance");
            work.Save(customer);
            work.EmitUpdated("customer.updated", before, customer);
        }
    }

    public static void WriteOff(Work work, JsonObject invoice)
    {
        Close(work, invoice, "uncollectible", "marked_uncollectible_at");
        work.Emit("invoice.marked_uncollectible", invoice);
    }

    private static void Close(Work work, JsonObject invoice, string status, string transition)
    {
        invoice["status"] = status;
        invoice["auto_advance"] = false;
        invoice["next_payment_attempt"] = null;
        invoice["status_transitions"]![transition] = work.Now;
        work.Save(invoice);
        work.CallOff(Dunning.RetryDue, invoice.Text("id")!);
    }

    private static JsonObject Create(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var customer = parameters.Text("customer") ?? throw StripeException.Invalid("Missing required param: customer.", "customer", "parameter_missing");
        Customers.Get(work, customer);
        var method = parameters.Text("collection_method") ?? "charge_automatically";
        var days = parameters.Integer("days_until_due");
        if (method is "send_invoice" && days is null && parameters.Integer("due_date") is null)
        {
            throw StripeException.Invalid("If invoice.collection_method=send_invoice, you must specify a due_date or days_until_due.", "days_until_due");
        }

        var subscription = parameters.Text("subscription") is { } id ? Subscriptions.Get(work, id, "subscription") : null;
        // Since 2022-08-01 pending items are left out unless they are asked for.
        var pending = parameters.Text("pending_invoice_items_behavior") is "include" || subscription is not null
            ? InvoiceItems.Pending(work, customer, subscription)
            : [];
        var currency = parameters.Text("currency") is { } code ? Currencies.Check(code, "currency")
            : pending.FirstOrDefault().Text("currency") ?? work.Find(customer, "customer").Text("currency") ?? "usd";
        var discounts = Discounts.From(work, parameters.Items("discounts"), customer, subscription: null, 0, currency);
        var invoice = Draft(work, new DraftInvoice
        {
            Customer = customer,
            Currency = currency,
            Reason = "manual",
            Subscription = subscription,
            PendingItems = [.. pending.Where(i => string.Equals(i.Text("currency"), currency, StringComparison.Ordinal))],
            Discounts = [.. discounts.Select(d => work.Find((string)d!)!)],
            AutoAdvance = parameters.Flag("auto_advance") ?? false,
            CollectionMethod = method,
            DueDate = parameters.Integer("due_date") ?? (days is { } later ? work.Now + (later * 86_400) : null),
            Description = parameters.Text("description"),
            Metadata = Metadata.From(parameters),
        });
        invoice["default_payment_method"] = parameters.Text("default_payment_method") is { } card
            ? PaymentMethods.Get(work, card, "default_payment_method").Text("id")
            : null;
        if (parameters.ContainsKey("default_tax_rates"))
        {
            invoice["default_tax_rates"] = TaxRates.Named(work, parameters, "default_tax_rates");
            InvoiceLines.Total(work, invoice, [.. discounts.Select(d => work.Find((string)d!)!)]);
        }

        work.Save(invoice);
        if (invoice.Flag("auto_advance") == true)
        {
            ScheduleFinalization(work, invoice);
        }

        work.Emit("invoice.created", invoice);

        return invoice;
    }

    private static JsonObject List(Call call)
    {
        if (call.Parameters.Text("subscription") is { } subscription)
        {
            call.Parameters["parent.subscription_details.subscription"] = subscription;
        }

        return Lists.Page(call, Type, "invoice", "customer", "status", "collection_method", "parent.subscription_details.subscription");
    }

    private static JsonObject Lines(Call call)
    {
        var lines = Get(call.Work, call.Id).Hash("lines").Items("data")!.OfType<JsonObject>().ToList();
        return Lists.Page(
            call, lines, l => l.Text("id")!, l => l.DeepClone(), id => lines.Exists(l => string.Equals(l.Text("id"), id, StringComparison.Ordinal)), "line item");
    }

    private static JsonObject Update(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var invoice = Get(work, call.Id);
        var before = invoice.DeepClone().AsObject();
        invoice.TakeOver(parameters, "description", "footer", "auto_advance");
        if (parameters.Text("default_payment_method") is { } card)
        {
            invoice["default_payment_method"] = PaymentMethods.Get(work, card, "default_payment_method").Text("id");
        }

        Metadata.Merge(invoice, parameters);
        work.Save(invoice);
        work.EmitUpdated("invoice.updated", before, invoice);
        if (invoice.Text("status") is "draft" && invoice.Flag("auto_advance") == true && before.Flag("auto_advance") != true)
        {
            ScheduleFinalization(work, invoice);
        }

        return invoice;
    }

    private static JsonObject Delete(Call call)
    {
        var invoice = Get(call.Work, call.Id);
        if (invoice.Text("status") is not "draft" || SubscriptionOf(call.Work, invoice) is not null)
        {
            throw StripeException.Conflict("You can only delete draft invoices that are not for a subscription.");
        }

        call.Work.CallOff(FinalizeDue, call.Id);
        call.Work.Emit("invoice.deleted", invoice);
        var deleted = new JsonObject { ["id"] = call.Id, ["object"] = Type, ["deleted"] = true };
        call.Work.Save(deleted);
        return deleted;
    }

    private static JsonObject FinalizeCall(Call call)
    {
        var (work, invoice) = (call.Work, Get(call.Work, call.Id));
        if (invoice.Text("status") is not "draft")
        {
            throw StripeException.Conflict("This invoice is already finalized, you can't re-finalize a non-draft invoice.", "invoice_not_editable");
        }

        if (call.Parameters.Flag("auto_advance") is { } advance)
        {
            invoice["auto_advance"] = advance;
        }

        Finalize(work, invoice);
        return invoice;
    }

    private static JsonObject Send(Call call)
    {
        var (work, invoice) = (call.Work, Get(call.Work, call.Id));
        if (invoice.Text("collection_method") is not "send_invoice")
        {
            throw StripeException.Conflict("You can only manually send an invoice if its collection method is 'send_invoice'.");
        }

        if (invoice.Text("status") is "draft")
        {
            Finalize(work, invoice);
        }

        work.Emit("invoice.sent", invoice);
        return invoice;
    }

    private static JsonObject VoidCall(Call call)
    {
        var (work, invoice) = (call.Work, Get(call.Work, call.Id));
        if (invoice.Text("status") is not ("open" or "uncollectible"))
        {
            throw StripeException.Conflict($"You can only void open or uncollectible invoices. This invoice has a status of {invoice.Text("status")}.", "invoice_not_editable");
        }

        Void(work, invoice);
        SubscriptionStates.InvoiceClosed(work, invoice);
        return invoice;
    }

    private static JsonObject MarkUncollectible(Call call)
    {
        var (work, invoice) = (call.Work, Get(call.Work, call.Id));
        if (invoice.Text("status") is not ("open" or "draft"))
        {
            throw StripeException.Conflict($"You can only mark open invoices as uncollectible. This invoice has a status of {invoice.Text("status")}.", "invoice_not_editable");
        }

        WriteOff(work, invoice);
        SubscriptionStates.InvoiceClosed(work, invoice);
        return invoice;
    }
}

/// <summary>What a draft is made of.</summary>
internal sealed record DraftInvoice
{
    public required string Customer { get; init; }

    public required string Currency { get; init; }

    /// <summary>Stripe's billing_reason.</summary>
    public required string Reason { get; init; }

    public JsonObject? Subscription { get; init; }

    public IReadOnlyList<JsonObject> Lines { get; init; } = [];

    public IReadOnlyList<JsonObject> PendingItems { get; init; } = [];

    public IReadOnlyList<JsonObject> Discounts { get; init; } = [];

    /// <summary>Unix seconds; null: now.</summary>
    public long? PeriodStart { get; init; }

    public long? PeriodEnd { get; init; }

    public bool AutoAdvance { get; init; } = true;

    public string CollectionMethod { get; init; } = "charge_automatically";

    public long? DueDate { get; init; }

    public string? Description { get; init; }

    public JsonObject? Metadata { get; init; }

    /// <summary>Only to be looked at: nothing is kept, and pending items go on waiting.</summary>
    public bool Peek { get; init; }
}

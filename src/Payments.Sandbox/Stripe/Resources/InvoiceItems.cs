using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>What waits for the customer's next invoice: prorations, and what the seller adds by hand.</summary>
internal static class InvoiceItems
{
    private const string Type = "invoiceitem";

    public static void Map(RouteTable routes)
    {
        routes.Post("/v1/invoiceitems", Create);
        routes.Get("/v1/invoiceitems", List);
        routes.Get("/v1/invoiceitems/{id}", call => call.Work.FromPath(call.Id, Type, "invoice item"));
        routes.Delete("/v1/invoiceitems/{id}", Delete);
    }

    /// <summary>Those that no invoice has taken yet, oldest first: of one subscription, and those of none.</summary>
    public static List<JsonObject> Pending(Work work, string customer, JsonObject? subscription) =>
        [.. work.NewestFirst(Type)
            .Where(i => !i.Deleted && i.Filter("invoice") is null
                && string.Equals(i.Filter("customer"), customer, StringComparison.Ordinal)
                && (i.Filter("parent.subscription_details.subscription") is not { } of || string.Equals(of, subscription.Text("id"), StringComparison.Ordinal)))
            .Select(i => work.Find(i.Id)!)
            .Reverse()];

    /// <summary>A proration, not yet told of.</summary>
    public static JsonObject Proration(Work work, JsonObject subscription, JsonObject item, long amount, string description, long start, long end)
    {
        var made = New(work, subscription.Text("customer")!, amount, subscription.Text("currency")!, description, start, end);
        made["discountable"] = false;
        made["parent"] = new JsonObject
        {
            ["subscription_details"] = new JsonObject { ["subscription"] = subscription.Text("id"), ["subscription_item"] = item.Text("id") },
            ["type"] = "subscription_details",
        };
        made["pricing"] = InvoiceLines.Pricing(item.Hash("price")!);
        made["proration"] = true;
        made["quantity"] = item.Copy("quantity");
        work.Save(made);
        return made;
    }

    /// <summary>Bought once along with a subscription: for its first invoice.</summary>
    public static JsonObject OneTime(Work work, JsonObject subscription, JsonObject price, long quantity)
    {
        var made = New(
            work,
            subscription.Text("customer")!,
            SubscriptionItems.Amount(price, quantity),
            price.Text("currency")!,
            work.Find(price.Text("product")!, "product").Text("name"),
            work.Now,
            work.Now);
        made["parent"] = new JsonObject
        {
            ["subscription_details"] = new JsonObject { ["subscription"] = subscription.Text("id"), ["subscription_item"] = null },
            ["type"] = "subscription_details",
        };
        made["pricing"] = InvoiceLines.Pricing(price);
        made["quantity"] = quantity;
        work.Save(made);
        return made;
    }

    private static JsonObject New(Work work, string customer, long amount, string currency, string? description, long start, long end) => new()
    {
        ["id"] = Ids.New("ii_"),
        ["object"] = Type,
        ["amount"] = amount,
        ["currency"] = currency,
        ["customer"] = customer,
        ["customer_account"] = null,
        ["date"] = work.Now,
        ["description"] = description,
        ["discountable"] = true,
        ["discounts"] = new JsonArray(),
        ["invoice"] = null,
        ["livemode"] = false,
        ["metadata"] = new JsonObject(),
        ["net_amount"] = amount,
        ["parent"] = null,
        ["period"] = new JsonObject { ["end"] = end, ["start"] = start },
        ["pricing"] = null,
        ["proration"] = false,
        ["quantity"] = 1,
        ["tax_rates"] = new JsonArray(),
        ["test_clock"] = null,
    };

    private static JsonObject Create(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var customer = parameters.Text("customer") ?? throw StripeException.Invalid("Missing required param: customer.", "customer", "parameter_missing");
        Customers.Get(work, customer);
        var price = parameters.Text("price") is { } named ? Prices.Get(work, named, "price")
            : parameters.Hash("price_data") is { } data ? Prices.FromData(work, data, "price_data", active: false)
            : null;
        var quantity = parameters.Integer("quantity") ?? 1;
        var amount = parameters.Integer("amount")
            ?? (price is null ? throw StripeException.Invalid("Missing required param: amount.", "amount", "parameter_missing") : SubscriptionItems.Amount(price, quantity));
        var currency = price.Text("currency") ?? Currencies.Check(
            parameters.Text("currency") ?? throw StripeException.Invalid("Missing required param: currency.", "currency", "parameter_missing"), "currency");
        var product = price is null ? null : work.Find(price.Text("product")!, "product").Text("name");
        var item = New(work, customer, amount, currency, parameters.Text("description") ?? product, work.Now, work.Now);
        item["metadata"] = Metadata.From(parameters);
        item["quantity"] = quantity;
        item["pricing"] = price is null ? null : InvoiceLines.Pricing(price);
        if (parameters.Text("subscription") is { } subscription)
        {
            item["parent"] = new JsonObject
            {
                ["subscription_details"] = new JsonObject
                {
                    ["subscription"] = Subscriptions.Get(work, subscription, "subscription").Text("id"),
                    ["subscription_item"] = null,
                },
                ["type"] = "subscription_details",
            };
        }

        if (parameters.Text("invoice") is { } id)
        {
            var invoice = work.FromParameter(id, Invoices.Type, "invoice", "invoice");
            if (invoice.Text("status") is not "draft")
            {
                throw StripeException.Conflict("This invoice is no longer editable.", "invoice_not_editable", "invoice");
            }

            item["invoice"] = id;
            var line = InvoiceLines.ForInvoiceItem(item);
            line["invoice"] = id;
            invoice.Hash("lines").Items("data")!.Add(line);
            InvoiceLines.Total(work, invoice, [.. invoice.Texts("discounts").Select(d => work.Find(d)!)]);
            work.Save(invoice);
        }

        work.Save(item);
        work.Emit("invoiceitem.created", item);
        return item;
    }

    private static JsonObject List(Call call)
    {
        var pending = call.Parameters.Flag("pending");
        var (customer, invoice) = (call.Parameters.Text("customer"), call.Parameters.Text("invoice"));
        var items = call.Work.NewestFirst(Type).Where(i => !i.Deleted
            && (customer is null || string.Equals(customer, i.Filter("customer"), StringComparison.Ordinal))
            && (invoice is null || string.Equals(invoice, i.Filter("invoice"), StringComparison.Ordinal))
            && (pending is null || pending == i.Filter("invoice") is null));
        return Lists.Page(call, items, i => i.Id, i => call.Work.Find(i.Id)!.DeepClone(), id => call.Work.Find(id, Type) is not null, "invoice item");
    }

    private static JsonObject Delete(Call call)
    {
        var item = call.Work.FromPath(call.Id, Type, "invoice item");
        if (item.Text("invoice") is not null)
        {
            throw StripeException.Conflict("You can only delete invoice items that are not attached to an invoice.", "invoice_not_editable");
        }

        call.Work.Emit("invoiceitem.deleted", item);
        var deleted = new JsonObject { ["id"] = call.Id, ["object"] = Type, ["deleted"] = true };
        call.Work.Save(deleted);
        return deleted;
    }
}

using System.Globalization;
using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>The lines of an invoice, and what discounts and taxes make of their sum.</summary>
internal static class InvoiceLines
{
    /// <summary>A subscription's item for one whole period; free while on trial.</summary>
    public static JsonObject ForItem(Work work, JsonObject subscription, JsonObject item, long start, long end, bool trial)
    {
        var name = SubscriptionItems.ProductName(work, item);
        var price = item.Hash("price")!;
        var (interval, count) = SubscriptionItems.Rhythm(item);
        var each = Currencies.FormatOnInvoice(price.Integer("unit_amount") ?? SubscriptionItems.Amount(price, 1), price.Text("currency")!);
        var quantity = item.Integer("quantity") ?? 1;
        var line = New(
            trial ? $"Trial period for {name}" : $"{quantity} × {name} (at {each} / {(count == 1 ? interval : $"every {count} {interval}s")})",
            trial ? 0 : SubscriptionItems.Amount(item),
            price.Text("currency")!,
            start,
            end);
        line["metadata"] = subscription.Copy("metadata");
        line["parent"] = OfItem(subscription.Text("id")!, item.Text("id")!, invoiceItem: null, proration: false);
        line["pricing"] = Pricing(price, trial);
        line["quantity"] = quantity;
        line["quantity_decimal"] = quantity.ToString(CultureInfo.InvariantCulture);
        line["subscription"] = subscription.Text("id");
        return line;
    }

    /// <summary>An invoice item that waited for this invoice.</summary>
    public static JsonObject ForInvoiceItem(JsonObject invoiceItem)
    {
        var period = invoiceItem.Hash("period")!;
        var line = New(
            invoiceItem.Text("description") ?? "",
            invoiceItem.Integer("amount")!.Value,
            invoiceItem.Text("currency")!,
            period.Integer("start")!.Value,
            period.Integer("end")!.Value);
        var details = invoiceItem.Hash("parent").Hash("subscription_details");
        line["discountable"] = invoiceItem.Copy("discountable");
        line["metadata"] = invoiceItem.Copy("metadata");
        line["parent"] = details.Text("subscription_item") is { } item
            ? OfItem(details.Text("subscription")!, item, invoiceItem.Text("id"), invoiceItem.Flag("proration") == true)
            : new JsonObject
            {
                ["invoice_item_details"] = new JsonObject
                {
                    ["invoice_item"] = invoiceItem.Text("id"),
                    ["proration"] = false,
                    ["proration_details"] = new JsonObject { ["credited_items"] = null },
                    ["subscription"] = details.Text("subscription"),
                },
                ["subscription_item_details"] = null,
                ["type"] = "invoice_item_details",
            };
        line["pricing"] = invoiceItem.Copy("pricing");
        line["quantity"] = invoiceItem.Copy("quantity");
        line["quantity_decimal"] = invoiceItem.Copy("quantity")?.ToString();
        line["subscription"] = details.Text("subscription");
        return line;
    }

    public static JsonObject Pricing(JsonObject price, bool free = false) => new()
    {
        ["price_details"] = new JsonObject { ["price"] = price.Text("id"), ["product"] = price.Text("product") },
        ["type"] = "price_details",
        ["unit_amount_decimal"] = free ? "0" : price.Text("unit_amount_decimal"),
    };

    /// <summary>
    /// Works an invoice out anew from its lines: discounts on what they apply to, then taxes, then what the customer's
    /// balance bears. Until it is final the balance is only reckoned with.
    /// </summary>
    public static void Total(Work work, JsonObject invoice, IReadOnlyList<JsonObject> discounts)
    {
        var lines = invoice.Hash("lines").Items("data")!.OfType<JsonObject>().ToList();
        invoice["discounts"] = new JsonArray([.. discounts.Select(d => JsonValue.Create(d.Text("id")))]);
        invoice["total_discount_amounts"] = Discount(lines, discounts, invoice.Text("currency")!);
        var rates = invoice.Items("default_tax_rates")!.OfType<JsonObject>().ToList();
        var taxes = TaxRates.Put(lines, rates);
        invoice["total_taxes"] = taxes;
        var subtotal = lines.Sum(l => l.Integer("amount")!.Value);
        var taken = invoice.Items("total_discount_amounts")!.Sum(a => a.Integer("amount")!.Value);
        var inclusive = taxes.Where(t => t.Text("tax_behavior") is "inclusive").Sum(t => t.Integer("amount")!.Value);
        var exclusive = taxes.Where(t => t.Text("tax_behavior") is "exclusive").Sum(t => t.Integer("amount")!.Value);
        var total = subtotal - taken + exclusive;
        invoice["subtotal"] = subtotal;
        invoice["subtotal_excluding_tax"] = subtotal - inclusive;
        invoice["total"] = total;
        invoice["total_excluding_tax"] = subtotal - taken - inclusive;
        var balance = work.Find(invoice.Text("customer")!, "customer").Integer("balance") ?? 0;
        invoice["starting_balance"] = balance;
        var due = Due(total, balance, invoice.Text("currency")!);
        invoice["amount_due"] = due;
        invoice["amount_remaining"] = due;
    }

    /// <summary>What is charged of a total when the customer's balance is taken in; too little to charge waits in the balance.</summary>
    public static long Due(long total, long balance, string currency)
    {
        var due = Math.Max(0, total + balance);
        return due > 0 && Currencies.IsTooSmall(due, currency) ? 0 : due;
    }

    /// <summary>What an item costs for a whole period with these discounts, among all the items of its subscription.</summary>
    public static Dictionary<string, long> NetOfItems(Work work, JsonObject subscription, IEnumerable<JsonObject> items, long at)
    {
        var lines = items.Select(i => (Id: i.Text("id")!, Line: ForItem(work, subscription, i, at, at, trial: false))).ToList();
        Discount([.. lines.Select(l => l.Line)], Discounts.Holding(work, subscription, at), subscription.Text("currency")!);
        return lines.ToDictionary(l => l.Id, l => Net(l.Line), StringComparer.Ordinal);
    }

    public static long Net(JsonObject line) =>
        line.Integer("amount")!.Value - line.Items("discount_amounts")!.Sum(a => a.Integer("amount")!.Value);

    private static JsonObject New(string description, long amount, string currency, long start, long end) => new()
    {
        ["id"] = Ids.New("il_"),
        ["object"] = "line_item",
        ["amount"] = amount,
        ["currency"] = currency,
        ["description"] = description,
        ["discount_amounts"] = new JsonArray(),
        ["discountable"] = true,
        ["discounts"] = new JsonArray(),
        ["invoice"] = null,
        ["livemode"] = false,
        ["metadata"] = new JsonObject(),
        ["parent"] = null,
        ["period"] = new JsonObject { ["end"] = end, ["start"] = start },
        ["pretax_credit_amounts"] = new JsonArray(),
        ["pricing"] = null,
        ["quantity"] = 1,
        ["quantity_decimal"] = "1",
        ["subscription"] = null,
        ["subtotal"] = amount,
        ["taxes"] = new JsonArray(),
    };

    private static JsonObject OfItem(string subscription, string item, string? invoiceItem, bool proration) => new()
    {
        ["invoice_item_details"] = null,
        ["subscription_item_details"] = new JsonObject
        {
            ["invoice_item"] = invoiceItem,
            ["proration"] = proration,
            ["proration_details"] = new JsonObject { ["credited_items"] = null },
            ["subscription"] = subscription,
            ["subscription_item"] = item,
        },
        ["type"] = "subscription_item_details",
    };

    /// <summary>Each discount in its turn takes from what the ones before it have left; the last line bears the rounding.</summary>
    private static JsonArray Discount(List<JsonObject> lines, IReadOnlyList<JsonObject> discounts, string currency)
    {
        foreach (var line in lines)
        {
            line["discount_amounts"] = new JsonArray();
        }

        var totals = new JsonArray();
        foreach (var discount in discounts)
        {
            var terms = Discounts.Terms(discount);
            var applicable = terms.Text("currency") is { } own && !string.Equals(own, currency, StringComparison.Ordinal)
                ? []
                : lines.Where(l => l.Flag("discountable") == true && Net(l) > 0 && AppliesTo(terms, l)).ToList();
            var basis = applicable.Sum(Net);
            var total = Coupons.Discount(terms, basis);
            var left = total;
            for (var i = 0; i < applicable.Count; i++)
            {
                var share = i == applicable.Count - 1 ? left : (long)decimal.Truncate((decimal)total * Net(applicable[i]) / basis);
                applicable[i].Items("discount_amounts")!.Add(Amount(share, discount));
                left -= share;
            }

            totals.Add(Amount(total, discount));
        }

        return totals;
    }

    private static bool AppliesTo(JsonObject terms, JsonObject line) =>
        line.Hash("pricing").Hash("price_details").Text("product") is { } product ? Coupons.AppliesTo(terms, product) : Coupons.AppliesTo(terms, "");

    private static JsonObject Amount(long amount, JsonObject discount) => new() { ["amount"] = amount, ["discount"] = discount.Text("id") };
}

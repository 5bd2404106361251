using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>What a session sells, and what a discount makes of it.</summary>
internal static class SessionLines
{
    private const int MaxLines = 100;

    /// <summary>The session's items, full price, as its line_items list shows them. What recurs is free while on trial.</summary>
    public static JsonArray From(Work work, JsonArray? lines, string mode, bool trial)
    {
        if (lines is not { Count: > 0 })
        {
            throw StripeException.Invalid("Missing required param: line_items.", "line_items", "parameter_missing");
        }

        if (lines.Count > MaxLines)
        {
            throw StripeException.Invalid($"A Checkout Session has at most {MaxLines} line items.", "line_items");
        }

        var items = new JsonArray();
        for (var i = 0; i < lines.Count; i++)
        {
            items.Add(Item(work, lines[i]!.AsObject(), $"line_items[{i}]", mode, trial));
        }

        if (mode is "subscription" && !items.Any(i => i.Hash("price").Text("type") is "recurring"))
        {
            throw StripeException.Invalid("You must provide at least one recurring price in `subscription` mode when using prices.", "mode");
        }

        var currency = items[0].Text("currency")!;
        foreach (var item in items.Where(item => !string.Equals(item.Text("currency"), currency, StringComparison.Ordinal)))
        {
            throw StripeException.Invalid(
                $"The price specified supports currencies of `{item.Text("currency")}`. This doesn't match the expected currency: `{currency}`.", "line_items");
        }

        return items;
    }

    /// <summary>Puts the session's discount (or none) on its items and works its totals out anew.</summary>
    public static void Total(Work work, JsonObject session)
    {
        var items = session.Private().Hash("line_items").Items("data")!;
        var currency = session.Text("currency")!;
        var discount = session.Items("discounts") is { Count: > 0 } discounts ? discounts[0] : null;
        var coupon = discount is null ? null : CouponOf(work, discount);
        var taken = coupon is null ? 0 : Spread(coupon, items, currency);
        foreach (var item in items.OfType<JsonObject>())
        {
            var off = coupon is null ? 0 : item.Integer("amount_discount")!.Value;
            item["amount_discount"] = off;
            item["amount_total"] = item.Integer("amount_subtotal") - off;
        }

        var subtotal = items.Sum(item => item.Integer("amount_subtotal")!.Value);
        session["amount_subtotal"] = subtotal;
        session["amount_total"] = subtotal - taken;
        session["total_details"] = new JsonObject { ["amount_discount"] = taken, ["amount_shipping"] = 0, ["amount_tax"] = 0 };
        session.Private()["breakdown"] = new JsonObject
        {
            ["discounts"] = coupon is null ? new JsonArray() : new JsonArray(new JsonObject
            {
                ["amount"] = taken,
                ["discount"] = Shown(work, session, discount!, coupon),
            }),
            ["taxes"] = new JsonArray(),
        };
    }

    public static JsonObject CouponOf(Work work, JsonNode discount) =>
        discount.Text("promotion_code") is { } promotion
            ? Coupons.Get(work, PromotionCodes.CouponOf(PromotionCodes.Get(work, promotion, "discounts")), "discounts")
            : Coupons.Get(work, discount.Text("coupon")!, "discounts");

    private static JsonObject Item(Work work, JsonObject line, string path, string mode, bool trial)
    {
        JsonObject price;
        if (line.Text("price") is { } id)
        {
            price = Prices.Get(work, id, $"{path}[price]");
            if (price.Flag("active") != true)
            {
                throw StripeException.Invalid(
                    $"The price specified is inactive. This field only accepts active prices.", $"{path}[price]");
            }
        }
        else
        {
            price = line.Hash("price_data") is { } data
                ? Prices.FromData(work, data, $"{path}[price_data]", active: false)
                : throw StripeException.Invalid($"Missing required param: {path}[price].", $"{path}[price]", "parameter_missing");
        }

        if (price.Text("type") is "recurring" && mode is "payment")
        {
            throw StripeException.Invalid(
                "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.", "mode");
        }

        var quantity = line.Integer("quantity") ?? throw StripeException.Invalid($"Quantity is required. Add `quantity` to `{path}`", path);
        if (quantity < 1)
        {
            throw StripeException.Invalid("This value must be greater than or equal to 1.", $"{path}[quantity]", "parameter_invalid_integer");
        }

        var product = work.Find(price.Text("product")!, "product")!;
        var amount = (long)Math.Round((price.Integer("unit_amount") ?? decimal.Parse(price.Text("unit_amount_decimal")!, System.Globalization.CultureInfo.InvariantCulture)) * quantity, MidpointRounding.AwayFromZero);
        if (trial && price.Text("type") is "recurring")
        {
            amount = 0;
        }

        var shownPrice = DeclineBodies.Shown(price);
        return new JsonObject
        {
            ["id"] = Ids.New("li_"),
            ["object"] = "item",
            ["adjustable_quantity"] = null,
            ["amount_discount"] = 0,
            ["amount_subtotal"] = amount,
            ["amount_tax"] = 0,
            ["amount_total"] = amount,
            ["currency"] = price.Text("currency"),
            ["description"] = product.Text("name"),
            ["metadata"] = Metadata.From(line),
            ["price"] = shownPrice,
            ["quantity"] = quantity,
        };
    }

    /// <summary>Takes the coupon off the items it applies to, each its share; the last bears the rounding.</summary>
    private static long Spread(JsonObject coupon, JsonArray items, string currency)
    {
        if (coupon.Text("currency") is { } own && !string.Equals(own, currency, StringComparison.Ordinal))
        {
            throw StripeException.Invalid(
                $"The coupon's currency `{own}` does not match the expected currency `{currency}`.", "discounts");
        }

        var applicable = items.OfType<JsonObject>().Where(i => Coupons.AppliesTo(coupon, i.Hash("price").Text("product")!)).ToList();
        foreach (var item in items.OfType<JsonObject>())
        {
            item["amount_discount"] = 0;
        }

        var basis = applicable.Sum(i => i.Integer("amount_subtotal")!.Value);
        var total = Coupons.Discount(coupon, basis);
        var left = total;
        for (var i = 0; i < applicable.Count; i++)
        {
            var share = i == applicable.Count - 1 || basis == 0
                ? left
                : (long)decimal.Truncate((decimal)total * applicable[i].Integer("amount_subtotal")!.Value / basis);
            applicable[i]["amount_discount"] = share;
            left -= share;
        }

        return total;
    }

    private static JsonObject Shown(Work work, JsonObject session, JsonNode discount, JsonObject coupon) => new()
    {
        ["id"] = Ids.New("di_"),
        ["object"] = "discount",
        ["checkout_session"] = session.Text("id"),
        ["customer"] = session.Text("customer"),
        ["customer_account"] = null,
        ["end"] = null,
        ["invoice"] = null,
        ["invoice_item"] = null,
        ["promotion_code"] = discount.Text("promotion_code"),
        ["source"] = new JsonObject { ["coupon"] = coupon.Text("id"), ["type"] = "coupon" },
        ["start"] = work.Now,
        ["subscription"] = null,
        ["subscription_item"] = null,
    };
}

using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>Coupons and promotion codes once they are given to somebody: for one invoice, for some months, or for ever.</summary>
internal static class Discounts
{
    private const string Type = "discount";

    /// <summary>The ids of the discounts that the parameter asks for; each redeems its coupon.</summary>
    public static JsonArray From(Work work, JsonArray? parameters, string customer, string? subscription, long amount, string currency)
    {
        var ids = new JsonArray();
        for (var i = 0; i < (parameters?.Count ?? 0); i++)
        {
            var (given, path) = (parameters![i]!.AsObject(), $"discounts[{i}]");
            if (given.Text("discount") is { } kept)
            {
                ids.Add(work.FromParameter(kept, Type, "discount", $"{path}[discount]").Text("id"));
                continue;
            }

            var (coupon, code) = (given.Text("coupon"), given.Text("promotion_code"));
            if ((coupon is null) == (code is null))
            {
                throw StripeException.Invalid("You must specify exactly one of these parameters: coupon, discount, promotion_code.", path);
            }

            if (code is not null
                && PromotionCodes.Objection(work, PromotionCodes.Get(work, code, $"{path}[promotion_code]"), customer, amount, currency) is { } objection)
            {
                throw StripeException.Conflict(objection, param: $"{path}[promotion_code]");
            }

            if (coupon is not null && Coupons.Get(work, coupon, $"{path}[coupon]").Flag("valid") != true)
            {
                throw StripeException.Conflict($"Coupon expired: {coupon}", "coupon_expired", $"{path}[coupon]");
            }

            ids.Add(Give(work, given, customer, subscription, session: null).Text("id"));
        }

        return ids;
    }

    /// <param name="work">The work at hand.</param>
    /// <param name="given">A hash with coupon or promotion_code.</param>
    /// <param name="customer">Who profits.</param>
    /// <param name="subscription">What it is for; null for an invoice's own.</param>
    /// <param name="session">The checkout session it was given in.</param>
    public static JsonObject Give(Work work, JsonNode given, string? customer, string? subscription, string? session)
    {
        var coupon = SessionLines.CouponOf(work, given);
        var discount = new JsonObject
        {
            ["id"] = Ids.New("di_"),
            ["object"] = Type,
            ["checkout_session"] = session,
            ["customer"] = customer,
            ["customer_account"] = null,
            ["end"] = coupon.Text("duration") is "repeating" ? BillingPeriods.AddMonths(work.Now, coupon.Integer("duration_in_months")!.Value) : null,
            ["invoice"] = null,
            ["invoice_item"] = null,
            ["promotion_code"] = given.Text("promotion_code"),
            ["source"] = new JsonObject { ["coupon"] = coupon.Text("id"), ["type"] = "coupon" },
            ["start"] = work.Now,
            ["subscription"] = subscription,
            ["subscription_item"] = null,
        };
        discount.Private()["terms"] = DeclineBodies.Shown(coupon);
        discount.Private()["applies_to"] = coupon.Private().Copy("applies_to");
        work.Save(discount);
        if (session is null)
        {
            // A checkout session has redeemed its own.
            Redeem(work, given, coupon);
        }

        return discount;
    }

    /// <summary>What it takes off: the coupon as it was when given, for a coupon may be deleted since.</summary>
    public static JsonObject Terms(JsonObject discount)
    {
        var terms = discount.Private().Hash("terms")!.DeepClone().AsObject();
        terms.Private()["applies_to"] = discount.Private().Copy("applies_to");
        return terms;
    }

    /// <summary>Those of a subscription's discounts that still hold for a period that begins at the time given.</summary>
    public static List<JsonObject> Holding(Work work, JsonObject subscription, long at) =>
        [.. subscription.Texts("discounts").Select(id => work.Find(id, Type)!).Where(d => d.Integer("end") is null || d.Integer("end") > at)];

    /// <summary>Takes those off the subscription that were for once and have been used.</summary>
    public static void Use(Work work, JsonObject subscription, JsonObject invoice)
    {
        var used = invoice.Items("total_discount_amounts")!
            .Where(a => a.Integer("amount") > 0)
            .Select(a => a.Text("discount")!)
            .Where(id => Terms(work.Find(id, Type)!).Text("duration") is "once")
            .ToHashSet(StringComparer.Ordinal);
        if (used.Count > 0)
        {
            subscription["discounts"] = new JsonArray([.. subscription.Texts("discounts").Where(id => !used.Contains(id)).Select(id => JsonValue.Create(id))]);
        }
    }

    private static void Redeem(Work work, JsonNode given, JsonObject coupon)
    {
        if (given.Text("promotion_code") is { } code)
        {
            PromotionCodes.Redeem(work, work.Find(code)!);
        }
        else
        {
            Coupons.Redeem(work, coupon);
        }
    }
}

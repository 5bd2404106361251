using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

internal static class PromotionCodes
{
    private const string Type = "promotion_code";

    public static void Map(RouteTable routes)
    {
        routes.Post("/v1/promotion_codes", Create);
        routes.Get("/v1/promotion_codes", List);
        routes.Get("/v1/promotion_codes/{id}", call => call.Work.FromPath(call.Id, Type, "promotion code"));
        routes.Post("/v1/promotion_codes/{id}", Update);
    }

    public static JsonObject Get(Work work, string id, string param) => work.FromParameter(id, Type, "promotion code", param);

    /// <summary>The active code that a buyer typed; null when there is none.</summary>
    public static JsonObject? ByCode(Work work, string code) =>
        work.NewestFirst(Type).FirstOrDefault(p =>
            string.Equals(p.Filter("code"), code, StringComparison.OrdinalIgnoreCase) && p.Filter("active") is "true") is { } found
            ? work.Find(found.Id)
            : null;

    /// <summary>Why this code may not be used for such a purchase; null when it may.</summary>
    public static string? Objection(Work work, JsonObject promotion, string? customer, long amount, string currency)
    {
        if (promotion.Flag("active") != true || Coupons.Get(work, CouponOf(promotion), "discounts").Flag("valid") != true)
        {
            return "This promotion code is no longer valid.";
        }

        if (promotion.Integer("expires_at") is { } end && work.Now >= end)
        {
            return "This promotion code has expired.";
        }

        if (promotion.Integer("max_redemptions") is { } most && promotion.Integer("times_redeemed") >= most)
        {
            return "This promotion code has reached its maximum number of redemptions.";
        }

        if (promotion.Text("customer") is { } only && !string.Equals(only, customer, StringComparison.Ordinal))
        {
            return "This promotion code cannot be redeemed by this customer.";
        }

        var restrictions = promotion.Hash("restrictions");
        if (restrictions.Integer("minimum_amount") is { } least
            && string.Equals(restrictions.Text("minimum_amount_currency"), currency, StringComparison.Ordinal) && amount < least)
        {
            return $"This promotion code needs a minimum purchase of {Currencies.Format(least, currency)}.";
        }

        var first = restrictions.Flag("first_time_transaction") == true;
        return first && customer is not null && work.NewestFirst("charge").Any(c => string.Equals(c.Filter("customer"), customer, StringComparison.Ordinal))
            ? "This promotion code cannot be redeemed because the associated customer has prior transactions."
            : null;
    }

    public static string CouponOf(JsonObject promotion) => promotion.Hash("promotion").Text("coupon")!;

    public static void Redeem(Work work, JsonObject promotion)
    {
        promotion["times_redeemed"] = promotion.Integer("times_redeemed") + 1;
        work.Save(promotion);
        Coupons.Redeem(work, work.Find(CouponOf(promotion), "coupon")!);
    }

    private static JsonObject Create(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        // Before clover the coupon stood by itself; Stripe's CLI 1.52.0 still sends it so.
        var promotion = parameters.Hash("promotion");
        var (couponId, param) = promotion is null ? (parameters.Text("coupon"), "coupon") : (promotion.Text("coupon"), "promotion[coupon]");
        if (couponId is null)
        {
            param = call.IsVersioned ? "promotion" : param;
            throw StripeException.Invalid($"Missing required param: {param}.", param, "parameter_missing");
        }

        var coupon = Coupons.Get(work, couponId, param);
        var code = parameters.Text("code") ?? Ids.Random(8).ToUpperInvariant();
        if (ByCode(work, code) is not null)
        {
            throw StripeException.Invalid("An active promotion code with the same code already exists.", "code", "resource_already_exists");
        }

        if (parameters.Text("customer") is { } customer)
        {
            Customers.Get(work, customer);
        }

        var restrictions = parameters.Hash("restrictions");
        var made = new JsonObject
        {
            ["id"] = Ids.New("promo_"),
            ["object"] = Type,
            ["active"] = parameters.Flag("active") ?? true,
            ["code"] = code,
            ["created"] = work.Now,
            ["customer"] = parameters.Text("customer"),
            ["customer_account"] = null,
            ["expires_at"] = parameters.Integer("expires_at"),
            ["livemode"] = false,
            ["max_redemptions"] = parameters.Integer("max_redemptions"),
            ["metadata"] = Metadata.From(parameters),
            ["promotion"] = new JsonObject { ["coupon"] = coupon.Text("id"), ["type"] = "coupon" },
            ["restrictions"] = new JsonObject
            {
                ["first_time_transaction"] = restrictions.Flag("first_time_transaction") ?? false,
                ["minimum_amount"] = restrictions.Integer("minimum_amount"),
                ["minimum_amount_currency"] = restrictions.Text("minimum_amount_currency"),
            },
            ["times_redeemed"] = 0,
        };
        work.Save(made);
        work.Emit("promotion_code.created", made);
        return made;
    }

    private static JsonObject List(Call call)
    {
        if (call.Parameters.Text("coupon") is { } coupon)
        {
            call.Parameters["promotion.coupon"] = coupon;
        }

        // Codes are looked up as people type them.
        if (call.Parameters.Text("code") is { } typed
            && call.Work.NewestFirst(Type).FirstOrDefault(p => string.Equals(p.Filter("code"), typed, StringComparison.OrdinalIgnoreCase)) is { } found)
        {
            call.Parameters["code"] = found.Filter("code");
        }

        return Lists.Page(call, Type, "promotion code", "active", "code", "customer", "promotion.coupon");
    }

    private static JsonObject Update(Call call)
    {
        var promotion = call.Work.FromPath(call.Id, Type, "promotion code");
        var before = promotion.DeepClone().AsObject();
        promotion.TakeOver(call.Parameters, "active");
        Metadata.Merge(promotion, call.Parameters);
        call.Work.Save(promotion);
        call.Work.EmitUpdated("promotion_code.updated", before, promotion);
        return promotion;
    }
}

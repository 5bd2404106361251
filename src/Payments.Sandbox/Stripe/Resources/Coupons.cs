using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

internal static class Coupons
{
    private const string Type = "coupon";

    public static void Map(RouteTable routes)
    {
        routes.Post("/v1/coupons", Create);
        routes.Get("/v1/coupons", call => Lists.Page(call, Type, "coupon"));
        routes.Get("/v1/coupons/{id}", call => Current(call.Work, call.Work.FromPath(call.Id, Type, "coupon")));
        routes.Post("/v1/coupons/{id}", Update);
        routes.Delete("/v1/coupons/{id}", Delete);
    }

    public static JsonObject Get(Work work, string id, string param) => Current(work, work.FromParameter(id, Type, "coupon", param));

    /// <summary>What it takes off an amount that it applies to.</summary>
    public static long Discount(JsonObject coupon, long amount) => coupon.Number("percent_off") is { } percent
        ? (long)Math.Round(amount * percent / 100m, MidpointRounding.AwayFromZero)
        : Math.Min(amount, coupon.Integer("amount_off")!.Value);

    public static bool AppliesTo(JsonObject coupon, string product)
    {
        var products = coupon.Private().Hash("applies_to").Texts("products").ToList();
        return products.Count == 0 || products.Contains(product, StringComparer.Ordinal);
    }

    public static void Redeem(Work work, JsonObject coupon)
    {
        coupon["times_redeemed"] = coupon.Integer("times_redeemed") + 1;
        Current(work, coupon);
        work.Save(coupon);
    }

    private static JsonObject Current(Work work, JsonObject coupon)
    {
        var expired = coupon.Integer("redeem_by") is { } by && work.Now >= by;
        var used = coupon.Integer("max_redemptions") is { } most && coupon.Integer("times_redeemed") >= most;
        coupon["valid"] = !expired && !used;
        return coupon;
    }

    private static JsonObject Create(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        if (parameters.Text("id") is { } taken && work.Find(taken, Type) is { } other && other.Flag("deleted") != true)
        {
            throw StripeException.Invalid("Coupon already exists.", "id", "resource_already_exists");
        }

        var (percent, off) = (parameters.Number("percent_off"), parameters.Integer("amount_off"));
        if ((percent is null) == (off is null))
        {
            throw percent is null
                ? StripeException.Invalid("Must provide percent_off or amount_off.", "percent_off", "parameter_missing")
                : StripeException.Invalid("You may only specify one of these parameters: percent_off, amount_off.", "percent_off", "parameters_exclusive");
        }

        if (percent is <= 0 or > 100)
        {
            throw StripeException.Invalid("percent_off must be greater than 0 and at most 100.", "percent_off");
        }

        if (off is < 1)
        {
            throw StripeException.Invalid("This value must be greater than or equal to 1.", "amount_off", "parameter_invalid_integer");
        }

        if (off is not null && parameters.Text("currency") is null)
        {
            throw StripeException.Invalid("Missing required param: currency.", "currency", "parameter_missing");
        }

        var duration = parameters.Text("duration") ?? "once";
        if (duration is "repeating" != parameters.ContainsKey("duration_in_months"))
        {
            throw StripeException.Invalid("duration_in_months is required for, and only for, a duration of repeating.", "duration_in_months");
        }

        var coupon = new JsonObject
        {
            ["id"] = parameters.Text("id") ?? Ids.Random(8),
            ["object"] = Type,
            ["amount_off"] = off,
            ["created"] = work.Now,
            ["currency"] = off is null ? null : Currencies.Check(parameters.Text("currency")!, "currency"),
            ["duration"] = duration,
            ["duration_in_months"] = parameters.Integer("duration_in_months"),
            ["livemode"] = false,
            ["max_redemptions"] = parameters.Integer("max_redemptions"),
            ["metadata"] = Metadata.From(parameters),
            ["name"] = parameters.Text("name"),
            ["percent_off"] = percent,
            ["redeem_by"] = parameters.Integer("redeem_by"),
            ["times_redeemed"] = 0,
            ["valid"] = true,
        };
        if (parameters.Hash("applies_to") is { } applies)
        {
            coupon.Private()["applies_to"] = applies.DeepClone();
        }

        work.Save(coupon);
        work.Emit("coupon.created", coupon);
        return coupon;
    }

    private static JsonObject Update(Call call)
    {
        var coupon = call.Work.FromPath(call.Id, Type, "coupon");
        var before = coupon.DeepClone().AsObject();
        coupon.TakeOver(call.Parameters, "name");
        Metadata.Merge(coupon, call.Parameters);
        call.Work.Save(coupon);
        call.Work.EmitUpdated("coupon.updated", before, coupon);
        return coupon;
    }

    private static JsonObject Delete(Call call)
    {
        var coupon = call.Work.FromPath(call.Id, Type, "coupon");
        call.Work.Emit("coupon.deleted", coupon);
        var deleted = new JsonObject { ["id"] = call.Id, ["object"] = Type, ["deleted"] = true };
        call.Work.Save(deleted);
        return deleted;
    }
}

using System.Globalization;
using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

internal static class Prices
{
    private const string Type = "price";

    public static void Map(RouteTable routes)
    {
        routes.Post("/v1/prices", call => FromData(call.Work, call.Parameters, path: null, active: true));
        routes.Get("/v1/prices", List);
        routes.Get("/v1/prices/{id}", call => call.Work.FromPath(call.Id, Type, "price"));
        routes.Post("/v1/prices/{id}", Update);
    }

    public static JsonObject Get(Work work, string id, string param) => work.FromParameter(id, Type, "price", param);

    /// <summary>A price from a call's parameters, or from a line's price_data (then it is not for sale by itself: inactive).</summary>
    public static JsonObject FromData(Work work, JsonObject data, string? path, bool active)
    {
        var currency = Currencies.Check(data.Text("currency")!, Name("currency"));
        var (amount, amountDecimal) = Amount(data);
        if (amount is { } charged)
        {
            Currencies.CheckStep(charged, currency, Name("unit_amount"));
        }

        var product = Product();
        var recurring = data.Hash("recurring");
        var price = new JsonObject
        {
            ["id"] = Ids.New("price_"),
            ["object"] = Type,
            ["active"] = data.Flag("active") ?? active,
            ["billing_scheme"] = "per_unit",
            ["created"] = work.Now,
            ["currency"] = currency,
            ["custom_unit_amount"] = null,
            ["livemode"] = false,
            ["lookup_key"] = data.Text("lookup_key"),
            ["metadata"] = Metadata.From(data),
            ["nickname"] = data.Text("nickname"),
            ["product"] = product,
            ["recurring"] = recurring is null ? null : new JsonObject
            {
                ["interval"] = recurring.Text("interval"),
                ["interval_count"] = recurring.Integer("interval_count") ?? 1,
                ["meter"] = recurring.Text("meter"),
                ["trial_period_days"] = recurring.Integer("trial_period_days"),
                ["usage_type"] = recurring.Text("usage_type") ?? "licensed",
            },
            ["tax_behavior"] = data.Text("tax_behavior") ?? "unspecified",
            ["tiers_mode"] = null,
            ["transform_quantity"] = null,
            ["type"] = recurring is null ? "one_time" : "recurring",
            ["unit_amount"] = amount,
            ["unit_amount_decimal"] = amountDecimal.ToString("0.############", CultureInfo.InvariantCulture),
        };
        TakeLookupKey(work, price, data);
        work.Save(price);
        work.Emit("price.created", price);
        return price;

        string Name(string field) => path is null ? field : $"{path}[{field}]";

        (long? Whole, decimal Exact) Amount(JsonObject from)
        {
            var whole = from.Integer("unit_amount");
            var exact = from.Number("unit_amount_decimal") ?? Parse(from.Text("unit_amount_decimal"));
            if (whole is null && exact is null)
            {
                throw StripeException.Invalid($"Missing required param: {Name("unit_amount")}.", Name("unit_amount"), "parameter_missing");
            }

            if (whole is not null && exact is not null)
            {
                throw StripeException.Invalid(
                    "You may only specify one of these parameters: unit_amount, unit_amount_decimal.", Name("unit_amount"), "parameters_exclusive");
            }

            if ((whole ?? exact) < 0)
            {
                throw StripeException.Invalid("This value must be greater than or equal to 0.", Name("unit_amount"), "parameter_invalid_integer");
            }

            return whole is { } given ? (given, given) : (exact == decimal.Truncate(exact!.Value) ? (long)exact.Value : null, exact.Value);
        }

        string Product()
        {
            if (data.Text("product") is { } id)
            {
                return Products.Get(work, id, Name("product")).Text("id")!;
            }

            return data.Hash("product_data") is { } productData
                ? Products.FromData(work, productData, productData.Flag("active") ?? active).Text("id")!
                : throw StripeException.Invalid($"Missing required param: {Name("product")}.", Name("product"), "parameter_missing");
        }
    }

    private static decimal? Parse(string? text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static JsonObject List(Call call)
    {
        if (call.Parameters.Items("lookup_keys") is { Count: > 0 } keys)
        {
            var wanted = keys.Select(k => (string)k!).ToHashSet(StringComparer.Ordinal);
            var found = call.Work.NewestFirst(Type)
                .Where(p => p.Filter("lookup_key") is { } key && wanted.Contains(key) && Matches(p, "active") && Matches(p, "product"))
                .Select(p => call.Work.Find(p.Id)!.DeepClone());
            return Lists.Of(found, hasMore: false, call.Path);
        }

        return Lists.Page(call, Type, "price", "active", "currency", "product", "type");

        bool Matches(StoredObject price, string name) =>
            !call.Parameters.ContainsKey(name) || string.Equals(price.Filter(name), call.Parameters[name]!.ToString(), StringComparison.Ordinal);
    }

    private static JsonObject Update(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var price = work.FromPath(call.Id, Type, "price");
        var before = price.DeepClone().AsObject();
        price.TakeOver(parameters, "active", "nickname");
        if (parameters.Text("tax_behavior") is { } behavior)
        {
            price["tax_behavior"] = behavior;
        }

        if (parameters.ContainsKey("lookup_key"))
        {
            price["lookup_key"] = parameters.Text("lookup_key");
            TakeLookupKey(work, price, parameters);
        }

        Metadata.Merge(price, parameters);
        work.Save(price);
        work.EmitUpdated("price.updated", before, price);
        return price;
    }

    /// <summary>A lookup key belongs to one active price; transfer_lookup_key takes it from another.</summary>
    private static void TakeLookupKey(Work work, JsonObject price, JsonObject parameters)
    {
        if (price.Text("lookup_key") is not { } key)
        {
            return;
        }

        var holder = work.NewestFirst(Type).FirstOrDefault(p =>
            string.Equals(p.Filter("lookup_key"), key, StringComparison.Ordinal) && !string.Equals(p.Id, price.Text("id"), StringComparison.Ordinal));
        if (holder is null)
        {
            return;
        }

        if (parameters.Flag("transfer_lookup_key") != true)
        {
            throw StripeException.Invalid($"A price (`{holder.Id}`) already uses that lookup key.", "lookup_key", "resource_already_exists");
        }

        var other = work.Find(holder.Id)!;
        var before = other.DeepClone().AsObject();
        other["lookup_key"] = null;
        work.Save(other);
        work.EmitUpdated("price.updated", before, other);
    }
}

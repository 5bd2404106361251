using System.Globalization;
using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>What a subscription is for: a recurring price, how many of it, and the period it is in.</summary>
internal static class SubscriptionItems
{
    private const int MaxItems = 20;

    public static void Map(RouteTable routes)
    {
        routes.Get("/v1/subscription_items", List);
        routes.Get("/v1/subscription_items/{id}", Retrieve);
    }

    /// <summary>The items of a new subscription; their periods are yet to be set.</summary>
    public static JsonArray From(Work work, string subscription, JsonArray? parameters)
    {
        if (parameters is not { Count: > 0 })
        {
            throw StripeException.Invalid("Missing required param: items.", "items", "parameter_missing");
        }

        if (parameters.Count > MaxItems)
        {
            throw StripeException.Invalid($"A subscription has at most {MaxItems} items.", "items");
        }

        var items = new JsonArray();
        for (var i = 0; i < parameters.Count; i++)
        {
            items.Add(New(work, subscription, PriceOf(work, parameters[i]!.AsObject(), $"items[{i}]")!, parameters[i]!.AsObject(), $"items[{i}]"));
        }

        CheckTogether(items);
        return items;
    }

    public static JsonObject New(Work work, string subscription, JsonObject price, JsonObject parameters, string path) => new()
    {
        ["id"] = Ids.New("si_"),
        ["object"] = "subscription_item",
        ["billing_thresholds"] = null,
        ["created"] = work.Now,
        ["current_period_end"] = work.Now,
        ["current_period_start"] = work.Now,
        ["discounts"] = new JsonArray(),
        ["metadata"] = Metadata.From(parameters),
        ["plan"] = Plan(price),
        ["price"] = DeclineBodies.Shown(price),
        ["quantity"] = Quantity(parameters, path) ?? 1,
        ["subscription"] = subscription,
        ["tax_rates"] = new JsonArray(),
    };

    /// <summary>The price that an item's parameters name or describe; null when they do neither.</summary>
    public static JsonObject? PriceOf(Work work, JsonObject parameters, string path)
    {
        var param = parameters.ContainsKey("price") ? "price" : "plan";
        if ((parameters.Text("price") ?? parameters.Text("plan")) is { } id)
        {
            var price = Prices.Get(work, id, $"{path}[{param}]");
            if (price.Flag("active") != true)
            {
                throw StripeException.Invalid("The price specified is inactive. This field only accepts active prices.", $"{path}[{param}]");
            }

            return Recurring(price, $"{path}[{param}]");
        }

        return parameters.Hash("price_data") is { } data
            ? Recurring(Prices.FromData(work, data, $"{path}[price_data]", active: false), $"{path}[price_data]")
            : null;
    }

    public static long? Quantity(JsonObject parameters, string path)
    {
        var quantity = parameters.Integer("quantity");
        return quantity is >= 0 or null
            ? quantity
            : throw StripeException.Invalid("This value must be greater than or equal to 0.", $"{path}[quantity]", "parameter_invalid_integer");
    }

    public static void SetPrice(JsonObject item, JsonObject price)
    {
        item["price"] = DeclineBodies.Shown(price);
        item["plan"] = Plan(price);
    }

    /// <summary>One subscription has one currency and one rhythm.</summary>
    public static void CheckTogether(JsonArray items)
    {
        var first = items[0].Hash("price")!;
        var rhythm = Rhythm(items[0]!.AsObject());
        foreach (var item in items.OfType<JsonObject>().Skip(1))
        {
            var price = item.Hash("price")!;
            if (!string.Equals(price.Text("currency"), first.Text("currency"), StringComparison.Ordinal))
            {
                throw StripeException.Invalid(
                    $"The price specified supports currencies of `{price.Text("currency")}`. This doesn't match the expected currency: `{first.Text("currency")}`.", "items");
            }

            if (Rhythm(item) != rhythm)
            {
                throw StripeException.Invalid(
                    "Currently, all items on a subscription must have the same billing interval and interval count.", "items");
            }
        }
    }

    public static (string Interval, long Count) Rhythm(JsonObject item)
    {
        var recurring = item.Hash("price").Hash("recurring");
        return (recurring.Text("interval")!, recurring.Integer("interval_count") ?? 1);
    }

    /// <summary>The price of a whole period, before discounts.</summary>
    public static long Amount(JsonObject item) => Amount(item.Hash("price")!, item.Integer("quantity") ?? 1);

    public static long Amount(JsonObject price, long quantity) => (long)Math.Round(
        decimal.Parse(price.Text("unit_amount_decimal")!, CultureInfo.InvariantCulture) * quantity, MidpointRounding.AwayFromZero);

    public static string ProductName(Work work, JsonObject item) =>
        work.Find(item.Hash("price").Text("product")!, "product").Text("name") ?? "Subscription";

    private static JsonObject Recurring(JsonObject price, string param) => price.Text("type") is "recurring"
        ? price
        : throw StripeException.Invalid(
            $"The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.", param);

    /// <summary>The older shape of the same price, which Stripe still sends.</summary>
    private static JsonObject Plan(JsonObject price)
    {
        var recurring = price.Hash("recurring")!;
        return new JsonObject
        {
            ["id"] = price.Text("id"),
            ["object"] = "plan",
            ["active"] = price.Copy("active"),
            ["amount"] = price.Copy("unit_amount"),
            ["amount_decimal"] = price.Copy("unit_amount_decimal"),
            ["billing_scheme"] = "per_unit",
            ["created"] = price.Copy("created"),
            ["currency"] = price.Text("currency"),
            ["interval"] = recurring.Text("interval"),
            ["interval_count"] = recurring.Copy("interval_count"),
            ["livemode"] = false,
            ["metadata"] = price.Copy("metadata"),
            ["meter"] = recurring.Text("meter"),
            ["nickname"] = price.Text("nickname"),
            ["product"] = price.Text("product"),
            ["tiers_mode"] = null,
            ["transform_usage"] = null,
            ["trial_period_days"] = recurring.Copy("trial_period_days"),
            ["usage_type"] = recurring.Text("usage_type"),
        };
    }

    private static JsonObject List(Call call)
    {
        var items = Subscriptions.Get(call.Work, call.Parameters.Text("subscription")!, "subscription").Hash("items").Items("data")!.OfType<JsonObject>().Reverse().ToList();
        return Lists.Page(
            call, items, i => i.Text("id")!, i => i.DeepClone(), id => items.Exists(i => string.Equals(i.Text("id"), id, StringComparison.Ordinal)), "subscription item");
    }

    private static JsonObject Retrieve(Call call) => call.Work.NewestFirst("subscription")
        .SelectMany(s => Json.Parse(s.Json).Hash("items").Items("data")!.OfType<JsonObject>())
        .FirstOrDefault(i => string.Equals(i.Text("id"), call.Id, StringComparison.Ordinal))
        ?? throw StripeException.NotFound("subscription_item", call.Id);
}

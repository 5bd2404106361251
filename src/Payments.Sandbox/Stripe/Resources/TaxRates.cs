using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>Percentages that an invoice adds to its lines, or finds within them.</summary>
internal static class TaxRates
{
    private const string Type = "tax_rate";

    public static void Map(RouteTable routes)
    {
        routes.Post("/v1/tax_rates", Create);
        routes.Get("/v1/tax_rates", call => Lists.Page(call, Type, "tax rate"));
        routes.Get("/v1/tax_rates/{id}", call => call.Work.FromPath(call.Id, Type, "tax rate"));
    }

    /// <summary>The rates whole, as invoices and subscriptions show them.</summary>
    public static JsonArray Named(Work work, JsonObject parameters, string name) => new([.. parameters.Texts(name)
        .Select(id => DeclineBodies.Shown(work.FromParameter(id, Type, "tax rate", name)))]);

    /// <summary>Puts each rate on each line, what discounts have left of it, and answers the sum of each rate.</summary>
    public static JsonArray Put(IEnumerable<JsonObject> lines, IReadOnlyList<JsonObject> rates)
    {
        var sums = new JsonArray([.. rates.Select(r => Tax(r, 0, 0))]);
        foreach (var line in lines)
        {
            var net = InvoiceLines.Net(line);
            var inclusive = rates.Where(r => r.Flag("inclusive") == true).Sum(r => r.Number("percentage") ?? 0);
            var bare = inclusive == 0 ? net : Round(net / (1 + (inclusive / 100m)));
            var taxes = new JsonArray();
            for (var i = 0; i < rates.Count; i++)
            {
                var tax = Round(bare * (rates[i].Number("percentage") ?? 0) / 100m);
                taxes.Add(Tax(rates[i], tax, bare));
                sums[i]!["amount"] = sums[i].Integer("amount") + tax;
                sums[i]!["taxable_amount"] = sums[i].Integer("taxable_amount") + bare;
            }

            line["taxes"] = taxes;
        }

        return sums;
    }

    private static long Round(decimal amount) => (long)Math.Round(amount, MidpointRounding.AwayFromZero);

    private static JsonObject Tax(JsonObject rate, long amount, long taxable) => new()
    {
        ["amount"] = amount,
        ["tax_behavior"] = rate.Flag("inclusive") == true ? "inclusive" : "exclusive",
        ["tax_rate_details"] = new JsonObject { ["tax_rate"] = rate.Text("id") },
        ["taxability_reason"] = "standard_rated",
        ["taxable_amount"] = taxable,
        ["type"] = "tax_rate_details",
    };

    private static JsonObject Create(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var percentage = parameters.Number("percentage")!.Value;
        if (percentage is < 0 or > 100)
        {
            throw StripeException.Invalid("percentage must be from 0 to 100.", "percentage");
        }

        var rate = new JsonObject
        {
            ["id"] = Ids.New("txr_"),
            ["object"] = Type,
            ["active"] = parameters.Flag("active") ?? true,
            ["country"] = parameters.Text("country"),
            ["created"] = work.Now,
            ["description"] = parameters.Text("description"),
            ["display_name"] = parameters.Text("display_name"),
            ["effective_percentage"] = percentage,
            ["flat_amount"] = null,
            ["inclusive"] = parameters.Flag("inclusive"),
            ["jurisdiction"] = parameters.Text("jurisdiction"),
            ["jurisdiction_level"] = null,
            ["livemode"] = false,
            ["metadata"] = Metadata.From(parameters),
            ["percentage"] = percentage,
            ["rate_type"] = "percentage",
            ["state"] = parameters.Text("state"),
            ["tax_type"] = parameters.Text("tax_type"),
        };
        work.Save(rate);
        work.Emit("tax_rate.created", rate);
        return rate;
    }
}

using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>A buyer's tax numbers, which their invoices show as they were when the invoice was made.</summary>
internal static class TaxIds
{
    private const string Type = "tax_id";

    public static void Map(RouteTable routes)
    {
        routes.Post("/v1/customers/{id}/tax_ids", call => Create(call.Work, call.Work.FromPath(call.Id, "customer", "customer").Text("id")!, call.Parameters));
        routes.Get("/v1/customers/{id}/tax_ids", List);
    }

    public static JsonObject Create(Work work, string customer, JsonObject given)
    {
        var type = given.Text("type")!;
        var id = new JsonObject
        {
            ["id"] = Ids.New("txi_"),
            ["object"] = Type,
            ["country"] = type.Split('_')[0] is { Length: 2 } country and not "eu" ? country.ToUpperInvariant() : null,
            ["created"] = work.Now,
            ["customer"] = customer,
            ["customer_account"] = null,
            ["livemode"] = false,
            ["owner"] = new JsonObject { ["customer"] = customer, ["customer_account"] = null, ["type"] = "customer" },
            ["type"] = type,
            ["value"] = given.Text("value"),
            ["verification"] = new JsonObject { ["status"] = "pending", ["verified_address"] = null, ["verified_name"] = null },
        };
        work.Save(id);
        work.Emit("customer.tax_id.created", id);
        return id;
    }

    /// <summary>As invoices show them, in the order in which they were given.</summary>
    public static JsonArray Shown(Work work, string customer) => new([.. Of(work, customer).Reverse()
        .Select(o => work.Find(o.Id)!).Select(id => new JsonObject { ["type"] = id.Text("type"), ["value"] = id.Text("value") })]);

    private static JsonObject List(Call call)
    {
        call.Work.FromPath(call.Id, "customer", "customer");
        return Lists.Page(call, Of(call.Work, call.Id), o => o.Id, o => call.Work.Find(o.Id)!.DeepClone(), id => call.Work.Find(id, Type) is not null, "tax id");
    }

    private static IEnumerable<StoredObject> Of(Work work, string customer) =>
        work.NewestFirst(Type).Where(o => !o.Deleted && string.Equals(o.Filter("customer"), customer, StringComparison.Ordinal));
}

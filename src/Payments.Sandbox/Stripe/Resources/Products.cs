using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

internal static class Products
{
    private const string Type = "product";

    public static void Map(RouteTable routes)
    {
        routes.Post("/v1/products", Create);
        routes.Get("/v1/products", List);
        routes.Get("/v1/products/{id}", call => call.Work.FromPath(call.Id, Type, "product"));
        routes.Post("/v1/products/{id}", Update);
        routes.Delete("/v1/products/{id}", Delete);
    }

    public static JsonObject Get(Work work, string id, string param) => work.FromParameter(id, Type, "product", param);

    /// <summary>A product that a price or a line describes on the spot.</summary>
    public static JsonObject FromData(Work work, JsonObject data, bool active)
    {
        var product = New(work, data);
        product["active"] = active;
        work.Save(product);
        work.Emit("product.created", product);
        return product;
    }

    private static JsonObject Create(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        if (parameters.Text("id") is { } taken && work.Find(taken) is not null)
        {
            throw StripeException.Invalid("Product already exists.", "id", "resource_already_exists");
        }

        var product = New(work, parameters);
        if (parameters.Hash("default_price_data") is { } data)
        {
            work.Save(product);
            data["product"] = product.Text("id");
            product["default_price"] = Prices.FromData(work, data, "default_price_data", active: true).Text("id");
        }

        work.Save(product);
        work.Emit("product.created", product);
        return product;
    }

    private static JsonObject List(Call call)
    {
        if (call.Parameters.Items("ids") is { Count: > 0 } ids)
        {
            var found = ids.Select(id => call.Work.Find((string)id!, Type)).Where(p => p is not null && p.Flag("deleted") != true);
            return Lists.Of(found.Select(p => p!.DeepClone()), hasMore: false, call.Path);
        }

        return Lists.Page(call, Type, "product", "active", "url", "shippable");
    }

    private static JsonObject Update(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var product = work.FromPath(call.Id, Type, "product");
        var before = product.DeepClone().AsObject();
        Write(product, parameters);
        if (parameters.Text("default_price") is { } price)
        {
            work.FromParameter(price, "price", "price", "default_price");
            product["default_price"] = price;
        }

        product["updated"] = work.Now;
        work.Save(product);
        work.EmitUpdated("product.updated", before, product);
        return product;
    }

    private static JsonObject Delete(Call call)
    {
        var work = call.Work;
        var product = work.FromPath(call.Id, Type, "product");
        if (work.NewestFirst("price").Any(p => string.Equals(p.Filter("product"), call.Id, StringComparison.Ordinal)))
        {
            throw StripeException.Conflict("This product cannot be deleted because it has one or more user-created prices.");
        }

        work.Emit("product.deleted", product);
        var deleted = new JsonObject { ["id"] = call.Id, ["object"] = Type, ["deleted"] = true };
        work.Save(deleted);
        return deleted;
    }

    private static JsonObject New(Work work, JsonObject parameters)
    {
        var product = new JsonObject
        {
            ["id"] = parameters.Text("id") ?? Ids.New("prod_"),
            ["object"] = Type,
            ["active"] = true,
            ["created"] = work.Now,
            ["default_price"] = null,
            ["description"] = null,
            ["images"] = new JsonArray(),
            ["livemode"] = false,
            ["marketing_features"] = new JsonArray(),
            ["metadata"] = new JsonObject(),
            ["name"] = null,
            ["package_dimensions"] = null,
            ["shippable"] = null,
            ["statement_descriptor"] = null,
            ["tax_code"] = null,
            ["type"] = "service",
            ["unit_label"] = null,
            ["updated"] = work.Now,
            ["url"] = null,
        };
        Write(product, parameters);
        return product;
    }

    private static void Write(JsonObject product, JsonObject parameters)
    {
        Formats.CheckUrl(parameters.Text("url"), "url");
        product.TakeOver(
            parameters,
            "active", "description", "name", "package_dimensions", "shippable", "statement_descriptor", "tax_code", "unit_label", "url");
        foreach (var list in new[] { "images", "marketing_features" })
        {
            if (parameters.ContainsKey(list))
            {
                product[list] = parameters.Items(list)?.DeepClone() ?? new JsonArray();
            }
        }

        Metadata.Merge(product, parameters);
    }
}

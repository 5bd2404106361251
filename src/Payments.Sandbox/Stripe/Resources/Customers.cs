using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

internal static class Customers
{
    private const string Type = "customer";

    public static void Map(RouteTable routes)
    {
        routes.Post("/v1/customers", Create);
        routes.Get("/v1/customers", call => Lists.Page(call, Type, "customer", "email"));
        routes.Get("/v1/customers/{id}", Retrieve);
        routes.Post("/v1/customers/{id}", Update);
        routes.Delete("/v1/customers/{id}", Delete);
        routes.Get("/v1/customers/{id}/payment_methods", PaymentMethods.ListOfCustomer);
    }

    public static JsonObject Get(Work work, string id, string param = "customer") => work.FromParameter(id, Type, "customer", param);

    /// <summary>A customer that Checkout makes of a buyer.</summary>
    public static JsonObject FromBuyer(Work work, string? email, string? name, JsonNode? address)
    {
        var customer = New(work, new JsonObject());
        customer["email"] = email;
        customer["name"] = name;
        customer["address"] = address?.DeepClone();
        work.Save(customer);
        work.Emit("customer.created", customer);
        return customer;
    }

    private static JsonObject Create(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var customer = New(work, parameters);
        Write(customer, parameters);
        customer["currency"] = null;
        work.Save(customer);
        var method = parameters.Text("payment_method");
        JsonObject? attached = null;
        if (method is not null)
        {
            attached = PaymentMethods.Resolve(work, method, "payment_method");
            PaymentMethods.Attach(work, attached, customer.Text("id")!);
        }

        SetDefaultMethod(work, customer, parameters, attached, method);
        work.Save(customer);
        work.Emit("customer.created", customer);
        foreach (var taxId in parameters.Items("tax_id_data")?.OfType<JsonObject>() ?? [])
        {
            TaxIds.Create(work, customer.Text("id")!, taxId);
        }

        return customer;
    }

    private static JsonObject Retrieve(Call call) =>
        // A deleted customer can still be read, and says that it is deleted.
        call.Work.Find(call.Id, Type) ?? throw StripeException.NotFound("customer", call.Id);

    private static JsonObject Update(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var customer = work.FromPath(call.Id, Type, "customer");
        var before = customer.DeepClone().AsObject();
        Write(customer, parameters);
        SetDefaultMethod(work, customer, parameters, attached: null, attachedAs: null);
        work.Save(customer);
        work.EmitUpdated("customer.updated", before, customer);
        return customer;
    }

    private static JsonObject Delete(Call call)
    {
        var work = call.Work;
        var customer = work.FromPath(call.Id, Type, "customer");
        foreach (var subscription in work.NewestFirst(Subscriptions.Type).Where(s => string.Equals(s.Filter("customer"), call.Id, StringComparison.Ordinal)).ToList())
        {
            if (work.Find(subscription.Id)! is var live && !SubscriptionStates.IsOver(live))
            {
                SubscriptionStates.End(work, live, reason: null);
            }
        }

        work.Emit("customer.deleted", customer);
        var deleted = new JsonObject { ["id"] = call.Id, ["object"] = Type, ["deleted"] = true };
        work.Save(deleted);
        return deleted;
    }

    private static JsonObject New(Work work, JsonObject parameters) => new()
    {
        ["id"] = Ids.New("cus_"),
        ["object"] = Type,
        ["address"] = null,
        ["balance"] = 0,
        ["created"] = work.Now,
        ["currency"] = null,
        ["customer_account"] = null,
        ["default_source"] = null,
        ["delinquent"] = false,
        ["description"] = null,
        ["discount"] = null,
        ["email"] = null,
        ["invoice_prefix"] = parameters.Text("invoice_prefix") ?? Ids.Random(8).ToUpperInvariant(),
        ["invoice_settings"] = new JsonObject
        {
            ["custom_fields"] = null,
            ["default_payment_method"] = null,
            ["footer"] = null,
            ["rendering_options"] = null,
        },
        ["livemode"] = false,
        ["metadata"] = new JsonObject(),
        ["name"] = null,
        ["next_invoice_sequence"] = 1,
        ["phone"] = null,
        ["preferred_locales"] = new JsonArray(),
        ["shipping"] = null,
        ["tax_exempt"] = "none",
        ["test_clock"] = parameters.Text("test_clock"),
    };

    private static void Write(JsonObject customer, JsonObject parameters)
    {
        Formats.CheckEmail(parameters.Text("email"), "email");
        customer.TakeOver(
            parameters,
            "balance", "description", "email", "name", "phone", "preferred_locales", "next_invoice_sequence", "business_name", "individual_name");
        if (parameters.Text("tax_exempt") is { } exempt)
        {
            customer["tax_exempt"] = exempt;
        }

        if (parameters.ContainsKey("address"))
        {
            customer["address"] = parameters.Hash("address") is { } address ? Contacts.Address(address) : null;
        }

        if (parameters.ContainsKey("shipping"))
        {
            customer["shipping"] = Contacts.Shipping(parameters.Hash("shipping"));
        }

        if (parameters.Hash("invoice_settings") is { } settings)
        {
            customer.Hash("invoice_settings")!.TakeOver(settings, "custom_fields", "footer", "rendering_options");
        }

        Metadata.Merge(customer, parameters);
    }

    /// <param name="work">The work at hand.</param>
    /// <param name="customer">Whose default changes.</param>
    /// <param name="parameters">The call's.</param>
    /// <param name="attached">The method that the same call attached, if any.</param>
    /// <param name="attachedAs">The id it was named by: Stripe's CLI names pm_card_visa twice and means one.</param>
    private static void SetDefaultMethod(Work work, JsonObject customer, JsonObject parameters, JsonObject? attached, string? attachedAs)
    {
        var settings = parameters.Hash("invoice_settings");
        if (settings?.ContainsKey("default_payment_method") != true)
        {
            return;
        }

        var wanted = settings.Text("default_payment_method");
        if (wanted is null)
        {
            customer["invoice_settings"]!["default_payment_method"] = null;
            return;
        }

        const string Param = "invoice_settings[default_payment_method]";
        var method = string.Equals(wanted, attachedAs, StringComparison.Ordinal) ? attached! : PaymentMethods.Get(work, wanted, Param);
        if (!string.Equals(method.Text("customer"), customer.Text("id"), StringComparison.Ordinal))
        {
            throw StripeException.Invalid(
                $"The customer does not have a payment method with the ID {wanted}. The payment method must be attached to the customer.", Param, "resource_missing");
        }

        customer["invoice_settings"]!["default_payment_method"] = method.Text("id");
    }
}

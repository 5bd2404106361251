using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>Links into the billing portal, each for one customer and an hour.</summary>
internal static class PortalSessions
{
    /// <summary>The one configuration there is, as if saved in the Dashboard long ago.</summary>
    public const string DefaultConfiguration = "bpc_sandboxDefault";

    private const string Type = "billing_portal.session";

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    public static void Map(RouteTable routes) => routes.Post("/v1/billing_portal/sessions", Create);

    /// <summary>The session behind a portal page; null when there is none, or its hour is over, or its customer is gone.</summary>
    public static JsonObject? Open(Work work, string id) =>
        work.Find(id, Type) is { } session
            && work.Now < session.Integer("created") + (long)Lifetime.TotalSeconds
            && work.Find(session.Text("customer")!, "customer") is { } customer && customer.Flag("deleted") != true
            ? session
            : null;

    /// <summary>Notes on a setup intent that its card becomes the default once it is saved.</summary>
    public static void Await(Work work, JsonObject setupIntent, JsonObject session)
    {
        setupIntent.Private()["portal_session"] = session.Text("id");
        work.Save(setupIntent);
    }

    /// <summary>A card was set up, perhaps in the portal: there it becomes the one that pays from now on.</summary>
    public static void CardSaved(Work work, JsonObject setupIntent, JsonObject method)
    {
        if (setupIntent.Private().Text("portal_session") is not null)
        {
            MakeDefault(work, setupIntent.Text("customer")!, method.Text("id")!);
        }
    }

    /// <summary>The customer's default, and that of each subscription which has one of its own: else it would go on paying with the old card.</summary>
    public static void MakeDefault(Work work, string customerId, string method)
    {
        var customer = Customers.Get(work, customerId);
        var before = customer.DeepClone().AsObject();
        customer["invoice_settings"]!["default_payment_method"] = method;
        work.Save(customer);
        work.EmitUpdated("customer.updated", before, customer);
        foreach (var subscription in LiveSubscriptions(work, customerId).Where(s => s.Text("default_payment_method") is not null).ToList())
        {
            var old = subscription.DeepClone().AsObject();
            subscription["default_payment_method"] = method;
            work.Save(subscription);
            work.EmitUpdated("customer.subscription.updated", old, subscription);
        }
    }

    public static IEnumerable<JsonObject> LiveSubscriptions(Work work, string customer) =>
        OfCustomer(work, Subscriptions.Type, customer).Where(s => !SubscriptionStates.IsOver(s));

    public static IEnumerable<JsonObject> OfCustomer(Work work, string type, string customer) => work.NewestFirst(type)
        .Where(o => string.Equals(o.Filter("customer"), customer, StringComparison.Ordinal))
        .Select(o => work.Find(o.Id)!);

    private static JsonObject Create(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var customer = parameters.Text("customer") ?? throw StripeException.Invalid("Missing required param: customer.", "customer", "parameter_missing");
        Customers.Get(work, customer);
        Formats.CheckUrl(parameters.Text("return_url"), "return_url");
        foreach (var unknown in new[] { "customer_account", "on_behalf_of" })
        {
            if (parameters.ContainsKey(unknown))
            {
                throw StripeException.Invalid($"The sandbox's Stripe knows no {unknown} of a portal session.", unknown);
            }
        }

        if (parameters.Text("configuration") is { } wanted && wanted is not DefaultConfiguration)
        {
            throw StripeException.Missing("configuration", wanted, "configuration");
        }

        var id = Ids.New("bps_");
        var session = new JsonObject
        {
            ["id"] = id,
            ["object"] = Type,
            ["configuration"] = DefaultConfiguration,
            ["created"] = work.Now,
            ["customer"] = customer,
            ["customer_account"] = null,
            ["flow"] = parameters.Hash("flow_data") is { } flow ? Flow(work, flow, customer) : null,
            ["livemode"] = false,
            ["locale"] = parameters.Text("locale"),
            ["on_behalf_of"] = null,
            ["return_url"] = parameters.Text("return_url"),
            ["url"] = new Uri(work.Address, $"/p/session/{id}").AbsoluteUri,
        };
        work.Save(session);
        work.Emit("billing_portal.session.created", session);
        return session;
    }

    private static JsonObject Flow(Work work, JsonObject given, string customer)
    {
        var type = given.Text("type")!;
        if (type is "subscription_update_confirm")
        {
            throw StripeException.Invalid("The sandbox's portal knows no subscription_update_confirm flow.", "flow_data[type]");
        }

        var about = given.Hash(type).Text("subscription");
        if (type is not "payment_method_update")
        {
            var param = $"flow_data[{type}][subscription]";
            var subscription = about is null
                ? throw StripeException.Invalid($"Missing required param: {param}.", param, "parameter_missing")
                : work.FromParameter(about, "subscription", "subscription", param);
            if (!string.Equals(subscription.Text("customer"), customer, StringComparison.Ordinal))
            {
                throw StripeException.Missing("subscription", about, param);
            }
        }

        var after = given.Hash("after_completion");
        var returnUrl = after.Hash("redirect").Text("return_url");
        Formats.CheckUrl(returnUrl, "flow_data[after_completion][redirect][return_url]");
        return new JsonObject
        {
            ["after_completion"] = new JsonObject
            {
                ["hosted_confirmation"] = after.Hash("hosted_confirmation") is { } confirmation
                    ? new JsonObject { ["custom_message"] = confirmation.Text("custom_message") }
                    : null,
                ["redirect"] = returnUrl is null ? null : new JsonObject { ["return_url"] = returnUrl },
                ["type"] = after.Text("type") ?? "portal_homepage",
            },
            ["subscription_cancel"] = type is "subscription_cancel" ? new JsonObject { ["retention"] = null, ["subscription"] = about } : null,
            ["subscription_update"] = type is "subscription_update" ? new JsonObject { ["subscription"] = about } : null,
            ["subscription_update_confirm"] = null,
            ["type"] = type,
        };
    }
}

using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>Saving a card for later, without a payment.</summary>
internal static class SetupIntents
{
    private const string Type = "setup_intent";

    public static void Map(RouteTable routes)
    {
        routes.Post("/v1/setup_intents", Create);
        routes.Get("/v1/setup_intents", call => Lists.Page(call, Type, "setupintent", "customer", "payment_method"));
        routes.Get("/v1/setup_intents/{id}", call => call.Work.FromPath(call.Id, Type, "setupintent"));
        routes.Post("/v1/setup_intents/{id}/confirm", ConfirmCall);
        routes.Post("/v1/setup_intents/{id}/cancel", Cancel);
    }

    /// <summary>The challenge's answer; throws the refusal.</summary>
    public static JsonObject Authenticate(Work work, string id, bool accepted)
    {
        var intent = work.FromPath(id, Type, "setupintent");
        if (intent.Text("status") is not "requires_action")
        {
            throw Unexpected(intent, $"This SetupIntent has a status of {intent.Text("status")} and waits for no authentication.");
        }

        var method = work.Find(intent.Text("payment_method")!, "payment_method")!;
        if (!accepted)
        {
            var error = StripeException.Body(
                "invalid_request_error",
                "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to fulfill this SetupIntent again.",
                "setup_intent_authentication_failure");
            throw Failed(work, intent, method, error);
        }

        Succeed(work, intent, method);
        return intent;
    }

    /// <summary>The intent by which the buyer of a subscription without a payment yet gives a method.</summary>
    public static JsonObject ForSubscription(Work work, string customer, string subscription)
    {
        var intent = New(work, new JsonObject { ["customer"] = customer }, automatic: null);
        intent.Private()["subscription"] = subscription;
        work.Save(intent);
        work.Emit("setup_intent.created", intent);
        return intent;
    }

    /// <summary>The intent behind a checkout session, tried with the method its buyer gave; throws the refusal.</summary>
    public static JsonObject ForSession(Work work, JsonObject session, JsonObject method, JsonObject parameters, string returnUrl)
    {
        var intent = session.Text("setup_intent") is { } id ? work.Find(id, Type)! : null;
        if (intent is null)
        {
            intent = New(work, parameters, automatic: null);
            intent.Private()["session"] = session.Text("id");
            session["setup_intent"] = intent.Text("id");
            work.Save(session);
            work.Save(intent);
            work.Emit("setup_intent.created", intent);
        }

        intent["customer"] = session.Text("customer");
        intent["payment_method"] = method.Text("id");
        Confirm(work, intent, method, new JsonObject { ["return_url"] = returnUrl });
        return intent;
    }

    private static JsonObject Create(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        if (parameters.Text("customer") is { } customer)
        {
            Customers.Get(work, customer);
        }

        var automatic = parameters.Hash("automatic_payment_methods");
        var dynamic = parameters.Items("payment_method_types") is null && automatic.Flag("enabled") != false && (automatic is not null || call.IsVersioned);
        var intent = New(work, parameters, dynamic
            ? new JsonObject { ["allow_redirects"] = automatic.Text("allow_redirects") ?? "always", ["enabled"] = true }
            : null);
        var method = SetMethod(work, intent, parameters);
        work.Save(intent);
        work.Emit("setup_intent.created", intent);
        if (parameters.Flag("confirm") == true)
        {
            Confirm(work, intent, method, parameters);
        }

        return intent;
    }

    private static JsonObject New(Work work, JsonObject parameters, JsonObject? automatic)
    {
        var id = Ids.New("seti_");
        return new JsonObject
        {
            ["id"] = id,
            ["object"] = Type,
            ["application"] = null,
            ["automatic_payment_methods"] = automatic,
            ["cancellation_reason"] = null,
            ["client_secret"] = Ids.ClientSecret(id),
            ["created"] = work.Now,
            ["customer"] = parameters.Text("customer"),
            ["customer_account"] = null,
            ["description"] = parameters.Text("description"),
            ["excluded_payment_method_types"] = null,
            ["flow_directions"] = null,
            ["last_setup_error"] = null,
            ["latest_attempt"] = null,
            ["livemode"] = false,
            ["mandate"] = null,
            ["metadata"] = Metadata.From(parameters),
            ["next_action"] = null,
            ["on_behalf_of"] = null,
            ["payment_method"] = null,
            ["payment_method_configuration_details"] = null,
            ["payment_method_options"] = new JsonObject
            {
                ["card"] = new JsonObject { ["mandate_options"] = null, ["network"] = null, ["request_three_d_secure"] = "automatic" },
            },
            ["payment_method_types"] = parameters.Copy("payment_method_types") ?? new JsonArray("card"),
            ["single_use_mandate"] = null,
            ["status"] = "requires_payment_method",
            ["usage"] = parameters.Text("usage") ?? "off_session",
        };
    }

    private static JsonObject ConfirmCall(Call call)
    {
        var intent = call.Work.FromPath(call.Id, Type, "setupintent");
        if (intent.Text("status") is "succeeded" or "canceled" or "processing")
        {
            throw Unexpected(intent, $"You cannot confirm this SetupIntent because it has a status of {intent.Text("status")}.");
        }

        var method = SetMethod(call.Work, intent, call.Parameters)
            ?? (intent.Text("payment_method") is { } chosen ? call.Work.Find(chosen, "payment_method") : null);
        Confirm(call.Work, intent, method, call.Parameters);
        return intent;
    }

    private static JsonObject Cancel(Call call)
    {
        var intent = call.Work.FromPath(call.Id, Type, "setupintent");
        if (intent.Text("status") is "succeeded" or "canceled")
        {
            throw Unexpected(intent, $"You cannot cancel this SetupIntent because it has a status of {intent.Text("status")}.");
        }

        intent["status"] = "canceled";
        intent["next_action"] = null;
        intent["cancellation_reason"] = call.Parameters.Text("cancellation_reason");
        call.Work.Save(intent);
        call.Work.Emit("setup_intent.canceled", intent);
        return intent;
    }

    private static JsonObject? SetMethod(Work work, JsonObject intent, JsonObject parameters)
    {
        var method = parameters.Text("payment_method") is { } id ? PaymentMethods.Resolve(work, id, "payment_method")
            : parameters.Hash("payment_method_data") is { } data ? PaymentMethods.Create(work, data)
            : null;
        if (method is not null)
        {
            intent["payment_method"] = method.Text("id");
            intent["status"] = "requires_confirmation";
        }

        return method;
    }

    private static void Confirm(Work work, JsonObject intent, JsonObject? method, JsonObject parameters)
    {
        if (method is null)
        {
            throw Unexpected(intent, "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a payment method and then confirm it again.");
        }

        intent["last_setup_error"] = null;
        intent["next_action"] = null;
        var card = PaymentMethods.CardOf(method);
        if (card is { Refused: { } refused, Attaches: false })
        {
            throw Failed(work, intent, method, DeclineBodies.Error(refused, charge: null));
        }

        if (card?.Authentication is ThreeDSecure.UnlessSetUp or ThreeDSecure.Always or ThreeDSecure.OnSession
            && method.Private().Flag("set_up") != true)
        {
            AskBuyer(work, intent, parameters.Text("return_url"));
            return;
        }

        Succeed(work, intent, method);
    }

    private static void AskBuyer(Work work, JsonObject intent, string? returnUrl)
    {
        intent["status"] = "requires_action";
        intent.Private()["return_url"] = returnUrl;
        intent["next_action"] = returnUrl is null
            ? new JsonObject { ["type"] = "use_stripe_sdk", ["use_stripe_sdk"] = new JsonObject() }
            : new JsonObject
            {
                ["redirect_to_url"] = new JsonObject
                {
                    ["return_url"] = returnUrl,
                    ["url"] = new Uri(work.Address, $"/3ds/{intent.Text("id")}").AbsoluteUri,
                },
                ["type"] = "redirect_to_url",
            };
        work.Save(intent);
        work.Emit("setup_intent.requires_action", intent);
    }

    private static void Succeed(Work work, JsonObject intent, JsonObject method)
    {
        intent["status"] = "succeeded";
        intent["next_action"] = null;
        work.Save(intent);
        method.Private()["set_up"] = true;
        work.Emit("setup_intent.succeeded", intent);
        if (intent.Text("customer") is { } customer && method.Text("customer") is null)
        {
            PaymentMethods.Attach(work, method, customer);
        }
        else
        {
            work.Save(method);
        }

        PortalSessions.CardSaved(work, intent, method);
        if (intent.Private().Text("subscription") is { } id)
        {
            SubscriptionChanges.MethodGiven(work, id, method);
        }
    }

    private static StripeException Failed(Work work, JsonObject intent, JsonObject method, JsonObject error)
    {
        error["payment_method"] = DeclineBodies.Shown(method);
        intent["status"] = "requires_payment_method";
        intent["payment_method"] = null;
        intent["next_action"] = null;
        intent["last_setup_error"] = error;
        work.Save(intent);
        work.Emit("setup_intent.setup_failed", intent);
        var shown = error.DeepClone().AsObject();
        shown["setup_intent"] = DeclineBodies.Shown(intent);
        return StripeException.Declined(shown);
    }

    private static StripeException Unexpected(JsonObject intent, string message)
    {
        var refusal = StripeException.Conflict(message, "setup_intent_unexpected_state");
        refusal.Error["setup_intent"] = DeclineBodies.Shown(intent);
        return refusal;
    }
}

using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

internal static class PaymentIntents
{
    private const string Type = "payment_intent";

    private static readonly string[] Cancelable =
        ["requires_payment_method", "requires_capture", "requires_confirmation", "requires_action", "processing"];

    public static void Map(RouteTable routes)
    {
        routes.Post("/v1/payment_intents", Create);
        routes.Get("/v1/payment_intents", call => Lists.Page(call, Type, "payment_intent", "customer"));
        routes.Get("/v1/payment_intents/{id}", Retrieve);
        routes.Post("/v1/payment_intents/{id}", Update);
        routes.Post("/v1/payment_intents/{id}/confirm", ConfirmCall);
        routes.Post("/v1/payment_intents/{id}/cancel", CancelCall);
        routes.Post("/v1/payment_intents/{id}/capture", Capture);
    }

    /// <summary>A bare intent. Parameters are those of the API call, or of a session's payment_intent_data.</summary>
    public static JsonObject New(Work work, long amount, string currency, JsonObject parameters)
    {
        var id = Ids.New("pi_");
        return new JsonObject
        {
            ["id"] = id,
            ["object"] = Type,
            ["amount"] = amount,
            ["amount_capturable"] = 0,
            ["amount_details"] = new JsonObject { ["tip"] = new JsonObject() },
            ["amount_received"] = 0,
            ["application"] = null,
            ["application_fee_amount"] = null,
            ["automatic_payment_methods"] = null,
            ["canceled_at"] = null,
            ["cancellation_reason"] = null,
            ["capture_method"] = parameters.Text("capture_method") ?? "automatic_async",
            ["client_secret"] = Ids.ClientSecret(id),
            ["confirmation_method"] = parameters.Text("confirmation_method") ?? "automatic",
            ["created"] = work.Now,
            ["currency"] = currency,
            ["customer"] = null,
            ["customer_account"] = null,
            ["description"] = parameters.Text("description"),
            ["excluded_payment_method_types"] = null,
            ["last_payment_error"] = null,
            ["latest_charge"] = null,
            ["livemode"] = false,
            ["managed_payments"] = null,
            ["metadata"] = Metadata.From(parameters),
            ["next_action"] = null,
            ["on_behalf_of"] = null,
            ["payment_method"] = null,
            ["payment_method_configuration_details"] = null,
            ["payment_method_options"] = Options(parameters.Hash("payment_method_options")),
            ["payment_method_types"] = new JsonArray("card"),
            ["processing"] = null,
            ["receipt_email"] = parameters.Text("receipt_email"),
            ["review"] = null,
            ["setup_future_usage"] = parameters.Text("setup_future_usage"),
            ["shipping"] = Contacts.Shipping(parameters.Hash("shipping")),
            ["source"] = null,
            ["statement_descriptor"] = parameters.Text("statement_descriptor"),
            ["statement_descriptor_suffix"] = parameters.Text("statement_descriptor_suffix"),
            ["status"] = "requires_payment_method",
            ["transfer_data"] = null,
            ["transfer_group"] = parameters.Text("transfer_group"),
        };
    }

    /// <summary>What this account has switched on: cards everywhere, debits where their currency is.</summary>
    public static JsonArray DynamicTypes(string currency) => currency switch
    {
        "usd" => new JsonArray("card", "us_bank_account"),
        "eur" => new JsonArray("card", "sepa_debit"),
        _ => new JsonArray("card"),
    };

    public static void Cancel(Work work, JsonObject intent, string reason)
    {
        if (intent.Text("status") is "requires_capture" && intent.Text("latest_charge") is { } authorized)
        {
            // Letting an authorization go shows as a refund of the charge.
            var charge = work.Find(authorized, "charge")!;
            charge["amount_refunded"] = charge.Copy("amount");
            charge["refunded"] = true;
            work.Save(charge);
            work.Emit("charge.refunded", charge);
        }

        intent["status"] = "canceled";
        intent["amount_capturable"] = 0;
        intent["canceled_at"] = work.Now;
        intent["cancellation_reason"] = reason;
        intent["next_action"] = null;
        work.Save(intent);
        work.CallOff(PaymentAttempts.DebitDue, intent.Text("id")!);
        work.Emit("payment_intent.canceled", intent);
    }

    /// <summary>The challenge's answer for an intent of a custom UI; throws the decline.</summary>
    public static JsonObject Authenticate(Work work, string id, bool accepted)
    {
        var intent = work.FromPath(id, Type, "payment_intent");
        if (intent.Text("status") is not "requires_action")
        {
            throw Unexpected(intent, $"This PaymentIntent has a status of {intent.Text("status")} and waits for no authentication.");
        }

        if (!accepted)
        {
            var refusal = PaymentAttempts.RefuseAuthentication(work, intent);
            InvoicePayments.Follow(work, intent);
            throw refusal;
        }

        intent.Private()["authenticated"] = true;
        var method = work.Find(intent.Text("payment_method")!, "payment_method")!;
        InvoicePayments.Make(work, intent, method, new Attempt());
        return intent;
    }

    private static JsonObject Create(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var currency = Currencies.Check(parameters.Text("currency")!, "currency");
        var amount = parameters.Integer("amount")!.Value;
        Currencies.CheckChargeable(amount, currency, "amount");
        CheckConfirmationParameters(parameters);
        var intent = New(work, amount, currency, parameters);
        SetCustomer(work, intent, parameters);
        SetTypes(call, intent);
        Formats.CheckEmail(parameters.Text("receipt_email"), "receipt_email");
        var method = SetMethod(work, intent, parameters);
        var confirm = parameters.Flag("confirm") == true;
        if (confirm)
        {
            CheckReturnUrl(call, intent);
        }

        var created = Work.Snapshot(intent);
        work.Save(intent);
        if (!confirm)
        {
            work.Emit("payment_intent.created", created);
            return intent;
        }

        created.Node["status"] = "requires_payment_method";
        created.Node["payment_method"] = null;
        Confirm(work, intent, method, parameters, created);
        return intent;
    }

    private static JsonObject Retrieve(Call call)
    {
        var intent = call.Work.FromPath(call.Id, Type, "payment_intent");
        if (call.Parameters.Text("client_secret") is { } secret && !string.Equals(secret, intent.Text("client_secret"), StringComparison.Ordinal))
        {
            throw StripeException.Invalid("The client_secret provided does not match the client_secret associated with this object.", "client_secret");
        }

        return intent;
    }

    private static JsonObject Update(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var intent = work.FromPath(call.Id, Type, "payment_intent");
        var status = intent.Text("status");
        var open = status is "requires_payment_method" or "requires_confirmation" or "requires_action";
        foreach (var frozen in new[] { "amount", "currency", "customer", "payment_method", "setup_future_usage" })
        {
            if (!open && parameters.ContainsKey(frozen))
            {
                throw Unexpected(
                    intent,
                    $"This PaymentIntent's {frozen} could not be updated because it has a status of {status}. You may only update the {frozen} of a PaymentIntent with one of the following statuses: requires_payment_method, requires_confirmation, requires_action.");
            }
        }

        if (parameters.ContainsKey("amount") || parameters.ContainsKey("currency"))
        {
            var currency = parameters.Text("currency") is { } code ? Currencies.Check(code, "currency") : intent.Text("currency")!;
            var amount = parameters.Integer("amount") ?? intent.Integer("amount")!.Value;
            Currencies.CheckChargeable(amount, currency, "amount");
            intent["amount"] = amount;
            intent["currency"] = currency;
        }

        SetCustomer(work, intent, parameters);
        SetMethod(work, intent, parameters);
        Formats.CheckEmail(parameters.Text("receipt_email"), "receipt_email");
        intent.TakeOver(
            parameters,
            "description", "receipt_email", "setup_future_usage", "statement_descriptor", "statement_descriptor_suffix", "transfer_group", "payment_method_types");
        if (parameters.ContainsKey("shipping"))
        {
            intent["shipping"] = Contacts.Shipping(parameters.Hash("shipping"));
        }

        Metadata.Merge(intent, parameters);
        work.Save(intent);
        return intent;
    }

    private static JsonObject ConfirmCall(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var intent = work.FromPath(call.Id, Type, "payment_intent");
        switch (intent.Text("status"))
        {
            case "succeeded":
                throw Unexpected(intent, "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.");
            case { } status when status is "canceled" or "processing" or "requires_capture":
                throw Unexpected(intent, $"You cannot confirm this PaymentIntent because it has a status of {status}. Only a PaymentIntent with one of the following statuses may be confirmed: requires_confirmation, requires_action.");
        }

        if (parameters.Text("setup_future_usage") is { } usage)
        {
            intent["setup_future_usage"] = usage;
        }

        Formats.CheckEmail(parameters.Text("receipt_email"), "receipt_email");
        intent.TakeOver(parameters, "receipt_email");
        var method = SetMethod(work, intent, parameters)
            ?? (intent.Text("payment_method") is { } chosen ? work.Find(chosen, "payment_method") : null);
        if (method is null)
        {
            throw Unexpected(
                intent,
                "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.");
        }

        CheckReturnUrl(call, intent);
        Confirm(work, intent, method, parameters, created: null);
        return intent;
    }

    private static void Confirm(Work work, JsonObject intent, JsonObject? method, JsonObject parameters, ObjectSnapshot? created)
    {
        if (method is null)
        {
            throw StripeException.Invalid(
                "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.",
                code: "payment_intent_unexpected_state");
        }

        intent.Private().Remove("authenticated");
        var returnUrl = parameters.Text("return_url");
        Formats.CheckUrl(returnUrl, "return_url");
        InvoicePayments.Make(work, intent, method, new Attempt
        {
            // "one_off" and "recurring" are older words for true.
            OffSession = parameters.Flag("off_session") ?? parameters.Text("off_session") is not null,
            ErrorOnRequiresAction = parameters.Flag("error_on_requires_action") == true,
            ReturnUrl = returnUrl,
            Created = created,
        });
    }

    private static JsonObject CancelCall(Call call)
    {
        var intent = call.Work.FromPath(call.Id, Type, "payment_intent");
        var status = intent.Text("status");
        if (!Cancelable.Contains(status, StringComparer.Ordinal))
        {
            throw Unexpected(
                intent,
                $"You cannot cancel this PaymentIntent because it has a status of {status}. Only a PaymentIntent with one of the following statuses may be canceled: {string.Join(", ", Cancelable)}.");
        }

        if (intent.Private().Text("session") is { } session)
        {
            throw Unexpected(intent, $"You cannot cancel this PaymentIntent because it belongs to a Checkout Session. Expire the session {session} instead.");
        }

        Cancel(call.Work, intent, call.Parameters.Text("cancellation_reason") ?? "requested_by_customer");
        if (call.Parameters.Text("cancellation_reason") is null)
        {
            intent["cancellation_reason"] = null;
            call.Work.Save(intent);
        }

        return intent;
    }

    private static JsonObject Capture(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var intent = work.FromPath(call.Id, Type, "payment_intent");
        if (intent.Text("status") is not "requires_capture")
        {
            throw Unexpected(
                intent,
                $"This PaymentIntent could not be captured because it has a status of {intent.Text("status")}. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.");
        }

        var capturable = intent.Integer("amount_capturable")!.Value;
        var amount = parameters.Integer("amount_to_capture") ?? capturable;
        if (amount < 1 || amount > capturable)
        {
            throw StripeException.Conflict(
                $"The amount to capture must be from 1 to the capturable amount ({capturable}).", "amount_too_large", "amount_to_capture");
        }

        Metadata.Merge(intent, parameters);
        var charge = work.Find(intent.Text("latest_charge")!, "charge")!;
        charge["captured"] = true;
        charge["amount_captured"] = amount;
        work.Save(charge);
        work.Emit("charge.captured", charge);
        PaymentAttempts.Complete(work, intent, charge);
        work.Emit("payment_intent.succeeded", intent);
        return intent;
    }

    private static void SetCustomer(Work work, JsonObject intent, JsonObject parameters)
    {
        if (parameters.Text("customer") is { } customer)
        {
            Customers.Get(work, customer);
            intent["customer"] = customer;
        }
    }

    private static void SetTypes(Call call, JsonObject intent)
    {
        var parameters = call.Parameters;
        if (parameters.Items("payment_method_types") is { Count: > 0 } named)
        {
            if (parameters.Hash("automatic_payment_methods").Flag("enabled") == true)
            {
                throw StripeException.Invalid(
                    "You may only specify one of these parameters: automatic_payment_methods, payment_method_types.", "automatic_payment_methods", "parameters_exclusive");
            }

            intent["payment_method_types"] = named.DeepClone();
            return;
        }

        var automatic = parameters.Hash("automatic_payment_methods");
        if (automatic.Flag("enabled") == false || (automatic is null && !call.IsVersioned))
        {
            return;
        }

        intent["automatic_payment_methods"] = new JsonObject
        {
            ["allow_redirects"] = automatic.Text("allow_redirects") ?? "always",
            ["enabled"] = true,
        };
        intent["payment_method_types"] = DynamicTypes(intent.Text("currency")!);
    }

    /// <summary>The method the parameters name or describe, now the intent's; null when they do neither.</summary>
    private static JsonObject? SetMethod(Work work, JsonObject intent, JsonObject parameters)
    {
        JsonObject method;
        if (parameters.Text("payment_method") is { } id)
        {
            method = PaymentMethods.Resolve(work, id, "payment_method");
        }
        else if (parameters.Hash("payment_method_data") is { } data)
        {
            method = PaymentMethods.Create(work, data);
        }
        else
        {
            return null;
        }

        var owner = method.Text("customer");
        if (owner is not null && !string.Equals(owner, intent.Text("customer"), StringComparison.Ordinal))
        {
            throw StripeException.Invalid(
                intent.Text("customer") is null
                    ? "The payment method you provided is attached to a customer so for security purposes you must provide the customer in the request."
                    : "The provided PaymentMethod cannot be attached. It belongs to another customer.",
                "payment_method");
        }

        intent["payment_method"] = method.Text("id");
        if (intent.Text("status") is "requires_payment_method" or "requires_action")
        {
            intent["status"] = "requires_confirmation";
            intent["next_action"] = null;
        }

        return method;
    }

    private static void CheckConfirmationParameters(JsonObject parameters)
    {
        if (parameters.Flag("confirm") == true)
        {
            return;
        }

        foreach (var name in new[] { "return_url", "off_session", "error_on_requires_action", "mandate_data" })
        {
            if (parameters.ContainsKey(name))
            {
                throw StripeException.Invalid($"The parameter `{name}` cannot be passed when creating a PaymentIntent unless `confirm` is set to true.", name);
            }
        }
    }

    /// <summary>Dynamic methods may send the buyer away, so Stripe wants to know where to come back to.</summary>
    private static void CheckReturnUrl(Call call, JsonObject intent)
    {
        var redirects = intent.Hash("automatic_payment_methods") is { } automatic && automatic.Text("allow_redirects") is "always";
        var offSession = call.Parameters.Flag("off_session") ?? call.Parameters.Text("off_session") is not null;
        if (redirects && !offSession && call.Parameters.Text("return_url") is null && call.Parameters.Flag("use_stripe_sdk") != true)
        {
            throw StripeException.Invalid(
                "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
                "return_url");
        }
    }

    private static JsonObject Options(JsonObject? given)
    {
        var card = new JsonObject
        {
            ["installments"] = null,
            ["mandate_options"] = null,
            ["network"] = null,
            ["request_three_d_secure"] = given.Hash("card").Text("request_three_d_secure") ?? "automatic",
        };
        return new JsonObject { ["card"] = card };
    }

    private static StripeException Unexpected(JsonObject intent, string message)
    {
        var refusal = StripeException.Conflict(message, "payment_intent_unexpected_state");
        refusal.Error["payment_intent"] = DeclineBodies.Shown(intent);
        return refusal;
    }
}

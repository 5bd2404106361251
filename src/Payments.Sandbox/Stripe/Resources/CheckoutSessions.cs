using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>Checkout sessions as the API makes and shows them; paying one is <see cref="SessionPayments"/>.</summary>
internal static class CheckoutSessions
{
    /// <summary>Due when a session's time is up.</summary>
    public const string ExpiryDue = "expire";

    private const string Type = "checkout.session";
    private const string Kind = "checkout.session";

    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(30);

    /// <summary>A caller reckons "in 30 minutes" before its request has travelled.</summary>
    private static readonly TimeSpan Travel = TimeSpan.FromSeconds(30);

    public static void Map(RouteTable routes)
    {
        routes.Post("/v1/checkout/sessions", Create);
        routes.Get("/v1/checkout/sessions", List);
        routes.Get("/v1/checkout/sessions/{id}", call => Get(call.Work, call.Id));
        routes.Post("/v1/checkout/sessions/{id}", Update);
        routes.Post("/v1/checkout/sessions/{id}/expire", ExpireCall);
        routes.Get("/v1/checkout/sessions/{id}/line_items", LineItems);
    }

    public static JsonObject Get(Work work, string id) => work.FromPath(id, Type, Kind);

    public static void Expire(Work work, JsonObject session)
    {
        session["status"] = "expired";
        session["url"] = null;
        work.Save(session);
        work.CallOff(ExpiryDue, session.Text("id")!);
        work.Emit("checkout.session.expired", session);
        if (SessionPayments.IntentOf(work, session) is { } intent && intent.Text("object") is "payment_intent" && intent.Text("status") is not ("succeeded" or "canceled"))
        {
            PaymentIntents.Cancel(work, intent, "automatic");
        }
    }

    public static void ExpireDue(Work work, string id)
    {
        if (work.Find(id, Type) is { } session && session.Text("status") is "open")
        {
            Expire(work, session);
        }
    }

    /// <summary>A bank debit behind a session has come to its end.</summary>
    public static void DebitSettled(Work work, JsonObject intent, bool paid)
    {
        if (intent.Private().Text("session") is not { } id || work.Find(id, Type) is not { } session)
        {
            return;
        }

        if (paid)
        {
            session["payment_status"] = "paid";
            work.Save(session);
        }

        work.Emit(paid ? "checkout.session.async_payment_succeeded" : "checkout.session.async_payment_failed", session);
    }

    /// <summary>The one place where a session's discount is put on or (with null) taken off.</summary>
    public static void SetDiscount(Work work, JsonObject session, JsonObject? discount)
    {
        session["discounts"] = discount is null ? new JsonArray() : new JsonArray(discount);
        SessionLines.Total(work, session);
    }

    private static JsonObject Create(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var mode = CheckedMode(parameters);
        var customer = parameters.Text("customer");
        var buyer = CheckedBuyer(work, parameters, customer);
        var (successUrl, cancelUrl) = CheckedUrls(parameters);
        var expiresAt = CheckedExpiry(work, parameters);
        var subscriptionData = CheckedSubscriptionData(work, parameters);
        var trial = Subscriptions.TrialEnd(work, [], subscriptionData) is not null;
        var items = mode is "setup" ? [] : SessionLines.From(work, parameters.Items("line_items"), mode, trial);
        var currency = items.Count > 0 ? items[0].Text("currency")! : parameters.Text("currency") ?? "usd";
        if (parameters.Text("currency") is { } wanted && !string.Equals(wanted.ToLowerInvariant(), currency, StringComparison.Ordinal))
        {
            throw StripeException.Invalid($"The price specified supports currencies of `{currency}`. This doesn't match the expected currency: `{wanted}`.", "currency");
        }

        var id = Ids.CheckoutSession();
        var email = parameters.Text("customer_email") ?? buyer.Text("email");
        var session = new JsonObject
        {
            ["id"] = id,
            ["object"] = Type,
            ["adaptive_pricing"] = new JsonObject { ["enabled"] = false },
            ["after_expiration"] = null,
            ["allow_promotion_codes"] = parameters.Flag("allow_promotion_codes"),
            ["amount_subtotal"] = mode is "setup" ? null : 0,
            ["amount_total"] = mode is "setup" ? null : 0,
            ["automatic_tax"] = new JsonObject { ["enabled"] = false, ["liability"] = null, ["provider"] = null, ["status"] = null },
            ["billing_address_collection"] = parameters.Text("billing_address_collection"),
            ["cancel_url"] = cancelUrl,
            ["client_reference_id"] = parameters.Text("client_reference_id"),
            ["client_secret"] = null,
            ["collected_information"] = null,
            ["consent"] = null,
            ["consent_collection"] = null,
            ["created"] = work.Now,
            ["currency"] = mode is "setup" ? parameters.Text("currency")?.ToLowerInvariant() : currency,
            ["currency_conversion"] = null,
            ["custom_fields"] = new JsonArray(),
            ["custom_text"] = new JsonObject
            {
                ["after_submit"] = null,
                ["shipping_address"] = null,
                ["submit"] = Message(parameters.Hash("custom_text").Hash("submit")),
                ["terms_of_service_acceptance"] = null,
            },
            ["customer"] = customer,
            ["customer_account"] = null,
            ["customer_creation"] = customer is not null ? null
                : parameters.Text("customer_creation") ?? (mode is "subscription" ? "always" : "if_required"),
            ["customer_details"] = email is null && customer is null ? null : Details(email, name: null, address: null),
            ["customer_email"] = parameters.Text("customer_email"),
            ["discounts"] = new JsonArray(),
            ["expires_at"] = expiresAt,
            ["integration_identifier"] = parameters.Text("integration_identifier"),
            ["invoice"] = null,
            ["invoice_creation"] = mode is not "payment" ? null : new JsonObject
            {
                ["enabled"] = false,
                ["invoice_data"] = new JsonObject
                {
                    ["account_tax_ids"] = null,
                    ["custom_fields"] = null,
                    ["description"] = null,
                    ["footer"] = null,
                    ["issuer"] = null,
                    ["metadata"] = new JsonObject(),
                    ["rendering_options"] = null,
                },
            },
            ["livemode"] = false,
            ["locale"] = parameters.Text("locale"),
            ["managed_payments"] = null,
            ["metadata"] = Metadata.From(parameters),
            ["mode"] = mode,
            ["origin_context"] = parameters.Text("origin_context"),
            ["payment_intent"] = null,
            ["payment_link"] = null,
            ["payment_method_collection"] = mode is "subscription" ? parameters.Text("payment_method_collection") ?? "always" : "if_required",
            ["payment_method_configuration_details"] = null,
            ["payment_method_options"] = new JsonObject
            {
                ["card"] = new JsonObject
                {
                    ["request_three_d_secure"] = parameters.Hash("payment_method_options").Hash("card").Text("request_three_d_secure") ?? "automatic",
                },
            },
            ["payment_method_types"] = Types(parameters, mode, currency),
            ["payment_status"] = mode is "setup" ? "no_payment_required" : "unpaid",
            ["permissions"] = null,
            ["phone_number_collection"] = new JsonObject { ["enabled"] = parameters.Hash("phone_number_collection").Flag("enabled") ?? false },
            ["recovered_from"] = null,
            ["saved_payment_method_options"] = null,
            ["setup_intent"] = null,
            ["shipping_address_collection"] = null,
            ["shipping_cost"] = null,
            ["shipping_options"] = new JsonArray(),
            ["status"] = "open",
            ["submit_type"] = parameters.Text("submit_type"),
            ["subscription"] = null,
            ["success_url"] = successUrl,
            ["total_details"] = null,
            ["ui_mode"] = "hosted_page",
            ["url"] = new Uri(work.Address, $"/c/pay/{id}").AbsoluteUri,
            ["wallet_options"] = null,
        };
        var notes = session.Private();
        notes["line_items"] = Lists.Of(items.Select(i => i!.DeepClone()), hasMore: false, $"/v1/checkout/sessions/{id}/line_items");
        notes["payment_intent_data"] = CheckedIntentData(parameters);
        notes["setup_intent_data"] = parameters.Copy("setup_intent_data") ?? new JsonObject();
        notes["subscription_data"] = subscriptionData.DeepClone();
        if (mode is not "setup")
        {
            SetDiscount(work, session, CheckedDiscount(work, parameters, items, customer, currency));
            CheckTotal(session);
        }

        work.Save(session);
        work.Schedule(ExpiryDue, id, DateTimeOffset.FromUnixTimeSeconds(expiresAt));
        return session;
    }

    public static JsonObject Details(string? email, string? name, JsonNode? address) => new()
    {
        ["address"] = address?.DeepClone(),
        ["business_name"] = null,
        ["email"] = email,
        ["individual_name"] = null,
        ["name"] = name,
        ["phone"] = null,
        ["tax_exempt"] = "none",
        ["tax_ids"] = null,
    };

    /// <summary>A total between nothing and the currency's minimum cannot be charged.</summary>
    public static void CheckTotal(JsonObject session)
    {
        var total = session.Integer("amount_total")!.Value;
        var currency = session.Text("currency")!;
        if (total > 0 && Currencies.IsTooSmall(total, currency))
        {
            throw StripeException.Invalid(
                $"The Checkout Session's total amount due must add up to at least {Currencies.Format(Currencies.LeastOf(currency)!.Value, currency)}", code: "amount_too_small");
        }

        if (total > 0)
        {
            Currencies.CheckChargeable(total, currency, "line_items");
        }
    }

    private static JsonObject List(Call call)
    {
        if (call.Parameters.Hash("customer_details").Text("email") is { } email)
        {
            call.Parameters["customer_details.email"] = email;
        }

        return Lists.Page(call, Type, Kind, "customer", "payment_intent", "status", "subscription", "customer_details.email");
    }

    private static JsonObject Update(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var session = Get(work, call.Id);
        Metadata.Merge(session, parameters);
        work.Save(session);
        return session;
    }

    private static JsonObject ExpireCall(Call call)
    {
        var session = Get(call.Work, call.Id);
        if (session.Text("status") is not "open")
        {
            throw StripeException.Conflict(
                $"Only Checkout Sessions with a status in [\"open\"] can be expired. This Session has a status of `{session.Text("status")}`.");
        }

        Expire(call.Work, session);
        return session;
    }

    private static JsonObject LineItems(Call call)
    {
        var items = Get(call.Work, call.Id).Private().Hash("line_items").Items("data")!.OfType<JsonObject>().ToList();
        return Lists.Page(
            call,
            items,
            item => item.Text("id")!,
            item => item.DeepClone(),
            id => items.Exists(item => string.Equals(item.Text("id"), id, StringComparison.Ordinal)),
            "line item");
    }

    private static string CheckedMode(JsonObject parameters)
    {
        var mode = parameters.Text("mode") ?? throw StripeException.Invalid("Missing required param: mode.", "mode", "parameter_missing");
        foreach (var (name, only) in new[]
        {
            ("payment_intent_data", "payment"), ("customer_creation", "payment"), ("submit_type", "payment"), ("subscription_data", "subscription"),
            ("payment_method_collection", "subscription"), ("setup_intent_data", "setup"),
        })
        {
            // A customer can also be asked for when only a card is saved.
            if (parameters.ContainsKey(name) && !string.Equals(mode, only, StringComparison.Ordinal) && !(name is "customer_creation" && mode is "setup"))
            {
                throw StripeException.Invalid($"You can not pass `{name}` in `{mode}` mode.", name);
            }
        }

        if (parameters.Text("ui_mode") is not (null or "hosted_page"))
        {
            throw StripeException.Invalid("The sandbox's Stripe knows Checkout's hosted page only.", "ui_mode");
        }

        return mode;
    }

    private static JsonObject CheckedSubscriptionData(Work work, JsonObject parameters)
    {
        var data = parameters.Hash("subscription_data") ?? [];
        Metadata.From(data);
        Subscriptions.Refuse(data, "billing_cycle_anchor", "billing_cycle_anchor_config", "pending_invoice_item_interval", "transfer_data", "on_behalf_of");
        return data.Integer("trial_end") is { } end && end < work.Now + (2 * 86_400)
            ? throw StripeException.Invalid("The `trial_end` date has to be at least 2 days in the future.", "subscription_data[trial_end]")
            : data;
    }

    private static JsonObject? CheckedBuyer(Work work, JsonObject parameters, string? customer)
    {
        Formats.CheckEmail(parameters.Text("customer_email"), "customer_email");
        if (customer is null)
        {
            return null;
        }

        foreach (var exclusive in new[] { "customer_email", "customer_creation" })
        {
            if (parameters.ContainsKey(exclusive))
            {
                throw StripeException.Invalid($"You may only specify one of these parameters: customer, {exclusive}.", exclusive, "parameters_exclusive");
            }
        }

        return Customers.Get(work, customer);
    }

    private static (string Success, string? Cancel) CheckedUrls(JsonObject parameters)
    {
        var success = parameters.Text("success_url")
            ?? throw StripeException.Invalid("Missing required param: success_url.", "success_url", "parameter_missing");
        var cancel = parameters.Text("cancel_url");
        Formats.CheckUrl(success, "success_url");
        Formats.CheckUrl(cancel, "cancel_url");
        return (success, cancel);
    }

    private static long CheckedExpiry(Work work, JsonObject parameters)
    {
        if (parameters.Integer("expires_at") is not { } wanted)
        {
            return (work.Time + Longest).ToUnixTimeSeconds();
        }

        var until = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(wanted, 0, 253_402_300_799)) - work.Time;
        if (until < Shortest - Travel)
        {
            throw StripeException.Invalid("The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.", "expires_at");
        }

        return until <= Longest + Travel
            ? wanted
            : throw StripeException.Invalid("The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.", "expires_at");
    }

    private static JsonObject CheckedIntentData(JsonObject parameters)
    {
        var data = parameters.Hash("payment_intent_data")?.DeepClone().AsObject() ?? [];
        Formats.CheckEmail(data.Text("receipt_email"), "payment_intent_data[receipt_email]");
        Metadata.From(data);
        return data;
    }

    private static JsonObject? CheckedDiscount(Work work, JsonObject parameters, JsonArray items, string? customer, string currency)
    {
        if (parameters.Items("discounts") is not { Count: > 0 } discounts)
        {
            return null;
        }

        if (parameters.Flag("allow_promotion_codes") == true)
        {
            throw StripeException.Invalid("You may only specify one of these parameters: allow_promotion_codes, discounts.", "allow_promotion_codes", "parameters_exclusive");
        }

        if (discounts.Count > 1)
        {
            throw StripeException.Invalid("A Checkout Session takes at most one discount.", "discounts");
        }

        var (coupon, code) = (discounts[0].Text("coupon"), discounts[0].Text("promotion_code"));
        if ((coupon is null) == (code is null))
        {
            throw StripeException.Invalid("You must specify exactly one of these parameters: coupon, promotion_code.", "discounts[0]");
        }

        if (coupon is not null && Coupons.Get(work, coupon, "discounts[0][coupon]").Flag("valid") != true)
        {
            throw StripeException.Conflict($"Coupon expired: {coupon}", "coupon_expired", "discounts[0][coupon]");
        }

        if (code is not null)
        {
            var promotion = PromotionCodes.Get(work, code, "discounts[0][promotion_code]");
            var subtotal = items.Sum(i => i.Integer("amount_subtotal")!.Value);
            if (PromotionCodes.Objection(work, promotion, customer, subtotal, currency) is { } objection)
            {
                throw StripeException.Conflict(objection, param: "discounts[0][promotion_code]");
            }
        }

        return new JsonObject { ["coupon"] = coupon, ["promotion_code"] = code };
    }

    private static JsonArray Types(JsonObject parameters, string mode, string currency)
    {
        if (parameters.Items("payment_method_types") is not { Count: > 0 } named)
        {
            return mode is "payment" ? PaymentIntents.DynamicTypes(currency) : new JsonArray("card");
        }

        var types = named.Select(t => (string)t!).ToList();
        if (mode is not "payment" && types.Exists(t => t is not "card"))
        {
            throw StripeException.Invalid($"The sandbox's Stripe takes cards only in `{mode}` mode.", "payment_method_types");
        }

        if (types.Exists(t => t is "sepa_debit" && currency is not "eur") || types.Exists(t => t is "us_bank_account" && currency is not "usd"))
        {
            throw StripeException.Invalid(
                $"The payment method types {string.Join(", ", types)} cannot all be used with the currency `{currency}`.", "payment_method_types");
        }

        return named.DeepClone().AsArray();
    }

    private static JsonObject? Message(JsonObject? text) =>
        text.Text("message") is { } message ? new JsonObject { ["message"] = message } : null;
}

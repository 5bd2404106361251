using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using Payments.Tests.Shared;

namespace Payments.Infrastructure.Tests.Stripe;

/// <summary>
/// Objects as Stripe sends them: every required field of Stripe's own description is there (null where it may be),
/// with what the test says on top. What comes out is checked against the description again.
/// </summary>
public static class StripeSamples
{
    public const string Dahlia = "2026-07-29.dahlia";
    public const string OurPayment = "0197f1c0-0000-7000-8000-000000000001";
    public const string OurPlan = "0197f1c0-0000-7000-8000-0000000000cc";
    public const string OurRefund = "0197f1c0-0000-7000-8000-0000000000bb";
    public const string OurUser = "0197f1c0-0000-7000-8000-0000000000aa";

    private static readonly JsonObject Schemas = ReadSchemas();

    public static JsonObject Customer(string changes = "{}") => Make("customer", $$"""
        { "id": "cus_1", "email": "ada@example.com", "name": "Ada", "created": 1785283200, "metadata": { "user_id": "{{OurUser}}" } }
        """, changes);

    public static JsonObject Session(string changes = "{}") => Make("checkout.session", $$"""
        {
          "id": "cs_test_1", "status": "complete", "payment_status": "paid", "mode": "payment", "currency": "usd", "customer": "cus_1",
          "amount_subtotal": 2000, "amount_total": 1999, "total_details": { "amount_discount": 101, "amount_shipping": 0, "amount_tax": 100 },
          "payment_intent": "pi_1", "client_reference_id": "{{OurPayment}}", "created": 1785283200, "expires_at": 1785369600,
          "metadata": { "payment_id": "{{OurPayment}}", "user_id": "{{OurUser}}", "kind": "credits" }
        }
        """, changes);

    public static JsonObject Intent(string changes = "{}") => Make("payment_intent", $$"""
        {
          "id": "pi_1", "status": "succeeded", "amount": 1999, "amount_received": 1999, "currency": "usd", "customer": "cus_1",
          "client_secret": "pi_1_secret_abc", "latest_charge": "ch_1", "created": 1785283201,
          "metadata": { "payment_id": "{{OurPayment}}", "user_id": "{{OurUser}}", "kind": "credits" }
        }
        """, changes);

    public static JsonObject Charge(string changes = "{}") => Make("charge", $$"""
        {
          "id": "ch_1", "status": "succeeded", "amount": 1999, "currency": "usd", "payment_intent": "pi_1", "paid": true, "captured": true, "created": 1785283202,
          "payment_method_details": { "type": "card", "card": { "brand": "visa", "last4": "4242" } },
          "metadata": { "payment_id": "{{OurPayment}}" }
        }
        """, changes, check: false);

    public static JsonObject Price(string changes = "{}", bool check = true) => Make("price", $$"""
        {
          "id": "price_1", "active": true, "billing_scheme": "per_unit", "currency": "usd", "unit_amount": 1900, "unit_amount_decimal": "1900", "type": "recurring",
          "recurring": { "interval": "month", "interval_count": 1, "usage_type": "licensed", "meter": null, "trial_period_days": null },
          "lookup_key": "0197f1c0-0000-7000-8000-0000000000bb", "product": {{Product().ToJsonString()}}, "metadata": { "plan_id": "{{OurPlan}}" }
        }
        """, changes, check);

    public static JsonObject Product(string changes = "{}") => Make("product", """
        { "id": "prod_1", "active": true, "name": "Monthly", "type": "service" }
        """, changes);

    public static JsonObject Method(string changes = "{}") => Make("payment_method", """
        {
          "id": "pm_1", "type": "card", "customer": "cus_1", "created": 1785283200,
          "card": { "brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2030, "fingerprint": "Xt5EWLLDS7FJjR1c" }
        }
        """, changes, check: false);

    public static JsonObject Setup(string changes = "{}") => Make("setup_intent", """
        {
          "id": "seti_1", "status": "succeeded", "customer": "cus_1", "payment_method": "pm_1", "client_secret": "seti_1_secret_abc", "usage": "off_session",
          "payment_method_types": ["card"], "created": 1785283200
        }
        """, changes);

    public static JsonObject Portal(string changes = "{}") => Make("billing_portal.session", """
        { "id": "bps_1", "customer": "cus_1", "url": "https://billing.stripe.com/p/session/test_1", "return_url": "https://shop.example.com/", "created": 1785283200 }
        """, changes);

    public static JsonObject Refund(string changes = "{}") => Make("refund", $$"""
        { "id": "re_1", "amount": 500, "currency": "usd", "charge": "ch_1", "payment_intent": "pi_1", "status": "succeeded", "reason": "duplicate", "created": 1785283300,
          "metadata": { "refund_id": "{{OurRefund}}", "payment_id": "{{OurPayment}}", "user_id": "{{OurUser}}" } }
        """, changes);

    public static JsonObject Dispute(string changes = "{}") => Make("dispute", """
        { "id": "dp_1", "amount": 500, "currency": "usd", "charge": "ch_1", "payment_intent": "pi_1", "status": "needs_response", "reason": "fraudulent", "created": 1785283300 }
        """, changes);

    public static JsonObject PromotionCode(string changes = "{}") => Make("promotion_code", """
        { "id": "promo_1", "code": "SPRING", "active": true, "created": 1785283200, "promotion": { "type": "coupon", "coupon": "co_1" } }
        """, changes);

    /// <summary>A body's parameters as a person reads them.</summary>
    public static string[] Form(string body) => [.. body.Split('&').Select(pair => System.Net.WebUtility.UrlDecode(pair))];

    public static JsonObject Page(bool hasMore, params JsonObject[] data) => new()
    {
        ["object"] = "list",
        ["url"] = "/v1/things",
        ["has_more"] = hasMore,
        ["data"] = new JsonArray([.. data]),
    };

    public static JsonObject Declined(string declineCode = "generic_decline", string code = "card_declined", JsonObject? intent = null)
    {
        var error = new JsonObject
        {
            ["advice_code"] = "try_again_later",
            ["code"] = code,
            ["doc_url"] = "https://stripe.com/docs/error-codes/card-declined",
            ["message"] = "Your card was declined.",
            ["network_decline_code"] = "01",
            ["param"] = "",
            ["type"] = "card_error",
        };
        if (code == "card_declined")
        {
            error["decline_code"] = declineCode;
        }

        if (intent is not null)
        {
            error["payment_intent"] = intent;
        }

        return new JsonObject { ["error"] = error };
    }

    public static JsonObject Error(string type, string? code, string message, string? param = null) => new()
    {
        ["error"] = new JsonObject(
            from pair in new (string Name, string? Value)[] { ("type", type), ("code", code), ("message", message), ("param", param) }
            where pair.Value is not null
            select KeyValuePair.Create(pair.Name, (JsonNode?)pair.Value)),
    };

    public static byte[] Event(string type, JsonObject item, string? apiVersion = Dahlia) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["id"] = "evt_1",
        ["object"] = "event",
        ["api_version"] = apiVersion,
        ["created"] = 1785283203,
        ["data"] = new JsonObject { ["object"] = item.DeepClone() },
        ["livemode"] = false,
        ["pending_webhooks"] = 1,
        ["request"] = new JsonObject { ["id"] = null, ["idempotency_key"] = null },
        ["type"] = type,
    }.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));

    private static JsonObject Make(string schema, string sample, string changes, bool check = true)
    {
        var made = (JsonObject)Empty(Schemas[schema]!.AsObject())!;
        Merge(made, JsonNode.Parse(sample)!.AsObject());
        Merge(made, JsonNode.Parse(changes)!.AsObject());
        if (check && changes == "{}")
        {
            StripeSchema.Load().ObjectErrors(made).ShouldBeEmpty();
        }

        return made;
    }

    private static void Merge(JsonObject into, JsonObject from)
    {
        foreach (var (name, value) in from)
        {
            if (value is JsonObject inner && into[name] is JsonObject outer)
            {
                Merge(outer, inner);
            }
            else
            {
                into[name] = value?.DeepClone();
            }
        }
    }

    private static JsonNode? Empty(JsonObject schema)
    {
        if (schema["$ref"]?.GetValue<string>() is { } reference)
        {
            return Empty(Schemas[reference[(reference.LastIndexOf('/') + 1)..]]!.AsObject());
        }

        if (schema["nullable"]?.GetValue<bool>() == true)
        {
            return null;
        }

        if (schema["enum"] is JsonArray words)
        {
            return words[0]!.DeepClone();
        }

        if (schema["anyOf"] is JsonArray alternatives)
        {
            return Empty(alternatives[0]!.AsObject());
        }

        return schema["type"]?.GetValue<string>() switch
        {
            "string" => "",
            "integer" => 0,
            "boolean" => false,
            "array" => new JsonArray(),
            _ => new JsonObject(
                from name in schema["required"] as JsonArray ?? []
                let key = name!.GetValue<string>()
                select KeyValuePair.Create(key, Empty(schema["properties"]![key]!.AsObject()))),
        };
    }

    private static JsonObject ReadSchemas()
    {
        using var stream = typeof(StripeSamples).Assembly.GetManifestResourceStream("stripe-openapi.json")!;
        return JsonNode.Parse(stream)!["components"]!["schemas"]!.AsObject();
    }
}

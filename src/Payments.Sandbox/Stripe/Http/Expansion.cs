using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Resources;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Http;

/// <summary>Puts objects in the place of their ids where <c>expand[]</c> asks for it.</summary>
internal static class Expansion
{
    private const int MaxDepth = 4;

    /// <summary>Fields of each object that may be expanded; those with a provider are absent unless they are.</summary>
    private static readonly FrozenDictionary<string, string[]> Expandable = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["balance_transaction"] = ["source"],
        ["charge"] =
        [
            "application", "application_fee", "balance_transaction", "customer", "failure_balance_transaction", "on_behalf_of",
            "payment_intent", "refunds", "review", "source_transfer",
        ],
        ["checkout.session"] =
        [
            "customer", "invoice", "line_items", "payment_intent", "payment_link", "setup_intent", "subscription",
            "total_details.breakdown", "discounts.coupon", "discounts.promotion_code",
        ],
        ["coupon"] = ["applies_to", "currency_options"],
        ["customer"] =
        [
            "default_source", "invoice_settings.default_payment_method", "sources", "subscriptions", "tax", "tax_ids",
            "test_clock", "cash_balance", "invoice_credit_balance",
        ],
        ["dispute"] = ["charge", "payment_intent"],
        ["payment_intent"] =
        [
            "application", "customer", "latest_charge", "on_behalf_of", "payment_method", "review", "source", "transfer_data.destination",
        ],
        ["payment_method"] = ["customer"],
        ["price"] = ["product", "tiers", "currency_options"],
        ["product"] = ["default_price", "tax_code"],
        ["promotion_code"] = ["customer", "promotion.coupon", "restrictions.currency_options"],
        ["radar.early_fraud_warning"] = ["charge", "payment_intent"],
        ["refund"] = ["balance_transaction", "charge", "customer", "failure_balance_transaction", "payment_intent", "payment_method"],
        ["setup_intent"] = ["application", "customer", "latest_attempt", "mandate", "on_behalf_of", "payment_method", "single_use_mandate"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static void Apply(JsonNode answer, JsonObject parameters, Work work)
    {
        foreach (var path in parameters.Texts("expand"))
        {
            var segments = path.Split('.');
            var depth = string.Equals(segments[0], "data", StringComparison.Ordinal) ? segments.Length - 1 : segments.Length;
            if (depth > MaxDepth)
            {
                throw StripeException.Invalid($"You cannot expand more than {MaxDepth} levels of a property (property: {path}).", "expand");
            }

            Walk(answer, segments, path, work);
        }
    }

    private static void Walk(JsonNode? node, ReadOnlySpan<string> rest, string path, Work work)
    {
        if (rest.IsEmpty)
        {
            return;
        }

        switch (node)
        {
            case JsonArray array:
                foreach (var item in array)
                {
                    Walk(item, rest, path, work);
                }

                return;
            case JsonObject hash:
                WalkHash(hash, rest, path, work);
                return;
            case null:
                // Nothing there to expand in: Stripe minds unknown names, not empty fields.
                return;
            default:
                throw Refused(path);
        }
    }

    private static void WalkHash(JsonObject hash, ReadOnlySpan<string> rest, string path, Work work)
    {
        var fields = Expandable.GetValueOrDefault(hash.Text("object") ?? "") ?? [];
        var name = rest[0];
        if (Array.IndexOf(fields, name) >= 0)
        {
            Expand(hash, name, hash, work);
            Walk(hash[name], rest[1..], path, work);
            return;
        }

        var nested = rest.Length > 1 ? $"{name}.{rest[1]}" : null;
        if (nested is not null && Array.IndexOf(fields, nested) >= 0)
        {
            var inner = rest[1];
            foreach (var part in hash[name] is JsonArray parts ? parts.OfType<JsonObject>() : [.. hash.Hash(name) is { } one ? new[] { one } : []])
            {
                Expand(part, inner, hash, work);
                Walk(part[inner], rest[2..], path, work);
            }

            return;
        }

        // A hash, a list or an object that is always shown whole: on the way, but not to be expanded itself.
        if (rest.Length > 1 && hash[name] is JsonObject or JsonArray)
        {
            Walk(hash[name], rest[1..], path, work);
            return;
        }

        throw Refused(path);
    }

    private static void Expand(JsonObject holder, string name, JsonObject owner, Work work)
    {
        if (holder[name] is JsonValue value && value.TryGetValue(out string? id))
        {
            // An id of something this simulator keeps no object of stays an id.
            if (work.Find(id) is { } found)
            {
                var copy = found.DeepClone().AsObject();
                copy.Remove(StoredObject.PrivateField);
                holder[name] = copy;
            }
        }
        else if (name is "refunds" && owner.Text("object") is "charge")
        {
            holder[name] = Refunds.OfCharge(work, owner.Text("id")!);
        }
        else if (!holder.ContainsKey(name) && work.Find(owner.Text("id")!)?.Hash(StoredObject.PrivateField)?[name] is { } hidden)
        {
            holder[name] = hidden.DeepClone();
        }
    }

    private static StripeException Refused(string path) =>
        StripeException.Invalid($"This property cannot be expanded ({path}). You may want to try expanding another property.", "expand");
}

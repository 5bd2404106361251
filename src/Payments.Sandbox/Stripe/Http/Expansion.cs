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
        ["discount"] = ["customer", "promotion_code", "source.coupon"],
        ["invoice"] =
        [
            "account_tax_ids", "application", "confirmation_secret", "customer", "default_payment_method", "default_source", "discounts", "from_invoice.invoice",
            "latest_revision", "on_behalf_of", "parent.subscription_details.subscription", "payments", "test_clock", "total_discount_amounts.discount",
        ],
        ["invoice_payment"] = ["invoice", "payment.charge", "payment.payment_intent"],
        ["line_item"] = ["discounts", "discount_amounts.discount", "pricing.price_details.price", "subscription"],
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
        ["subscription"] =
        [
            "application", "customer", "default_payment_method", "default_source", "discounts", "latest_invoice", "on_behalf_of", "pending_setup_intent",
            "schedule", "test_clock",
        ],
        ["subscription_item"] = ["discounts"],
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

            Walk(answer, segments, path, inside: null, work);
        }
    }

    /// <param name="node">Where the walk has come to.</param>
    /// <param name="rest">The names still to go.</param>
    /// <param name="path">All of them, for the refusal.</param>
    /// <param name="inside">The object that the node is a plain part of, and the names from there to here; null: the node is an object itself.</param>
    /// <param name="work">The work at hand.</param>
    private static void Walk(JsonNode? node, ReadOnlySpan<string> rest, string path, (JsonObject Owner, string Prefix)? inside, Work work)
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
                    Walk(item, rest, path, inside, work);
                }

                return;
            case JsonObject hash:
                WalkHash(hash, rest, path, inside, work);
                return;
            case null:
                // Nothing there to expand in: Stripe minds unknown names, not empty fields.
                return;
            default:
                throw Refused(path);
        }
    }

    private static void WalkHash(JsonObject hash, ReadOnlySpan<string> rest, string path, (JsonObject Owner, string Prefix)? inside, Work work)
    {
        var (owner, prefix) = hash.Text("object") is not null || inside is null ? (hash, "") : inside.Value;
        var fields = Expandable.GetValueOrDefault(owner.Text("object") ?? "") ?? [];
        var name = prefix + rest[0];
        if (Array.IndexOf(fields, name) >= 0)
        {
            Expand(hash, rest[0], owner, work);
            Walk(hash[rest[0]], rest[1..], path, inside: null, work);
            return;
        }

        // A hash, a list or an object that is always shown whole: on the way, but not to be expanded itself. It may also
        // be empty now, and be one of those at other times.
        if (rest.Length > 1 && (hash[rest[0]] is JsonObject or JsonArray || Array.Exists(fields, f => f.StartsWith(name + ".", StringComparison.Ordinal))))
        {
            Walk(hash[rest[0]], rest[1..], path, (owner, name + "."), work);
            return;
        }

        throw Refused(path);
    }

    private static void Expand(JsonObject holder, string name, JsonObject owner, Work work)
    {
        if (holder[name] is JsonArray several)
        {
            for (var i = 0; i < several.Count; i++)
            {
                several[i] = Found(several[i], work) ?? several[i]?.DeepClone();
            }
        }
        else if (name is "refunds" && owner.Text("object") is "charge")
        {
            holder[name] = Refunds.OfCharge(work, owner.Text("id")!);
        }
        else if (Found(holder[name], work) is { } found)
        {
            holder[name] = found;
        }
        else if (name is "subscriptions" && owner.Text("object") is "customer" && owner.Flag("deleted") != true)
        {
            holder[name] = Subscriptions.LiveOf(work, owner.Text("id")!);
        }
        else if (!holder.ContainsKey(name) && work.Find(owner.Text("id")!)?.Hash(StoredObject.PrivateField)?[name] is { } hidden)
        {
            holder[name] = hidden.DeepClone();
        }
    }

    /// <summary>Null for what is no id, and for an id of something this simulator keeps no object of: it stays an id.</summary>
    private static JsonObject? Found(JsonNode? node, Work work) =>
        node is JsonValue value && value.TryGetValue(out string? id) && work.Find(id) is { } found ? DeclineBodies.Shown(found) : null;

    private static StripeException Refused(string path) =>
        StripeException.Invalid($"This property cannot be expanded ({path}). You may want to try expanding another property.", "expand");
}

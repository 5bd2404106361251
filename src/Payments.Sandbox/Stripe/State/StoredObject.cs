using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Payments.Sandbox.Stripe.State;

/// <summary>
/// An object at rest. Kept as the bytes of its JSON (a tenth of a node tree's memory) with the few fields that lists
/// filter by taken out.
/// </summary>
internal sealed class StoredObject
{
    /// <summary>The simulator's own notes on an object; never leaves it.</summary>
    public const string PrivateField = "_sim";

    private static readonly FrozenDictionary<string, string[]> Filterable = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["balance_transaction"] = ["source", "type"],
        ["charge"] = ["customer", "payment_intent"],
        ["checkout.session"] = ["customer", "payment_intent", "status", "subscription", "customer_details.email"],
        ["customer"] = ["email"],
        ["dispute"] = ["charge", "payment_intent"],
        ["invoice"] = ["customer", "status", "collection_method", "parent.subscription_details.subscription"],
        ["invoice_payment"] = ["invoice", "status", "payment.type", "payment.payment_intent"],
        ["invoiceitem"] = ["customer", "invoice", "parent.subscription_details.subscription"],
        ["payment_intent"] = ["customer"],
        ["payment_method"] = ["customer", "type", "allow_redisplay"],
        ["price"] = ["active", "currency", "product", "type", "lookup_key", "recurring.interval"],
        ["product"] = ["active", "url", "shippable"],
        ["promotion_code"] = ["active", "code", "customer", "promotion.coupon"],
        ["radar.early_fraud_warning"] = ["charge", "payment_intent"],
        ["refund"] = ["charge", "payment_intent"],
        ["setup_intent"] = ["customer", "payment_method"],
        ["subscription"] = ["customer", "status", "collection_method"],
        ["tax_id"] = ["customer"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly string?[] filterValues;

    private StoredObject(string id, string type, long created, bool deleted, byte[] json, string?[] filterValues)
    {
        Id = id;
        Type = type;
        Created = created;
        Deleted = deleted;
        Json = json;
        this.filterValues = filterValues;
    }

    public string Id { get; }

    public string Type { get; }

    public long Created { get; }

    public bool Deleted { get; }

    /// <summary>Compact, with the private field.</summary>
    public byte[] Json { get; }

    public static StoredObject From(JsonObject node)
    {
        var type = node.Text("object")!;
        var values = Filterable.TryGetValue(type, out var names) ? Array.ConvertAll(names, name => Value(node, name)) : [];
        return new StoredObject(
            node.Text("id")!, type, node.Integer("created") ?? 0, node.Flag("deleted") == true, State.Json.Write(node), values);
    }

    public string? Filter(string name)
    {
        var at = Filterable.TryGetValue(Type, out var names) ? Array.IndexOf(names, name) : -1;
        return at >= 0 ? filterValues[at] : throw new InvalidOperationException($"{Type} is not kept by {name}.");
    }

    private static string? Value(JsonNode? node, string path)
    {
        foreach (var name in path.Split('.'))
        {
            node = node is JsonObject hash ? hash[name] : null;
        }

        return node?.ToString();
    }
}

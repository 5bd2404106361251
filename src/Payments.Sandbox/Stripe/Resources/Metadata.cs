using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>The seller's own keys and values on an object, within Stripe's limits.</summary>
internal static class Metadata
{
    private const int MaxKeys = 50;
    private const int MaxKey = 40;
    private const int MaxValue = 500;

    /// <summary>Merges the metadata parameter: an emptied key goes, an emptied parameter takes all of them.</summary>
    public static void Merge(JsonObject target, JsonObject parameters)
    {
        if (parameters.IsEmptied("metadata") || target["metadata"] is not JsonObject metadata)
        {
            target["metadata"] = metadata = [];
        }

        foreach (var (key, value) in parameters.Hash("metadata") ?? [])
        {
            var text = (string)value!;
            if (text.Length == 0)
            {
                metadata.Remove(key);
                continue;
            }

            if (key.Length > MaxKey)
            {
                throw StripeException.Invalid($"Metadata keys can have up to {MaxKey} characters, but you passed in a key with {key.Length} characters. Invalid key: {key}", "metadata");
            }

            if (text.Length > MaxValue)
            {
                throw StripeException.Invalid($"Metadata values can have up to {MaxValue} characters, but you passed in a value that is {text.Length} characters. Invalid value: {text[..20]}...", $"metadata[{key}]");
            }

            metadata[key] = text;
        }

        if (metadata.Count > MaxKeys)
        {
            throw StripeException.Invalid($"You can specify up to {MaxKeys} metadata keys, but you passed in {metadata.Count}.", "metadata");
        }
    }

    public static JsonObject From(JsonObject? parameters)
    {
        var holder = new JsonObject();
        Merge(holder, parameters ?? []);
        var metadata = holder["metadata"]!.AsObject();
        holder.Remove("metadata");
        return metadata;
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>Pieces that many objects share.</summary>
internal static class Common
{
    private const int MaxMetadataKeys = 50;
    private const int MaxMetadataKey = 40;
    private const int MaxMetadataValue = 500;

    private static readonly string[] AddressFields = ["city", "country", "line1", "line2", "postal_code", "state"];

    /// <summary>Merges the metadata parameter: an emptied key goes, an emptied parameter takes all of them.</summary>
    public static void MergeMetadata(JsonObject target, JsonObject parameters)
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

            if (key.Length > MaxMetadataKey)
            {
                throw StripeException.Invalid($"Metadata keys can have up to {MaxMetadataKey} characters, but you passed in a key with {key.Length} characters. Invalid key: {key}", "metadata");
            }

            if (text.Length > MaxMetadataValue)
            {
                throw StripeException.Invalid($"Metadata values can have up to {MaxMetadataValue} characters, but you passed in a value that is {text.Length} characters. Invalid value: {text[..20]}...", $"metadata[{key}]");
            }

            metadata[key] = text;
        }

        if (metadata.Count > MaxMetadataKeys)
        {
            throw StripeException.Invalid($"You can specify up to {MaxMetadataKeys} metadata keys, but you passed in {metadata.Count}.", "metadata");
        }
    }

    public static JsonObject Metadata(JsonObject? parameters)
    {
        var holder = new JsonObject();
        MergeMetadata(holder, parameters ?? []);
        var metadata = holder["metadata"]!.AsObject();
        holder.Remove("metadata");
        return metadata;
    }

    public static JsonObject Address(JsonNode? address)
    {
        var shown = new JsonObject();
        foreach (var field in AddressFields)
        {
            shown[field] = address.Text(field);
        }

        return shown;
    }

    public static JsonObject BillingDetails(JsonNode? given) => new()
    {
        ["address"] = Address(given?["address"]),
        ["email"] = given.Text("email"),
        ["name"] = given.Text("name"),
        ["phone"] = given.Text("phone"),
        ["tax_id"] = given.Text("tax_id"),
    };

    public static JsonObject? Shipping(JsonObject? given) => given is null ? null : new()
    {
        ["address"] = Address(given["address"]),
        ["carrier"] = given.Text("carrier"),
        ["name"] = given.Text("name"),
        ["phone"] = given.Text("phone"),
        ["tracking_number"] = given.Text("tracking_number"),
    };

    /// <summary>What an object keeps for the simulator alone.</summary>
    public static JsonObject Private(this JsonObject node)
    {
        if (node[StoredObject.PrivateField] is not JsonObject notes)
        {
            node[StoredObject.PrivateField] = notes = [];
        }

        return notes;
    }

    public static void CheckEmail(string? email, string param)
    {
        if (email is null)
        {
            return;
        }

        var at = email.IndexOf('@', StringComparison.Ordinal);
        if (at < 1 || at != email.LastIndexOf('@') || at == email.Length - 1 || email.Any(char.IsWhiteSpace) || email.Length > 512)
        {
            throw StripeException.Invalid($"Invalid email address: {email}", param, "email_invalid");
        }
    }

    public static void CheckUrl(string? url, string param)
    {
        if (url is null)
        {
            return;
        }

        // The template in braces is Stripe's own and no part of a URL.
        var plain = url.Replace("{CHECKOUT_SESSION_ID}", "cs", StringComparison.Ordinal);
        if (!Uri.TryCreate(plain, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https") || plain.Contains(' ', StringComparison.Ordinal))
        {
            throw StripeException.Invalid("Not a valid URL", param, "url_invalid");
        }
    }

    /// <summary>The same text for the same number, as Stripe's fingerprints are.</summary>
    public static string Fingerprint(string number) =>
        Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes("fingerprint " + number)))
            .Replace("+", "A", StringComparison.Ordinal).Replace("/", "b", StringComparison.Ordinal)[..16];
}

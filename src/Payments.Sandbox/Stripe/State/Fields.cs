using System.Text.Json.Nodes;

namespace Payments.Sandbox.Stripe.State;

/// <summary>Reading JSON without ceremony: a missing field, a null and an emptied text are all null.</summary>
internal static class Fields
{
    public static string? Text(this JsonNode? node, string name) =>
        node?[name] is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0 ? text : null;

    public static long? Integer(this JsonNode? node, string name)
    {
        if (node?[name] is not JsonValue value)
        {
            return null;
        }

        return value.TryGetValue(out long number) ? number : value.TryGetValue(out int small) ? small : null;
    }

    public static decimal? Number(this JsonNode? node, string name)
    {
        if (node?[name] is not JsonValue value)
        {
            return null;
        }

        return value.TryGetValue(out decimal number) ? number : node.Integer(name);
    }

    public static bool? Flag(this JsonNode? node, string name) =>
        node?[name] is JsonValue value && value.TryGetValue(out bool flag) ? flag : null;

    public static JsonObject? Hash(this JsonNode? node, string name) => node?[name] as JsonObject;

    public static JsonArray? Items(this JsonNode? node, string name) => node?[name] as JsonArray;

    public static IEnumerable<string> Texts(this JsonNode? node, string name) =>
        node.Items(name)?.Select(item => (string)item!) ?? [];

    /// <summary>The parameter was sent with an empty value: take the field away.</summary>
    public static bool IsEmptied(this JsonObject node, string name) =>
        node[name] is JsonValue value && value.TryGetValue(out string? text) && text.Length == 0;

    public static JsonNode? Copy(this JsonNode? node, string name) => node?[name]?.DeepClone();

    /// <summary>Takes over each named field that was sent; an emptied one becomes null.</summary>
    public static void TakeOver(this JsonObject target, JsonObject parameters, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (parameters.ContainsKey(name))
            {
                target[name] = parameters.IsEmptied(name) ? null : parameters.Copy(name);
            }
        }
    }

    /// <summary>
    /// What the fields of <paramref name="before"/> were that <paramref name="after"/> has otherwise: an event's previous_attributes.
    /// </summary>
    public static JsonObject Difference(JsonObject before, JsonObject after)
    {
        var difference = new JsonObject();
        foreach (var name in before.Select(p => p.Key).Union(after.Select(p => p.Key), StringComparer.Ordinal))
        {
            if (string.Equals(name, StoredObject.PrivateField, StringComparison.Ordinal) || JsonNode.DeepEquals(before[name], after[name]))
            {
                continue;
            }

            difference[name] = before[name] is JsonObject old && after[name] is JsonObject now
                ? Difference(old, now)
                : before[name]?.DeepClone();
        }

        return difference;
    }

    /// <summary>What an object keeps for the simulator alone.</summary>
    public static JsonObject Private(this JsonObject node)
    {
        if (node[StoredObject.PrivateField] is not JsonObject notes)
        {
            node[StoredObject.PrivateField] = notes = [];
        }

        return notes;
    }
}

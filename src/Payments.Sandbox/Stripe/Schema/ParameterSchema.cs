using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;

namespace Payments.Sandbox.Stripe.Schema;

/// <summary>
/// Which parameters each call takes, from Stripe's own document (parameters.json, generated) and from rules of our own
/// for what that document lacks and Stripe's CLI sends (parameters-own.json). Checks a form and types its values.
/// </summary>
internal sealed class ParameterSchema
{
    private static readonly Lazy<ParameterSchema> Embedded = new(() => new ParameterSchema());

    private readonly FrozenDictionary<string, ParameterType.Hash> operations;
    private readonly FrozenSet<string> methodNames;

    private ParameterSchema()
    {
        var all = Load("parameters.json");
        foreach (var (name, type) in Load("parameters-own.json"))
        {
            if (name.StartsWith('+'))
            {
                // "+POST /v1/x": further parameters of a call that the document has.
                Extend(all[name[1..]]!, type!);
            }
            else
            {
                all[name] = type!.DeepClone();
            }
        }

        operations = all.ToFrozenDictionary(p => p.Key, p => ParameterType.HashFrom(p.Value!), StringComparer.Ordinal);
        var methodType = (ParameterType.Choice)operations["POST /v1/payment_methods"].Properties["type"];
        methodNames = methodType.Values.ToFrozenSet(StringComparer.Ordinal);
    }

    public static ParameterSchema Instance => Embedded.Value;

    public bool Knows(string operation) => operations.ContainsKey(operation);

    /// <summary>
    /// The form's values with their types: integers as long, booleans as bool, lists as arrays; an emptied value stays
    /// an empty string. Throws Stripe's own refusal for the first thing that is wrong.
    /// </summary>
    public JsonObject Read(string operation, Form form) => ReadHash(operations[operation], form, "");

    private JsonObject ReadHash(ParameterType.Hash type, Form form, string path)
    {
        var unknown = form.Children
            .Where(c => !type.Properties.ContainsKey(c.Key) && !(type.Methods && methodNames.Contains(c.Key)))
            .Select(c => Name(path, c.Key))
            .ToList();
        if (unknown.Count > 0)
        {
            var label = unknown.Count == 1 ? "parameter" : "parameters";
            throw StripeException.Invalid($"Received unknown {label}: {string.Join(", ", unknown)}", unknown[0], "parameter_unknown");
        }

        var result = new JsonObject();
        foreach (var (key, child) in form.Children)
        {
            result[key] = type.Properties.TryGetValue(key, out var property)
                ? ReadValue(property, child, Name(path, key))
                : Untyped(child);
        }

        foreach (var name in type.Required)
        {
            switch (result[name])
            {
                case null:
                    throw StripeException.Invalid($"Missing required param: {Name(path, name)}.", Name(path, name), "parameter_missing");
                case JsonValue value when value.TryGetValue(out string? text) && text.Length == 0:
                    throw Emptied(Name(path, name));
            }
        }

        return result;
    }

    private JsonNode ReadValue(ParameterType type, Form form, string path) => type switch
    {
        ParameterType.Scalar scalar => ReadScalar(scalar.Kind, form, path),
        ParameterType.Unsettable unsettable => form.Value is { Length: 0 } ? JsonValue.Create("") : ReadValue(unsettable.Inner, form, path),
        ParameterType.Choice choice => ReadChoice(choice.Values, ScalarText(form, path), path),
        ParameterType.AnyOf anyOf => ReadAny(anyOf.Alternatives, form, path),
        ParameterType.Sequence sequence => ReadSequence(sequence.Items, form, path),
        ParameterType.Map map => ReadMap(map.Values, Structure(form, path), path),
        ParameterType.Hash hash => ReadHash(hash, Structure(form, path), path),
        _ => throw new InvalidOperationException($"No reader for {type.GetType().Name}."),
    };

    private JsonNode ReadAny(IReadOnlyList<ParameterType> alternatives, Form form, string path)
    {
        // A leaf cannot be a hash, nor a hash a scalar: only what can fit is tried, so that the refusal is about what was meant.
        StripeException? last = null;
        foreach (var alternative in alternatives.Where(a => a.IsStructured != form.IsLeaf))
        {
            try
            {
                return ReadValue(alternative, form, path);
            }
            catch (StripeException refusal)
            {
                last = refusal;
            }
        }

        throw last ?? StripeException.Invalid($"Invalid value for {path}", path);
    }

    private JsonObject ReadMap(ParameterType values, Form form, string path)
    {
        var map = new JsonObject();
        foreach (var (key, child) in form.Children)
        {
            map[key] = ReadValue(values, child, Name(path, key));
        }

        return map;
    }

    private JsonArray ReadSequence(ParameterType items, Form form, string path)
    {
        var array = new JsonArray();
        if (form.IsLeaf)
        {
            // An empty list is sent as "key=".
            return form.Value is { Length: 0 } ? array : throw StripeException.Invalid("Invalid array", path);
        }

        var ordered = new SortedList<int, Form>();
        foreach (var (key, child) in form.Children)
        {
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            {
                throw StripeException.Invalid("Invalid array", path);
            }

            ordered[index] = child;
        }

        foreach (var (index, child) in ordered)
        {
            array.Add(ReadValue(items, child, Name(path, index.ToString(CultureInfo.InvariantCulture))));
        }

        return array;
    }

    private static JsonValue ReadScalar(string kind, Form form, string path)
    {
        var text = ScalarText(form, path);
        switch (kind)
        {
            case "string":
                // Stripe takes an empty string for any optional text as taking it away, whatever its document says.
                return text.Length <= 5_000
                    ? JsonValue.Create(text)
                    : throw StripeException.Invalid($"Invalid string: {text[..20]}...; must be at most 5000 characters", path);
            case var _ when text.Length == 0:
                throw Emptied(path);
            case "integer":
                return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer)
                    ? JsonValue.Create(integer)
                    : throw StripeException.Invalid($"Invalid integer: {text}", path, "parameter_invalid_integer");
            case "number":
                return decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                    ? JsonValue.Create(number)
                    : throw StripeException.Invalid($"Invalid decimal: {text}", path);
            case "boolean":
                return text switch
                {
                    "true" => JsonValue.Create(true),
                    "false" => JsonValue.Create(false),
                    _ => throw StripeException.Invalid($"Invalid boolean: {text}", path),
                };
            default:
                throw new InvalidOperationException($"parameters.json names a type '{kind}'.");
        }
    }

    private static JsonValue ReadChoice(IReadOnlyList<string> allowed, string text, string path)
    {
        if (allowed.Contains(text, StringComparer.Ordinal))
        {
            return JsonValue.Create(text);
        }

        if (text.Length == 0)
        {
            throw Emptied(path);
        }

        var list = allowed.Count switch
        {
            1 => allowed[0],
            2 => $"{allowed[0]} or {allowed[1]}",
            _ => string.Join(", ", allowed.SkipLast(1)) + ", or " + allowed[^1],
        };
        throw StripeException.Invalid($"Invalid {path}: must be one of {list}", path);
    }

    private static StripeException Emptied(string path) => StripeException.Invalid(
        $"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a parameter; however '{path}' cannot be unset. You should remove '{path}' from your request or supply a non-empty value.",
        path,
        "parameter_invalid_empty");

    private static string ScalarText(Form form, string path) =>
        form.Value ?? throw StripeException.Invalid($"Invalid string: {path} must not be a hash or a list", path);

    private static Form Structure(Form form, string path) =>
        form.Value is null ? form : throw StripeException.Invalid("Invalid object", path);

    private static JsonNode Untyped(Form form)
    {
        if (form.Value is { } value)
        {
            return JsonValue.Create(value);
        }

        var result = new JsonObject();
        foreach (var (key, child) in form.Children)
        {
            result[key] = Untyped(child);
        }

        return result;
    }

    private static string Name(string path, string key) => path.Length == 0 ? key : $"{path}[{key}]";

    private static void Extend(JsonNode type, JsonNode more)
    {
        foreach (var (name, property) in more["object"]!.AsObject())
        {
            type["object"]![name] = property!.DeepClone();
        }

        if (more["required"] is { } required)
        {
            type["required"] = required.DeepClone();
        }
    }

    private static JsonObject Load(string file)
    {
        var assembly = typeof(ParameterSchema).Assembly;
        var name = assembly.GetManifestResourceNames().Single(n => n.EndsWith(".Schema." + file, StringComparison.Ordinal));
        using var stream = assembly.GetManifestResourceStream(name)!;
        return JsonNode.Parse(stream)!.AsObject();
    }
}

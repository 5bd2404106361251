using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Payments.Tests.Shared;

/// <summary>
/// Stripe's own description of its calls and objects (stripe-openapi.json, API version 2026-07-29.dahlia) as a judge of
/// what our adapter sends and of what our simulator answers. It is stricter than a client has to be: an enum that clients
/// must tolerate new values of is closed here, because neither we nor the simulator may invent any.
/// </summary>
public sealed partial class StripeSchema
{
    private static readonly Lazy<StripeSchema> Loaded = new(static () => new StripeSchema());

    private readonly JsonObject paths;
    private readonly JsonObject schemas;
    private readonly HashSet<string> paymentMethodTypes;

    private StripeSchema()
    {
        using var stream = typeof(StripeSchema).Assembly.GetManifestResourceStream("stripe-openapi.json")
            ?? throw new InvalidOperationException("stripe-openapi.json is not embedded in this test assembly; see the csproj.");
        var document = JsonNode.Parse(stream)!.AsObject();
        paths = document["paths"]!.AsObject();
        schemas = document["components"]!["schemas"]!.AsObject();
        paymentMethodTypes = [.. Enum(schemas["payment_method"]!["properties"]!["type"]!.AsObject())!];
    }

    private enum Mode
    {
        /// <summary>A form: every leaf is a string.</summary>
        Form,

        /// <summary>A JSON object, whole.</summary>
        Json,

        /// <summary>A part of a JSON object, as in <c>previous_attributes</c>: nothing is required.</summary>
        Part,
    }

    public static StripeSchema Load() => Loaded.Value;

    /// <summary>
    /// What is wrong with a call: an unknown path or method, unknown, missing and malformed parameters, values outside
    /// their enum, and <c>expand</c> of what cannot be expanded. Empty when nothing is.
    /// </summary>
    public IReadOnlyList<string> RequestErrors(string method, string pathAndQuery, string? formBody)
    {
        var query = pathAndQuery.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? pathAndQuery : pathAndQuery[..query];
        if (Template(path) is not { } template)
        {
            return [$"{method} {path}: no such path"];
        }

        if (paths[template]![method.ToLowerInvariant()] is not JsonObject operation)
        {
            return [$"{method} {template}: no such method"];
        }

        var errors = new List<string>();
        var inQuery = StripeForm.Parse(query < 0 ? null : pathAndQuery[(query + 1)..], errors);
        var inBody = StripeForm.Parse(formBody, errors);
        CheckParameters(QuerySchema(operation), inQuery, operation, errors);
        var body = operation["requestBody"]?["content"]?["application/x-www-form-urlencoded"]?["schema"];
        CheckParameters(body?.AsObject() ?? new JsonObject { ["type"] = "object", ["properties"] = new JsonObject() }, inBody, operation, errors);
        return errors;
    }

    /// <summary>What is wrong with an object of the given schema (<c>checkout.session</c>, <c>error</c>, …).</summary>
    public IReadOnlyList<string> ObjectErrors(string schemaName, JsonNode node)
    {
        var errors = new List<string>();
        if (schemas[schemaName] is JsonObject schema)
        {
            Check(schema, node, "$", Mode.Json, errors);
        }
        else
        {
            errors.Add($"$: there is no schema '{schemaName}'");
        }

        return errors;
    }

    /// <summary>
    /// What is wrong with an object, a list, an event or an error body, told by its own <c>object</c> field. The elements
    /// of a list and the object inside an event are told by theirs.
    /// </summary>
    public IReadOnlyList<string> ObjectErrors(JsonNode node)
    {
        var errors = new List<string>();
        CheckByOwnName(node, "$", errors);
        return errors;
    }

    private void CheckByOwnName(JsonNode? node, string at, List<string> errors)
    {
        if (node is not JsonObject item)
        {
            errors.Add($"{at}: expected an object, found {Describe(node)}");
            return;
        }

        switch (Text(item["object"]))
        {
            case null when item.ContainsKey("error"):
                Check(schemas["error"]!.AsObject(), item, at, Mode.Json, errors);
                break;
            case null:
                errors.Add($"{at}.object: missing, so the object cannot be told");
                break;
            case "list":
                CheckList(item, at, errors);
                break;
            case "event":
                CheckEvent(item, at, errors);
                break;
            case var name when SchemaOf(name, item) is { } schema:
                Check(schema, item, at, Mode.Json, errors);
                break;
            case var name:
                errors.Add($"{at}.object: no schema for '{name}'");
                break;
        }
    }

    private void CheckList(JsonObject list, string at, List<string> errors)
    {
        foreach (var (key, kind) in (ReadOnlySpan<(string, JsonValueKind)>)[("data", JsonValueKind.Array), ("has_more", JsonValueKind.True), ("url", JsonValueKind.String)])
        {
            var actual = list[key]?.GetValueKind();
            if (actual != kind && !(kind == JsonValueKind.True && actual == JsonValueKind.False))
            {
                errors.Add($"{at}.{key}: expected {(kind == JsonValueKind.True ? "a boolean" : kind)}, found {Describe(list[key])}");
            }
        }

        foreach (var (key, _) in list)
        {
            if (key is not ("object" or "data" or "has_more" or "url"))
            {
                errors.Add($"{at}.{key}: unknown property");
            }
        }

        var index = 0;
        foreach (var element in list["data"] as JsonArray ?? [])
        {
            CheckByOwnName(element, $"{at}.data[{index++}]", errors);
        }
    }

    private void CheckEvent(JsonObject item, string at, List<string> errors)
    {
        var schema = schemas["event"]!.AsObject();
        Check(schema, item, at, Mode.Json, errors);
        var known = schema["properties"]!["type"]!["x-known-values"]!.AsArray();
        if (Text(item["type"]) is { } type && !known.Any(k => string.Equals(Text(k), type, StringComparison.Ordinal)))
        {
            errors.Add($"{at}.type: '{type}' is not an event type");
        }

        if (item["data"] is not JsonObject data)
        {
            return;
        }

        CheckByOwnName(data["object"], $"{at}.data.object", errors);
        if (data["previous_attributes"] is JsonObject previous
            && data["object"] is JsonObject subject
            && Text(subject["object"]) is { } name
            && SchemaOf(name, subject) is { } subjectSchema)
        {
            Check(subjectSchema, previous, $"{at}.data.previous_attributes", Mode.Part, errors);
        }
    }

    private JsonObject? SchemaOf(string name, JsonObject item)
    {
        var deleted = item["deleted"]?.GetValueKind() == JsonValueKind.True;
        return schemas[deleted ? $"deleted_{name}" : name]?.AsObject() is { } schema && schema.ContainsKey("x-resourceId") ? schema : null;
    }

    private string? Template(string path)
    {
        var given = path.Split('/');
        return paths
            .Select(p => p.Key)
            .Where(t => Matches(t.Split('/'), given))
            .OrderBy(t => t.Count(c => c == '{'))
            .FirstOrDefault();

        static bool Matches(string[] template, string[] given) =>
            template.Length == given.Length
            && template.Zip(given).All(p => p.First.StartsWith('{') ? p.Second.Length > 0 : string.Equals(p.First, p.Second, StringComparison.Ordinal));
    }

    private static JsonObject QuerySchema(JsonObject operation)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
        {
            if (Text(parameter!["in"]) is not "query")
            {
                continue;
            }

            var name = Text(parameter["name"])!;
            properties[name] = parameter["schema"]!.DeepClone();
            if (parameter["required"]?.GetValue<bool>() is true)
            {
                required.Add(name);
            }
        }

        return new JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = required };
    }

    private void CheckParameters(JsonObject schema, JsonObject parameters, JsonObject operation, List<string> errors)
    {
        Check(schema, parameters, "$", Mode.Form, errors);
        foreach (var (key, value) in parameters["expand"] as JsonObject ?? [])
        {
            if (Text(value) is { } expand && !CanExpand(operation, expand))
            {
                errors.Add($"$.expand[{key}]: '{expand}' cannot be expanded");
            }
        }
    }

    private bool CanExpand(JsonObject operation, string expand)
    {
        var segments = expand.Split('.');
        IEnumerable<JsonObject> here = Branches(operation["responses"]!["200"]!["content"]!["application/json"]!["schema"]!.AsObject());
        for (var i = 0; i < segments.Length; i++)
        {
            var last = i == segments.Length - 1;
            here = [.. here.Where(s => s["properties"]?[segments[i]] is not null && (!last || Expandable(s, segments[i])))
                .SelectMany(s => Branches(s["properties"]![segments[i]]!.AsObject()))];
        }

        return segments.Length <= 4 + (segments[0] is "data" ? 1 : 0) && here.Any();
    }

    // Stripe leaves out what is only answered on demand (a session's line_items), so what is not required can be asked for.
    private static bool Expandable(JsonObject owner, string name)
    {
        var property = owner["properties"]![name]!.AsObject();
        return property.ContainsKey("x-expandable")
            || property.ContainsKey("x-stripe-list")
            || property["items"]?["x-expandable"] is not null
            || !Required(owner).Contains(name, StringComparer.Ordinal);
    }

    private IEnumerable<JsonObject> Branches(JsonObject schema)
    {
        schema = Resolve(schema);
        if (Alternatives(schema) is { } alternatives)
        {
            return alternatives.SelectMany(a => Branches(a!.AsObject()));
        }

        return schema["items"] is JsonObject items ? Branches(items) : [schema];
    }

    private void Check(JsonObject schema, JsonNode? node, string at, Mode mode, List<string> errors)
    {
        var nullable = schema["nullable"]?.GetValue<bool>() is true;
        schema = Resolve(schema);
        if (node is null)
        {
            if (!nullable && schema["nullable"]?.GetValue<bool>() is not true)
            {
                errors.Add($"{at}: must not be null");
            }

            return;
        }

        if (Alternatives(schema) is { } alternatives)
        {
            CheckAlternatives(alternatives, node, at, mode, errors);
            return;
        }

        switch (Text(schema["type"]))
        {
            case "object":
                CheckObject(schema, node, at, mode, errors);
                break;
            case "array":
                CheckArray(schema, node, at, mode, errors);
                break;
            case { } type:
                CheckScalar(schema, type, node, at, mode, errors);
                break;
            default:
                throw new NotSupportedException($"{at}: the schema says no type, which this judge does not understand.");
        }
    }

    /// <summary>Passes when one branch does; otherwise tells the faults of the branch that came nearest.</summary>
    private void CheckAlternatives(JsonArray alternatives, JsonNode node, string at, Mode mode, List<string> errors)
    {
        List<string>? nearest = null;
        var nearestKinship = 0;
        foreach (var alternative in alternatives.SelectMany(a => Flatten(a!.AsObject())))
        {
            var found = new List<string>();
            Check(alternative, node, at, mode, found);
            if (found.Count == 0)
            {
                return;
            }

            var kinship = Kinship(alternative, node);
            if (nearest is null || kinship > nearestKinship || (kinship == nearestKinship && found.Count < nearest.Count))
            {
                (nearest, nearestKinship) = (found, kinship);
            }
        }

        errors.AddRange(nearest ?? []);
    }

    private IEnumerable<JsonObject> Flatten(JsonObject schema) =>
        Alternatives(Resolve(schema)) is { } inner ? inner.SelectMany(a => Flatten(a!.AsObject())) : [Resolve(schema)];

    /// <summary>2: the same kind of object by name, 1: the same JSON shape, 0: neither.</summary>
    private static int Kinship(JsonObject schema, JsonNode node)
    {
        var shape = (Text(schema["type"]), node) switch
        {
            ("object", JsonObject) or ("array", JsonArray or JsonObject) => true,
            ("object" or "array", _) or (_, JsonObject or JsonArray) => false,
            _ => true,
        };
        var name = Text(schema["properties"]?["object"]?["enum"]?[0]);
        return !shape ? 0 : name is not null && string.Equals(name, Text(node["object"]), StringComparison.Ordinal) ? 2 : 1;
    }

    private void CheckObject(JsonObject schema, JsonNode node, string at, Mode mode, List<string> errors)
    {
        if (node is not JsonObject item)
        {
            errors.Add($"{at}: expected an object, found {Describe(node)}");
            return;
        }

        CheckPrunedResource(schema, item, at, errors);
        var properties = schema["properties"] as JsonObject;
        foreach (var (name, value) in item)
        {
            if (properties?[name] is JsonObject property)
            {
                // Among previous attributes what was not there before is null, whatever it may be when it is there.
                if (mode != Mode.Part || value is not null || Required(schema).Contains(name, StringComparer.Ordinal))
                {
                    Check(property, value, $"{at}.{name}", mode, errors);
                }
            }
            else
            {
                CheckAdditional(schema, name, value, $"{at}.{name}", mode, errors);
            }
        }

        foreach (var name in mode == Mode.Part ? [] : Required(schema))
        {
            if (!item.ContainsKey(name))
            {
                errors.Add($"{at}.{name}: missing");
            }
        }

        if (at.EndsWith(".metadata", StringComparison.Ordinal))
        {
            CheckMetadata(item, at, errors);
        }
    }

    // Where the document only names a resource of Stripe's that it does not describe, the name must fit at least.
    private static void CheckPrunedResource(JsonObject schema, JsonObject item, string at, List<string> errors)
    {
        IEnumerable<string?> names = schema switch
        {
            _ when schema["x-pruned-resource"] is { } one => [Text(one)],
            _ when schema["x-pruned-resources"] is JsonArray many => many.Select(Text),
            _ => [],
        };
        var own = item["deleted"]?.GetValueKind() == JsonValueKind.True ? $"deleted_{Text(item["object"])}" : Text(item["object"]);
        if (names.Any() && !names.Contains(own, StringComparer.Ordinal))
        {
            errors.Add($"{at}.object: '{own}' is none of {string.Join(", ", names)}");
        }
    }

    private void CheckAdditional(JsonObject schema, string name, JsonNode? value, string at, Mode mode, List<string> errors)
    {
        switch (schema["additionalProperties"])
        {
            case JsonObject additional:
                // metadata[key]= takes one key away, so an empty text is meant there; and among previous attributes a key
                // that was not there before is null.
                if (!(mode == Mode.Form && Text(value) is "") && !(mode == Mode.Part && value is null))
                {
                    Check(additional, value, at, mode, errors);
                }

                break;
            case JsonValue allowed when allowed.GetValueKind() == JsonValueKind.True:
                break;
            // The document keeps only some of the hashes that Stripe has one of for every kind of payment method.
            case null when schema.ContainsKey("x-pruned-properties") && paymentMethodTypes.Contains(name) && value is JsonObject:
                break;
            default:
                errors.Add($"{at}: unknown {(mode == Mode.Form ? "parameter" : "property")}");
                break;
        }
    }

    private static void CheckMetadata(JsonObject metadata, string at, List<string> errors)
    {
        if (metadata.Count > 50)
        {
            errors.Add($"{at}: more than 50 keys");
        }

        foreach (var (key, value) in metadata)
        {
            if (key.Length is 0 or > 40)
            {
                errors.Add($"{at}.{key}: a key has 1 to 40 characters");
            }

            if (Text(value) is { Length: > 500 })
            {
                errors.Add($"{at}.{key}: longer than 500 characters");
            }
        }
    }

    private void CheckArray(JsonObject schema, JsonNode node, string at, Mode mode, List<string> errors)
    {
        var items = schema["items"]!.AsObject();
        var elements = node switch
        {
            JsonArray array when mode != Mode.Form => [.. array],
            JsonObject hash when mode == Mode.Form && hash.All(p => int.TryParse(p.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _)) =>
                hash.OrderBy(p => int.Parse(p.Key, CultureInfo.InvariantCulture)).Select(p => p.Value).ToList(),
            _ => null,
        };
        if (elements is null)
        {
            errors.Add($"{at}: expected an array, found {Describe(node)}");
            return;
        }

        for (var i = 0; i < elements.Count; i++)
        {
            Check(items, elements[i], $"{at}[{i}]", mode, errors);
        }
    }

    private static void CheckScalar(JsonObject schema, string type, JsonNode node, string at, Mode mode, List<string> errors)
    {
        var values = Enum(schema);
        var fits = node is JsonValue && (mode == Mode.Form ? IsFormScalar(type, Text(node)!) : IsJsonScalar(type, node));
        if (!fits)
        {
            errors.Add($"{at}: expected {Article(type)}, found {Describe(node)}");
        }
        else if (values is not null && !values.Contains(Literal(node), StringComparer.Ordinal))
        {
            errors.Add($"{at}: '{Literal(node)}' is none of {string.Join(", ", values.Take(8))}{(values.Count > 8 ? ", …" : string.Empty)}");
        }
        else if (mode == Mode.Form && values is null && Text(node) is "")
        {
            errors.Add($"{at}: cannot be unset with an empty text");
        }
        else if (schema["maxLength"]?.GetValue<int>() is { } most && Text(node) is { } text && text.Length > most)
        {
            errors.Add($"{at}: longer than {most} characters");
        }
        else if (Text(schema["format"]) is "decimal" && !Decimal().IsMatch(Literal(node)))
        {
            errors.Add($"{at}: '{Literal(node)}' is no decimal");
        }
        else if (Text(schema["format"]) is "unix-time" && Literal(node).StartsWith('-'))
        {
            errors.Add($"{at}: {Literal(node)} is no time");
        }
    }

    private static bool IsFormScalar(string type, string value) => type switch
    {
        "string" => true,
        "boolean" => value is "true" or "false",
        "integer" => Integer().IsMatch(value),
        "number" => Decimal().IsMatch(value),
        _ => throw new NotSupportedException($"The schema type '{type}' is not understood."),
    };

    private static bool IsJsonScalar(string type, JsonNode node) => (type, node.GetValueKind()) switch
    {
        ("string", JsonValueKind.String) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => Integer().IsMatch(node.ToJsonString()),
        ("number", JsonValueKind.Number) => true,
        _ => false,
    };

    private JsonObject Resolve(JsonObject schema)
    {
        while (Text(schema["$ref"]) is { } reference)
        {
            schema = schemas[reference[(reference.LastIndexOf('/') + 1)..]]?.AsObject()
                ?? throw new InvalidOperationException($"{reference} leads nowhere.");
        }

        return schema;
    }

    private static JsonArray? Alternatives(JsonObject schema) => (schema["anyOf"] ?? schema["oneOf"]) as JsonArray;

    private static IEnumerable<string> Required(JsonObject schema) => (schema["required"] as JsonArray ?? []).Select(n => Text(n)!);

    private static List<string>? Enum(JsonObject schema) => (schema["enum"] as JsonArray)?.Select(n => Literal(n!)).ToList();

    private static string? Text(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private static string Literal(JsonNode node) => Text(node) ?? node.ToJsonString();

    private static string Article(string type) => type is "integer" ? "an integer" : $"a {type}";

    private static string Describe(JsonNode? node) => node switch
    {
        null => "nothing",
        JsonObject => "a hash",
        JsonArray => "an array",
        _ => node.ToJsonString(),
    };

    [GeneratedRegex("^-?[0-9]+$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Integer();

    [GeneratedRegex("^-?[0-9]+(\\.[0-9]+)?$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Decimal();
}

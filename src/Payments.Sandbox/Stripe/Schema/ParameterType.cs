using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Payments.Sandbox.Stripe.Schema;

/// <summary>The type of one parameter. Immutable, so that requests may read it at once (JsonNode may not be).</summary>
internal abstract record ParameterType
{
    /// <summary>string, integer, number or boolean.</summary>
    public sealed record Scalar(string Kind) : ParameterType;

    public sealed record Choice(IReadOnlyList<string> Values) : ParameterType;

    public sealed record Sequence(ParameterType Items) : ParameterType;

    public sealed record Map(ParameterType Values) : ParameterType;

    /// <summary>With Methods, names of payment methods are keys too: Stripe's document, as kept here, prunes most.</summary>
    public sealed record Hash(FrozenDictionary<string, ParameterType> Properties, IReadOnlyList<string> Required, bool Methods) : ParameterType;

    public sealed record AnyOf(IReadOnlyList<ParameterType> Alternatives) : ParameterType;

    /// <summary>An empty string takes the value away.</summary>
    public sealed record Unsettable(ParameterType Inner) : ParameterType;

    public bool IsStructured => this is Hash or Map or Sequence || (this is Unsettable u && u.Inner.IsStructured);

    public static ParameterType From(JsonNode node) => node switch
    {
        JsonValue => new Scalar((string)node!),
        _ when node["unset"] is { } inner => new Unsettable(From(inner)),
        _ when node["enum"] is JsonArray values => new Choice([.. values.Select(v => (string)v!)]),
        _ when node["any"] is JsonArray alternatives => new AnyOf([.. alternatives.Select(a => From(a!))]),
        _ when node["array"] is { } items => new Sequence(From(items)),
        _ when node["map"] is { } values => new Map(From(values)),
        _ => HashFrom(node),
    };

    public static Hash HashFrom(JsonNode node) => new(
        node["object"]!.AsObject().ToFrozenDictionary(p => p.Key, p => From(p.Value!), StringComparer.Ordinal),
        node["required"] is JsonArray required ? [.. required.Select(n => (string)n!)] : [],
        (bool?)node["methods"] == true);
}

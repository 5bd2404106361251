using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Payments.Api.Edge.Documents;

/// <summary>
/// Gives every request, answer and path parameter an example. They are put together from <c>examples.json</c>, which says
/// what a value looks like: of a call (<c>webhookEventsGet.id</c>), of a schema's member, of a whole schema, or of
/// everything that has this name; what it leaves out follows from the type.
/// </summary>
internal static class Examples
{
    private static readonly JsonObject Known = Read();

    public static void Add(OpenApiDocument document)
    {
        foreach (var operation in document.Paths.Values.SelectMany(path => path.Operations ?? []).Select(operation => operation.Value))
        {
            foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>().Where(parameter => parameter.In == ParameterLocation.Path))
            {
                parameter.Example = Known[$"{operation.OperationId}.{parameter.Name}"]?.DeepClone() ?? Of(parameter.Schema!, parameter.Name!, "");
            }

            foreach (var media in operation.RequestBody?.Content?.Values ?? [])
            {
                media.Example = Known[$"{operation.OperationId}.request"]?.DeepClone() ?? Of(media.Schema!, "", "");
            }

            foreach (var (type, media) in (operation.Responses ?? []).Where(answer => answer.Key[0] == '2').SelectMany(answer => answer.Value.Content ?? new Dictionary<string, OpenApiMediaType>()))
            {
                media.Example = Known[type]?.DeepClone() ?? Of(media.Schema!, "", "");
            }
        }
    }

    private static JsonNode? Of(IOpenApiSchema schema, string name, string owner)
    {
        if (Said(schema, $"{owner}.{name}", out var value) || Said(schema, name, out value))
        {
            return value;
        }

        if (schema is OpenApiSchemaReference { Reference.Id: { } id } reference)
        {
            return Known.TryGetPropertyValue(id, out value) ? value?.DeepClone() : Of(reference.RecursiveTarget!, name, id);
        }

        if (schema.OneOf?.FirstOrDefault(one => one.Type != JsonSchemaType.Null) is { } form)
        {
            return Of(form, name, owner);
        }

        return (schema.Type & ~JsonSchemaType.Null) switch
        {
            _ when schema.Enum is [{ } first, ..] => first.DeepClone(),
            JsonSchemaType.Object => new JsonObject((schema.Properties ?? new Dictionary<string, IOpenApiSchema>()).Select(member => KeyValuePair.Create(member.Key, Of(member.Value, member.Key, owner)))),
            JsonSchemaType.Array => new JsonArray(Of(schema.Items!, name, owner)),
            JsonSchemaType.Integer => 1,
            JsonSchemaType.Number => 0.25,
            JsonSchemaType.Boolean => false,
            JsonSchemaType.String => schema.Format switch
            {
                "uuid" => IdOf(name == "id" ? owner : name),
                "date-time" => "2026-11-02T09:30:00Z",
                _ => name,
            },
            _ => new JsonObject(),
        };
    }

    /// <summary>What the file says of this name, where it is of the schema's type: one name may mean several things.</summary>
    private static bool Said(IOpenApiSchema schema, string name, out JsonNode? value)
    {
        if (!Known.TryGetPropertyValue(name, out value) || !Fits(schema, value))
        {
            return false;
        }

        value = value?.DeepClone();
        return true;
    }

    private static bool Fits(IOpenApiSchema schema, JsonNode? value)
    {
        if (value is null)
        {
            return schema.Type?.HasFlag(JsonSchemaType.Null) == true || schema.OneOf?.Any(one => one.Type == JsonSchemaType.Null) == true;
        }

        var bare = schema is OpenApiSchemaReference reference ? reference.RecursiveTarget! : schema;
        return value.GetValueKind() switch
        {
            JsonValueKind.String => bare.Type?.HasFlag(JsonSchemaType.String) == true && (bare.Format == "uuid") == Guid.TryParse((string)value!, CultureInfo.InvariantCulture, out _)
                && (bare.Enum is not { Count: > 0 } allowed || allowed.Any(one => JsonNode.DeepEquals(one, value))),
            JsonValueKind.Number => bare.Type?.HasFlag(JsonSchemaType.Integer) == true,
            JsonValueKind.True or JsonValueKind.False => bare.Type?.HasFlag(JsonSchemaType.Boolean) == true,
            JsonValueKind.Array => bare.Type?.HasFlag(JsonSchemaType.Array) == true,
            _ => bare.Type?.HasFlag(JsonSchemaType.Object) == true,
        };
    }

    // The same thing has the same id wherever it is named: a PaymentResponse's id is what others call paymentId.
    private static string IdOf(string name)
    {
        var thing = name.Replace("Response", "", StringComparison.Ordinal).Replace("Admin", "", StringComparison.Ordinal);
        thing = (thing.EndsWith("Id", StringComparison.Ordinal) ? thing[..^2] : thing).ToLowerInvariant();
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(thing)));
        return $"0197a000-{hash[..4]}-7{hash[4..7]}-8{hash[7..10]}-{hash[10..22]}";
    }

    private static JsonObject Read()
    {
        using var file = typeof(Examples).Assembly.GetManifestResourceStream("examples.json")!;
        return JsonNode.Parse(file)!.AsObject();
    }
}

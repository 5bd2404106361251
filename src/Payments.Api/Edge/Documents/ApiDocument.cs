using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Mvc.Controllers;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Payments.Api.Edge.Idempotency;
using Payments.Api.Edge.Identity;
using Payments.Api.Edge.Json;
using Payments.Api.Edge.Limits;

namespace Payments.Api.Edge.Documents;

/// <summary>What <c>/openapi/v1.json</c> says beyond routes and types: who may call, what keys do, and how problems look.</summary>
internal static class ApiDocument
{
    public const string Name = "v1";

    private const string BearerScheme = "bearer";
    private const string InternalScheme = "internalApiKey";
    internal const string ProblemSchema = "Problem";

    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            Describe(document);
            PromiseAnswers(document);
            Examples.Add(document);
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            NameType(schema, context.JsonTypeInfo);
            if (context.JsonTypeInfo.Type.IsDefined(typeof(MinorOrMoneyAttribute), inherit: false))
            {
                schema.OneOf = MinorOrMoneyForms();
            }

            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            if (context.Description.ActionDescriptor is ControllerActionDescriptor action)
            {
                operation.OperationId = FieldNames.Camel(action.ControllerName + action.ActionName);
                operation.Tags = new HashSet<OpenApiTagReference> { new(Headings.Of(action.ControllerName), context.Document) };
            }

            Explain(operation, Callers.Of(metadata));
            Secure(operation, Callers.Of(metadata), context.Document!);
            if (metadata.OfType<IdempotentAttribute>().Any())
            {
                AddIdempotencyKey(operation);
            }

            if (metadata.OfType<StraightThroughAttribute>().Any())
            {
                operation.RequestBody = new OpenApiRequestBody { Required = true, Content = Json(new OpenApiSchema { Type = JsonSchemaType.Object }) };
            }

            NameAsWritten(operation);
            Answers.AddProblems(operation, context.Description, context.Document!);
            return Task.CompletedTask;
        });
    }

    private static void Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Payments",
            Version = Name,
            Description = """
                The payments and billing backend of a web app: sells credit packs, free amounts of credits, items, orders and subscriptions, and grants exactly what was paid for.

                Amounts are integers in minor units with their currency; times are UTC, ISO 8601. Lists are keyset pages: `limit` (1 to 100), `cursor`, and `nextCursor` of the answer before.
                Every POST that makes something takes an `Idempotency-Key`. Errors are `application/problem+json` (RFC 9457) with a `code` that stays as it is; new codes may come.
                Answers may get new members.
                """,
            Contact = new OpenApiContact { Name = "The Payments contributors" },
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
        };
        document.Servers =
        [
            new OpenApiServer { Url = "/", Description = "Where this document was read." },
            new OpenApiServer { Url = "http://127.0.0.1:8080", Description = "What ./run starts." },
        ];
        document.Tags = Headings.Of(document);
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [BearerScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "A token whose sub is the user; email, name and roles are read from it.",
            },
            [InternalScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = InternalApiKeyHandler.Header,
                Description = "Our own services.",
            },
        };
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        document.Components.Schemas[ProblemSchema] = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "RFC 9457. code is stable; title and detail are for people.",
            Required = new HashSet<string>(StringComparer.Ordinal) { "type", "title", "status", "detail", "code", "traceId" },
            Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
            {
                ["type"] = new OpenApiSchema { Type = JsonSchemaType.String },
                ["title"] = new OpenApiSchema { Type = JsonSchemaType.String },
                ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
                ["detail"] = new OpenApiSchema { Type = JsonSchemaType.String },
                ["code"] = new OpenApiSchema { Type = JsonSchemaType.String, Examples = [JsonValue.Create("credits.insufficient")] },
                ["errors"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Description = "Per request field, what is wrong with it.",
                    AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
                },
                ["traceId"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Quote it to support." },
            },
        };
    }

    /// <summary>The first sentence is the summary; all of it, and who may call, the description.</summary>
    private static void Explain(OpenApiOperation operation, string? caller)
    {
        var said = string.Join(' ', (operation.Summary ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var end = said.IndexOf(". ", StringComparison.Ordinal);
        operation.Summary = end < 0 ? said : said[..(end + 1)];
        operation.Description = $"{said}\n\n{Callers.Sentence(caller)}";
    }

    // What a converter writes has no type in the generator's eyes; and what a record's constructor takes is not what a body must have.
    private static void NameType(OpenApiSchema schema, JsonTypeInfo json)
    {
        var bare = Nullable.GetUnderlyingType(json.Type) ?? json.Type;
        if (bare == typeof(DateTimeOffset) || bare.IsEnum)
        {
            schema.Type = bare == json.Type ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
            // A nullable enum shares its schema with the bare one; that it may be null is said where it is used.
            schema.Enum = schema.Enum?.Where(value => value is not null && value.GetValueKind() != JsonValueKind.Null).ToList();
        }

        if (json.Kind == JsonTypeInfoKind.Object)
        {
            schema.Required = json.Properties.Where(property => property.IsRequired).Select(property => property.Name).ToHashSet(StringComparer.Ordinal);
        }
    }

    /// <summary>Answers always have all their members, null or not, and may get more.</summary>
    private static void PromiseAnswers(OpenApiDocument document)
    {
        var operations = document.Paths.Values.SelectMany(path => path.Operations ?? []).Select(operation => operation.Value).ToList();
        var asked = SchemasIn(operations.Select(operation => operation.RequestBody?.Content));
        var answered = SchemasIn(operations.SelectMany(operation => operation.Responses ?? []).Where(response => response.Key.StartsWith('2')).Select(response => response.Value.Content));
        foreach (var answer in answered.Except(asked))
        {
            answer.Required = answer.Properties!.Keys.ToHashSet(StringComparer.Ordinal);
            answer.AdditionalPropertiesAllowed = true;
        }
    }

    /// <summary>Every object schema that these contents lead to.</summary>
    private static HashSet<OpenApiSchema> SchemasIn(IEnumerable<IDictionary<string, OpenApiMediaType>?> contents)
    {
        HashSet<OpenApiSchema> found = [];
        Stack<IOpenApiSchema?> open = new(contents.SelectMany(content => content?.Values ?? []).Select(media => media.Schema));
        while (open.TryPop(out var next))
        {
            var schema = next is OpenApiSchemaReference reference ? reference.RecursiveTarget : next as OpenApiSchema;
            if (schema is null || (schema.Properties is not null && !found.Add(schema)))
            {
                continue;
            }

            foreach (var inner in (IEnumerable<IOpenApiSchema?>)[.. schema.Properties?.Values ?? [], .. schema.OneOf ?? [], schema.Items, schema.AdditionalProperties])
            {
                open.Push(inner);
            }
        }

        return found;
    }

    private static Dictionary<string, OpenApiMediaType> Json(IOpenApiSchema schema, string type = "application/json") => new(StringComparer.Ordinal) { [type] = new() { Schema = schema } };

    /// <summary>Its converter reads two forms, which no type can say.</summary>
    private static List<IOpenApiSchema> MinorOrMoneyForms() =>
    [
        new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
        new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Required = new HashSet<string>(StringComparer.Ordinal) { "amount", "currency" },
            Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
            {
                ["amount"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
                ["currency"] = new OpenApiSchema { Type = JsonSchemaType.String },
            },
        },
    ];

    private static void Secure(OpenApiOperation operation, string? caller, OpenApiDocument document)
    {
        if (caller is not null)
        {
            var scheme = caller == Policies.Internal ? InternalScheme : BearerScheme;
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(scheme, document)] = [] }];
        }
    }

    private static void AddIdempotencyKey(OpenApiOperation operation)
    {
        operation.Parameters ??= [];
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = IdempotentAttribute.Header,
            In = ParameterLocation.Header,
            Required = false,
            Description = "Repeating a call under the same key and with the same body gives the same answer (header Idempotent-Replayed) and does nothing twice. Kept 24 hours or longer.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 255 },
        });
    }

    // A query that is bound as one record shows its properties' names; callers write camelCase.
    private static void NameAsWritten(OpenApiOperation operation)
    {
        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>().Where(parameter => parameter.In == ParameterLocation.Query))
        {
            parameter.Name = parameter.Name is { } name ? FieldNames.Camel(name) : null;
        }
    }
}

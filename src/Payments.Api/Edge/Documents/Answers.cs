using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;
using Payments.Api.Edge.Errors;
using Payments.Api.Edge.Idempotency;
using Payments.Api.Edge.Identity;
using Payments.Api.Edge.Json;
using Payments.Api.Edge.Limits;

namespace Payments.Api.Edge.Documents;

/// <summary>How a call may end badly: each status with the problems it may carry, by their codes.</summary>
internal static class Answers
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

    public static void AddProblems(OpenApiOperation operation, ApiDescription action, OpenApiDocument document)
    {
        operation.Responses ??= [];
        foreach (var same in ProblemsOf(operation.OperationId ?? "", action).GroupBy(problem => problem.Status))
        {
            var problems = same.DistinctBy(problem => problem.Code, StringComparer.Ordinal).OrderBy(problem => problem.Code, StringComparer.Ordinal).ToList();
            operation.Responses.TryAdd(same.Key.ToString(CultureInfo.InvariantCulture), Answer(problems, document));
        }
    }

    private static IEnumerable<Problem> ProblemsOf(string operation, ApiDescription action)
    {
        var metadata = action.ActionDescriptor.EndpointMetadata;
        var straightThrough = metadata.OfType<StraightThroughAttribute>().Any();
        var hasBody = straightThrough || action.ParameterDescriptions.Any(parameter => parameter.Source == BindingSource.Body);
        var inPath = action.ParameterDescriptions.Any(parameter => parameter.Source == BindingSource.Path);
        var idempotent = metadata.OfType<IdempotentAttribute>().Any();
        var caller = Callers.Of(metadata);
        return
        [
            .. When(hasBody || action.ParameterDescriptions.Count > 0, Problem.OfStatus(400) with { Errors = new Dictionary<string, string[]>(StringComparer.Ordinal) { ["field"] = ["what is wrong with it"] } }),
            .. When(caller is not null, Problem.OfStatus(401), Problem.OfStatus(403)),
            .. When(hasBody && caller is not null and not Policies.Internal, ProblemOf.Exception(StrictJsonInput.OtherUser())),
            .. When(inPath, Problem.OfStatus(404)),
            .. When(idempotent, ProblemOf.Exception(IdempotencyFilter.KeyInvalid()), IdempotencyFilter.InProgress, IdempotencyFilter.KeyReused),
            .. When(hasBody, Problem.OfStatus(413), Problem.OfStatus(415)),
            .. When(!straightThrough && !metadata.OfType<DisableRateLimitingAttribute>().Any(), Problem.OfStatus(429)),
            Problem.OfStatus(500),
            Problem.OfStatus(503),
            Problem.NoDatabase,
            .. When(caller is not null and not Policies.Internal, ProblemOf.Exception(BearerTokens.IssuerUnavailable())),
            .. KnownRefusals.Of(operation, writes: !HttpMethods.IsGet(action.HttpMethod ?? HttpMethods.Get)),
        ];
    }

    /// <summary>The same answer of many calls is written once.</summary>
    private static IOpenApiResponse Answer(List<Problem> problems, OpenApiDocument document)
    {
        var status = problems[0].Status;
        var reason = ReasonPhrases.GetReasonPhrase(status);
        var response = new OpenApiResponse
        {
            Description = $"{reason}: {string.Join(", ", problems.Select(problem => $"`{problem.Code}`"))}.",
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                [ProblemWriter.ContentType] = new()
                {
                    Schema = new OpenApiSchemaReference(ApiDocument.ProblemSchema, document),
                    Examples = problems.ToDictionary(problem => problem.Code, IOpenApiExample (problem) => Example(problem, document), StringComparer.Ordinal),
                },
            },
            Headers = status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable
                ? new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal)
                {
                    ["Retry-After"] = new OpenApiHeader { Description = "Seconds to wait before trying again.", Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" } },
                }
                : null,
        };
        var name = string.Concat(reason.Where(char.IsAsciiLetter));
        var components = document.Components ??= new OpenApiComponents();
        components.Responses ??= new Dictionary<string, IOpenApiResponse>(StringComparer.Ordinal);
        return problems.TrueForAll(problem => IsOfTheEdge(problem.Code)) && (components.Responses.TryAdd(name, response) || components.Responses[name].Description == response.Description)
            ? new OpenApiResponseReference(name, document)
            : response;
    }

    private static OpenApiExampleReference Example(Problem problem, OpenApiDocument document)
    {
        var value = new JsonObject
        {
            ["type"] = "about:blank",
            ["title"] = ReasonPhrases.GetReasonPhrase(problem.Status),
            ["status"] = problem.Status,
            ["detail"] = problem.Detail,
            ["code"] = problem.Code,
            ["traceId"] = TraceId,
        };
        if (problem.Errors is { } errors)
        {
            value["errors"] = new JsonObject(errors.Select(field => KeyValuePair.Create(field.Key, (JsonNode?)new JsonArray([.. field.Value.Select(message => JsonValue.Create(message))]))));
        }

        var components = document.Components ??= new OpenApiComponents();
        components.Examples ??= new Dictionary<string, IOpenApiExample>(StringComparer.Ordinal);
        components.Examples.TryAdd(problem.Code, new OpenApiExample { Summary = problem.Detail, Value = value });
        return new OpenApiExampleReference(problem.Code, document);
    }

    // What any call answers in these words; a use case's own codes are said where they may come.
    private static bool IsOfTheEdge(string code) => code.Split('.')[0] is "request" or "auth" or "internal" or "service" or "database" or "idempotency";

    private static Problem[] When(bool applies, params Problem[] problems) => applies ? problems : [];
}

/// <summary>Who may make a call.</summary>
internal static class Callers
{
    /// <summary>The policy that decides; null when anybody may. The action's own is said after its controller's, and is the narrower one.</summary>
    public static string? Of(IList<object> metadata) => metadata.OfType<IAllowAnonymous>().Any()
        ? null
        : metadata.OfType<IAuthorizeData>().Select(data => data.Policy ?? Policies.User).Cast<string?>().LastOrDefault();

    public static string Sentence(string? policy) => policy switch
    {
        null => "Anybody may call it.",
        Policies.Internal => $"Our own services call it, with `{InternalApiKeyHandler.Header}`.",
        Policies.User => "Whoever is signed in may call it, about what is their own.",
        Policies.Admin => "Wants the role `admin`.",
        Policies.Support => "Wants one of the roles `admin` and `support`.",
        Policies.Finance => "Wants one of the roles `admin` and `finance`.",
        _ => "Wants one of the roles `admin`, `support` and `finance`.",
    };
}

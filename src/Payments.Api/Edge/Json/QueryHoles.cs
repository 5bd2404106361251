using Microsoft.AspNetCore.Mvc.Filters;
using Payments.Api.Edge.Errors;

namespace Payments.Api.Edge.Json;

/// <summary>The character U+0000 in a query, as <see cref="JsonHoles"/> refuses it in a body: once, before anything is bound. A path that has it never gets past the server.</summary>
internal sealed class QueryHoles : IResourceFilter
{
    private const string Escaped = "%00";

    public void OnResourceExecuting(ResourceExecutingContext context)
    {
        var request = context.HttpContext.Request;
        if (request.QueryString.Value?.Contains(Escaped, StringComparison.Ordinal) == true)
        {
            context.Result = new ProblemResult(Problem.Invalid(request.Query
                .Where(field => field.Key.Contains('\0', StringComparison.Ordinal) || field.Value.Any(value => value!.Contains('\0', StringComparison.Ordinal)))
                .ToDictionary(field => FieldNames.Camel(field.Key), _ => new[] { JsonHoles.NoNul }, StringComparer.Ordinal)));
        }
    }

    public void OnResourceExecuted(ResourceExecutedContext context)
    {
    }
}

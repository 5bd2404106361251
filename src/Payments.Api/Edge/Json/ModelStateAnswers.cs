using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Controllers;
using Payments.Api.Edge.Errors;

namespace Payments.Api.Edge.Json;

/// <summary>What MVC could not bind, in the caller's words.</summary>
internal static class ModelStateAnswers
{
    public static IActionResult Answer(ActionContext context)
    {
        var wants = context.ActionDescriptor.Parameters
            .OfType<ControllerParameterDescriptor>()
            .Where(parameter => parameter.BindingInfo?.BindingSource?.IsFromRequest == true)
            .GroupBy(parameter => parameter.BindingInfo?.BinderModelName ?? parameter.Name, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(parameter => parameter.Key, parameter => parameter.First().ParameterType, StringComparer.OrdinalIgnoreCase);

        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var (key, entry) in context.ModelState)
        {
            if (entry.Errors.Count > 0)
            {
                // A route or query value that did not parse: MVC's own words quote it and guess. A body's fields are
                // named as the caller wrote them already.
                var fromAddress = entry.AttemptedValue is not null;
                errors[fromAddress || key.Length == 0 ? FieldNames.Camel(key) : key] = fromAddress && wants.TryGetValue(key, out var type)
                    ? ["must be " + JsonWants.Of(type)]
                    : [.. entry.Errors.Select(error => error.ErrorMessage)];
            }
        }

        return new ProblemResult(Problem.Invalid(errors));
    }
}

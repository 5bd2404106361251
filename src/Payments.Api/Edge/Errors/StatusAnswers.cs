using Microsoft.AspNetCore.Diagnostics;

namespace Payments.Api.Edge.Errors;

/// <summary>Gives a body to statuses that middleware sets without one: 401, 403, 404, 405, 406, 415.</summary>
internal static class StatusAnswers
{
    public static void Configure(StatusCodePagesOptions options) => options.HandleAsync = context =>
        context.HttpContext.Response.WriteAsync(Problem.OfStatus(context.HttpContext.Response.StatusCode), context.HttpContext.RequestAborted);
}

using Microsoft.AspNetCore.Diagnostics;
using Payments.Api.Edge.Pages;

namespace Payments.Api.Edge.Errors;

/// <summary>Gives a body to statuses that middleware sets without one: 401, 403, 404, 405, 406, 415. A browser that was led astray gets a page.</summary>
internal static class StatusAnswers
{
    public static void Configure(StatusCodePagesOptions options) => options.HandleAsync = context =>
    {
        var http = context.HttpContext;
        return WebPages.IsLost(http) && http.RequestServices.GetRequiredService<PageFiles>().NotFound is { } page
            ? WebPages.WriteAsync(http, page)
            : http.Response.WriteAsync(Problem.OfStatus(http.Response.StatusCode), http.RequestAborted);
    };
}

using System.Net;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.Extensions.Primitives;
using Payments.Api.Edge.Errors;

namespace Payments.Api.Edge.Sandbox;

/// <summary>
/// Answers only who calls from this machine, under its own name. Every web page that this machine's browser shows can
/// reach loopback, and a tunnel or proxy brings the whole world there: neither may sign in as whoever it likes. Browsers
/// say which page asks; curl says nothing.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class FromThisMachineAttribute : Attribute, IAuthorizationFilter
{
    private static readonly string[] Forwarded = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host"];

    public void OnAuthorization(AuthorizationFilterContext context)
    {
        if (Refusal(context.HttpContext) is { } problem)
        {
            context.Result = new ProblemResult(problem);
        }
    }

    private static Problem? Refusal(HttpContext context)
    {
        var request = context.Request;
        return context.Connection.RemoteIpAddress is not { } caller || !IPAddress.IsLoopback(caller) || Forwarded.Any(request.Headers.ContainsKey)
            ? new(StatusCodes.Status403Forbidden, "sandbox.elsewhere", "The sandbox is moved from its own machine only.")
            : request.Host.Host is not ("localhost" or "127.0.0.1" or "[::1]")
            ? new(StatusCodes.Status421MisdirectedRequest, "sandbox.elsewhere", "The sandbox answers as 127.0.0.1 and localhost only.")
            : IsForeign(request)
            ? new(StatusCodes.Status403Forbidden, "sandbox.foreign_page", "This comes from another site's page, which has no business here.")
            : null;
    }

    private static bool IsForeign(HttpRequest request) =>
        (request.Headers.Origin is { Count: > 0 } origin && origin != new StringValues($"{request.Scheme}://{request.Host}"))
        || (request.Headers["Sec-Fetch-Site"] is { Count: > 0 } site && site != "same-origin" && site != "none");
}

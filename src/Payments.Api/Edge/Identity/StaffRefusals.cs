using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Payments.Application.Shared;

namespace Payments.Api.Edge.Identity;

/// <summary>
/// What staff try and may not do is in the audit log, whichever action it was. Strangers' tries are not: the log is kept
/// for ever, and they are in the request log.
/// </summary>
internal sealed class StaffRefusals : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler standard = new();

    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Forbidden && UserIds.Of(context.User) is { } user && (context.User.IsInRole(Roles.Support) || context.User.IsInRole(Roles.Finance)))
        {
            var actor = new Actor(user, context.User.FindFirstValue("email"), context.Connection.RemoteIpAddress?.ToString());
            await context.RequestServices.GetRequiredService<IRefusalLog>().WriteAsync(actor, $"{context.Request.Method} {context.Request.Path}", context.RequestAborted);
        }

        await standard.HandleAsync(next, context, policy, authorizeResult);
    }
}

using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Payments.Application.Users.Contracts;

namespace Payments.Api.Edge.Identity;

/// <summary>
/// The first valid token creates the user, and email, name and time zone follow the token. Runs after authorization, for actions
/// that want a user; open ones, webhooks and our own services pass by.
/// </summary>
internal sealed class UserSightings(RequestDelegate next, ILogger<UserSightings> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<IAuthorizeData>() is not null
            && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null
            && UserIds.Of(context.User) is { } user)
        {
            await context.RequestServices.GetRequiredService<IUserDirectory>()
                .SeenAsync(user, context.User.FindFirstValue("email"), context.User.FindFirstValue("name"), context.User.FindFirstValue("zoneinfo"), context.RequestAborted);
            // Whatever this request logs from here on names its user.
            using var scope = logger.BeginScope(new[] { KeyValuePair.Create<string, object?>("UserId", user.Value) });
            await next(context);
            return;
        }

        await next(context);
    }
}

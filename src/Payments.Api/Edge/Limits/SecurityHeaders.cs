using Microsoft.AspNetCore.Authorization;

namespace Payments.Api.Edge.Limits;

/// <summary>What browsers are told: sniff nothing, frame nothing, refer nothing, and keep no copy of anyone's answers.</summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        // Set when the answer starts: the exception handler clears what was set before.
        context.Response.OnStarting(
            static state =>
            {
                var context = (HttpContext)state;
                var headers = context.Response.Headers;
                headers.XContentTypeOptions = "nosniff";
                headers["Referrer-Policy"] = "no-referrer";
                // Who asks without an Origin, or from elsewhere, gets no CORS headers: no cache may hand that to the web app.
                if (!headers.Vary.Any(names => names?.Contains("Origin", StringComparison.OrdinalIgnoreCase) == true))
                {
                    headers.Append("Vary", "Origin");
                }

                if (headers.ContentSecurityPolicy.Count == 0)
                {
                    headers.ContentSecurityPolicy = PolicyFor(context.Request.Path);
                }

                if (headers.CacheControl.Count == 0 && (context.User.Identity?.IsAuthenticated == true || WantsCaller(context)))
                {
                    headers.CacheControl = "no-store";
                }

                return Task.CompletedTask;
            },
            context);
        return next(context);
    }

    private static bool WantsCaller(HttpContext context) => context.Response.StatusCode is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden
        || context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>() is not null;

    private static string PolicyFor(PathString path) =>
        // The page of Swagger UI styles itself inline; everything it runs comes from here.
        path.StartsWithSegments("/swagger", StringComparison.OrdinalIgnoreCase) ? "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
        : path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) ? "default-src 'none'; frame-ancestors 'none'"
        : "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";
}

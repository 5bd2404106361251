using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.HttpsPolicy;

namespace Payments.Api.Edge.Limits;

/// <summary>How requests get here: over HTTPS outside development, through proxies only if we know them, from pages only of our own.</summary>
internal static class Transport
{
    public static void AddTransport(this IServiceCollection services, EdgeOptions edge)
    {
        services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            // Not the host: nothing here builds addresses from it.
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.ForwardLimit = null; // As far as the proxies are known ones.
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var network in edge.TrustedProxies)
            {
                forwarded.KnownIPNetworks.Add(network);
            }
        });
        services.Configure<HstsOptions>(hsts => hsts.MaxAge = TimeSpan.FromDays(365));
        services.Configure<HttpsRedirectionOptions>(https =>
        {
            https.RedirectStatusCode = StatusCodes.Status308PermanentRedirect;
            https.HttpsPort = edge.HttpsPort;
        });
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins([.. edge.FrontendOrigins])
            .WithMethods("GET", "POST", "PUT", "DELETE")
            .WithHeaders("Authorization", "Content-Type", "Accept", "Idempotency-Key", "If-None-Match", "Traceparent", "Tracestate")
            .WithExposedHeaders("Location", "ETag", "Retry-After", "Idempotent-Replayed")
            .SetPreflightMaxAge(TimeSpan.FromMinutes(10))));
    }

    /// <summary>
    /// HSTS, and http sent on to https. Not for a call on this very machine (there is nobody in between, and no
    /// certificate), nor for health, which orchestrators ask over plain http.
    /// </summary>
    public static void UseSecureTransport(this WebApplication app)
    {
        if (app.Environment.IsDevelopment())
        {
            return;
        }

        app.UseHsts();
        app.UseWhen(context => !context.Request.IsHttps && !IsLocal(context.Request.Host) && !context.Request.Path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase), insecure => insecure.UseHttpsRedirection());
    }

    private static bool IsLocal(HostString host) =>
        host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Host, out var address) && IPAddress.IsLoopback(address));
}

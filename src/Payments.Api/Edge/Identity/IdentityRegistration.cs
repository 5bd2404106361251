using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Payments.Application.Shared;

namespace Payments.Api.Edge.Identity;

internal static class IdentityRegistration
{
    public static void AddCallers(this IServiceCollection services, EdgeOptions edge)
    {
        services.AddHttpContextAccessor();
        services.AddScoped<ICurrentUser, CurrentUser>();
        // AddAuthentication would bring data protection, which writes keys for cookies into the home folder at start; there are no cookies.
        services.AddAuthenticationCore(options => options.DefaultScheme = Schemes.Either);
        services.AddWebEncoders();
        services.TryAddSingleton(TimeProvider.System);
#pragma warning disable CS0618 // The handler of JwtBearer 3.1 asks for it.
        services.TryAddSingleton<ISystemClock, SystemClock>();
#pragma warning restore CS0618
        new AuthenticationBuilder(services)
            .AddPolicyScheme(Schemes.Either, displayName: null, options => options.ForwardDefaultSelector =
                context => context.Request.Headers.ContainsKey(InternalApiKeyHandler.Header) ? Schemes.InternalKey : Schemes.Bearer)
            .AddJwtBearer(Schemes.Bearer, options => BearerTokens.Configure(options, edge))
            .AddScheme<AuthenticationSchemeOptions, InternalApiKeyHandler>(Schemes.InternalKey, configureOptions: null);
        services.AddAuthorization(Policies.Add);
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, StaffRefusals>();
    }
}

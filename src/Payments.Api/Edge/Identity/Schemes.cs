using System.Security.Claims;

namespace Payments.Api.Edge.Identity;

internal static class Schemes
{
    public const string Bearer = "Bearer";
    public const string InternalKey = "InternalApiKey";

    /// <summary>The default: whichever of the two the request carries.</summary>
    public const string Either = "Either";

    public static bool IsTokenUser(this ClaimsPrincipal principal) => principal.Identities.Any(identity => identity.IsAuthenticated && identity.AuthenticationType == Bearer);

    public static bool IsInternalService(this ClaimsPrincipal principal) => principal.Identities.Any(identity => identity.IsAuthenticated && identity.AuthenticationType == InternalKey);
}

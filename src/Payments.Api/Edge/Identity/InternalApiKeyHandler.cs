using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Payments.Api.Edge.Identity;

/// <summary>Our own services: the key in <c>X-Internal-Api-Key</c>.</summary>
internal sealed class InternalApiKeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, EdgeOptions edge)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Header = "X-Internal-Api-Key";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var sent = Request.Headers[Header];
        if (sent.Count == 0)
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        // Hashes are of equal length, so that the comparison's time says nothing about the key, nor about its length.
        var hash = HashOf(sent.ToString());
        var equal = CryptographicOperations.FixedTimeEquals(hash, HashOf(edge.InternalApiKey));
        var previous = edge.PreviousInternalApiKey is { } before && CryptographicOperations.FixedTimeEquals(hash, HashOf(before));
        if (!(equal || previous) || sent.Count != 1)
        {
            return Task.FromResult(AuthenticateResult.Fail("The internal API key is wrong."));
        }

        var identity = new ClaimsIdentity([new Claim("roles", Roles.Internal)], Schemes.InternalKey, "name", "roles");
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = $"ApiKey header=\"{Header}\"";
        return Task.CompletedTask;
    }

    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

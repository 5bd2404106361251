using System.IdentityModel.Tokens.Jwt;
using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;
using Payments.Domain.Shared;

namespace Payments.Api.Edge.Identity;

/// <summary>Which bearer tokens are believed: HS256 under our shared secret, or an OpenID issuer's by its published keys.</summary>
internal static class BearerTokens
{
    private const string MetadataPath = "/.well-known/openid-configuration";

    private static readonly string[] Shared = [SecurityAlgorithms.HmacSha256];

    private static readonly string[] Published =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    public static void Configure(JwtBearerOptions options, EdgeOptions edge)
    {
        options.TokenValidationParameters = new TokenValidationParameters
        {
            AuthenticationType = Schemes.Bearer,
            NameClaimType = "name",
            RoleClaimType = "roles",
            // Wall time, also where the sandbox's clock is moved.
            ClockSkew = TimeSpan.FromSeconds(5),
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ValidateIssuerSigningKey = true,
            // A cache of its own. It goes by key id, so an issuer that reuses one for a new key would keep the old key alive: none for those.
            CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = edge.JwtSecret is not null },
            ValidateIssuer = edge.JwtIssuer is not null,
            ValidIssuer = edge.JwtIssuer,
            ValidateAudience = edge.JwtAudience is not null,
            ValidAudience = edge.JwtAudience,
        };

        if (edge.JwtSecret is not null)
        {
            options.TokenValidationParameters.IssuerSigningKeys =
                [.. new[] { edge.JwtSecret, edge.PreviousJwtSecret }.OfType<string>().Select(secret => new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)))];
        }
        else if (edge.JwtAuthority is not null)
        {
            options.MetadataAddress = edge.JwtAuthority.Contains("/.well-known/", StringComparison.Ordinal)
                ? edge.JwtAuthority
                : edge.JwtAuthority.TrimEnd('/') + MetadataPath;
            options.RequireHttpsMetadata = options.MetadataAddress.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
        }

        options.SecurityTokenValidators.Clear();
        options.SecurityTokenValidators.Add(new StrictTokens(edge.JwtSecret is not null ? Shared : Published));
        options.SaveToken = false;
        options.Events = new JwtBearerEvents
        {
            OnTokenValidated = context =>
            {
                if (context.Principal?.FindAll("sub").ToList() is not [{ Value.Length: > 0 and <= 255 }])
                {
                    context.Fail("The token names no subject.");
                }

                return Task.CompletedTask;
            },
            // What is wrong with a token is a 401. Not reaching the issuer's keys is not the caller's doing.
            OnAuthenticationFailed = context => context.Exception is SecurityTokenException or ArgumentException
                ? Task.CompletedTask
                : throw IssuerUnavailable(),
        };
    }

    public static Refusal IssuerUnavailable() => new(RefusalKind.Unavailable, "auth.issuer_unavailable", "The token issuer's keys cannot be fetched at the moment.");

    /// <summary>Refuses every algorithm but the listed ones before a key is looked at (no <c>none</c>, no public key taken for a shared secret), and renames no claim.</summary>
    private sealed class StrictTokens : JwtSecurityTokenHandler
    {
        private readonly string[] algorithms;

        public StrictTokens(string[] algorithms)
        {
            this.algorithms = algorithms;
            InboundClaimTypeMap.Clear();
        }

        public override ClaimsPrincipal ValidateToken(string token, TokenValidationParameters validationParameters, out SecurityToken validatedToken)
        {
            var algorithm = ReadJwtToken(token).Header.Alg;
            return algorithms.Contains(algorithm, StringComparer.Ordinal)
                ? base.ValidateToken(token, validationParameters, out validatedToken)
                : throw new SecurityTokenInvalidSignatureException("The token is signed with an algorithm that is not accepted here.");
        }
    }
}

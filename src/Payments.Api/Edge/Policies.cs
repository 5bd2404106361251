using Microsoft.AspNetCore.Authorization;
using Payments.Api.Edge.Identity;

namespace Payments.Api.Edge;

/// <summary>Who may call an action: <c>[Authorize(Policy = Policies.User)]</c>.</summary>
public static class Policies
{
    /// <summary>Anyone with a valid bearer token.</summary>
    public const string User = nameof(User);

    /// <summary>Our own services, by <c>X-Internal-Api-Key</c>. A token whose roles say <c>internal</c> does not pass.</summary>
    public const string Internal = nameof(Internal);

    /// <summary>Role admin: everything.</summary>
    public const string Admin = nameof(Admin);

    /// <summary>Roles admin and support: reads, and what support may do for a customer.</summary>
    public const string Support = nameof(Support);

    /// <summary>Roles admin and finance: exports and the books.</summary>
    public const string Finance = nameof(Finance);

    /// <summary>Roles admin, support and finance: reads.</summary>
    public const string Staff = nameof(Staff);

    internal static void Add(AuthorizationOptions options)
    {
        options.AddPolicy(User, policy => OfUser(policy));
        options.AddPolicy(Admin, policy => OfUser(policy).RequireRole(Roles.Admin));
        options.AddPolicy(Support, policy => OfUser(policy).RequireRole(Roles.Admin, Roles.Support));
        options.AddPolicy(Finance, policy => OfUser(policy).RequireRole(Roles.Admin, Roles.Finance));
        options.AddPolicy(Staff, policy => OfUser(policy).RequireRole(Roles.Admin, Roles.Support, Roles.Finance));
        options.AddPolicy(Internal, policy => policy
            .AddAuthenticationSchemes(Schemes.InternalKey)
            .RequireAssertion(context => context.User.IsInternalService()));
        options.DefaultPolicy = options.GetPolicy(User)!;
    }

    // The kind of identity is asserted beside the scheme: where two policies meet on one action, ASP.NET Core
    // accepts the schemes of either.
    private static AuthorizationPolicyBuilder OfUser(AuthorizationPolicyBuilder policy) => policy
        .AddAuthenticationSchemes(Schemes.Bearer)
        .RequireAssertion(context => context.User.IsTokenUser());
}

/// <summary>The values of a token's <c>roles</c> that mean something here.</summary>
public static class Roles
{
    public const string Admin = "admin";
    public const string Support = "support";
    public const string Finance = "finance";
    public const string Internal = "internal";
}

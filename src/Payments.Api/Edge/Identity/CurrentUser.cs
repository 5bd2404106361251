using System.Security.Claims;
using Payments.Application.Shared;
using Payments.Domain.Shared;

namespace Payments.Api.Edge.Identity;

/// <summary>The caller of the present request, from the verified token.</summary>
internal sealed class CurrentUser(IHttpContextAccessor accessor) : ICurrentUser
{
    private ClaimsPrincipal Principal => accessor.HttpContext?.User ?? throw new InvalidOperationException("There is no request, so nobody calls.");

    public UserId Id => UserIds.Of(Principal) ?? throw new InvalidOperationException("The action is open to callers without a user token; ask for one by [Authorize(Policy = Policies.User)].");

    public string? Email => Principal.FindFirstValue("email");

    public string? Name => Principal.FindFirstValue("name");

    public bool IsInRole(string role) => Principal.IsInRole(role);
}

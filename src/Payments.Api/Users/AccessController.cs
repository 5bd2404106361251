using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge;
using Payments.Application.Shared;
using Payments.Application.Users.Entitlements;
using Payments.Domain.Shared;
using Payments.Domain.Users.Entitlements;

namespace Payments.Api.Users;

/// <summary>Who may use what.</summary>
[Route("api/v1")]
[Authorize(Policy = Policies.User)]
public sealed class AccessController(IMediator mediator, ICurrentUser user) : ControllerBase
{
    /// <summary>Whether the caller may use something now.</summary>
    [HttpGet("access/{resourceType}/{resourceId}")]
    [Authorize(Policy = Policies.User)]
    public async Task<AccessResponse> Mine(string resourceType, string resourceId, CancellationToken cancellationToken) =>
        AccessResponse.From(await mediator.Send(new GetAccess(user.Id, new ResourceReference(resourceType, resourceId)), cancellationToken));
}

/// <summary>The same, asked by our own services.</summary>
[Route("api/v1/users/{id:guid}/access")]
[Authorize(Policy = Policies.Internal)]
public sealed class UserAccessController(IMediator mediator) : ControllerBase
{
    /// <summary>Whether somebody may use something now.</summary>
    [HttpGet("{resourceType}/{resourceId}")]
    [Authorize(Policy = Policies.Internal)]
    public async Task<AccessResponse> Of(Guid id, string resourceType, string resourceId, CancellationToken cancellationToken) =>
        AccessResponse.From(await mediator.Send(new GetAccess(new UserId(id), new ResourceReference(resourceType, resourceId)), cancellationToken));
}

/// <param name="Until">With access: when it is over, null never. Without: when it was over, if it was.</param>
/// <param name="Reason">
/// With access what gives it: <c>subscription</c>, <c>purchase</c>, <c>entitlement</c>. Without: <c>paused</c>, <c>notStarted</c>,
/// <c>revoked</c>, <c>expired</c>, <c>none</c>.
/// </param>
public sealed record AccessResponse(bool Allowed, DateTimeOffset? Until, string Reason)
{
    internal static AccessResponse From(AccessDecision decision) => new(decision.Allowed, decision.Until, decision.Reason);
}

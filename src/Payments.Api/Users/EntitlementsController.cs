using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge;
using Payments.Api.Edge.Idempotency;
using Payments.Application.Shared;
using Payments.Application.Users.Entitlements;
using Payments.Domain.Shared;

namespace Payments.Api.Users;

/// <summary>What our own services give people.</summary>
[Route("api/v1/users/{id:guid}/entitlements")]
[Authorize(Policy = Policies.Internal)]
public sealed class EntitlementsController(IMediator mediator, IIdempotencyContext idempotency) : ControllerBase
{
    /// <summary>Gives credits, a subscription, or both; with an Idempotency-Key once.</summary>
    [HttpPost]
    [Authorize(Policy = Policies.Internal)]
    [Idempotent]
    public async Task<EntitlementsResponse> Grant(Guid id, EntitlementsRequest body, CancellationToken cancellationToken) =>
        EntitlementsResponse.From(await mediator.Send(body.ToCommand(new UserId(id), idempotency.Key), cancellationToken));
}

public sealed record EntitlementsRequest(long? Credits, SubscriptionRequest? Subscription)
{
    internal GrantEntitlements ToCommand(UserId user, string? key) =>
        new(user, Credits, Subscription is { } s ? new SubscriptionGrant(s.Type, s.ActiveUntil) : null, key);
}

public sealed record SubscriptionRequest(string Type, DateTimeOffset ActiveUntil);

public sealed record EntitlementsResponse(Guid Id, long Credits, string? SubscriptionType, DateTimeOffset? SubscriptionExpires)
{
    internal static EntitlementsResponse From(EntitlementsView view) => new(view.Id.Value, view.Credits, view.SubscriptionType, view.SubscriptionExpires);
}

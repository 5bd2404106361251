using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge;
using Payments.Api.Edge.Idempotency;
using Payments.Application.Users.Credits;
using Payments.Domain.Shared;
using Payments.Domain.Users.Credits;

namespace Payments.Api.Users;

/// <summary>How our own services spend people's credits.</summary>
[Route("api/v1/users/{id:guid}/credits")]
[Authorize(Policy = Policies.Internal)]
public sealed class CreditsController(IMediator mediator) : ControllerBase
{
    /// <summary>Spends at once. The same reason and reference spend once.</summary>
    [HttpPost("consume")]
    [Authorize(Policy = Policies.Internal)]
    [Idempotent]
    public async Task<ConsumptionResponse> Consume(Guid id, SpendRequest body, CancellationToken cancellationToken) =>
        ConsumptionResponse.From(await mediator.Send(new ConsumeCredits(new UserId(id), body.Amount, body.Reason, body.Reference), cancellationToken));

    /// <summary>Sets credits aside until they are captured, released, or the hold ends by itself.</summary>
    [HttpPost("holds")]
    [Authorize(Policy = Policies.Internal)]
    [Idempotent]
    public async Task<HoldResponse> Hold(Guid id, SpendRequest body, CancellationToken cancellationToken) =>
        HoldResponse.From(await mediator.Send(new HoldCredits(new UserId(id), body.Amount, body.Reason, body.Reference), cancellationToken));

    /// <summary>Spends a hold: all of it, or an amount, giving the rest back.</summary>
    [HttpPost("holds/{holdId:guid}/capture")]
    [Authorize(Policy = Policies.Internal)]
    [Idempotent]
    public async Task<HoldResponse> Capture(Guid id, Guid holdId, [FromBody(EmptyBodyBehavior = Microsoft.AspNetCore.Mvc.ModelBinding.EmptyBodyBehavior.Allow)] CaptureRequest? body, CancellationToken cancellationToken) =>
        HoldResponse.From(await mediator.Send(new CaptureHold(new UserId(id), new CreditHoldId(holdId), body?.Amount), cancellationToken));

    /// <summary>Gives a hold back.</summary>
    [HttpPost("holds/{holdId:guid}/release")]
    [Authorize(Policy = Policies.Internal)]
    [Idempotent]
    public async Task<HoldResponse> Release(Guid id, Guid holdId, CancellationToken cancellationToken) =>
        HoldResponse.From(await mediator.Send(new ReleaseHold(new UserId(id), new CreditHoldId(holdId)), cancellationToken));
}

/// <param name="Amount">Credits, 1 or more.</param>
/// <param name="Reason">What they go for: <c>evaluation</c>.</param>
/// <param name="Reference">The caller's id of it; with the reason it spends once.</param>
public sealed record SpendRequest(long Amount, string Reason, string Reference);

/// <param name="Amount">All of the hold when left out.</param>
public sealed record CaptureRequest(long? Amount);

/// <param name="Credits">The balance after it.</param>
public sealed record ConsumptionResponse(Guid Id, long Amount, string Reason, string Reference, long Credits)
{
    internal static ConsumptionResponse From(Consumption c) => new(c.Id, c.Amount, c.Reason, c.Reference, c.Credits);
}

/// <param name="Captured">How much of it was spent.</param>
/// <param name="Credits">The spendable balance now.</param>
public sealed record HoldResponse(Guid Id, long Amount, string Reason, string Reference, CreditHoldStatus Status, long Captured, DateTimeOffset ExpiresAt, long Credits)
{
    internal static HoldResponse From(HoldView h) => new(h.Id.Value, h.Amount, h.Reason, h.Reference, h.Status, h.Captured, h.ExpiresAt, h.Credits);
}

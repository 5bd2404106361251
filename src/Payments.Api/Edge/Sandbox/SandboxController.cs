using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Application.Shared;
using Payments.Domain.Shared;

namespace Payments.Api.Edge.Sandbox;

/// <summary>Time as an argument: the simulator sets our clock as it moves everybody's. Exists only beside a provider on loopback.</summary>
[Route("sandbox")]
[Authorize(Policy = Policies.Internal)]
[ApiExplorerSettings(IgnoreApi = true)]
public sealed class SandboxController(ISandboxClock clock, TimeProvider time) : ControllerBase
{
    [HttpPut("clock")]
    [Authorize(Policy = Policies.Internal)]
    public async Task<ClockResponse> SetClock(ClockRequest body, CancellationToken cancellationToken)
    {
        await Movable().MoveToAsync(body.Now, cancellationToken);
        var backlog = await clock.BacklogAsync(cancellationToken);
        return new(time.GetUtcNow(), backlog.Idle, backlog.Inbox, backlog.Outbox, backlog.Notifications, backlog.Due);
    }

    [HttpGet("idle")]
    [Authorize(Policy = Policies.Internal)]
    public async Task<IdleResponse> Idle(CancellationToken cancellationToken)
    {
        var backlog = await Movable().BacklogAsync(cancellationToken);
        return new(backlog.Idle, backlog.Inbox, backlog.Outbox, backlog.Notifications, backlog.Due, backlog.NextDue);
    }

    private ISandboxClock Movable() => clock.CanMove ? clock : throw new Refusal(RefusalKind.NotFound, "request.unknown_path", "There is nothing at this address.");
}

public sealed record ClockRequest(DateTimeOffset Now);

public sealed record ClockResponse(DateTimeOffset Now, bool Idle, long Inbox, long Outbox, long Notifications, long Due);

/// <param name="NextDue">When the next thing falls due by the product's clock.</param>
public sealed record IdleResponse(bool Idle, long Inbox, long Outbox, long Notifications, long Due, DateTimeOffset? NextDue);

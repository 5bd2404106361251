using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.RateLimiting;
using Payments.Application.Shared;

namespace Payments.Api.Edge.Health;

[Route("health")]
[AllowAnonymous]
[DisableRateLimiting]
[Tags("Health")]
public sealed class HealthController : ControllerBase
{
    /// <summary>The process answers. Says nothing of the database, so that an outage there restarts nobody.</summary>
    [HttpGet("live")]
    [AllowAnonymous]
    public LiveResponse Live() => new("live");

    /// <summary>The process can do its work: 503 while it cannot, with what is wrong by name.</summary>
    [HttpGet("ready")]
    [AllowAnonymous]
    [ProducesResponseType<ReadyResponse>(StatusCodes.Status200OK)]
    [ProducesResponseType<ReadyResponse>(StatusCodes.Status503ServiceUnavailable)]
    public async Task<ObjectResult> Ready([FromServices] IReadiness readiness, CancellationToken cancellationToken)
    {
        var report = await readiness.CheckAsync(cancellationToken);
        var response = new ReadyResponse(report.Ready ? "ready" : "unavailable", report.Checks.ToDictionary(check => check.Key, check => check.Value ?? "ok", StringComparer.Ordinal));
        return StatusCode(report.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, response);
    }
}

public sealed record LiveResponse(string Status);

/// <param name="Status"><c>ready</c> or <c>unavailable</c>.</param>
/// <param name="Checks">By name: <c>ok</c>, or what is wrong.</param>
public sealed record ReadyResponse(string Status, IReadOnlyDictionary<string, string> Checks);

using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Cors;
using Microsoft.AspNetCore.Mvc;

namespace Payments.Api.Edge.Sandbox;

/// <summary>
/// What the sandbox page calls: handed on to the simulator as it is. Open to whoever sits at this machine, and to no
/// other site's page. Exists only beside a provider on loopback.
/// </summary>
[Route("sandbox")]
[AllowAnonymous]
[FromThisMachine]
[DisableCors]
[ApiExplorerSettings(IgnoreApi = true)]
public sealed class SandboxPageController : ControllerBase
{
    /// <summary>Who there is to sign in as; where everything is; the time; what goes wrong; what was delivered; the mail.</summary>
    [HttpGet("users")]
    [HttpGet("addresses")]
    [HttpGet("clock")]
    [HttpGet("faults")]
    [HttpGet("deliveries")]
    [HttpGet("mail")]
    [HttpGet("mail/{id:long}/html")]
    [AllowAnonymous]
    public IActionResult Show() => new ForwardedToSandbox();

    /// <summary>Moves the time; sets and ends what goes wrong; sends again; forgets the mail.</summary>
    [HttpPost("clock")]
    [HttpPost("faults")]
    [HttpDelete("faults")]
    [HttpPost("deliveries/resend-undelivered")]
    [HttpPost("deliveries/{eventId}/resend")]
    [HttpDelete("mail")]
    [AllowAnonymous]
    public IActionResult Change() => new ForwardedToSandbox();
}

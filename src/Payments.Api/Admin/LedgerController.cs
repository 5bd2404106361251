using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge;
using Payments.Application.Users.Credits;

namespace Payments.Api.Admin;

[Route("api/v1/admin/ledger")]
[Authorize(Policy = Policies.Staff)]
public sealed class LedgerController(IMediator mediator) : ControllerBase
{
    /// <summary>Proves over all rows that the ledger balances and that every balance is the sum of its postings.</summary>
    [HttpGet("verification")]
    [Authorize(Policy = Policies.Staff)]
    public Task<LedgerVerification> Verify(CancellationToken cancellationToken) => mediator.Send(new VerifyLedger(), cancellationToken);
}

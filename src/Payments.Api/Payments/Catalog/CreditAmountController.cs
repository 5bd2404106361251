using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Application.Payments.Catalog;

namespace Payments.Api.Payments.Catalog;

/// <summary>Credits by the piece, beside the packs.</summary>
[Route("api/v1/credit-amount")]
[AllowAnonymous]
public sealed class CreditAmountController(IMediator mediator) : ControllerBase
{
    /// <summary>What a free amount of credits costs, and how many may be bought at once: what <c>creditAmount</c> of a checkout session may be.</summary>
    [HttpGet]
    [AllowAnonymous]
    [ProducesResponseType<CreditAmountResponse>(StatusCodes.Status200OK)]
    public async Task<CreditAmountResponse> Get(CancellationToken cancellationToken) =>
        CreditAmountResponse.From(await mediator.Send(new GetCreditAmount(), cancellationToken));
}

/// <param name="UnitPrice">Of one credit.</param>
public sealed record CreditAmountResponse(MoneyResponse UnitPrice, int Minimum, int Maximum)
{
    public static CreditAmountResponse From(CreditAmountView amount) => new(MoneyResponse.From(amount.UnitPrice), amount.Minimum, amount.Maximum);
}

using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Application.Payments.Catalog;

namespace Payments.Api.Payments.Catalog;

/// <summary>What is on sale.</summary>
[Route("api/v1/credit-packs")]
[AllowAnonymous]
public sealed class CreditPacksController(IMediator mediator) : ControllerBase
{
    /// <summary>The credit packs on sale, in display order.</summary>
    [HttpGet]
    [AllowAnonymous]
    [ProducesResponseType<ListResponse<CreditPackResponse>>(StatusCodes.Status200OK)]
    [ProducesResponseType(StatusCodes.Status304NotModified)]
    public async Task<IActionResult> List(CancellationToken cancellationToken) =>
        this.Catalog([.. (await mediator.Send(new ListCreditPacks(), cancellationToken)).Select(CreditPackResponse.From)]);
}

public sealed record CreditPackResponse(Guid Id, string Name, long Credits, MoneyResponse Price)
{
    public static CreditPackResponse From(CreditPackView pack) => new(pack.Id.Value, pack.Name, pack.Credits, MoneyResponse.From(pack.Price));
}

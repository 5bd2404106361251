using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Application.Payments.Catalog;
using Payments.Domain.Payments.Catalog;

namespace Payments.Api.Payments.Catalog;

/// <summary>What is bought once and may be used from then on.</summary>
[Route("api/v1/items")]
[AllowAnonymous]
public sealed class ItemsController(IMediator mediator) : ControllerBase
{
    /// <summary>The items on sale, in display order.</summary>
    [HttpGet]
    [AllowAnonymous]
    [ProducesResponseType<ListResponse<ItemResponse>>(StatusCodes.Status200OK)]
    [ProducesResponseType(StatusCodes.Status304NotModified)]
    public async Task<IActionResult> List(CancellationToken cancellationToken) =>
        this.Catalog([.. (await mediator.Send(new ListItems(), cancellationToken)).Select(ItemResponse.From)]);
}

/// <param name="ResourceId">With its type, what <c>GET access/{type}/{resourceId}</c> is asked for.</param>
/// <param name="RefundWindowDays">Days after payment in which its buyer may give it back.</param>
public sealed record ItemResponse(Guid Id, string Name, ItemType Type, string ResourceId, MoneyResponse Price, int RefundWindowDays)
{
    public static ItemResponse From(ItemView item) => new(item.Id.Value, item.Name, item.Type, item.ResourceId, MoneyResponse.From(item.Price), item.RefundWindowDays);
}

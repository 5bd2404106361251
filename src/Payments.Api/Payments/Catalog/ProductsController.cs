using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Application.Payments.Catalog;

namespace Payments.Api.Payments.Catalog;

/// <summary>What is ordered by the piece.</summary>
[Route("api/v1/products")]
[AllowAnonymous]
public sealed class ProductsController(IMediator mediator) : ControllerBase
{
    /// <summary>The products on sale, in display order, and how many pieces of each are free.</summary>
    [HttpGet]
    [AllowAnonymous]
    [ProducesResponseType<ListResponse<ProductResponse>>(StatusCodes.Status200OK)]
    [ProducesResponseType(StatusCodes.Status304NotModified)]
    public async Task<IActionResult> List(CancellationToken cancellationToken) =>
        this.Catalog([.. (await mediator.Send(new ListProducts(), cancellationToken)).Select(ProductResponse.From)]);
}

/// <param name="Price">Of one piece.</param>
public sealed record ProductResponse(Guid Id, string Name, MoneyResponse Price, int Available)
{
    public static ProductResponse From(ProductView product) => new(product.Id.Value, product.Name, MoneyResponse.From(product.Price), product.Available);
}

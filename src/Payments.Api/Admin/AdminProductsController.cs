using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge;
using Payments.Api.Edge.Idempotency;
using Payments.Api.Edge.Identity;
using Payments.Api.Payments;
using Payments.Application.Payments.Catalog;
using Payments.Application.Shared;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Shared;

namespace Payments.Api.Admin;

/// <summary>The products, on sale or not, and their stock.</summary>
[Route("api/v1/admin/products")]
[Authorize(Policy = Policies.Staff)]
public sealed class AdminProductsController(IMediator mediator, ICurrentUser user) : ControllerBase
{
    /// <summary>All of them, in display order.</summary>
    [HttpGet]
    [Authorize(Policy = Policies.Staff)]
    public async Task<ListResponse<AdminProductResponse>> List(CancellationToken cancellationToken) =>
        new([.. (await mediator.Send(new ListAllProducts(), cancellationToken)).Select(AdminProductResponse.From)], null);

    /// <summary>One of them.</summary>
    [HttpGet("{id:guid}")]
    [Authorize(Policy = Policies.Staff)]
    public async Task<AdminProductResponse> Get(Guid id, CancellationToken cancellationToken) =>
        AdminProductResponse.From(await mediator.Send(new GetProduct(new ProductId(id)), cancellationToken));

    /// <summary>A new one, on sale at once unless said otherwise.</summary>
    [HttpPost]
    [Authorize(Policy = Policies.Admin)]
    [Idempotent]
    public async Task<AdminProductResponse> Create(ProductRequest body, CancellationToken cancellationToken) =>
        AdminProductResponse.From(await mediator.Send(new CreateProduct(body.ToTerms(), body.Available ?? 0, Actor, body.Reason), cancellationToken));

    /// <summary>Replaces all of it but the stock; orders that are placed keep what was agreed.</summary>
    [HttpPut("{id:guid}")]
    [Authorize(Policy = Policies.Admin)]
    public async Task<AdminProductResponse> Edit(Guid id, ProductRequest body, CancellationToken cancellationToken) =>
        AdminProductResponse.From(await mediator.Send(new EditProduct(new ProductId(id), body.ToTerms(), Actor, body.Reason), cancellationToken));

    /// <summary>Says how many pieces are free; what is reserved or sold stays so.</summary>
    [HttpPut("{id:guid}/stock")]
    [Authorize(Policy = Policies.Admin)]
    public async Task<AdminProductResponse> SetStock(Guid id, StockRequest body, CancellationToken cancellationToken) =>
        AdminProductResponse.From(await mediator.Send(new SetStock(new ProductId(id), body.Available, Actor, body.Reason), cancellationToken));

    /// <summary>Takes it off sale; it is never removed, and orders that are placed go on.</summary>
    [HttpDelete("{id:guid}")]
    [Authorize(Policy = Policies.Admin)]
    public async Task<AdminProductResponse> Deactivate(Guid id, [FromQuery] string? reason, CancellationToken cancellationToken) =>
        AdminProductResponse.From(await mediator.Send(new DeactivateProduct(new ProductId(id), Actor, reason), cancellationToken));

    private Actor Actor => Actors.Of(user, HttpContext);
}

/// <param name="Price">Of one piece.</param>
/// <param name="Available">Pieces to begin with; 0 when left out. Later changes go through its stock.</param>
/// <param name="Active">True when left out.</param>
/// <param name="DisplayOrder">0 when left out.</param>
/// <param name="Reason">For the audit log.</param>
public sealed record ProductRequest(string Name, MoneyRequest Price, int? Available, bool? Active, int? DisplayOrder, string? Reason)
{
    internal ProductTerms ToTerms() => new(Name, Price.ToMoney("price"), Active ?? true, DisplayOrder ?? 0);
}

/// <param name="Available">Pieces that are free to be ordered.</param>
/// <param name="Reason">For the audit log.</param>
public sealed record StockRequest(int Available, string? Reason);

/// <param name="Reserved">In orders that are not paid yet.</param>
/// <param name="Sold">In orders that are paid, less what came back.</param>
public sealed record StockResponse(int Available, int Reserved, int Sold);

public sealed record AdminProductResponse(Guid Id, string Name, MoneyResponse Price, StockResponse Stock, bool Active, int DisplayOrder)
{
    internal static AdminProductResponse From(ProductDetail p) => new(
        p.Id.Value, p.Terms.Name, MoneyResponse.From(p.Terms.Price), new(p.Stock.Available, p.Stock.Reserved, p.Stock.Sold), p.Terms.Active, p.Terms.DisplayOrder);
}

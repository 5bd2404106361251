using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Orders;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Catalog;

public sealed record ProductDetail(ProductId Id, ProductTerms Terms, StockCount Stock);

/// <param name="Reserved">In orders that are not paid yet.</param>
/// <param name="Sold">In orders that are paid, less what came back.</param>
public sealed record StockCount(int Available, int Reserved, int Sold)
{
    internal static StockCount Of(Stock stock) => new(stock.Available, stock.Reserved, stock.Sold);
}

/// <summary>All products, those off sale too.</summary>
public sealed record ListAllProducts : IRequest<IReadOnlyList<ProductDetail>>;

internal sealed class ListAllProductsHandler(IPaymentsDb db) : IRequestHandler<ListAllProducts, IReadOnlyList<ProductDetail>>
{
    public async Task<IReadOnlyList<ProductDetail>> Handle(ListAllProducts query, CancellationToken cancellationToken)
    {
        var stock = await db.Stock.AsNoTracking().ToDictionaryAsync(s => s.ProductId, cancellationToken);
        var products = await db.Products.AsNoTracking().OrderBy(p => p.DisplayOrder).ThenBy(p => p.Name).ToListAsync(cancellationToken);
        return [.. products.Where(p => stock.ContainsKey(p.Id)).Select(p => new ProductDetail(p.Id, p.Terms, StockCount.Of(stock[p.Id])))];
    }
}

public sealed record GetProduct(ProductId Id) : IRequest<ProductDetail>;

internal sealed class GetProductHandler(IPaymentsDb db) : IRequestHandler<GetProduct, ProductDetail>
{
    public async Task<ProductDetail> Handle(GetProduct query, CancellationToken cancellationToken)
    {
        var product = await db.Products.AsNoTracking().FirstOrDefaultAsync(p => p.Id == query.Id, cancellationToken) ?? throw CatalogRefusals.ProductNotFound();
        return new(product.Id, product.Terms, StockCount.Of(await db.Stock.AsNoTracking().FirstAsync(s => s.ProductId == query.Id, cancellationToken)));
    }
}

/// <param name="Available">Pieces to begin with.</param>
public sealed record CreateProduct(ProductTerms Terms, int Available, Actor Actor, string? Reason) : IRequest<ProductDetail>, IStaffWrite;

internal sealed class CreateProductHandler(IPaymentsDb db, IAuditLog audit, IIdGenerator ids) : IRequestHandler<CreateProduct, ProductDetail>
{
    public async Task<ProductDetail> Handle(CreateProduct command, CancellationToken cancellationToken)
    {
        var product = new Product(new ProductId(ids.Next()), command.Terms);
        var stock = new Stock(product.Id, command.Available);
        await using var transaction = await db.BeginAsync(cancellationToken);
        db.Products.Add(product);
        db.Stock.Add(stock);
        await db.SaveChangesAsync(cancellationToken);
        var made = new ProductDetail(product.Id, product.Terms, StockCount.Of(stock));
        await audit.WriteAsync(command.Actor, "product.create", product.Id.ToString(), null, new { made.Terms, made.Stock }, command.Reason, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return made;
    }
}

/// <param name="Terms">All of them: what is not said is not kept.</param>
public sealed record EditProduct(ProductId Id, ProductTerms Terms, Actor Actor, string? Reason) : IRequest<ProductDetail>, IStaffWrite;

internal sealed class EditProductHandler(ProductChanges changes) : IRequestHandler<EditProduct, ProductDetail>
{
    public Task<ProductDetail> Handle(EditProduct command, CancellationToken cancellationToken) =>
        changes.ChangeAsync(command.Id, (product, _) => product.Edit(command.Terms), command.Actor, "product.edit", command.Reason, cancellationToken);
}

/// <summary>Takes a product off sale; orders that are placed go on, and its row stays.</summary>
public sealed record DeactivateProduct(ProductId Id, Actor Actor, string? Reason) : IRequest<ProductDetail>, IStaffWrite;

internal sealed class DeactivateProductHandler(ProductChanges changes) : IRequestHandler<DeactivateProduct, ProductDetail>
{
    public Task<ProductDetail> Handle(DeactivateProduct command, CancellationToken cancellationToken) =>
        changes.ChangeAsync(command.Id, (product, _) => product.Deactivate(), command.Actor, "product.deactivate", command.Reason, cancellationToken);
}

/// <summary>Says how many pieces are free; what is reserved or sold stays so.</summary>
public sealed record SetStock(ProductId Id, int Available, Actor Actor, string? Reason) : IRequest<ProductDetail>, IStaffWrite;

internal sealed class SetStockHandler(ProductChanges changes) : IRequestHandler<SetStock, ProductDetail>
{
    public Task<ProductDetail> Handle(SetStock command, CancellationToken cancellationToken) =>
        changes.ChangeAsync(command.Id, (_, stock) => stock.SetAvailable(command.Available), command.Actor, "product.set_stock", command.Reason, cancellationToken);
}

/// <summary>A change of a product or its stock under the stock's lock, with the audit row that tells of it.</summary>
internal sealed class ProductChanges(IPaymentsDb db, IAuditLog audit)
{
    public async Task<ProductDetail> ChangeAsync(ProductId id, Action<Product, Stock> change, Actor actor, string action, string? reason, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var stock = (await db.LockStockAsync([id], cancellationToken)).FirstOrDefault() ?? throw CatalogRefusals.ProductNotFound();
        var product = await db.Products.FirstAsync(p => p.Id == id, cancellationToken);
        var before = new ProductDetail(id, product.Terms, StockCount.Of(stock));
        change(product, stock);
        await db.SaveChangesAsync(cancellationToken);
        var after = new ProductDetail(id, product.Terms, StockCount.Of(stock));
        await audit.WriteAsync(actor, action, id.ToString(), new { before.Terms, before.Stock }, new { after.Terms, after.Stock }, reason, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return after;
    }
}

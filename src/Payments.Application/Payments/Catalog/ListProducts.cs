using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Catalog;

/// <summary>The products on sale, in display order, and how many pieces of each are free.</summary>
public sealed record ListProducts : IRequest<IReadOnlyList<ProductView>>;

public sealed record ProductView(ProductId Id, string Name, Money Price, int Available);

internal sealed class ListProductsHandler(IPaymentsDb db, ICatalogCache cache) : IRequestHandler<ListProducts, IReadOnlyList<ProductView>>
{
    public async Task<IReadOnlyList<ProductView>> Handle(ListProducts query, CancellationToken cancellationToken)
    {
        var products = await cache.GetAsync<IReadOnlyList<(ProductId Id, ProductTerms Terms)>>("products", async () =>
            [.. (await db.Products.AsNoTracking().Where(p => p.Active).OrderBy(p => p.DisplayOrder).ThenBy(p => p.Name).ToListAsync(cancellationToken)).Select(p => (p.Id, p.Terms))]);

        // Every order changes these: only the rest is worth keeping.
        var ids = products.Select(p => p.Id).ToList();
        var available = await db.Stock.AsNoTracking().Where(s => ids.Contains(s.ProductId)).ToDictionaryAsync(s => s.ProductId, s => s.Available, cancellationToken);
        return [.. products.Select(p => new ProductView(p.Id, p.Terms.Name, p.Terms.Price, available.GetValueOrDefault(p.Id)))];
    }
}

using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Items;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Catalog;

/// <summary>The items on sale, in display order.</summary>
public sealed record ListItems : IRequest<IReadOnlyList<ItemView>>;

/// <param name="RefundWindowDays">As it holds for whoever buys it now.</param>
public sealed record ItemView(ItemId Id, string Name, ItemType Type, string ResourceId, Money Price, int RefundWindowDays);

internal sealed class ListItemsHandler(IPaymentsDb db, ICatalogCache cache, ItemOptions options) : IRequestHandler<ListItems, IReadOnlyList<ItemView>>
{
    public Task<IReadOnlyList<ItemView>> Handle(ListItems query, CancellationToken cancellationToken) =>
        cache.GetAsync<IReadOnlyList<ItemView>>("items", async () =>
            [.. (await db.Items.AsNoTracking().Where(i => i.Active).OrderBy(i => i.DisplayOrder).ThenBy(i => i.Name).ToListAsync(cancellationToken))
                .Select(i => new ItemView(i.Id, i.Name, i.Type, i.Access.Id, i.Price, options.RefundWindowOf(i)))]);
}

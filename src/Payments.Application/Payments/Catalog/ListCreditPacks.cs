using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Catalog;

/// <summary>The credit packs on sale, in display order.</summary>
public sealed record ListCreditPacks : IRequest<IReadOnlyList<CreditPackView>>;

public sealed record CreditPackView(CreditPackId Id, string Name, long Credits, Money Price);

internal sealed class ListCreditPacksHandler(IPaymentsDb db, ICatalogCache cache) : IRequestHandler<ListCreditPacks, IReadOnlyList<CreditPackView>>
{
    public Task<IReadOnlyList<CreditPackView>> Handle(ListCreditPacks query, CancellationToken cancellationToken) =>
        cache.GetAsync<IReadOnlyList<CreditPackView>>("credit-packs", async () =>
            await db.CreditPacks.AsNoTracking().Where(p => p.Active).OrderBy(p => p.DisplayOrder).ThenBy(p => p.Name)
                .Select(p => new CreditPackView(p.Id, p.Name, p.Credits, p.Price)).ToListAsync(cancellationToken));
}

using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Catalog;

/// <summary>The plans on sale, in display order.</summary>
public sealed record ListPlans : IRequest<IReadOnlyList<PlanDetail>>;

public sealed record PlanDetail(PlanId Id, PlanTerms Terms);

internal sealed class ListPlansHandler(IPaymentsDb db, ICatalogCache cache) : IRequestHandler<ListPlans, IReadOnlyList<PlanDetail>>
{
    public Task<IReadOnlyList<PlanDetail>> Handle(ListPlans query, CancellationToken cancellationToken) =>
        cache.GetAsync<IReadOnlyList<PlanDetail>>("plans", async () =>
            [.. (await db.Plans.AsNoTracking().Where(p => p.Active).OrderBy(p => p.DisplayOrder).ThenBy(p => p.Name).ToListAsync(cancellationToken)).Select(p => new PlanDetail(p.Id, p.Terms))]);
}

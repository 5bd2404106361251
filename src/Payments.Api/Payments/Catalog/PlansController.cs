using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Application.Payments.Catalog;
using Payments.Domain.Payments.Catalog;

namespace Payments.Api.Payments.Catalog;

/// <summary>What can be subscribed to.</summary>
[Route("api/v1/plans")]
[AllowAnonymous]
public sealed class PlansController(IMediator mediator) : ControllerBase
{
    /// <summary>The plans on sale, in display order.</summary>
    [HttpGet]
    [AllowAnonymous]
    [ProducesResponseType<ListResponse<PlanResponse>>(StatusCodes.Status200OK)]
    [ProducesResponseType(StatusCodes.Status304NotModified)]
    public async Task<IActionResult> List(CancellationToken cancellationToken) =>
        this.Catalog([.. (await mediator.Send(new ListPlans(), cancellationToken)).Select(PlanResponse.From)]);
}

/// <param name="Price">Of one seat, for one period.</param>
/// <param name="IntervalCount">A period is this many intervals.</param>
/// <param name="TrialDays">Days at the beginning that cost nothing; 0: none.</param>
/// <param name="CreditsPerPeriod">For each seat and paid period.</param>
/// <param name="Family">A user has at most one live subscription of a family.</param>
/// <param name="Rank">To a higher one of the same family is an upgrade.</param>
/// <param name="MaximumQuantity">Most seats; 1: it has none.</param>
public sealed record PlanResponse(
    Guid Id, string Name, MoneyResponse Price, BillingInterval Interval, int IntervalCount, int TrialDays, long CreditsPerPeriod, string Family, int Rank, int MaximumQuantity)
{
    public static PlanResponse From(PlanDetail plan)
    {
        var t = plan.Terms;
        return new(plan.Id.Value, t.Name, MoneyResponse.From(t.Price), t.Interval, t.IntervalCount, t.TrialDays, t.CreditsPerPeriod, t.Family, t.Rank, t.MaximumQuantity);
    }
}

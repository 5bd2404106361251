using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Payments.Api.Edge;
using Payments.Api.Edge.Identity;
using Payments.Api.Edge.Idempotency;
using Payments.Api.Payments;
using Payments.Application.Payments.Catalog;
using Payments.Application.Shared;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Api.Admin;

/// <summary>The plans, on sale or not.</summary>
[Route("api/v1/admin/plans")]
[Authorize(Policy = Policies.Staff)]
public sealed class AdminPlansController(IMediator mediator, ICurrentUser user) : ControllerBase
{
    /// <summary>All of them, in display order.</summary>
    [HttpGet]
    [Authorize(Policy = Policies.Staff)]
    public async Task<ListResponse<AdminPlanResponse>> List(CancellationToken cancellationToken) =>
        new([.. (await mediator.Send(new ListAllPlans(), cancellationToken)).Select(AdminPlanResponse.From)], null);

    /// <summary>One plan, on sale or not.</summary>
    [HttpGet("{id:guid}")]
    [Authorize(Policy = Policies.Staff)]
    public async Task<AdminPlanResponse> Get(Guid id, CancellationToken cancellationToken) =>
        AdminPlanResponse.From(await mediator.Send(new GetPlan(new PlanId(id)), cancellationToken));

    /// <summary>A new one, on sale at once unless said otherwise. Its price at the provider is made when the first buyer comes.</summary>
    [HttpPost]
    [Authorize(Policy = Policies.Admin)]
    [Idempotent]
    public async Task<AdminPlanResponse> Create(PlanRequest body, CancellationToken cancellationToken) =>
        AdminPlanResponse.From(await mediator.Send(new CreatePlan(body.ToTerms(), Actor, body.Reason), cancellationToken));

    /// <summary>Replaces all of it; whoever has subscribed keeps what was agreed.</summary>
    [HttpPut("{id:guid}")]
    [Authorize(Policy = Policies.Admin)]
    public async Task<AdminPlanResponse> Edit(Guid id, PlanRequest body, CancellationToken cancellationToken) =>
        AdminPlanResponse.From(await mediator.Send(new EditPlan(new PlanId(id), body.ToTerms(), Actor, body.Reason), cancellationToken));

    /// <summary>Takes it off sale; it is never removed, and its subscriptions go on.</summary>
    [HttpDelete("{id:guid}")]
    [Authorize(Policy = Policies.Admin)]
    public async Task<AdminPlanResponse> Deactivate(Guid id, [FromQuery] string? reason, CancellationToken cancellationToken) =>
        AdminPlanResponse.From(await mediator.Send(new DeactivatePlan(new PlanId(id), Actor, reason), cancellationToken));

    /// <summary>Reads the provider's prices: plans follow those that were attached to them, and what differs is told.</summary>
    [HttpPost("sync")]
    [Authorize(Policy = Policies.Admin)]
    [Idempotent]
    public async Task<PlanSyncResponse> Sync([FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] PlanSyncRequest? body, CancellationToken cancellationToken) =>
        PlanSyncResponse.From(await mediator.Send(new SyncPlans(Actor, body?.Reason), cancellationToken));

    private Actor Actor => Actors.Of(user, HttpContext);
}

/// <param name="Type">What a subscriber's profile shows; made from the name when left out.</param>
/// <param name="Price">Of one seat, for one period.</param>
/// <param name="IntervalCount">1 when left out.</param>
/// <param name="TrialDays">0 when left out.</param>
/// <param name="CreditsPerPeriod">For each seat and paid period; 0 when left out.</param>
/// <param name="CreditsExpireAfterDays">Never when left out.</param>
/// <param name="Family">A user has at most one live subscription of a family.</param>
/// <param name="Rank">To a higher one of the same family is an upgrade; 0 when left out.</param>
/// <param name="MaximumQuantity">Most seats; 1, no seats, when left out.</param>
/// <param name="Access">What it gives access to; the whole platform when left out.</param>
/// <param name="RefundPolicy">Debt when left out.</param>
/// <param name="Active">True when left out.</param>
/// <param name="DisplayOrder">0 when left out.</param>
/// <param name="GatewayPriceId">A price of the provider's that the next sync makes the plan follow; one of our own when left out.</param>
/// <param name="Reason">For the audit log.</param>
public sealed record PlanRequest(
    string Name, string? Type, MoneyRequest Price, BillingInterval Interval, int? IntervalCount, int? TrialDays, long? CreditsPerPeriod, int? CreditsExpireAfterDays,
    string Family, int? Rank, int? MaximumQuantity, AccessRequest? Access, RefundPolicy? RefundPolicy, bool? Active, int? DisplayOrder, string? GatewayPriceId, string? Reason)
{
    internal PlanTerms ToTerms() => new(
        Name, Type, Price.ToMoney("price"), Interval, IntervalCount ?? 1, TrialDays ?? 0, CreditsPerPeriod ?? 0, CreditsExpireAfterDays, Family, Rank ?? 0, MaximumQuantity ?? 1,
        Access is { } access ? new ResourceReference(access.Type, access.Id) : ResourceReference.Platform, RefundPolicy ?? Domain.Payments.Charges.RefundPolicy.Debt,
        Active ?? true, DisplayOrder ?? 0, GatewayPriceId);
}

/// <param name="Type"><c>course</c>, or <c>platform</c> for all there is.</param>
/// <param name="Id"><c>*</c> of the platform.</param>
public sealed record AccessRequest(string Type, string Id);

public sealed record PlanSyncRequest(string? Reason);

public sealed record AdminPlanResponse(
    Guid Id, string Name, string? Type, MoneyResponse Price, BillingInterval Interval, int IntervalCount, int TrialDays, long CreditsPerPeriod, int? CreditsExpireAfterDays,
    string Family, int Rank, int MaximumQuantity, AccessRequest Access, RefundPolicy RefundPolicy, bool Active, int DisplayOrder, string? GatewayPriceId)
{
    internal static AdminPlanResponse From(PlanDetail plan)
    {
        var t = plan.Terms;
        return new(
            plan.Id.Value, t.Name, t.Type, MoneyResponse.From(t.Price), t.Interval, t.IntervalCount, t.TrialDays, t.CreditsPerPeriod, t.CreditsExpireAfterDays,
            t.Family, t.Rank, t.MaximumQuantity, new(t.Access.Type, t.Access.Id), t.RefundPolicy, t.Active, t.DisplayOrder, t.GatewayPriceId);
    }
}

/// <param name="Adopted">Now known here, or now what their plan says.</param>
/// <param name="Missing">The provider has no such price.</param>
/// <param name="Inactive">Switched off at the provider, or their product is.</param>
/// <param name="Different">They say something else than the plan, and cannot be followed.</param>
public sealed record PlanSyncResponse(
    IReadOnlyList<SyncedPriceResponse> Adopted, IReadOnlyList<SyncedPriceResponse> Missing, IReadOnlyList<SyncedPriceResponse> Inactive, IReadOnlyList<SyncedPriceResponse> Different)
{
    internal static PlanSyncResponse From(PlanSync sync) => new(Of(sync.Adopted), Of(sync.Missing), Of(sync.Inactive), Of(sync.Different));

    private static List<SyncedPriceResponse> Of(IReadOnlyList<SyncedPrice> prices) =>
        [.. prices.Select(p => new SyncedPriceResponse(p.PlanId.Value, p.GatewayPriceId, PriceTermsResponse.From(p.Ours), p.Theirs is { } theirs ? PriceTermsResponse.From(theirs) : null))];
}

/// <param name="Ours">As it was here before.</param>
/// <param name="Theirs">As the provider has it; null when it has none, or none that a plan could follow.</param>
public sealed record SyncedPriceResponse(Guid PlanId, string GatewayPriceId, PriceTermsResponse Ours, PriceTermsResponse? Theirs);

public sealed record PriceTermsResponse(MoneyResponse Price, BillingInterval Interval, int IntervalCount)
{
    internal static PriceTermsResponse From(PriceTerms terms) => new(MoneyResponse.From(terms.Amount), terms.Interval, terms.IntervalCount);
}

using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Catalog;

/// <summary>All plans, those off sale too.</summary>
public sealed record ListAllPlans : IRequest<IReadOnlyList<PlanDetail>>;

internal sealed class ListAllPlansHandler(IPaymentsDb db) : IRequestHandler<ListAllPlans, IReadOnlyList<PlanDetail>>
{
    public async Task<IReadOnlyList<PlanDetail>> Handle(ListAllPlans query, CancellationToken cancellationToken) =>
        [.. (await db.Plans.AsNoTracking().OrderBy(p => p.DisplayOrder).ThenBy(p => p.Name).ToListAsync(cancellationToken)).Select(p => new PlanDetail(p.Id, p.Terms))];
}

public sealed record GetPlan(PlanId Id) : IRequest<PlanDetail>;

internal sealed class GetPlanHandler(IPaymentsDb db) : IRequestHandler<GetPlan, PlanDetail>
{
    public async Task<PlanDetail> Handle(GetPlan query, CancellationToken cancellationToken) =>
        await db.Plans.AsNoTracking().FirstOrDefaultAsync(p => p.Id == query.Id, cancellationToken) is { } plan
            ? new(plan.Id, plan.Terms)
            : throw CatalogRefusals.PlanNotFound();
}

public sealed record CreatePlan(PlanTerms Terms, Actor Actor, string? Reason) : IRequest<PlanDetail>, IStaffWrite;

internal sealed class CreatePlanHandler(IPaymentsDb db, PlanChanges changes, IAuditLog audit, IIdGenerator ids) : IRequestHandler<CreatePlan, PlanDetail>
{
    public async Task<PlanDetail> Handle(CreatePlan command, CancellationToken cancellationToken)
    {
        var plan = new Plan(new PlanId(ids.Next()), command.Terms);
        await using var transaction = await db.BeginAsync(cancellationToken);
        await changes.RequireOwnPriceAsync(plan, cancellationToken);
        db.Plans.Add(plan);
        await db.SaveChangesAsync(cancellationToken);
        await audit.WriteAsync(command.Actor, "plan.create", plan.Id.ToString(), null, plan.Terms, command.Reason, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new(plan.Id, plan.Terms);
    }
}

/// <param name="Terms">All of them: what is not said is not kept.</param>
public sealed record EditPlan(PlanId Id, PlanTerms Terms, Actor Actor, string? Reason) : IRequest<PlanDetail>, IStaffWrite;

internal sealed class EditPlanHandler(PlanChanges changes) : IRequestHandler<EditPlan, PlanDetail>
{
    public Task<PlanDetail> Handle(EditPlan command, CancellationToken cancellationToken) =>
        changes.ChangeAsync(command.Id, plan => plan.Edit(command.Terms), command.Actor, "plan.edit", command.Reason, cancellationToken);
}

/// <summary>Takes a plan off sale; its subscriptions go on, and its row stays.</summary>
public sealed record DeactivatePlan(PlanId Id, Actor Actor, string? Reason) : IRequest<PlanDetail>, IStaffWrite;

internal sealed class DeactivatePlanHandler(PlanChanges changes) : IRequestHandler<DeactivatePlan, PlanDetail>
{
    public Task<PlanDetail> Handle(DeactivatePlan command, CancellationToken cancellationToken) =>
        changes.ChangeAsync(command.Id, plan => plan.Deactivate(), command.Actor, "plan.deactivate", command.Reason, cancellationToken);
}

/// <summary>A change of a plan under its lock, with the audit row that tells of it.</summary>
internal sealed class PlanChanges(IPaymentsDb db, IAuditLog audit)
{
    public async Task<PlanDetail> ChangeAsync(PlanId id, Action<Plan> change, Actor actor, string action, string? reason, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var plan = (await db.LockPlansAsync([id], cancellationToken)).FirstOrDefault() ?? throw CatalogRefusals.PlanNotFound();
        var before = plan.Terms;
        change(plan);
        await RequireOwnPriceAsync(plan, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await audit.WriteAsync(actor, action, id.ToString(), before, plan.Terms, reason, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new(plan.Id, plan.Terms);
    }

    /// <summary>A price of the provider's says which plan was bought, so it can be of one plan only.</summary>
    /// <exception cref="Refusal"><c>plan.gateway_price_taken</c></exception>
    public async Task RequireOwnPriceAsync(Plan plan, CancellationToken cancellationToken)
    {
        if (plan.GatewayPriceId is { } price
            && (await db.Plans.AnyAsync(p => p.Id != plan.Id && p.GatewayPriceId == price, cancellationToken)
                || await db.PlanPrices.AnyAsync(p => p.PlanId != plan.Id && p.GatewayPriceId == price, cancellationToken)))
        {
            throw CatalogRefusals.PriceTaken();
        }
    }
}

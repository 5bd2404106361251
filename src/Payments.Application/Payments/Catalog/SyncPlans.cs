using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Catalog;

/// <summary>
/// Reads the provider's prices of our plans: those that an admin attached are taken over (the plan says what they
/// say), those that we made are checked, and those that carry a plan's id and are not known here become known.
/// </summary>
public sealed record SyncPlans(Actor Actor, string? Reason) : IRequest<PlanSync>, IStaffWrite;

/// <param name="Adopted">Now known here, or now what their plan says.</param>
/// <param name="Missing">The provider has no such price.</param>
/// <param name="Inactive">Switched off at the provider, or their product is.</param>
/// <param name="Different">They say something else than the plan, and cannot be followed.</param>
public sealed record PlanSync(IReadOnlyList<SyncedPrice> Adopted, IReadOnlyList<SyncedPrice> Missing, IReadOnlyList<SyncedPrice> Inactive, IReadOnlyList<SyncedPrice> Different);

/// <param name="Ours">As it was here before.</param>
/// <param name="Theirs">As the provider has it; null when it has none, or none that a plan could follow.</param>
public sealed record SyncedPrice(PlanId PlanId, string GatewayPriceId, PriceTerms Ours, PriceTerms? Theirs);

internal sealed class SyncPlansHandler(IPaymentsDb db, IPlanGateway gateway, IAuditLog audit, IIdGenerator ids, TimeProvider clock) : IRequestHandler<SyncPlans, PlanSync>
{
    private readonly List<SyncedPrice> adopted = [];
    private readonly List<SyncedPrice> missing = [];
    private readonly List<SyncedPrice> inactive = [];
    private readonly List<SyncedPrice> different = [];

    public async Task<PlanSync> Handle(SyncPlans command, CancellationToken cancellationToken)
    {
        var read = await ReadAsync(cancellationToken);
        await using var transaction = await db.BeginAsync(cancellationToken);
        var plans = await db.LockPlansAsync(await db.Plans.Select(p => p.Id).ToListAsync(cancellationToken), cancellationToken);
        var known = await OfThisAccount(db.PlanPrices).ToListAsync(cancellationToken);
        foreach (var plan in plans)
        {
            var before = plan.Terms;
            await CheckOwnAsync(plan, known.FindAll(p => p.PlanId == plan.Id && p.GatewayPriceId != plan.GatewayPriceId), read, cancellationToken);
            await AdoptUnknownAsync(plan, known, read, cancellationToken);
            await FollowAttachedAsync(plan, known, read, cancellationToken);
            if (plan.Terms != before)
            {
                await audit.WriteAsync(command.Actor, "plan.follow_price", plan.Id.ToString(), before, plan.Terms, command.Reason, cancellationToken);
            }
        }

        var sync = new PlanSync(adopted, missing, inactive, different);
        await audit.WriteAsync(command.Actor, "plan.sync", "many", null, sync, command.Reason, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return sync;
    }

    /// <summary>What the provider says of every price that concerns us; null: it knows none of this id. Before any lock is taken.</summary>
    private async Task<Dictionary<string, PriceState?>> ReadAsync(CancellationToken cancellationToken)
    {
        var attached = await db.Plans.AsNoTracking().Where(p => p.GatewayPriceId != null).Select(p => p.GatewayPriceId!).ToListAsync(cancellationToken);
        var made = await OfThisAccount(db.PlanPrices.AsNoTracking()).Where(p => p.GatewayPriceId != null && p.RetiredAt == null).Select(p => p.GatewayPriceId!).ToListAsync(cancellationToken);
        var read = (await gateway.ListPricesAsync(cancellationToken)).ToDictionary(p => p.PriceId, p => (PriceState?)p, StringComparer.Ordinal);
        foreach (var id in attached.Union(made, StringComparer.Ordinal).Where(id => !read.ContainsKey(id)))
        {
            read[id] = await gateway.GetPriceAsync(id, cancellationToken);
        }

        return read;
    }

    /// <summary>A price that can no longer be sold as it was made is retired, so that the next subscription gets a new one.</summary>
    private async Task CheckOwnAsync(Plan plan, List<PlanPrice> own, Dictionary<string, PriceState?> read, CancellationToken cancellationToken)
    {
        foreach (var price in own.Where(p => p is { RetiredAt: null, GatewayPriceId: not null }))
        {
            if (read.TryGetValue(price.GatewayPriceId!, out var state) && Judge(state, price.Terms) is { } list)
            {
                list.Add(new(plan.Id, price.GatewayPriceId!, price.Terms, state?.Terms));
                price.Retire(clock.GetUtcNow());
            }
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    private List<SyncedPrice>? Judge(PriceState? state, PriceTerms ours) => state switch
    {
        null => missing,
        { Active: false } => inactive,
        _ => state.Terms == ours ? null : different,
    };

    /// <summary>Made by a call whose answer was lost, or known before a backup was restored: they carry the plan's id.</summary>
    private async Task AdoptUnknownAsync(Plan plan, List<PlanPrice> known, Dictionary<string, PriceState?> read, CancellationToken cancellationToken)
    {
        foreach (var state in read.Values)
        {
            if (state is { Terms: { } terms } && state.PlanId == plan.Id && !known.Exists(p => p.GatewayPriceId == state.PriceId))
            {
                var price = known.Find(p => p.Id == state.Key && p.PlanId == plan.Id && p.GatewayPriceId is null);
                if (price is null)
                {
                    price = new PlanPrice(ids.Next(), plan.Id, gateway.Account.Key, gateway.Account.Livemode, plan.Agreement with { Price = terms }, clock.GetUtcNow());
                    if (!state.Active || Living(plan, known, terms) is not null)
                    {
                        price.Retire(clock.GetUtcNow());
                    }

                    known.Add(price);
                    db.PlanPrices.Add(price);
                }

                price.Created(state.PriceId, state.ProductId);
                adopted.Add(new(plan.Id, state.PriceId, plan.PriceTerms, terms));
            }
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    private async Task FollowAttachedAsync(Plan plan, List<PlanPrice> known, Dictionary<string, PriceState?> read, CancellationToken cancellationToken)
    {
        if (plan.GatewayPriceId is not { } attached || !read.TryGetValue(attached, out var state))
        {
            return;
        }

        var ours = plan.PriceTerms;
        var price = known.Find(p => p.GatewayPriceId == attached && p.PlanId == plan.Id);
        if (state is not { Active: true, Terms: { } terms } || !plan.CanFollow(terms) || known.Exists(p => p.GatewayPriceId == attached && p.PlanId != plan.Id))
        {
            (Judge(state, ours) ?? different).Add(new(plan.Id, attached, ours, state?.Terms));
            price?.Retire(clock.GetUtcNow());
            await db.SaveChangesAsync(cancellationToken);
            return;
        }

        if (terms == ours && price is { RetiredAt: null })
        {
            return;
        }

        plan.Follow(terms);
        if (price is not { RetiredAt: null })
        {
            // One price is sold at a time; the one that we made for the same terms steps back first.
            Living(plan, known, terms)?.Retire(clock.GetUtcNow());
            await db.SaveChangesAsync(cancellationToken);
            if (price is null)
            {
                price = new PlanPrice(ids.Next(), plan.Id, gateway.Account.Key, gateway.Account.Livemode, plan.Agreement with { Price = terms }, clock.GetUtcNow());
                known.Add(price);
                db.PlanPrices.Add(price);
                price.Created(attached, state.ProductId);
            }

            price.Sell();
        }

        await db.SaveChangesAsync(cancellationToken);
        adopted.RemoveAll(a => a.GatewayPriceId == attached);
        adopted.Add(new(plan.Id, attached, ours, terms));
    }

    private static PlanPrice? Living(Plan plan, List<PlanPrice> known, PriceTerms terms) => known.Find(p => p.PlanId == plan.Id && p.RetiredAt is null && p.Agreement == plan.Agreement with { Price = terms });

    private IQueryable<PlanPrice> OfThisAccount(IQueryable<PlanPrice> prices) => prices.Where(p => p.Account == gateway.Account.Key && p.Livemode == gateway.Account.Livemode);
}

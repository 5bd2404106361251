using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Gateway;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Catalog;

/// <summary>
/// The provider's prices of our plans. Any number of concurrent first subscriptions find the one row, and send the one
/// saved request under its one key, so the provider makes one price.
/// </summary>
internal sealed class PlanPrices(IUnitOfWorkScopes scopes, IPlanGateway gateway, Turns turns, IIdGenerator ids, TimeProvider clock)
{
    /// <summary>The provider's price of what the plan's next subscriber agrees to.</summary>
    /// <exception cref="Refusal"><c>plan.not_found</c></exception>
    /// <exception cref="GatewayFailure">The provider could not make it.</exception>
    public async Task<string> EnsureAsync(PlanId id, CancellationToken cancellationToken)
    {
        var known = await scopes.RunAsync<IPaymentsDb, PlanPrice?>(
            async (db, token) => await LivingAsync(
                db, await db.Plans.AsNoTracking().FirstOrDefaultAsync(p => p.Id == id, token) ?? throw CatalogRefusals.PlanNotFound(), token),
            cancellationToken);
        return known?.GatewayPriceId ?? await CreateAsync(id, cancellationToken);
    }

    /// <summary>What was agreed at the provider's prices, at those no longer sold too, by price; foreign prices are missing from the answer.</summary>
    public static async Task<Dictionary<string, AgreedPlan>> AgreedAsync(IPaymentsDb db, IReadOnlyCollection<string> gatewayPriceIds, CancellationToken cancellationToken)
    {
        var made = await db.PlanPrices.AsNoTracking().Where(p => gatewayPriceIds.Contains(p.GatewayPriceId!))
            .ToDictionaryAsync(p => p.GatewayPriceId!, StringComparer.Ordinal, cancellationToken);
        var wanted = made.Values.Select(p => p.PlanId).Distinct().ToList();
        var plans = await db.Plans.AsNoTracking().Where(p => wanted.Contains(p.Id) || gatewayPriceIds.Contains(p.GatewayPriceId!)).ToListAsync(cancellationToken);

        // One that an admin attached may not have been read from the provider yet; what is known of it goes before.
        var byPrice = plans.Where(p => p.GatewayPriceId is not null).ToDictionary(p => p.GatewayPriceId!, p => new AgreedPlan(p.Id, p.Name, p.Agreement), StringComparer.Ordinal);
        foreach (var (id, price) in made)
        {
            byPrice[id] = new AgreedPlan(price.PlanId, plans.First(p => p.Id == price.PlanId).Name, price.Agreement);
        }

        return byPrice;
    }

    /// <summary>What was agreed for a subscription; null when it is on a price that is none of ours.</summary>
    public static async Task<AgreedPlan?> AgreedAsync(IPaymentsDb db, Subscription subscription, CancellationToken cancellationToken) =>
        subscription.PriceId is { } price ? (await AgreedAsync(db, [price], cancellationToken)).GetValueOrDefault(price) : null;

    /// <summary>Whether the provider sells nothing at the price any more: it, or its product, is deleted or switched off.</summary>
    public static bool IsRefused(GatewayFailure failure) =>
        failure is { Kind: GatewayFailureKind.NotFound or GatewayFailureKind.OurFault, Parameter: { } parameter } && parameter.EndsWith("[price]", StringComparison.Ordinal);

    /// <summary>The next subscription gets a new one.</summary>
    public Task ForgetAsync(string gatewayPriceId, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, bool>(
        async (db, token) =>
        {
            if (await db.PlanPrices.FirstOrDefaultAsync(p => p.GatewayPriceId == gatewayPriceId, token) is { } price)
            {
                price.Retire(clock.GetUtcNow());
                await db.SaveChangesAsync(token);
            }

            return true;
        },
        cancellationToken);

    private async Task<string> CreateAsync(PlanId id, CancellationToken cancellationToken)
    {
        // A new plan's first buyers come together: here they wait for the first one's price; other replicas are held apart by the key.
        using var turn = await turns.TakeAsync(id.Value, cancellationToken);
        var (price, attempt) = await PrepareAsync(id, cancellationToken);
        if (price.GatewayPriceId is { } known)
        {
            return known;
        }

        PriceState made;
        try
        {
            made = await SendAsync(price, cancellationToken);
        }
        catch (GatewayFailure failure) when (failure is { Kind: GatewayFailureKind.NotFound, Parameter: "product" })
        {
            await RenewAsync(price, attempt, cancellationToken);
            made = await SendAsync(price, cancellationToken);
        }

        return await scopes.RunAsync<IPaymentsDb, string>(
            async (db, token) =>
            {
                await using var transaction = await db.BeginAsync(token);
                await db.LockPlansAsync([id], token);
                var row = await db.PlanPrices.FirstAsync(p => p.Id == price.Id, token);
                row.Created(made.PriceId, made.ProductId);
                await db.SaveChangesAsync(token);
                await transaction.CommitAsync(token);
                return row.GatewayPriceId!;
            },
            cancellationToken);
    }

    /// <summary>The row of the plan's present terms with its request, both saved before anything is sent.</summary>
    private Task<(PlanPrice Price, int Attempt)> PrepareAsync(PlanId id, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, (PlanPrice, int)>(
        async (db, token) =>
        {
            await using var transaction = await db.BeginAsync(token);
            var plan = (await db.LockPlansAsync([id], token))[0];
            var price = await LivingAsync(db, plan, token);
            if (price is null)
            {
                price = new PlanPrice(ids.Next(), id, gateway.Account.Key, gateway.Account.Livemode, plan.Agreement, clock.GetUtcNow());
                db.PlanPrices.Add(price);
            }

            var request = await db.GatewayRequests.FirstOrDefaultAsync(r => r.SubjectId == price.Id, token);
            if (request is null)
            {
                // Another price of a product that the plan has already; one that was switched off may have lost its product too.
                var product = await Living(db, id).Where(p => p.GatewayProductId != null).OrderByDescending(p => p.CreatedAt).Select(p => p.GatewayProductId).FirstOrDefaultAsync(token);
                var call = gateway.PreparePrice(new NewPrice(price.Id, id, price.Terms, plan.Name, product));
                request = new GatewayRequest(price.Id, call.Operation, call.Body, clock.GetUtcNow());
                db.GatewayRequests.Add(request);
            }

            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return (price, request.Attempt);
        },
        cancellationToken);

    private Task<PriceState> SendAsync(PlanPrice price, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, GatewaySends, PriceState>(
        async (db, sends, token) => await sends.SendAsync(
            await db.GatewayRequests.FirstAsync(r => r.SubjectId == price.Id, token),
            gateway.CreatePriceAsync,
            t => gateway.FindPriceAsync(price.Id, t),
            token),
        cancellationToken);

    /// <summary>The product is gone at the provider: the price is asked for with a product of its own, by the first who finds out.</summary>
    private Task<bool> RenewAsync(PlanPrice price, int failedAttempt, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, bool>(
        async (db, token) =>
        {
            await using var transaction = await db.BeginAsync(token);
            var plan = (await db.LockPlansAsync([price.PlanId], token))[0];
            var request = await db.GatewayRequests.FirstAsync(r => r.SubjectId == price.Id, token);
            if (request.Attempt == failedAttempt)
            {
                var call = gateway.PreparePrice(new NewPrice(price.Id, plan.Id, price.Terms, plan.Name, null));
                request.Renew(call.Operation, call.Body, clock.GetUtcNow());
                await db.SaveChangesAsync(token);
            }

            await transaction.CommitAsync(token);
            return true;
        },
        cancellationToken);

    private async Task<PlanPrice?> LivingAsync(IPaymentsDb db, Plan plan, CancellationToken cancellationToken) =>
        (await Living(db, plan.Id).ToListAsync(cancellationToken)).Find(p => p.Agreement == plan.Agreement);

    private IQueryable<PlanPrice> Living(IPaymentsDb db, PlanId id) => db.PlanPrices.Where(
        p => p.PlanId == id && p.Account == gateway.Account.Key && p.Livemode == gateway.Account.Livemode && p.RetiredAt == null);
}

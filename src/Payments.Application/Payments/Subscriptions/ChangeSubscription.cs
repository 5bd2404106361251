using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Catalog;
using Payments.Application.Payments.Gateway;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Subscriptions;

/// <summary>What a subscriber wants to have instead: another plan of the family, other seats, or both.</summary>
public interface ISubscriptionWish
{
    UserId UserId { get; }

    SubscriptionId SubscriptionId { get; }

    PlanId? PlanId { get; }

    int? Quantity { get; }

    /// <summary>Left out: an upgrade is paid now, a downgrade is made good with the next invoice.</summary>
    Proration? Proration { get; }

    /// <summary>The preview's moment, so that what is charged is what was shown; at most an hour old.</summary>
    DateTimeOffset? At { get; }
}

public sealed record ChangeSubscription(UserId UserId, SubscriptionId SubscriptionId, PlanId? PlanId, int? Quantity, Proration? Proration, DateTimeOffset? At)
    : IRequest<SubscriptionView>, ISubscriptionWish;

/// <summary>What a change would cost, without making it.</summary>
public sealed record PreviewSubscriptionChange(UserId UserId, SubscriptionId SubscriptionId, PlanId? PlanId, int? Quantity, Proration? Proration, DateTimeOffset? At)
    : IRequest<ChangePreviewView>, ISubscriptionWish;

/// <param name="DueNow">Charged at once.</param>
/// <param name="NextTotal">The next invoice as it would be; for a change paid now, that invoice.</param>
/// <param name="At">Hand it in with the change, and it costs exactly this.</param>
public sealed record ChangePreviewView(Money DueNow, Money NextTotal, Proration Proration, DateTimeOffset At, DateTimeOffset? NextAt, IReadOnlyList<InvoiceLine> Lines);

internal sealed class ChangeSubscriptionValidator : AbstractValidator<ChangeSubscription>
{
    public ChangeSubscriptionValidator() => SubscriptionWishes.Rules(this);
}

internal sealed class PreviewSubscriptionChangeValidator : AbstractValidator<PreviewSubscriptionChange>
{
    public PreviewSubscriptionChangeValidator() => SubscriptionWishes.Rules(this);
}

internal sealed class ChangeSubscriptionHandler(SubscriptionWishes wishes, SubscriptionChanges changes, ISubscriptionGateway gateway) : IRequestHandler<ChangeSubscription, SubscriptionView>
{
    public async Task<SubscriptionView> Handle(ChangeSubscription command, CancellationToken cancellationToken)
    {
        var target = await wishes.TargetAsync(command, cancellationToken);
        return await changes.MakeAsync(
            command.UserId,
            command.SubscriptionId,
            subscription => (subscription.GatewayId, Change: SubscriptionWishes.ChangeOf(command, subscription, target)),
            (what, key, token) => wishes.AtLivingPriceAsync(what.Change, target, (change, again) => gateway.ChangeAsync(what.GatewayId, change, key + again, token), token),
            cancellationToken);
    }
}

internal sealed class PreviewSubscriptionChangeHandler(SubscriptionWishes wishes, IPaymentsDb db, ISubscriptionGateway gateway, TimeProvider clock) : IRequestHandler<PreviewSubscriptionChange, ChangePreviewView>
{
    public async Task<ChangePreviewView> Handle(PreviewSubscriptionChange query, CancellationToken cancellationToken)
    {
        var target = await wishes.TargetAsync(query, cancellationToken);
        var subscription = await db.Subscriptions.AsNoTracking().FirstAsync(s => s.Id == query.SubscriptionId, cancellationToken);
        var now = clock.GetUtcNow();
        var change = SubscriptionWishes.ChangeOf(query, subscription, target) with { At = query.At ?? now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)) };
        var preview = await wishes.AtLivingPriceAsync(change, target, (asked, _) => gateway.PreviewAsync(subscription.GatewayId, asked, cancellationToken), cancellationToken);
        return new ChangePreviewView(preview.DueNow, preview.NextTotal, change.Proration, preview.At, preview.NextAt, preview.Lines);
    }
}

/// <summary>Turns a wish into the change that it means, or says why it cannot be.</summary>
internal sealed class SubscriptionWishes(IPaymentsDb db, PlanPrices prices, TimeProvider clock)
{
    private static readonly TimeSpan OldestPreview = TimeSpan.FromHours(1);

    public static void Rules<T>(AbstractValidator<T> validator)
        where T : ISubscriptionWish
    {
        validator.RuleFor(w => w.PlanId).Must((wish, plan) => plan is not null || wish.Quantity is not null).WithMessage("Say what to change: planId, quantity, or both.");
        validator.RuleFor(w => w.Quantity).GreaterThan(0).WithMessage("A quantity is a whole number from 1 to the plan's greatest number of seats.");
    }

    /// <summary>The plan that is wanted, its price at the provider, and the plan that it is now.</summary>
    public async Task<Target> TargetAsync(ISubscriptionWish wish, CancellationToken cancellationToken)
    {
        var subscription = await db.Subscriptions.AsNoTracking().FirstOrDefaultAsync(s => s.Id == wish.SubscriptionId && s.UserId == wish.UserId && s.GatewayCreatedAt != null, cancellationToken)
            ?? throw SubscriptionRefusals.NotFound();
        if (wish.At is { } at && (at > clock.GetUtcNow() + TimeSpan.FromMinutes(1) || at < clock.GetUtcNow() - OldestPreview))
        {
            throw new Refusal(RefusalKind.Invalid, "at.too_old", "A preview holds for an hour; take a new one.", "at");
        }

        var current = await db.Plans.AsNoTracking().FirstOrDefaultAsync(p => p.Id == subscription.PlanId, cancellationToken) ?? throw SubscriptionRefusals.NotAccepted("The subscription is on a price that is none of our plans.");
        var plan = wish.PlanId is null || wish.PlanId == current.Id
            ? current
            : await db.Plans.AsNoTracking().FirstOrDefaultAsync(p => p.Id == wish.PlanId && p.Active, cancellationToken) ?? throw CatalogRefusals.PlanNotFound();

        // Who only changes seats keeps the price that was agreed.
        var price = plan.Id == current.Id ? subscription.PriceId! : await prices.EnsureAsync(plan.Id, cancellationToken);
        return new Target(current, plan, price);
    }

    public static SubscriptionChange ChangeOf(ISubscriptionWish wish, Subscription subscription, Target target)
    {
        var (current, plan, price) = target;
        if (subscription.Status is not (SubscriptionStatus.Active or SubscriptionStatus.Trialing))
        {
            throw SubscriptionRefusals.NotChangeable(subscription.Status);
        }

        if (plan.Family != current.Family)
        {
            throw SubscriptionRefusals.OtherFamily();
        }

        if (plan.Price.Currency != current.Price.Currency)
        {
            throw SubscriptionRefusals.OtherCurrency();
        }

        var quantity = wish.Quantity ?? Math.Min(subscription.Quantity, plan.MaximumQuantity);
        plan.RequireQuantity(quantity);
        if (price == subscription.PriceId && quantity == subscription.Quantity)
        {
            throw SubscriptionRefusals.Unchanged();
        }

        var upgrade = plan.Rank > current.Rank || (plan.Rank == current.Rank && quantity > subscription.Quantity);
        return new SubscriptionChange(subscription.ItemId!, price == subscription.PriceId ? null : price, quantity, wish.Proration ?? (upgrade ? Proration.Now : Proration.NextInvoice), wish.At);
    }

    /// <summary>Makes the call, once more with a new price when the provider sells nothing at the known one any more.</summary>
    /// <param name="call">With what the second request adds to its key, for it is another one.</param>
    public async Task<T> AtLivingPriceAsync<T>(SubscriptionChange change, Target target, Func<SubscriptionChange, string, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call(change, "");
        }
        catch (GatewayFailure failure) when (change.PriceId is not null && PlanPrices.IsRefused(failure))
        {
            await prices.ForgetAsync(change.PriceId, cancellationToken);
            return await call(change with { PriceId = await prices.EnsureAsync(target.Wanted.Id, cancellationToken) }, ":repriced");
        }
    }

    internal sealed record Target(Plan Current, Plan Wanted, string PriceId);
}

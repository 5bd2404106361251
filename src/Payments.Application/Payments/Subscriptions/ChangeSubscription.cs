using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Catalog;
using Payments.Application.Payments.Checkout;
using Payments.Application.Payments.Gateway;
using Payments.Application.Users.Contracts;
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

internal sealed class ChangeSubscriptionHandler(SubscriptionWishes wishes, SubscriptionChanges changes, ISubscriptionGateway gateway, CheckoutOptions selling, IUserDirectory users) : IRequestHandler<ChangeSubscription, SubscriptionView>
{
    public async Task<SubscriptionView> Handle(ChangeSubscription command, CancellationToken cancellationToken)
    {
        var target = await wishes.TargetAsync(command, cancellationToken);
        if (target.CostsMore)
        {
            // Whoever may not buy may not buy more either.
            await Purchases.RequireAllowedAsync(command.UserId, selling, users, cancellationToken);
        }

        return await changes.MakeAsync(
            command.UserId,
            command.SubscriptionId,
            "change",
            subscription => SubscriptionWishes.IsMet(command, subscription, target),
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
        try
        {
            var preview = await wishes.AtLivingPriceAsync(change, target, (asked, _) => gateway.PreviewAsync(subscription.GatewayId, asked, cancellationToken), cancellationToken);
            return new ChangePreviewView(preview.DueNow, preview.NextTotal, change.Proration, preview.At, preview.NextAt, preview.Lines);
        }
        catch (GatewayFailure failure) when (failure is { Kind: GatewayFailureKind.Conflict or GatewayFailureKind.NotFound } or { Kind: GatewayFailureKind.OurFault, Parameter: not null } or { Code: "invoice_upcoming_none" })
        {
            throw SubscriptionRefusals.NotAccepted(failure.Code == "invoice_upcoming_none"
                ? "The subscription ends with its period, and no other invoice comes; take the cancellation back to see what a change would cost."
                : failure.SafeMessage ?? "The payment provider does not accept this change.");
        }
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

        var agreed = await PlanPrices.AgreedAsync(db, subscription, cancellationToken) ?? throw SubscriptionRefusals.NotAccepted("The subscription is on a price that is none of our plans.");
        var current = await db.Plans.AsNoTracking().FirstAsync(p => p.Id == agreed.Id, cancellationToken);
        var plan = wish.PlanId is null || wish.PlanId == current.Id
            ? current
            : await db.Plans.AsNoTracking().FirstOrDefaultAsync(p => p.Id == wish.PlanId && p.Active, cancellationToken) ?? throw CatalogRefusals.PlanNotFound();

        // Who only changes seats keeps the price that was agreed.
        var price = plan.Id == current.Id ? subscription.PriceId! : await prices.EnsureAsync(plan.Id, cancellationToken);
        return new Target(agreed.Terms, current, plan, price, CostsMore(wish, subscription, agreed.Terms, current, plan));
    }

    public static bool IsMet(ISubscriptionWish wish, Subscription subscription, Target target) =>
        !subscription.IsOver && subscription.PlanId == target.Wanted.Id && subscription.Quantity == QuantityOf(wish, subscription, target.Wanted);

    public static SubscriptionChange ChangeOf(ISubscriptionWish wish, Subscription subscription, Target target)
    {
        var (agreed, current, plan, price, _) = target;
        if (subscription.Status is not (SubscriptionStatus.Active or SubscriptionStatus.Trialing))
        {
            throw SubscriptionRefusals.NotChangeable(subscription.Status);
        }

        if (plan.Id != current.Id && plan.Family != agreed.Family)
        {
            throw SubscriptionRefusals.OtherFamily();
        }

        if (plan.Id != current.Id && plan.Price.Currency != agreed.Price.Amount.Currency)
        {
            throw SubscriptionRefusals.OtherCurrency();
        }

        var quantity = QuantityOf(wish, subscription, plan);
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

    private static int QuantityOf(ISubscriptionWish wish, Subscription subscription, Plan plan) => wish.Quantity ?? Math.Min(subscription.Quantity, plan.MaximumQuantity);

    private static bool CostsMore(ISubscriptionWish wish, Subscription subscription, PlanAgreement agreed, Plan current, Plan wanted)
    {
        var (price, quantity) = (wanted.Id == current.Id ? agreed.Price.Amount : wanted.Price, QuantityOf(wish, subscription, wanted));
        return wanted.Rank > current.Rank || quantity > subscription.Quantity
            || (price.Currency == agreed.Price.Amount.Currency && price * quantity > agreed.Price.Amount * subscription.Quantity);
    }

    /// <param name="Agreed">What the subscriber has now; <paramref name="Current"/> is its plan as it is sold today.</param>
    internal sealed record Target(PlanAgreement Agreed, Plan Current, Plan Wanted, string PriceId, bool CostsMore);
}

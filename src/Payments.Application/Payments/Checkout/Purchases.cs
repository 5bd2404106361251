using FluentValidation;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Items;
using Payments.Application.Users.Contracts;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Orders;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Checkout;

/// <summary>What a user wants to buy: exactly one thing. Its price comes from the catalog, never from here.</summary>
public interface IPurchase
{
    UserId UserId { get; }

    CreditPackId? CreditPackId { get; }

    int? CreditAmount { get; }

    PlanId? PlanId { get; }

    ItemId? ItemId { get; }

    OrderId? OrderId { get; }

    int? Quantity { get; }

    string? PromotionCode { get; }

    /// <summary>A saved card to charge at once.</summary>
    string? PaymentMethodId { get; }

    PaymentFlow Flow { get; }

    /// <summary>The caller's Idempotency-Key.</summary>
    string? RequestKey { get; }
}

internal static class Purchases
{
    public static void Rules<T>(AbstractValidator<T> validator)
        where T : IPurchase
    {
        validator.RuleFor(p => p.CreditPackId).Must((purchase, _) => new[] { purchase.CreditPackId is not null, purchase.CreditAmount is not null, purchase.PlanId is not null, purchase.ItemId is not null, purchase.OrderId is not null }.Count(named => named) == 1)
            .WithMessage("Name exactly one thing to buy: creditPackId, creditAmount, planId, itemId or orderId.");
        validator.RuleFor(p => p.Quantity).InclusiveBetween(1, PaymentTerms.MaximumQuantity)
            .WithMessage($"A quantity is a whole number from 1 to {PaymentTerms.MaximumQuantity}.");
    }

    public static async Task<PaymentTerms> PriceAsync(IPurchase purchase, IPaymentsDb db, CheckoutOptions options, ItemOptions items, CancellationToken cancellationToken)
    {
        var quantity = purchase.Quantity ?? 1;
        if (purchase.CreditAmount is { } credits)
        {
            return credits < options.CreditMinimum || credits > options.CreditMaximum
                ? throw new Refusal(RefusalKind.Invalid, "credit_amount.out_of_range", $"An amount of credits is a whole number from {options.CreditMinimum} to {options.CreditMaximum}.", "creditAmount")
                : PaymentTerms.ForCredits(credits, options.CreditUnitPrice, quantity, options.CreditRefundPolicy);
        }

        if (purchase.PlanId is { } planId)
        {
            return await PriceAsync(purchase.UserId, planId, quantity, db, cancellationToken);
        }

        if (quantity != 1 && (purchase.ItemId is not null || purchase.OrderId is not null))
        {
            throw PaymentRefusals.OnePiece();
        }

        if (purchase.ItemId is { } itemId)
        {
            var item = await db.Items.AsNoTracking().FirstOrDefaultAsync(i => i.Id == itemId && i.Active, cancellationToken) ?? throw PaymentRefusals.ItemNotFound();
            return PaymentTerms.ForItem(item, items.RefundWindowOf(item));
        }

        if (purchase.OrderId is { } orderId)
        {
            return PaymentTerms.ForOrder(
                await db.Orders.AsNoTracking().Include(o => o.Lines).FirstOrDefaultAsync(o => o.Id == orderId && o.UserId == purchase.UserId, cancellationToken) ?? throw OrderRefusals.NotFound());
        }

        var pack = await db.CreditPacks.AsNoTracking().FirstOrDefaultAsync(p => p.Id == purchase.CreditPackId && p.Active, cancellationToken)
            ?? throw PaymentRefusals.PackNotFound();
        return PaymentTerms.ForPack(pack, quantity);
    }

    /// <summary>A plan, with its trial unless the user had one: a trial is had once.</summary>
    /// <exception cref="Refusal"><c>plan.not_found</c>, <c>subscription.exists</c></exception>
    private static async Task<PaymentTerms> PriceAsync(UserId userId, PlanId planId, int quantity, IPaymentsDb db, CancellationToken cancellationToken)
    {
        var plan = await db.Plans.AsNoTracking().FirstOrDefaultAsync(p => p.Id == planId && p.Active, cancellationToken) ?? throw CatalogRefusals.PlanNotFound();
        var mine = await db.Subscriptions.AsNoTracking().Where(s => s.UserId == userId).ToListAsync(cancellationToken);
        if (mine.Exists(s => s is { IsLive: true, Ending: null } && s.Family == plan.Family))
        {
            throw SubscriptionRefusals.Exists();
        }

        return PaymentTerms.ForPlan(plan, quantity, trial: !mine.Exists(s => s.HadTrial));
    }

    /// <exception cref="Refusal"><c>checkout.disabled</c>, <c>checkout.not_allowed</c></exception>
    public static async Task RequireAllowedAsync(UserId userId, CheckoutOptions options, IUserDirectory users, CancellationToken cancellationToken)
    {
        if (!options.Enabled)
        {
            throw PaymentRefusals.CheckoutDisabled();
        }

        if (options.AllowedUsers.Count > 0 && !options.AllowedUsers.Contains(userId.ToString()))
        {
            var email = (await users.FindAsync(userId, cancellationToken))?.Email;
            if (email is null || !options.AllowedUsers.Contains(email.ToLowerInvariant()))
            {
                throw PaymentRefusals.CheckoutNotAllowed();
            }
        }
    }
}

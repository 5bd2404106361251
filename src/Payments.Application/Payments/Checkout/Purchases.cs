using FluentValidation;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Users.Contracts;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Checkout;

/// <summary>What a user wants to buy: exactly one thing. Its price comes from the catalog, never from here.</summary>
public interface IPurchase
{
    UserId UserId { get; }

    CreditPackId? CreditPackId { get; }

    int? CreditAmount { get; }

    int? Quantity { get; }
}

internal static class Purchases
{
    public static void Rules<T>(AbstractValidator<T> validator)
        where T : IPurchase
    {
        validator.RuleFor(p => p.CreditPackId).Must((purchase, pack) => pack is null != purchase.CreditAmount is null)
            .WithMessage("Name exactly one thing to buy: creditPackId or creditAmount.");
        validator.RuleFor(p => p.Quantity).InclusiveBetween(1, PaymentTerms.MaximumQuantity)
            .WithMessage($"A quantity is a whole number from 1 to {PaymentTerms.MaximumQuantity}.");
    }

    public static async Task<PaymentTerms> PriceAsync(IPurchase purchase, IPaymentsDb db, CheckoutOptions options, CancellationToken cancellationToken)
    {
        var quantity = purchase.Quantity ?? 1;
        if (purchase.CreditAmount is { } credits)
        {
            return credits < options.CreditMinimum || credits > options.CreditMaximum
                ? throw new Refusal(RefusalKind.Invalid, "credit_amount.out_of_range", $"An amount of credits is a whole number from {options.CreditMinimum} to {options.CreditMaximum}.", "creditAmount")
                : PaymentTerms.ForCredits(credits, options.CreditUnitPrice, quantity);
        }

        var pack = await db.CreditPacks.AsNoTracking().FirstOrDefaultAsync(p => p.Id == purchase.CreditPackId && p.Active, cancellationToken)
            ?? throw PaymentRefusals.PackNotFound();
        return PaymentTerms.ForPack(pack, quantity);
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

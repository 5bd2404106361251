using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Catalog;
using Payments.Application.Payments.Charges;
using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Items;
using Payments.Application.Shared;
using Payments.Application.Users.Contracts;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Checkout;

/// <summary>Opens the provider's hosted page for one thing, or hands back the page that is open for it already.</summary>
/// <param name="RequestKey">The caller's Idempotency-Key.</param>
public sealed record StartCheckout(UserId UserId, CreditPackId? CreditPackId, int? CreditAmount, PlanId? PlanId, ItemId? ItemId, OrderId? OrderId, int? Quantity, string? PromotionCode, string? RequestKey)
    : IRequest<CheckoutView>, IPurchase
{
    string? IPurchase.PaymentMethodId => null;

    PaymentFlow IPurchase.Flow => PaymentFlow.Checkout;
}

public sealed record CheckoutView(PaymentId PaymentId, string SessionId, string? Url, DateTimeOffset ExpiresAt);

internal sealed class StartCheckoutValidator : AbstractValidator<StartCheckout>
{
    public StartCheckoutValidator()
    {
        Purchases.Rules(this);
        RuleFor(c => c.PromotionCode).Must(code => code is null or { Length: >= 1 and <= 100 }).WithMessage("A promotion code is 1 to 100 characters.");
    }
}

internal sealed class StartCheckoutHandler(
    IPaymentsDb db, PaymentOpenings openings, PaymentClosings closings, PlanPrices prices, IPaymentGateway gateway, CheckoutOptions options, ItemOptions items, IUserDirectory users)
    : IRequestHandler<StartCheckout, CheckoutView>
{
    public async Task<CheckoutView> Handle(StartCheckout command, CancellationToken cancellationToken)
    {
        await Purchases.RequireAllowedAsync(command.UserId, options, users, cancellationToken);
        var id = await openings.FindSavedAsync(command, cancellationToken) ?? await SaveAsync(command, cancellationToken);
        await openings.OpenAsync(id);

        var payment = await db.Payments.AsNoTracking().FirstAsync(p => p.Id == id, cancellationToken);
        return new CheckoutView(id, payment.SessionId!, payment.SessionUrl, payment.SessionExpiresAt!.Value);
    }

    private async Task<PaymentId> SaveAsync(StartCheckout command, CancellationToken cancellationToken)
    {
        var terms = await Purchases.PriceAsync(command, db, options, items, cancellationToken);
        var promotion = command.PromotionCode is { } code
            ? await gateway.FindPromotionCodeAsync(code, cancellationToken) ?? throw PaymentRefusals.PromotionCodeUnknown()
            : null;

        var price = terms.PlanId is { } plan ? await prices.EnsureAsync(plan, cancellationToken) : null;
        return await closings.PrepareAsync(new(command, terms, promotion, price), cancellationToken);
    }
}

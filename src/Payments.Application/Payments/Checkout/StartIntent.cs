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

/// <summary>Opens a payment intent for a custom page with the provider's elements.</summary>
/// <param name="PaymentMethodId">A saved card to charge at once; the answer may still ask for 3-D Secure.</param>
/// <param name="PromotionCode">Always refused, with the reason: intents have none.</param>
public sealed record StartIntent(UserId UserId, CreditPackId? CreditPackId, int? CreditAmount, PlanId? PlanId, ItemId? ItemId, OrderId? OrderId, int? Quantity, string? PromotionCode, string? PaymentMethodId, string? RequestKey)
    : IRequest<IntentView>, IPurchase
{
    PaymentFlow IPurchase.Flow => PaymentFlow.Intent;
}

public sealed record IntentView(PaymentId PaymentId, string? ClientSecret, PaymentStatus Status);

internal sealed class StartIntentValidator : AbstractValidator<StartIntent>
{
    public StartIntentValidator()
    {
        Purchases.Rules(this);
        RuleFor(c => c.PaymentMethodId).Must(id => id is null || (id is { Length: >= 4 and <= 255 } && id.StartsWith("pm_", StringComparison.Ordinal) && id.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')))
            .WithMessage("A payment method is the id of a saved card: pm_….");
    }
}

internal sealed class StartIntentHandler(
    IPaymentsDb db, PaymentOpenings openings, PaymentClosings closings, PlanPrices prices, Fulfilment fulfilment, CheckoutOptions options, ItemOptions items, IUserDirectory users, TimeProvider clock)
    : IRequestHandler<StartIntent, IntentView>
{
    public async Task<IntentView> Handle(StartIntent command, CancellationToken cancellationToken)
    {
        await Purchases.RequireAllowedAsync(command.UserId, options, users, cancellationToken);
        if (command.PromotionCode is not null)
        {
            throw PaymentRefusals.PromotionCodeCheckoutOnly();
        }

        var id = await openings.FindSavedAsync(command, cancellationToken) ?? await SaveAsync(command, cancellationToken);
        var opened = (await openings.OpenAsync(id))!;
        return new IntentView(id, opened.ClientSecret, opened.Intent is { } intent ? await ApplyAsync(id, intent, opened.FetchedAt, cancellationToken) : await StatusAsync(id, cancellationToken));
    }

    private async Task<PaymentId> SaveAsync(StartIntent command, CancellationToken cancellationToken)
    {
        var terms = await Purchases.PriceAsync(command, db, options, items, cancellationToken);
        var price = terms.PlanId is { } plan ? await prices.EnsureAsync(plan, cancellationToken) : null;
        return await closings.PrepareAsync(new(command, terms, null, price), cancellationToken);
    }

    private async Task<PaymentStatus> ApplyAsync(PaymentId id, IntentState intent, uint? fetchedAt, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var news = new PaymentNews(id, GatewayReports.From(intent) with { IsFresh = fetchedAt is not null }, [.. AttemptReport.From(intent, clock.GetUtcNow())], fetchedAt);
        var payment = (await fulfilment.ApplyAsync([news], cancellationToken))[0].Payment!;
        await transaction.CommitAsync(cancellationToken);
        return payment.Status;
    }

    /// <summary>Nothing is due, so nothing is confirmed but a trial's card.</summary>
    private Task<PaymentStatus> StatusAsync(PaymentId id, CancellationToken cancellationToken) =>
        db.Payments.AsNoTracking().Where(p => p.Id == id).Select(p => p.Status).FirstAsync(cancellationToken);
}

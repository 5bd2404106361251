using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Charges;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Application.Users.Contracts;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Checkout;

/// <summary>Opens a payment intent for a custom page with the provider's elements.</summary>
/// <param name="PaymentMethodId">A saved card to charge at once; the answer may still ask for 3-D Secure.</param>
/// <param name="PromotionCode">Always refused, with the reason: intents have none.</param>
public sealed record StartIntent(UserId UserId, CreditPackId? CreditPackId, int? CreditAmount, int? Quantity, string? PromotionCode, string? PaymentMethodId, string? RequestKey)
    : IRequest<IntentView>, IPurchase;

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
    IPaymentsDb db, PaymentOpenings openings, Fulfilment fulfilment, CheckoutOptions options, IUserDirectory users, TimeProvider clock)
    : IRequestHandler<StartIntent, IntentView>
{
    public async Task<IntentView> Handle(StartIntent command, CancellationToken cancellationToken)
    {
        await Purchases.RequireAllowedAsync(command.UserId, options, users, cancellationToken);
        if (command.PromotionCode is not null)
        {
            throw PaymentRefusals.PromotionCodeCheckoutOnly();
        }

        var terms = await Purchases.PriceAsync(command, db, options, cancellationToken);
        var id = await openings.PrepareAsync(
            new(command.UserId, PaymentFlow.Intent, terms, null, command.RequestKey, command.PaymentMethodId, options.SuccessUrl), cancellationToken);
        var intent = (await openings.OpenAsync(id))!;

        await using var transaction = await db.BeginAsync(cancellationToken);
        var news = new PaymentNews(id, GatewayReports.From(intent), [.. AttemptReport.From(intent, clock.GetUtcNow())]);
        var payment = (await fulfilment.ApplyAsync([news], cancellationToken))[0].Payment!;
        await transaction.CommitAsync(cancellationToken);
        return new IntentView(id, intent.ClientSecret, payment.Status);
    }
}

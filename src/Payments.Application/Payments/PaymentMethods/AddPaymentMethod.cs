using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Checkout;
using Payments.Application.Payments.Customers;
using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Subscriptions;
using Payments.Application.Shared;
using Payments.Domain.Payments.PaymentMethods;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.PaymentMethods;

/// <summary>Saves a card that the provider's script made on the caller's page. Saving it twice is saving it once.</summary>
/// <param name="MakeDefault">Left out: when there is no default yet.</param>
public sealed record AddPaymentMethod(UserId UserId, string PaymentMethodId, bool? MakeDefault, string? RequestKey) : IRequest<CardView>;

internal sealed class AddPaymentMethodValidator : AbstractValidator<AddPaymentMethod>
{
    public AddPaymentMethodValidator() => RuleFor(c => c.PaymentMethodId).IsPaymentMethod();
}

internal sealed class AddPaymentMethodHandler(
    IPaymentsDb db, CustomerRecords customers, Wallets wallets, SubscriptionCards subscriptions, ICardGateway gateway, CheckoutOptions options, IIdGenerator ids, TimeProvider clock)
    : IRequestHandler<AddPaymentMethod, CardView>
{
    public async Task<CardView> Handle(AddPaymentMethod command, CancellationToken cancellationToken)
    {
        await customers.RequireOrMayBuyAsync(command.UserId, options, cancellationToken);
        if (await db.PaymentMethods.AnyAsync(m => m.Id == command.PaymentMethodId && m.DetachedAt != null, cancellationToken))
        {
            throw PaymentMethodRefusals.NotAttachable();
        }

        var (customer, card) = await customers.WithLivingAsync(
            command.UserId, async customer => (customer, await AttachAsync(command, customer, cancellationToken)), cancellationToken);
        var saved = await wallets.ChangeAsync(
            customer.Id,
            wallet =>
            {
                var method = wallet.Attach(card.MethodId, card.Card!, clock.GetUtcNow());
                return (View: CardView.From(method), HasDefault: wallet.Attached.Any(m => m.IsDefault));
            },
            cancellationToken);
        if (!(command.MakeDefault ?? !saved.HasDefault))
        {
            return saved.View;
        }

        await gateway.MakeDefaultAsync(customer.GatewayId, card.MethodId, WriteKeys.Of(command.RequestKey, ids, "default", customer.GatewayId, card.MethodId), cancellationToken);
        if (command.MakeDefault == true)
        {
            // Who merely has no default yet has chosen nothing for what is paid already.
            await subscriptions.ChargeToAsync(command.UserId, card.MethodId, null, command.RequestKey, cancellationToken);
        }

        return CardView.From(await wallets.ChangeAsync(customer.Id, wallet => wallet.MakeDefault(card.MethodId), cancellationToken));
    }

    private async Task<CardState> AttachAsync(AddPaymentMethod command, CustomerReference customer, CancellationToken cancellationToken)
    {
        var card = await LookAsync(command.PaymentMethodId, cancellationToken);
        if (card.Card is null)
        {
            throw PaymentMethodRefusals.NotACard();
        }

        if (card.CustomerId == customer.GatewayId)
        {
            return card;
        }

        if (card.CustomerId is not null)
        {
            // Somebody else's: that it exists is nobody's business.
            throw PaymentMethodRefusals.NotFound();
        }

        try
        {
            return await gateway.AttachAsync(card.MethodId, customer.GatewayId, WriteKeys.Of(command.RequestKey, ids, "attach", customer.GatewayId, card.MethodId), cancellationToken);
        }
        catch (GatewayFailure failure) when (failure.Kind is GatewayFailureKind.UnknownOutcome or GatewayFailureKind.Conflict)
        {
            var now = await LookAsync(card.MethodId, cancellationToken);
            if (now.CustomerId == customer.GatewayId)
            {
                return now;
            }

            if (failure.Kind == GatewayFailureKind.Conflict)
            {
                throw PaymentMethodRefusals.NotAttachable();
            }

            throw;
        }
    }

    private async Task<CardState> LookAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            return await gateway.GetCardAsync(id, cancellationToken);
        }
        catch (GatewayFailure failure) when (failure.Kind == GatewayFailureKind.NotFound)
        {
            throw PaymentMethodRefusals.NotFound();
        }
    }
}

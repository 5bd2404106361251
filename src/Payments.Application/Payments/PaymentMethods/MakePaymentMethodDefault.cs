using FluentValidation;
using MediatR;
using Payments.Application.Payments.Customers;
using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Subscriptions;
using Payments.Application.Shared;
using Payments.Domain.Payments.PaymentMethods;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.PaymentMethods;

/// <summary>Makes one of the caller's cards the one that later payments take, those of live subscriptions too.</summary>
public sealed record MakePaymentMethodDefault(UserId UserId, string PaymentMethodId, string? RequestKey) : IRequest<CardView>;

internal sealed class MakePaymentMethodDefaultValidator : AbstractValidator<MakePaymentMethodDefault>
{
    public MakePaymentMethodDefaultValidator() => RuleFor(c => c.PaymentMethodId).IsPaymentMethod();
}

internal sealed class MakePaymentMethodDefaultHandler(CustomerRecords customers, Wallets wallets, SubscriptionCards subscriptions, ICardGateway gateway, IIdGenerator ids)
    : IRequestHandler<MakePaymentMethodDefault, CardView>
{
    public async Task<CardView> Handle(MakePaymentMethodDefault command, CancellationToken cancellationToken)
    {
        var customer = await customers.RequireWalletAsync(command.UserId, wallets, cancellationToken);
        await wallets.ChangeAsync(customer.Id, wallet => wallet.Require(command.PaymentMethodId), cancellationToken);
        try
        {
            await gateway.MakeDefaultAsync(
                customer.GatewayId, command.PaymentMethodId, WriteKeys.Of(command.RequestKey, ids, "default", customer.GatewayId, command.PaymentMethodId), cancellationToken);
        }
        catch (GatewayFailure failure) when (failure.Kind == GatewayFailureKind.NotFound)
        {
            // Removed at the provider, and its event is still on the way.
            await wallets.RefreshAsync(customer.Id, cancellationToken);
            throw PaymentMethodRefusals.NotFound();
        }

        await subscriptions.ChargeToAsync(command.UserId, command.PaymentMethodId, null, command.RequestKey, cancellationToken);
        return CardView.From(await wallets.ChangeAsync(customer.Id, wallet => wallet.MakeDefault(command.PaymentMethodId), cancellationToken));
    }
}

using MediatR;
using Payments.Application.Payments.Checkout;
using Payments.Application.Payments.Customers;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Application.Users.Contracts;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.PaymentMethods;

/// <summary>Lets the web app save a card with the provider's script. Open to those who may buy: a card is saved to pay with.</summary>
public sealed record StartSetup(UserId UserId, string? RequestKey) : IRequest<SetupView>;

public sealed record SetupView(string Id, string? ClientSecret, SetupStatus Status);

internal sealed class StartSetupHandler(CustomerRecords customers, ICardGateway gateway, CheckoutOptions options, IUserDirectory users, IIdGenerator ids)
    : IRequestHandler<StartSetup, SetupView>
{
    public async Task<SetupView> Handle(StartSetup command, CancellationToken cancellationToken)
    {
        await Purchases.RequireAllowedAsync(command.UserId, options, users, cancellationToken);
        var setup = await customers.WithLivingAsync(
            command.UserId,
            customer => gateway.OpenSetupAsync(customer.GatewayId, command.UserId, WriteKeys.Of(command.RequestKey, ids, "setup", customer.GatewayId), cancellationToken),
            cancellationToken);
        return new SetupView(setup.SetupId, setup.ClientSecret, setup.Status);
    }
}

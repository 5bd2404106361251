using MediatR;
using Payments.Application.Payments.Checkout;
using Payments.Application.Payments.Customers;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.PaymentMethods;

/// <summary>Lets the web app save a card with the provider's script. Whoever has bought may always do that; who has not, if they may buy.</summary>
public sealed record StartSetup(UserId UserId, string? RequestKey) : IRequest<SetupView>;

public sealed record SetupView(string Id, string? ClientSecret, SetupStatus Status);

internal sealed class StartSetupHandler(CustomerRecords customers, ICardGateway gateway, CheckoutOptions options, IIdGenerator ids)
    : IRequestHandler<StartSetup, SetupView>
{
    public async Task<SetupView> Handle(StartSetup command, CancellationToken cancellationToken)
    {
        await customers.RequireOrMayBuyAsync(command.UserId, options, cancellationToken);
        var setup = await customers.WithLivingAsync(
            command.UserId,
            customer => gateway.OpenSetupAsync(customer.GatewayId, command.UserId, WriteKeys.Of(command.RequestKey, ids, "setup", customer.GatewayId), cancellationToken),
            cancellationToken);
        return new SetupView(setup.SetupId, setup.ClientSecret, setup.Status);
    }
}

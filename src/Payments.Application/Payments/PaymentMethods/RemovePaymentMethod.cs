using FluentValidation;
using MediatR;
using Payments.Application.Payments.Customers;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.PaymentMethods;

/// <summary>Forgets one of the caller's cards, here and at the provider.</summary>
/// <param name="Force">Even the last card of a live subscription, whose next renewal will fail then.</param>
public sealed record RemovePaymentMethod(UserId UserId, string PaymentMethodId, bool Force) : IRequest;

internal sealed class RemovePaymentMethodValidator : AbstractValidator<RemovePaymentMethod>
{
    public RemovePaymentMethodValidator() => RuleFor(c => c.PaymentMethodId).IsPaymentMethod();
}

internal sealed class RemovePaymentMethodHandler(CustomerRecords customers, Wallets wallets, ICardGateway gateway, IIdGenerator ids, TimeProvider clock)
    : IRequestHandler<RemovePaymentMethod>
{
    public async Task<Unit> Handle(RemovePaymentMethod command, CancellationToken cancellationToken)
    {
        var customer = await customers.RequireWalletAsync(command.UserId, wallets, cancellationToken);
        await wallets.ChangeAsync(
            customer.Id,
            async (wallet, db, token) =>
            {
                var needed = !command.Force && await db.HasLiveSubscriptionAsync(command.UserId, token);
                wallet.AskRemoval(command.PaymentMethodId, needed, clock.GetUtcNow());
                return true;
            },
            cancellationToken);

        // Asked for is asked for, even if the caller goes away meanwhile.
        var done = CancellationToken.None;
        try
        {
            await gateway.DetachAsync(command.PaymentMethodId, ids.Next().ToString(), done);
        }
        catch (GatewayFailure failure)
        {
            if (failure.Kind is GatewayFailureKind.Unavailable or GatewayFailureKind.OurFault || await IsStillAttachedAsync(command.PaymentMethodId, customer, done))
            {
                await wallets.ChangeAsync(customer.Id, wallet => Give(() => wallet.RemovalFailed(command.PaymentMethodId)), done);
                throw;
            }
        }

        await wallets.ChangeAsync(customer.Id, wallet => Give(() => wallet.HearDetached(command.PaymentMethodId, null, clock.GetUtcNow())), done);
        return Unit.Value;
    }

    private static bool Give(Action change)
    {
        change();
        return true;
    }

    private async Task<bool> IsStillAttachedAsync(string id, CustomerReference customer, CancellationToken cancellationToken)
    {
        try
        {
            return (await gateway.GetCardAsync(id, cancellationToken)).CustomerId == customer.GatewayId;
        }
        catch (GatewayFailure failure) when (failure.Kind == GatewayFailureKind.NotFound)
        {
            return false;
        }
    }
}

using FluentValidation;
using MediatR;
using Payments.Application.Payments.Customers;
using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Subscriptions;
using Payments.Application.Shared;
using Payments.Domain.Payments.PaymentMethods;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.PaymentMethods;

/// <summary>Forgets one of the caller's cards, here and at the provider. What it paid is paid by one that remains.</summary>
/// <param name="Force">Even the last card of a live subscription, whose next renewal will fail then.</param>
public sealed record RemovePaymentMethod(UserId UserId, string PaymentMethodId, bool Force) : IRequest;

internal sealed class RemovePaymentMethodValidator : AbstractValidator<RemovePaymentMethod>
{
    public RemovePaymentMethodValidator() => RuleFor(c => c.PaymentMethodId).IsPaymentMethod();
}

internal sealed class RemovePaymentMethodHandler(CustomerRecords customers, Wallets wallets, SubscriptionCards subscriptions, ICardGateway gateway, IIdGenerator ids, TimeProvider clock)
    : IRequestHandler<RemovePaymentMethod>
{
    public async Task<Unit> Handle(RemovePaymentMethod command, CancellationToken cancellationToken)
    {
        var customer = await customers.RequireWalletAsync(command.UserId, wallets, cancellationToken);
        var heir = await wallets.ChangeAsync(
            customer.Id,
            async (wallet, db, token) =>
            {
                var needed = !command.Force && await db.HasLiveSubscriptionAsync(command.UserId, token);
                wallet.AskRemoval(command.PaymentMethodId, needed, clock.GetUtcNow());
                return wallet.HeirOf(command.PaymentMethodId, clock.GetUtcNow());
            },
            cancellationToken);

        // Asked for is asked for, even if the caller goes away meanwhile.
        var done = CancellationToken.None;
        try
        {
            await HandOverAsync(command, customer, heir, done);
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

    /// <summary>Before the card goes: a subscription without one would fail at its next renewal.</summary>
    private async Task HandOverAsync(RemovePaymentMethod command, CustomerReference customer, Heir? heir, CancellationToken cancellationToken)
    {
        if (heir is null)
        {
            return;
        }

        if (heir.BecomesDefault)
        {
            await gateway.MakeDefaultAsync(customer.GatewayId, heir.MethodId, ids.Next().ToString(), cancellationToken);
            await wallets.ChangeAsync(customer.Id, wallet => wallet.MakeDefault(heir.MethodId), cancellationToken);
        }

        await subscriptions.ChargeToAsync(command.UserId, heir.MethodId, command.PaymentMethodId, null, cancellationToken);
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

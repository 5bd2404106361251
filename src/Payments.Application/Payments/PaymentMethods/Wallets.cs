using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Webhooks;
using Payments.Application.Shared;
using Payments.Domain.Payments.PaymentMethods;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.PaymentMethods;

/// <summary>Keeps the rows of saved cards like the provider's, each change under the customer's lock.</summary>
internal sealed class Wallets(IUnitOfWorkScopes scopes, IGatewayFetches fetches, CardOptions options, TimeProvider clock)
{
    private const int Tries = 5;

    /// <summary>Applies what events say of one customer's cards, and asks the provider where they leave doubt. No transaction is open here.</summary>
    /// <returns>False when the customer is none of ours.</returns>
    public async Task<bool> HearAsync(string gatewayCustomerId, IReadOnlyList<WebhookFact> facts, CancellationToken cancellationToken)
    {
        var id = await scopes.RunAsync<IPaymentsDb, Guid>(
            (db, token) => db.Customers.AsNoTracking().Where(c => c.GatewayId == gatewayCustomerId).Select(c => c.Id).FirstOrDefaultAsync(token), cancellationToken);
        if (id == Guid.Empty)
        {
            return false;
        }

        // Every one is told, whatever the ones before it left in doubt.
        var inDoubt = await ChangeAsync(id, wallet => facts.Select(fact => Hear(wallet, fact)).ToList().Contains(true), cancellationToken);
        if (inDoubt)
        {
            await RefreshAsync(id, cancellationToken);
        }

        return true;
    }

    /// <summary>Asks the provider for all cards and applies the answer, unless something was heard meanwhile: then asks again.</summary>
    /// <exception cref="GatewayFailure">The provider could not be asked.</exception>
    public async Task RefreshAsync(Guid customerId, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var before = await scopes.RunAsync<IPaymentsDb, Before?>(
                (db, token) => db.Customers.AsNoTracking().Where(c => c.Id == customerId && c.GatewayId != null && c.DeletedAt == null)
                    .Select(c => new Before(c.GatewayId!, c.CardsVersion)).FirstOrDefaultAsync(token),
                cancellationToken);
            if (before is null)
            {
                return;
            }

            var state = await fetches.WalletAsync(before.GatewayId, before.Version, cancellationToken);
            if (await ChangeAsync(customerId, wallet => wallet.Owner.CardsVersion == before.Version && Load(wallet, state), cancellationToken))
            {
                return;
            }
        }

        throw new Refusal(RefusalKind.Conflict, "payment_method.busy", "The saved cards are changing too quickly; try again.");
    }

    /// <summary>Changes a wallet under its lock and saves it.</summary>
    public Task<T> ChangeAsync<T>(Guid customerId, Func<Wallet, T> change, CancellationToken cancellationToken) => ChangeAsync(customerId, (wallet, _, _) => Task.FromResult(change(wallet)), cancellationToken);

    /// <inheritdoc cref="ChangeAsync{T}(Guid, Func{Wallet, T}, CancellationToken)"/>
    public Task<T> ChangeAsync<T>(Guid customerId, Func<Wallet, IPaymentsDb, CancellationToken, Task<T>> change, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, T>(
        async (db, token) =>
        {
            await using var transaction = await db.BeginAsync(token);
            var wallet = await db.LockWalletAsync(customerId, options.ExpiryNotice, token);
            var result = await change(wallet, db, token);
            db.PaymentMethods.AddRange(wallet.Added);
            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return result;
        },
        cancellationToken);

    private bool Hear(Wallet wallet, WebhookFact fact)
    {
        var now = clock.GetUtcNow();
        switch (fact)
        {
            case CustomerChanged { State.Deleted: true }:
                wallet.OwnerDeleted(now);
                return false;
            case CustomerChanged { State: var customer }:
                return wallet.HearDefault(customer.DefaultMethodId);
            case CardDetached { State: var card }:
                wallet.HearDetached(card.MethodId, card.Card, now);
                return false;
            case CardChanged { State: { Card: { } details } card }:
                return wallet.Hear(card.MethodId, details, now);
            case SetupSucceeded { State.MethodId: { } method }:
                return wallet.HearOf(method);
            default:
                // A method that is no card is not kept here.
                return false;
        }
    }

    private bool Load(Wallet wallet, WalletState state)
    {
        if (state.Deleted)
        {
            wallet.OwnerDeleted(clock.GetUtcNow());
        }
        else
        {
            wallet.Load(state.Cards.Where(c => c.Card is not null).ToDictionary(c => c.MethodId, c => c.Card!, StringComparer.Ordinal), state.DefaultId, clock.GetUtcNow());
        }

        return true;
    }

    private sealed record Before(string GatewayId, long Version);
}

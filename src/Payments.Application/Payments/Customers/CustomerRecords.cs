using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Checkout;
using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.PaymentMethods;
using Payments.Application.Shared;
using Payments.Application.Users.Contracts;
using Payments.Domain.Payments.Customers;
using Payments.Domain.Payments.Gateway;
using Payments.Domain.Payments.PaymentMethods;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Customers;

/// <summary>
/// One customer a user at the provider. Any number of concurrent first purchases find the one row, and send the one
/// saved request under its one key, so the provider makes one customer.
/// </summary>
internal sealed class CustomerRecords(IUnitOfWorkScopes scopes, IPaymentGateway gateway, IUserDirectory users, IIdGenerator ids, TimeProvider clock)
{
    /// <exception cref="GatewayFailure">The provider could not make or update it.</exception>
    public async Task<CustomerReference> EnsureAsync(UserId userId, CancellationToken cancellationToken)
    {
        var person = await users.FindAsync(userId, cancellationToken) ?? new Person(userId, null, null);
        var record = await FindAsync(userId, cancellationToken) ?? await AddAsync(person, cancellationToken);
        if (record.GatewayId is not { } gatewayId)
        {
            return await CreateAsync(record, cancellationToken);
        }

        return person.Email == record.Email && person.Name == record.Name || await SyncAsync(record, person, cancellationToken)
            ? new CustomerReference(record.Id, gatewayId)
            : await EnsureAsync(userId, cancellationToken);
    }

    /// <summary>Does something with the user's customer; with a new one, if the provider turns out to have deleted the one we knew.</summary>
    /// <exception cref="GatewayFailure">What the step or the making of a customer failed with.</exception>
    public async Task<T> WithLivingAsync<T>(UserId userId, Func<CustomerReference, Task<T>> step, CancellationToken cancellationToken)
    {
        var customer = await EnsureAsync(userId, cancellationToken);
        try
        {
            return await step(customer);
        }
        catch (GatewayFailure failure) when (IsDeleted(failure))
        {
            await ForgetAsync(customer, cancellationToken);
            return await step(await EnsureAsync(userId, cancellationToken));
        }
    }

    /// <summary>Who has bought may see to cards and subscriptions, whatever is on sale; who has not is made a customer only if they may buy.</summary>
    /// <exception cref="Refusal"><c>checkout.disabled</c>, <c>checkout.not_allowed</c></exception>
    public async Task RequireOrMayBuyAsync(UserId userId, CheckoutOptions selling, CancellationToken cancellationToken)
    {
        if (await FindAsync(userId, cancellationToken) is not { GatewayId: not null })
        {
            await Purchases.RequireAllowedAsync(userId, selling, users, cancellationToken);
        }
    }

    /// <summary>A customer whose cards are known here.</summary>
    /// <exception cref="Refusal"><c>payment_method.not_found</c>: without a customer there are no cards.</exception>
    public async Task<CustomerReference> RequireWalletAsync(UserId userId, Wallets wallets, CancellationToken cancellationToken)
    {
        if (await FindAsync(userId, cancellationToken) is not { GatewayId: { } gatewayId } record)
        {
            throw PaymentMethodRefusals.NotFound();
        }

        if (record.CardsLoadedAt is null)
        {
            await wallets.RefreshAsync(record.Id, cancellationToken);
        }

        return new CustomerReference(record.Id, gatewayId);
    }

    /// <summary>Tells the provider a user's email and name.</summary>
    /// <returns>False when the provider has deleted the customer; it is forgotten then.</returns>
    public async Task<bool> SyncAsync(Customer record, Person person, CancellationToken cancellationToken)
    {
        try
        {
            await gateway.UpdateCustomerAsync(record.GatewayId!, person.Email, person.Name, ids.Next().ToString(), cancellationToken);
        }
        catch (GatewayFailure failure) when (failure.Kind == GatewayFailureKind.NotFound)
        {
            await ForgetAsync(new CustomerReference(record.Id, record.GatewayId!), cancellationToken);
            return false;
        }

        await ChangeAsync(record.Id, customer => customer.Synced(person.Email, person.Name), cancellationToken);
        return true;
    }

    /// <summary>A customer of ours that the provider has from before: it carries the user's id.</summary>
    public async Task AdoptAsync(CustomerState found, Person person, CancellationToken cancellationToken)
    {
        var record = await AddAsync(new Person(person.Id, found.Email, found.Name), cancellationToken);
        var now = clock.GetUtcNow();
        await ChangeAsync(
            record.Id,
            customer =>
            {
                customer.Created(found.CustomerId);
                customer.SyncAt(found.Email == person.Email && found.Name == person.Name ? null : now);
            },
            cancellationToken);
    }

    /// <summary>The provider says it is deleted, and its cards with it: the next purchase makes a new one.</summary>
    public Task ForgetAsync(CustomerReference customer, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, bool>(
        async (db, token) =>
        {
            await using var transaction = await db.BeginAsync(token);
            (await db.LockWalletAsync(customer.Id, expiryNotice: null, token)).OwnerDeleted(clock.GetUtcNow());
            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return true;
        },
        cancellationToken);

    /// <summary>The living record of this account and mode, if there is one.</summary>
    public Task<Customer?> FindAsync(UserId userId, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, Customer?>(
        (db, token) => db.Customers.AsNoTracking().FirstOrDefaultAsync(
            c => c.UserId == userId && c.Account == gateway.Account.Key && c.Livemode == gateway.Account.Livemode && c.DeletedAt == null, token),
        cancellationToken);

    private async Task<Customer> AddAsync(Person person, CancellationToken cancellationToken)
    {
        var customer = new Customer(ids.Next(), person.Id, gateway.Account.Key, gateway.Account.Livemode, person.Email, person.Name, clock.GetUtcNow());
        await scopes.RunAsync<IPaymentsDb, bool>(
            async (db, token) =>
            {
                await db.AddCustomerIfMissingAsync(customer, token);
                return true;
            },
            cancellationToken);
        return (await FindAsync(person.Id, cancellationToken))!;
    }

    private async Task<CustomerReference> CreateAsync(Customer record, CancellationToken cancellationToken)
    {
        var made = await scopes.RunAsync<IPaymentsDb, GatewaySends, CustomerState>(
            async (db, sends, token) => await sends.SendAsync(
                await SavedRequestAsync(db, record, token),
                gateway.CreateCustomerAsync,
                t => gateway.FindCustomerAsync(record.UserId, record.Email, t),
                token),
            cancellationToken);
        await ChangeAsync(record.Id, customer => customer.Created(made.CustomerId), cancellationToken);
        return new CustomerReference(record.Id, made.CustomerId);
    }

    private async Task<GatewayRequest> SavedRequestAsync(IPaymentsDb db, Customer record, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        await db.LockCustomerAsync(record.Id, cancellationToken);
        var request = await db.GatewayRequests.FirstOrDefaultAsync(r => r.SubjectId == record.Id, cancellationToken);
        if (request is null)
        {
            var call = gateway.PrepareCustomer(new NewCustomer(record.UserId, record.Email, record.Name));
            request = new GatewayRequest(record.Id, call.Operation, call.Body, clock.GetUtcNow());
            db.GatewayRequests.Add(request);
            await db.SaveChangesAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return request;
    }

    private static bool IsDeleted(GatewayFailure failure) => failure is { Code: "resource_missing", Parameter: "customer" };

    private Task<bool> ChangeAsync(Guid id, Action<Customer> change, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, bool>(
        async (db, token) =>
        {
            await using var transaction = await db.BeginAsync(token);
            if (await db.LockCustomerAsync(id, token) is { } customer)
            {
                change(customer);
            }

            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return true;
        },
        cancellationToken);
}

/// <param name="Id">Our row.</param>
/// <param name="GatewayId">The provider's id.</param>
internal sealed record CustomerReference(Guid Id, string GatewayId);

using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Application.Users.Contracts;
using Payments.Domain.Payments.Customers;
using Payments.Domain.Payments.Gateway;
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

        if (person.Email != record.Email || person.Name != record.Name)
        {
            await gateway.UpdateCustomerAsync(gatewayId, person.Email, person.Name, ids.Next().ToString(), cancellationToken);
            await ChangeAsync(record.Id, customer => customer.Synced(person.Email, person.Name), cancellationToken);
        }

        return new CustomerReference(record.Id, gatewayId);
    }

    /// <summary>The provider says it is deleted: the next purchase makes a new one.</summary>
    public Task ForgetAsync(CustomerReference customer, CancellationToken cancellationToken) =>
        ChangeAsync(customer.Id, c => c.Deleted(clock.GetUtcNow()), cancellationToken);

    private Task<Customer?> FindAsync(UserId userId, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, Customer?>(
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

using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Application.Users.Contracts;
using Payments.Domain.Payments.Customers;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Customers;

/// <summary>Tells the provider emails and names that have changed, and has it delete whom we forgot. Answers how many were due.</summary>
public sealed record SyncCustomers(int Count) : IRequest<int>;

internal sealed partial class SyncCustomersHandler(IUnitOfWorkScopes scopes, CustomerRecords customers, IUserDirectory users, IPaymentGateway gateway, TimeProvider clock, ILogger<SyncCustomersHandler> logger)
    : IRequestHandler<SyncCustomers, int>
{
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromMinutes(10);

    public async Task<int> Handle(SyncCustomers command, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = await scopes.RunAsync<IPaymentsDb, List<Customer>>(
            (db, token) => db.Customers.AsNoTracking().Where(c => c.SyncDueAt <= now).OrderBy(c => c.SyncDueAt).Take(command.Count).ToListAsync(token), cancellationToken);
        foreach (var customer in due)
        {
            await SyncAsync(customer, cancellationToken);
        }

        return due.Count;
    }

    private async Task SyncAsync(Customer customer, CancellationToken cancellationToken)
    {
        // Scheduled first: a replica that looks at the same time, or a crash, must not ask in a circle.
        await ScheduleAsync(customer.Id, customer.GatewayId is null ? null : clock.GetUtcNow() + TryAgainAfter, cancellationToken);
        if (customer is { DeletedAt: not null, GatewayId: { } gone })
        {
            await DeleteAsync(customer, gone, cancellationToken);
            return;
        }

        if (customer.GatewayId is null || await users.FindAsync(customer.UserId, cancellationToken) is not { } person)
        {
            return;
        }

        try
        {
            await customers.SyncAsync(customer, person, cancellationToken);
        }
        catch (GatewayFailure failure) when (failure.Kind is GatewayFailureKind.Unavailable or GatewayFailureKind.UnknownOutcome)
        {
            Log.NotSynced(logger, customer.UserId, failure.Message);
        }
        catch (GatewayFailure failure)
        {
            // Asking again would be refused again; the next change of the profile, or a purchase, tries anew.
            Log.Refused(logger, customer.UserId, failure.Message);
            await ScheduleAsync(customer.Id, null, cancellationToken);
        }
    }

    /// <summary>
    /// Nobody is left to ask for it again, so it is tried until the provider has no such customer any more. It tells of the
    /// deletion by an event that names the person once more; by the next time, that has come and can be forgotten too.
    /// </summary>
    private async Task DeleteAsync(Customer customer, string gatewayId, CancellationToken cancellationToken)
    {
        try
        {
            if (!await gateway.DeleteCustomerAsync(gatewayId, cancellationToken))
            {
                await ForgetEventsAsync(customer, cancellationToken);
                await ScheduleAsync(customer.Id, null, cancellationToken);
            }
        }
        catch (GatewayFailure failure)
        {
            Log.NotDeleted(logger, customer.UserId, failure.Message);
        }
    }

    private Task<bool> ForgetEventsAsync(Customer customer, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, ICustomerTraces, bool>(
        async (db, traces, token) =>
        {
            // Whom the provider deleted by itself is still somebody's: only a person who was forgotten has no email here.
            if (await users.FindAsync(customer.UserId, token) is not { Email: not null })
            {
                await using var transaction = await db.BeginAsync(token);
                await traces.ForgetAsync(customer.UserId, token);
                await transaction.CommitAsync(token);
            }

            return true;
        },
        cancellationToken);

    private Task<bool> ScheduleAsync(Guid id, DateTimeOffset? due, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, bool>(
        async (db, token) =>
        {
            await using var transaction = await db.BeginAsync(token);
            (await db.LockCustomerAsync(id, token))?.SyncAt(due);
            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return true;
        },
        cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The provider could not be told the profile of user {UserId}: {Reason}; it is told later")]
        public static partial void NotSynced(ILogger logger, UserId userId, string reason);

        [LoggerMessage(2, LogLevel.Error, "The provider refuses the profile of user {UserId}: {Reason}")]
        public static partial void Refused(ILogger logger, UserId userId, string reason);

        [LoggerMessage(3, LogLevel.Error, "The provider has not deleted the customer of user {UserId}: {Reason}; it is asked again")]
        public static partial void NotDeleted(ILogger logger, UserId userId, string reason);
    }
}

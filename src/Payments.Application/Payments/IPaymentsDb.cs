using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Customers;
using Payments.Domain.Payments.Gateway;
using Payments.Domain.Payments.PaymentMethods;
using Payments.Domain.Shared;

namespace Payments.Application.Payments;

/// <summary>The payments module's face of the database.</summary>
public interface IPaymentsDb : IUnitOfWork
{
    DbSet<Payment> Payments { get; }

    DbSet<PaymentAttempt> PaymentAttempts { get; }

    DbSet<CreditPack> CreditPacks { get; }

    DbSet<Customer> Customers { get; }

    DbSet<PaymentMethod> PaymentMethods { get; }

    DbSet<GatewayRequest> GatewayRequests { get; }

    /// <summary>Takes the payments' row locks in id order and loads them; unknown ids are missing from the answer.</summary>
    Task<IReadOnlyList<Payment>> LockPaymentsAsync(IReadOnlyCollection<PaymentId> ids, CancellationToken cancellationToken);

    /// <summary>Takes the row lock of a user's customer record, under which purchases are opened one after the other.</summary>
    Task<Customer?> LockCustomerAsync(Guid customerId, CancellationToken cancellationToken);

    /// <summary>Takes the row lock of a customer and loads all cards that were ever saved, locked too.</summary>
    Task<Wallet> LockWalletAsync(Guid customerId, CancellationToken cancellationToken);

    /// <summary>Whether something that renews by itself is charged to this user.</summary>
    Task<bool> HasLiveSubscriptionAsync(UserId userId, CancellationToken cancellationToken);

    /// <summary>Takes the row locks of cards whose notice is due, those first that have waited longest; ones that another worker has are left out.</summary>
    Task<IReadOnlyList<PaymentMethod>> TakeExpiringCardsAsync(DateTimeOffset now, int count, CancellationToken cancellationToken);

    /// <summary>These users' email or name has changed: the provider is to be told, if it has them.</summary>
    Task SyncCustomersOfAsync(IReadOnlyCollection<UserId> users, DateTimeOffset due, CancellationToken cancellationToken);

    /// <summary>A new customer record, unless the user has a living one in this account and mode.</summary>
    Task AddCustomerIfMissingAsync(Customer customer, CancellationToken cancellationToken);

    /// <summary>A user's newest payments before <paramref name="before"/>.</summary>
    Task<IReadOnlyList<Payment>> PaymentsPageAsync(UserId userId, Cursor? before, int count, CancellationToken cancellationToken);

    /// <summary>Which payments the provider's sessions and intents belong to.</summary>
    Task<IReadOnlyList<PaymentReferences>> FindReferencesAsync(IReadOnlyCollection<string> sessionIds, IReadOnlyCollection<string> intentIds, CancellationToken cancellationToken);
}

public sealed record PaymentReferences(PaymentId Id, string? SessionId, string? IntentId);

using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Customers;
using Payments.Domain.Payments.Disputes;
using Payments.Domain.Payments.Gateway;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Payments.Orders;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Payments.PaymentMethods;
using Payments.Domain.Shared;

namespace Payments.Application.Payments;

/// <summary>The payments module's face of the database.</summary>
public interface IPaymentsDb : IUnitOfWork
{
    DbSet<Payment> Payments { get; }

    DbSet<PaymentAttempt> PaymentAttempts { get; }

    DbSet<CreditPack> CreditPacks { get; }

    DbSet<Plan> Plans { get; }

    DbSet<PlanPrice> PlanPrices { get; }

    DbSet<Item> Items { get; }

    DbSet<Product> Products { get; }

    DbSet<Stock> Stock { get; }

    DbSet<Order> Orders { get; }

    DbSet<Customer> Customers { get; }

    DbSet<PaymentMethod> PaymentMethods { get; }

    DbSet<GatewayRequest> GatewayRequests { get; }

    DbSet<Subscription> Subscriptions { get; }

    DbSet<Invoice> Invoices { get; }

    DbSet<TaxRate> TaxRates { get; }

    /// <summary>Keeps a tax rate that was asked for, unless somebody has by now.</summary>
    Task AddTaxRateIfMissingAsync(TaxRate rate, CancellationToken cancellationToken);

    /// <summary>A row for a subscription that was heard of, unless there is one already.</summary>
    Task AddSubscriptionIfMissingAsync(Subscription subscription, CancellationToken cancellationToken);

    /// <summary>Takes the row locks of all subscriptions of a user in id order and loads them. After the user's customer record, before payments.</summary>
    Task<IReadOnlyList<Subscription>> LockSubscriptionsAsync(UserId userId, CancellationToken cancellationToken);

    /// <summary>Has the subscriptions that these payments paid for looked at when due work runs.</summary>
    Task LookAtSubscriptionsOfAsync(IReadOnlyCollection<PaymentId> payments, DateTimeOffset due, CancellationToken cancellationToken);

    /// <summary>The same of these, which are other people's: one that somebody holds at the moment is left out, so that nobody waits for two people's rows.</summary>
    Task LookAtSubscriptionsAsync(IReadOnlyCollection<SubscriptionId> subscriptions, DateTimeOffset due, CancellationToken cancellationToken);

    /// <summary>Until this transaction ends nobody else decides whose trial of a card came first. After subscriptions, before payments.</summary>
    Task LockTrialAsync(string cardFingerprint, CancellationToken cancellationToken);
    DbSet<Refund> Refunds { get; }

    DbSet<Dispute> Disputes { get; }

    /// <summary>Takes the orders' row locks in id order and loads them with their lines; unknown ids are missing from the answer. Before payments and stock.</summary>
    Task<IReadOnlyList<Order>> LockOrdersAsync(IReadOnlyCollection<OrderId> ids, CancellationToken cancellationToken);

    /// <summary>The same for the orders that these payments are of.</summary>
    Task<IReadOnlyList<Order>> LockOrdersAsync(IReadOnlyCollection<PaymentId> payments, CancellationToken cancellationToken);

    /// <summary>Takes the products' stock row locks in id order and loads them; unknown ids are missing from the answer. After orders and payments, before users.</summary>
    Task<IReadOnlyList<Stock>> LockStockAsync(IReadOnlyCollection<ProductId> ids, CancellationToken cancellationToken);

    /// <summary>Takes an item's row lock, under which it is edited.</summary>
    Task<Item?> LockItemAsync(ItemId id, CancellationToken cancellationToken);

    /// <summary>One after the other in this transaction: whoever puts an item of this resource on sale. After the item's row.</summary>
    Task LockResourceAsync(ResourceReference resource, CancellationToken cancellationToken);

    /// <summary>One after the other in this transaction: the orders that one buyer places. Before any row's lock.</summary>
    Task LockBuyerAsync(UserId buyer, CancellationToken cancellationToken);

    /// <summary>Takes the payments' row locks in id order and loads them; unknown ids are missing from the answer.</summary>
    Task<IReadOnlyList<Payment>> LockPaymentsAsync(IReadOnlyCollection<PaymentId> ids, CancellationToken cancellationToken);

    /// <summary>The same, with all other payments of their buyers for the same items' resources, among which it is settled which one counts.</summary>
    Task<IReadOnlyList<Payment>> LockPaymentsAndRivalsAsync(IReadOnlyCollection<PaymentId> ids, CancellationToken cancellationToken);

    /// <summary>Takes the plans' row locks in id order and loads them, under which they are edited and priced; unknown ids are missing from the answer.</summary>
    Task<IReadOnlyList<Plan>> LockPlansAsync(IReadOnlyCollection<PlanId> ids, CancellationToken cancellationToken);

    /// <summary>Takes a credit pack's row lock, under which it is edited.</summary>
    Task<CreditPack?> LockCreditPackAsync(CreditPackId id, CancellationToken cancellationToken);

    /// <summary>Takes the row lock of a user's customer record, under which purchases are opened one after the other.</summary>
    Task<Customer?> LockCustomerAsync(Guid customerId, CancellationToken cancellationToken);

    /// <summary>Takes the row lock of a customer and loads all cards that were ever saved, locked too.</summary>
    /// <param name="expiryNotice">How long before a card expires its owner is told; null: not at all.</param>
    Task<Wallet> LockWalletAsync(Guid customerId, TimeSpan? expiryNotice, CancellationToken cancellationToken);

    /// <summary>Whether something that renews by itself is charged to this user.</summary>
    Task<bool> HasLiveSubscriptionAsync(UserId userId, CancellationToken cancellationToken);

    /// <summary>Takes the row locks of subscriptions that have something to tell, those first that have waited longest; ones that another worker has are left out.</summary>
    Task<IReadOnlyList<Subscription>> TakeTellingAsync(DateTimeOffset now, int count, CancellationToken cancellationToken);

    /// <summary>Takes the row locks of cards whose notice is due, those first that have waited longest; ones that another worker has are left out.</summary>
    Task<IReadOnlyList<PaymentMethod>> TakeExpiringCardsAsync(DateTimeOffset now, int count, CancellationToken cancellationToken);

    /// <summary>These users' email or name has changed: the provider is to be told, if it has them.</summary>
    Task SyncCustomersOfAsync(IReadOnlyCollection<UserId> users, DateTimeOffset due, CancellationToken cancellationToken);

    /// <summary>A new customer record, unless the user has a living one in this account and mode.</summary>
    Task AddCustomerIfMissingAsync(Customer customer, CancellationToken cancellationToken);

    /// <summary>One after the other in this transaction: whatever else counts towards one agent's limit of refunds. Before any payment's lock.</summary>
    Task LockAgentAsync(UserId agent, CancellationToken cancellationToken);

    /// <summary>Which payment the provider's intent or charge belongs to.</summary>
    Task<PaymentId?> FindBySourceAsync(string? intentId, string? chargeId, CancellationToken cancellationToken);

    /// <summary>The newest disputes before <paramref name="before"/>.</summary>
    Task<IReadOnlyList<Dispute>> DisputesPageAsync(DisputeStatus? status, bool? open, Cursor? before, int count, CancellationToken cancellationToken);

    /// <summary>A user's newest payments before <paramref name="before"/>.</summary>
    Task<IReadOnlyList<Payment>> PaymentsPageAsync(UserId userId, Cursor? before, int count, CancellationToken cancellationToken);

    /// <summary>A user's newest payments for items before <paramref name="before"/>.</summary>
    Task<IReadOnlyList<Payment>> PurchasesPageAsync(UserId userId, Cursor? before, int count, CancellationToken cancellationToken);

    /// <summary>A user's newest orders, with their lines, before <paramref name="before"/>.</summary>
    Task<IReadOnlyList<Order>> OrdersPageAsync(UserId userId, Cursor? before, int count, CancellationToken cancellationToken);

    /// <summary>A user's newest issued invoices before <paramref name="before"/>.</summary>
    Task<IReadOnlyList<Invoice>> InvoicesPageAsync(UserId userId, Cursor? before, int count, CancellationToken cancellationToken);

    /// <summary>Which payments the provider's sessions and intents belong to.</summary>
    Task<IReadOnlyList<PaymentReferences>> FindReferencesAsync(IReadOnlyCollection<string> sessionIds, IReadOnlyCollection<string> intentIds, CancellationToken cancellationToken);
}

public sealed record PaymentReferences(PaymentId Id, string? SessionId, string? IntentId);

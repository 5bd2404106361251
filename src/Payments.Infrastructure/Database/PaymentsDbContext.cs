using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Payments.Application.Notifications;
using Payments.Application.Payments;
using Payments.Application.Shared;
using Payments.Application.Users;
using Payments.Application.Users.Contracts;
using Payments.Domain.Notifications;
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
using Payments.Domain.Payments.Webhooks;
using Payments.Domain.Shared;
using Payments.Domain.Users;
using Payments.Domain.Users.Credits;
using Payments.Domain.Users.Entitlements;
using Payments.Infrastructure.Database.Mappings;

namespace Payments.Infrastructure.Database;

/// <summary>
/// One context behind three narrow faces, so that one save commits a payment, its credits and its messages together,
/// and no module reaches another's tables.
/// </summary>
internal sealed class PaymentsDbContext(DbContextOptions<PaymentsDbContext> options) : DbContext(options), IPaymentsDb, IUsersDb, INotificationsDb
{
    /// <summary>Tables that are written in bulk, in the order of their references.</summary>
    private static readonly Type[] Appended = [typeof(CreditLot), typeof(CreditTransaction), typeof(CreditPosting), typeof(OutboxMessage)];

    /// <summary>New rows that nothing here will change: followed by nobody, written with the next save.</summary>
    private readonly List<CreditTransaction> transactions = [];
    private readonly List<CreditPosting> postings = [];
    private readonly List<OutboxMessage> messages = [];
    private readonly HashSet<UserId> movedCredits = [];

    /// <summary>Tables whose rows change many at a time, under their locks.</summary>
    private static readonly Type[] Amended = [typeof(Payment), typeof(User)];

    public DbSet<Payment> Payments => Set<Payment>();

    public DbSet<PaymentAttempt> PaymentAttempts => Set<PaymentAttempt>();

    public DbSet<CreditPack> CreditPacks => Set<CreditPack>();

    public DbSet<Plan> Plans => Set<Plan>();

    public DbSet<PlanPrice> PlanPrices => Set<PlanPrice>();

    public DbSet<Item> Items => Set<Item>();

    public DbSet<Product> Products => Set<Product>();

    public DbSet<Stock> Stock => Set<Stock>();

    public DbSet<Order> Orders => Set<Order>();

    public DbSet<Subscription> Subscriptions => Set<Subscription>();

    public DbSet<Invoice> Invoices => Set<Invoice>();

    public DbSet<TaxRate> TaxRates => Set<TaxRate>();

    public DbSet<Customer> Customers => Set<Customer>();

    public DbSet<PaymentMethod> PaymentMethods => Set<PaymentMethod>();

    public DbSet<GatewayRequest> GatewayRequests => Set<GatewayRequest>();

    public DbSet<Refund> Refunds => Set<Refund>();

    public DbSet<Dispute> Disputes => Set<Dispute>();

    public DbSet<WebhookEvent> WebhookEvents => Set<WebhookEvent>();

    public DbSet<User> Users => Set<User>();

    public DbSet<CreditLot> CreditLots => Set<CreditLot>();

    public DbSet<CreditHold> CreditHolds => Set<CreditHold>();

    public DbSet<CreditTransaction> CreditTransactions => Set<CreditTransaction>();

    public DbSet<CreditPosting> CreditPostings => Set<CreditPosting>();

    public DbSet<AccessGrant> AccessGrants => Set<AccessGrant>();

    public DbSet<AccessChange> AccessChanges => Set<AccessChange>();

    public DbSet<Notification> Notifications => Set<Notification>();

    public DbSet<NoticePreference> Preferences => Set<NoticePreference>();

    public NpgsqlConnection Connection => (NpgsqlConnection)Database.GetDbConnection();

    public NpgsqlTransaction Transaction => (NpgsqlTransaction)(Database.CurrentTransaction
        ?? throw new InvalidOperationException("This must run inside a transaction.")).GetDbTransaction();

    public Task<IDbContextTransaction> BeginAsync(CancellationToken cancellationToken) => Database.BeginTransactionAsync(cancellationToken);

    /// <summary>This unit of work has messages that leave with its commit.</summary>
    public bool HasEnqueued { get; private set; }

    /// <summary>A refund was planned, and waits to be sent.</summary>
    public bool HasPlannedRefunds { get; private set; }

    /// <summary>Something that is sold was made or edited.</summary>
    public bool HasEditedCatalog { get; private set; }

    public void Enqueue(OutboxMessage message)
    {
        messages.Add(message);
        HasEnqueued = true;
    }

    /// <summary>Whose credits this unit of work moves.</summary>
    public IReadOnlyCollection<UserId> MovedCredits => movedCredits;

    public void Append(LedgerEntry entry)
    {
        movedCredits.Add(entry.Transaction.UserId);
        transactions.Add(entry.Transaction);
        postings.AddRange(entry.Postings);
        if (entry.NewLot is { } lot)
        {
            CreditLots.Add(lot);
        }
    }

    async Task<int> IUnitOfWork.SaveChangesAsync(CancellationToken cancellationToken) => await SaveChangesAsync(acceptAllChangesOnSuccess: true, cancellationToken);

    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        // Once is enough, however many rows there are.
        ChangeTracker.DetectChanges();
        ChangeTracker.AutoDetectChangesEnabled = false;
        HasEditedCatalog |= ChangeTracker.Entries().Any(e => e is { Entity: CreditPack or Plan or Item or Product, State: EntityState.Added or EntityState.Modified });
        HasPlannedRefunds |= ChangeTracker.Entries<Refund>().Any(e => e is { State: EntityState.Added, Entity.Status: RefundStatus.Requested });
        try
        {
            var written = await WriteInBulkAsync(cancellationToken);
            return written + await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        }
        finally
        {
            ChangeTracker.AutoDetectChangesEnabled = true;
        }
    }

    public async Task<IReadOnlyList<Payment>> LockPaymentsAsync(IReadOnlyCollection<PaymentId> ids, CancellationToken cancellationToken)
    {
        if (ids.Count == 0)
        {
            return [];
        }

        RequireTransaction();
        var values = ids.Select(i => i.Value).ToArray();
        return await Payments.FromSql($"SELECT *, xmin FROM payments.payments WHERE id = ANY({values}) ORDER BY id FOR UPDATE").ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<Payment>> LockPaymentsAndRivalsAsync(IReadOnlyCollection<PaymentId> ids, CancellationToken cancellationToken)
    {
        if (ids.Count == 0)
        {
            return [];
        }

        RequireTransaction();
        var values = ids.Select(i => i.Value).ToArray();
        return await Payments.FromSql(
            $"""
            SELECT *, xmin FROM payments.payments WHERE id = ANY({values} || ARRAY(
                SELECT rival.id FROM payments.payments p
                JOIN payments.payments rival ON rival.user_id = p.user_id AND rival.item_id IS NOT NULL AND rival.access_type = p.access_type AND rival.access_id = p.access_id
                WHERE p.id = ANY({values}) AND p.item_id IS NOT NULL))
            ORDER BY id FOR UPDATE
            """).ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<User>> LockUsersAsync(IReadOnlyCollection<UserId> ids, CancellationToken cancellationToken)
    {
        if (ids.Count == 0)
        {
            return [];
        }

        RequireTransaction();
        var values = ids.Select(i => i.Value).ToArray();
        return await Users.FromSql($"SELECT * FROM users.users WHERE id = ANY({values}) ORDER BY id FOR UPDATE").ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<Plan>> LockPlansAsync(IReadOnlyCollection<PlanId> ids, CancellationToken cancellationToken)
    {
        RequireTransaction();
        var values = ids.Select(i => i.Value).ToArray();
        return await Plans.FromSql($"SELECT * FROM payments.plans WHERE id = ANY({values}) ORDER BY id FOR UPDATE").ToListAsync(cancellationToken);
    }

    public Task<IReadOnlyList<Order>> LockOrdersAsync(IReadOnlyCollection<OrderId> ids, CancellationToken cancellationToken)
    {
        var values = ids.Select(i => i.Value).ToArray();
        return LoadOrdersAsync(Orders.FromSql($"SELECT * FROM payments.orders WHERE id = ANY({values}) ORDER BY id FOR UPDATE"), cancellationToken);
    }

    public Task<IReadOnlyList<Order>> LockOrdersAsync(IReadOnlyCollection<PaymentId> payments, CancellationToken cancellationToken)
    {
        var values = payments.Select(i => i.Value).ToArray();
        return LoadOrdersAsync(
            Orders.FromSql(
                $"SELECT * FROM payments.orders WHERE id = ANY(ARRAY(SELECT order_id FROM payments.payments WHERE id = ANY({values}) AND order_id IS NOT NULL)) ORDER BY id FOR UPDATE"),
            cancellationToken);
    }

    public async Task<IReadOnlyList<Stock>> LockStockAsync(IReadOnlyCollection<ProductId> ids, CancellationToken cancellationToken)
    {
        RequireTransaction();
        var values = ids.Select(i => i.Value).ToArray();
        return await Stock.FromSql($"SELECT * FROM payments.stock WHERE product_id = ANY({values}) ORDER BY product_id FOR UPDATE").ToListAsync(cancellationToken);
    }

    public async Task<Item?> LockItemAsync(ItemId id, CancellationToken cancellationToken)
    {
        RequireTransaction();
        return (await Items.FromSql($"SELECT * FROM payments.items WHERE id = {id.Value} FOR UPDATE").ToListAsync(cancellationToken)).FirstOrDefault();
    }

    public Task LockResourceAsync(ResourceReference resource, CancellationToken cancellationToken)
    {
        RequireTransaction();
        return Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({"item of " + resource}, 0))", cancellationToken);
    }

    public Task LockBuyerAsync(UserId buyer, CancellationToken cancellationToken)
    {
        RequireTransaction();
        return Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({"orders of " + buyer}, 0))", cancellationToken);
    }

    /// <summary>With their lines, which nobody changes without the order's lock.</summary>
    private async Task<IReadOnlyList<Order>> LoadOrdersAsync(IQueryable<Order> locked, CancellationToken cancellationToken)
    {
        RequireTransaction();
        var orders = await locked.ToListAsync(cancellationToken);
        if (orders.Count > 0)
        {
            var ids = orders.Select(o => o.Id).ToList();
            await Set<OrderLine>().Where(l => ids.Contains(l.OrderId)).LoadAsync(cancellationToken);
        }

        return orders;
    }

    public async Task<CreditPack?> LockCreditPackAsync(CreditPackId id, CancellationToken cancellationToken)
    {
        RequireTransaction();
        return (await CreditPacks.FromSql($"SELECT * FROM payments.credit_packs WHERE id = {id.Value} FOR UPDATE").ToListAsync(cancellationToken)).FirstOrDefault();
    }

    // One that is there already is locked by ON CONFLICT, even where nothing is to be set: so all of the user's first, in
    // id order, as everybody does.
    public Task AddTaxRateIfMissingAsync(TaxRate rate, CancellationToken cancellationToken) => Database.ExecuteSqlAsync(
        $"INSERT INTO payments.tax_rates (gateway_id, kind, name, percentage) VALUES ({rate.GatewayId}, {rate.Kind}, {rate.Name}, {rate.Percentage}) ON CONFLICT (gateway_id) DO NOTHING",
        cancellationToken);

    public Task AddSubscriptionIfMissingAsync(Subscription subscription, CancellationToken cancellationToken) => Database.ExecuteSqlAsync(
        $"""
        SELECT FROM payments.subscriptions WHERE user_id = {subscription.UserId.Value} ORDER BY id FOR UPDATE;
        INSERT INTO payments.subscriptions (id, user_id, gateway_id, payment_id, quantity, status, cancel_at_period_end, created_at, next_action_at)
        VALUES ({subscription.Id.Value}, {subscription.UserId.Value}, {subscription.GatewayId}, {(subscription.PaymentId is { } payment ? payment.Value : (Guid?)null)}, 1, {Conventions.Text(subscription.Status)}, false,
                {subscription.CreatedAt}, {subscription.NextActionAt})
        ON CONFLICT (gateway_id) DO UPDATE SET payment_id = excluded.payment_id WHERE subscriptions.payment_id IS NULL AND excluded.payment_id IS NOT NULL
        """,
        cancellationToken);

    public async Task<IReadOnlyList<Subscription>> LockSubscriptionsAsync(UserId userId, CancellationToken cancellationToken)
    {
        RequireTransaction();
        return await Subscriptions.FromSql($"SELECT *, xmin FROM payments.subscriptions WHERE user_id = {userId.Value} ORDER BY id FOR UPDATE").ToListAsync(cancellationToken);
    }

    public Task LookAtSubscriptionsOfAsync(IReadOnlyCollection<PaymentId> payments, DateTimeOffset due, CancellationToken cancellationToken)
    {
        // Locked in id order, as everybody does.
        var ids = payments.Select(p => p.Value).ToArray();
        return Database.ExecuteSqlAsync(
            $"""
            UPDATE payments.subscriptions SET next_action_at = {due} WHERE id IN (
                SELECT id FROM payments.subscriptions WHERE id IN (SELECT subscription_id FROM payments.payments WHERE id = ANY({ids})) ORDER BY id FOR UPDATE)
            """,
            cancellationToken);
    }

    public Task LookAtSubscriptionsAsync(IReadOnlyCollection<SubscriptionId> subscriptions, DateTimeOffset due, CancellationToken cancellationToken)
    {
        var ids = subscriptions.Select(s => s.Value).ToArray();
        return ids.Length == 0 ? Task.CompletedTask : Database.ExecuteSqlAsync(
            $"UPDATE payments.subscriptions SET next_action_at = {due} WHERE id IN (SELECT id FROM payments.subscriptions WHERE id = ANY({ids}) FOR UPDATE SKIP LOCKED)", cancellationToken);
    }

    public Task LockTrialAsync(string cardFingerprint, CancellationToken cancellationToken)
    {
        RequireTransaction();
        return Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({"trial:" + cardFingerprint}, 0))", cancellationToken);
    }

    public async Task<Customer?> LockCustomerAsync(Guid customerId, CancellationToken cancellationToken)
    {
        RequireTransaction();
        return (await Customers.FromSql($"SELECT * FROM payments.customers WHERE id = {customerId} FOR UPDATE").ToListAsync(cancellationToken)).FirstOrDefault();
    }

    public async Task<Wallet> LockWalletAsync(Guid customerId, TimeSpan? expiryNotice, CancellationToken cancellationToken) => new(
        await LockCustomerAsync(customerId, cancellationToken) ?? throw new InvalidOperationException($"There is no customer {customerId}."),
        await PaymentMethods.FromSql($"SELECT * FROM payments.payment_methods WHERE customer_id = {customerId} ORDER BY id FOR UPDATE").ToListAsync(cancellationToken),
        (await Subscriptions.AsNoTracking().Where(s => s.PaymentMethodId != null && Subscription.LiveStatuses.Contains(s.Status) && Customers.Any(c => c.Id == customerId && c.UserId == s.UserId))
            .Select(s => s.PaymentMethodId!).ToListAsync(cancellationToken)).ToHashSet(StringComparer.Ordinal),
        expiryNotice);

    public Task<bool> HasLiveSubscriptionAsync(UserId userId, CancellationToken cancellationToken) =>
        Subscriptions.AnyAsync(s => s.UserId == userId && s.GatewayCreatedAt != null && Subscription.LiveStatuses.Contains(s.Status), cancellationToken);

    public async Task<IReadOnlyList<Subscription>> TakeTellingAsync(DateTimeOffset now, int count, CancellationToken cancellationToken)
    {
        RequireTransaction();
        return await Subscriptions.FromSql(
            $"SELECT *, xmin FROM payments.subscriptions WHERE next_notice_at <= {now} ORDER BY next_notice_at, id LIMIT {count} FOR UPDATE SKIP LOCKED").ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<PaymentMethod>> TakeExpiringCardsAsync(DateTimeOffset now, int count, CancellationToken cancellationToken)
    {
        RequireTransaction();
        return await PaymentMethods.FromSql(
            $"SELECT * FROM payments.payment_methods WHERE notice_due_at <= {now} ORDER BY notice_due_at, id LIMIT {count} FOR UPDATE SKIP LOCKED").ToListAsync(cancellationToken);
    }

    public Task SyncCustomersOfAsync(IReadOnlyCollection<UserId> users, DateTimeOffset due, CancellationToken cancellationToken)
    {
        var ids = users.Select(u => u.Value).ToArray();
        return Database.ExecuteSqlAsync(
            $"UPDATE payments.customers SET sync_due_at = {due} WHERE user_id = ANY({ids}) AND gateway_id IS NOT NULL AND deleted_at IS NULL", cancellationToken);
    }

    public async Task<IReadOnlyList<Person>> PeoplePageAsync(UserId? after, int count, CancellationToken cancellationToken)
    {
        var from = after?.Value ?? Guid.Empty;
        return await Users.FromSql($"SELECT * FROM users.users WHERE id > {from} ORDER BY id LIMIT {count}").AsNoTracking()
            .Select(u => new Person(u.Id, u.Email, u.Name, u.TimeZone)).ToListAsync(cancellationToken);
    }

    public Task AddCustomerIfMissingAsync(Customer customer, CancellationToken cancellationToken) => Database.ExecuteSqlAsync(
        $"""
        INSERT INTO payments.customers (id, user_id, account, livemode, email, name, created_at)
        VALUES ({customer.Id}, {customer.UserId.Value}, {customer.Account}, {customer.Livemode}, {customer.Email}, {customer.Name}, {customer.CreatedAt})
        ON CONFLICT DO NOTHING
        """,
        cancellationToken);

    public Task AddUserIfMissingAsync(UserId id, string? email, string? name, string? timeZone, DateTimeOffset now, CancellationToken cancellationToken) => Database.ExecuteSqlAsync(
        $"""
        INSERT INTO users.users (id, email, name, time_zone, credits, held, debt, created_at) VALUES ({id.Value}, {email}, {name}, {timeZone}, 0, 0, 0, {now})
        ON CONFLICT DO NOTHING
        """,
        cancellationToken);

    public async Task<IReadOnlyList<Payment>> PaymentsPageAsync(UserId userId, Cursor? before, int count, CancellationToken cancellationToken) => await (before is { } cursor
        ? Payments.FromSql($"SELECT *, xmin FROM payments.payments WHERE user_id = {userId.Value} AND (created_at, id) < ({cursor.At}, {cursor.Id}) ORDER BY created_at DESC, id DESC LIMIT {count}")
        : Payments.FromSql($"SELECT *, xmin FROM payments.payments WHERE user_id = {userId.Value} ORDER BY created_at DESC, id DESC LIMIT {count}"))
        .AsNoTracking().ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<Payment>> PurchasesPageAsync(UserId userId, Cursor? before, int count, CancellationToken cancellationToken) => await (before is { } cursor
        ? Payments.FromSql($"SELECT *, xmin FROM payments.payments WHERE user_id = {userId.Value} AND item_id IS NOT NULL AND (created_at, id) < ({cursor.At}, {cursor.Id}) ORDER BY created_at DESC, id DESC LIMIT {count}")
        : Payments.FromSql($"SELECT *, xmin FROM payments.payments WHERE user_id = {userId.Value} AND item_id IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT {count}"))
        .AsNoTracking().ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<Order>> OrdersPageAsync(UserId userId, Cursor? before, int count, CancellationToken cancellationToken) => await (before is { } cursor
        ? Orders.FromSql($"SELECT * FROM payments.orders WHERE user_id = {userId.Value} AND (created_at, id) < ({cursor.At}, {cursor.Id})")
        : Orders.FromSql($"SELECT * FROM payments.orders WHERE user_id = {userId.Value}"))
        .AsNoTracking().Include(o => o.Lines).OrderByDescending(o => o.CreatedAt).ThenByDescending(o => o.Id).Take(count).ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<Invoice>> InvoicesPageAsync(UserId userId, Cursor? before, int count, CancellationToken cancellationToken) => await (before is { } cursor
        ? Invoices.FromSql($"SELECT * FROM payments.invoices WHERE user_id = {userId.Value} AND status <> 'draft' AND (created_at, id) < ({cursor.At}, {cursor.Id}) ORDER BY created_at DESC, id DESC LIMIT {count}")
        : Invoices.FromSql($"SELECT * FROM payments.invoices WHERE user_id = {userId.Value} AND status <> 'draft' ORDER BY created_at DESC, id DESC LIMIT {count}"))
        .AsNoTracking().ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<CreditTransaction>> CreditTransactionsPageAsync(UserId userId, Cursor? before, int count, CancellationToken cancellationToken) => await (before is { } cursor
        ? CreditTransactions.FromSql($"SELECT * FROM users.credit_transactions WHERE user_id = {userId.Value} AND (at, id) < ({cursor.At}, {cursor.Id}) ORDER BY at DESC, id DESC LIMIT {count}")
        : CreditTransactions.FromSql($"SELECT * FROM users.credit_transactions WHERE user_id = {userId.Value} ORDER BY at DESC, id DESC LIMIT {count}"))
        .AsNoTracking().ToListAsync(cancellationToken);

    public Task LockAgentAsync(UserId agent, CancellationToken cancellationToken)
    {
        RequireTransaction();
        var key = "refund agent " + agent;
        return Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({key}, 0))", cancellationToken);
    }

    public Task<PaymentId?> FindBySourceAsync(string? intentId, string? chargeId, CancellationToken cancellationToken) =>
        Payments.AsNoTracking().Where(p => (intentId != null && p.IntentId == intentId) || (chargeId != null && p.ChargeId == chargeId))
            .Select(p => (PaymentId?)p.Id).FirstOrDefaultAsync(cancellationToken);

    public async Task<IReadOnlyList<Dispute>> DisputesPageAsync(DisputeStatus? status, bool? open, Cursor? before, int count, CancellationToken cancellationToken)
    {
        var rows = before is { } cursor ? Disputes.FromSql($"SELECT * FROM payments.disputes WHERE (created_at, id) < ({cursor.At}, {cursor.Id})") : Disputes;
        rows = status is { } wanted ? rows.Where(d => d.Status == wanted) : rows;
        rows = open is { } undecided ? rows.Where(d => (d.ClosedAt == null) == undecided) : rows;
        return await rows.AsNoTracking().OrderByDescending(d => d.CreatedAt).ThenByDescending(d => d.Id).Take(count).ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<PaymentReferences>> FindReferencesAsync(IReadOnlyCollection<string> sessionIds, IReadOnlyCollection<string> intentIds, CancellationToken cancellationToken) =>
        await Payments.AsNoTracking().Where(p => sessionIds.Contains(p.SessionId) || intentIds.Contains(p.IntentId))
            .Select(p => new PaymentReferences(p.Id, p.SessionId, p.IntentId)).ToListAsync(cancellationToken);

    public async Task<IReadOnlySet<Guid>> AddMissingAsync(IReadOnlyList<Notification> notifications, CancellationToken cancellationToken)
    {
        var added = new HashSet<Guid>();
        if (notifications.Count > 0)
        {
            await using var batch = new NpgsqlBatch(Connection, Transaction);
            batch.BatchCommands.Add(BulkInsert.For(Model.FindEntityType(typeof(Notification))!).Command(notifications, "ON CONFLICT (effect_key) DO NOTHING RETURNING id"));
            await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
            {
                added.Add(rows.GetGuid(0));
            }
        }

        return added;
    }

    public async Task<IReadOnlyList<Notification>> NotificationsPageAsync(UserId userId, Cursor? before, int count, CancellationToken cancellationToken) => await (before is { } cursor
        ? Notifications.FromSql($"SELECT * FROM notifications.notifications WHERE user_id = {userId.Value} AND recipient IS NULL AND (created_at, id) < ({cursor.At}, {cursor.Id}) ORDER BY created_at DESC, id DESC LIMIT {count}")
        : Notifications.FromSql($"SELECT * FROM notifications.notifications WHERE user_id = {userId.Value} AND recipient IS NULL ORDER BY created_at DESC, id DESC LIMIT {count}"))
        .AsNoTracking().ToListAsync(cancellationToken);

    public Task SetPreferencesAsync(UserId userId, IReadOnlyDictionary<string, bool> email, CancellationToken cancellationToken)
    {
        var (types, wanted) = (email.Keys.ToArray(), email.Values.ToArray());
        return Database.ExecuteSqlAsync(
            $"""
            INSERT INTO notifications.preferences (user_id, type, email) SELECT {userId.Value}, type, email FROM unnest({types}, {wanted}) AS wanted (type, email) ORDER BY type
            ON CONFLICT (user_id, type) DO UPDATE SET email = excluded.email
            """,
            cancellationToken);
    }

    /// <summary>Runs statements in the current transaction in one round trip.</summary>
    public async Task<int> ExecuteAsync(IEnumerable<NpgsqlBatchCommand> commands, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(Connection, Transaction);
        foreach (var command in commands)
        {
            batch.BatchCommands.Add(command);
        }

        return await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => Conventions.Apply(configurationBuilder);

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        PaymentsMapping.Apply(modelBuilder);
        UsersMapping.Apply(modelBuilder);
        NotificationsMapping.Apply(modelBuilder);
        Conventions.NameColumns(modelBuilder);
    }

    private async Task<int> WriteInBulkAsync(CancellationToken cancellationToken)
    {
        var touched = ChangeTracker.Entries().Where(e => e.State is EntityState.Added or EntityState.Modified).ToLookup(e => (e.Metadata.ClrType, e.State));
        var tracked = Appended.SelectMany(type => touched[(type, EntityState.Added)]).ToList();
        var added = Appended.Select(type => (Type: type, Rows: New(type, tracked))).Where(a => a.Rows.Count > 0).ToList();
        var changed = Amended.Select(type => touched[(type, EntityState.Modified)].ToList()).Where(rows => rows.Count > 1).ToList();
        if (added.Count + changed.Count == 0)
        {
            return 0;
        }

        await using var batch = new NpgsqlBatch(Connection, Transaction);
        added.ForEach(a => batch.BatchCommands.Add(BulkInsert.For(Model.FindEntityType(a.Type)!).Command(a.Rows)));
        var updates = changed.Select(rows => (Rows: rows, Update: BulkUpdate.For(rows[0].Metadata), Command: BulkUpdate.For(rows[0].Metadata).Command(rows))).ToList();
        updates.ForEach(u => batch.BatchCommands.Add(u.Command));
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            foreach (var (rows, update, command) in updates)
            {
                await update.AcceptAsync(command, rows, reader, cancellationToken);
            }
        }

        transactions.Clear();
        postings.Clear();
        messages.Clear();
        foreach (var entry in tracked)
        {
            // Lots change later; the rest is never touched again.
            entry.State = entry.Metadata.ClrType == typeof(CreditLot) ? EntityState.Unchanged : EntityState.Detached;
        }

        return added.Sum(a => a.Rows.Count) + changed.Sum(rows => rows.Count);
    }

    private List<object> New(Type type, List<EntityEntry> tracked) =>
    [
        .. tracked.Where(e => e.Metadata.ClrType == type).Select(e => e.Entity),
        .. type == typeof(CreditTransaction) ? transactions : type == typeof(CreditPosting) ? postings : type == typeof(OutboxMessage) ? messages : (IEnumerable<object>)[],
    ];

    private void RequireTransaction() => _ = Transaction;
}

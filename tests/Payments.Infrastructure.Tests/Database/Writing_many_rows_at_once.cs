using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using Payments.Domain.Notifications;
using Payments.Domain.Shared;
using Payments.Domain.Users;
using Payments.Domain.Users.Credits;
using Payments.Infrastructure.Database;

namespace Payments.Infrastructure.Tests.Database;

/// <summary>One statement for many rows writes what EF would write row by row.</summary>
public sealed class Writing_many_rows_at_once : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new DateTimeOffset(2026, 7, 29, 12, 0, 0, TimeSpan.Zero).AddMicroseconds(123_457);

    private TestDatabase ours = null!;
    private TestDatabase efs = null!;

    public async Task InitializeAsync()
    {
        ours = await TestDatabase.NewAsync();
        efs = await TestDatabase.NewAsync();
    }

    public async Task DisposeAsync()
    {
        await ours.DisposeAsync();
        await efs.DisposeAsync();
    }

    public static TheoryData<string> WrittenInBulk => [nameof(CreditLot), nameof(CreditTransaction), nameof(CreditPosting), nameof(OutboxMessage), nameof(Notification)];

    [Theory]
    [MemberData(nameof(WrittenInBulk))]
    public async Task fills_every_column_as_ef_does_with_values_and_with_nulls(string type)
    {
        await WriteAsync(ours, type, bulk: true);
        await WriteAsync(efs, type, bulk: false);

        await using var db = ours.Context();
        var entity = EntityOf(db, type);
        var table = $"{entity.GetSchema()}.{entity.GetTableName()}";
        var rows = await ours.ColumnAsync<string>($"SELECT (to_jsonb(t) - 'updated_at')::text FROM {table} t ORDER BY 1");
        rows.ShouldBe(await efs.ColumnAsync<string>($"SELECT (to_jsonb(t) - 'updated_at')::text FROM {table} t ORDER BY 1"));
        rows.Count.ShouldBe(Count);
        (await ours.ScalarAsync<long>($"SELECT count(*) FROM {table} t WHERE NOT (to_jsonb(t) @? '$.* ? (@ == null)')")).ShouldBe(Count / 2, "half the rows have a value in every column");
        await ReadsBackAsync(db, entity, type);
    }

    [Fact]
    public async Task of_a_thousand_takes_no_more_statements_than_of_one()
    {
        await using var db = ours.Context();
        var entity = EntityOf(db, nameof(OutboxMessage));
        var messages = Enumerable.Range(0, 1000).Select(i => new OutboxMessage(Guid.CreateVersion7(), "payment.succeeded", $$"""{"n": {{i}}}""", Now)).ToList();
        await using var transaction = await db.BeginAsync(CancellationToken.None);

        (await db.ExecuteAsync([BulkInsert.For(entity).Command(messages)], CancellationToken.None)).ShouldBe(1000);
        await transaction.CommitAsync();

        (await ours.ScalarAsync<long>("SELECT sum((data->>'n')::bigint)::bigint FROM payments.outbox")).ShouldBe(499_500);
    }

    [Fact]
    public async Task keeps_the_first_of_a_fact_that_is_told_twice()
    {
        await using var db = ours.Context();
        var user = new UserId(Guid.NewGuid());
        await using var transaction = await db.BeginAsync(CancellationToken.None);
        await db.AddMissingAsync([new Notification(Guid.NewGuid(), user, "receipt:1", "payment-succeeded", "{}", Now)], CancellationToken.None);
        await db.AddMissingAsync([new Notification(Guid.NewGuid(), user, "receipt:1", "other", "{}", Now), new Notification(Guid.NewGuid(), user, "receipt:2", "other", "{}", Now)], CancellationToken.None);
        await db.AddMissingAsync([], CancellationToken.None);
        await transaction.CommitAsync();

        (await ours.ColumnAsync<string>("SELECT effect_key || ' ' || template FROM notifications.notifications ORDER BY 1")).ShouldBe(["receipt:1 payment-succeeded", "receipt:2 other"]);
    }

    [Fact]
    public async Task saves_lots_entries_and_the_balance_together_and_follows_the_lot_afterwards()
    {
        await using var db = ours.Context();
        var user = new User(new UserId(Guid.NewGuid()), null, null, Now);
        db.Users.Add(user);
        await db.SaveChangesAsync();
        await using var transaction = await db.BeginAsync(CancellationToken.None);
        var granted = user.Grant("grant:1", 100, "purchase", "Starter", null, null, Guid.CreateVersion7, Now);
        Append(db, granted);
        var spent = user.Spend("spend:1", 30, "evaluation", "1", [granted.NewLot!], Guid.CreateVersion7, Now);
        Append(db, spent);
        await db.SaveChangesAsync();
        Append(db, user.Spend("spend:2", 20, "evaluation", "2", [granted.NewLot!], Guid.CreateVersion7, Now));
        await db.SaveChangesAsync();
        await transaction.CommitAsync();

        (await ours.ScalarAsync<long>("SELECT remaining FROM users.credit_lots")).ShouldBe(50);
        (await ours.ScalarAsync<long>("SELECT credits FROM users.users")).ShouldBe(50);
        (await ours.ColumnAsync<long>("SELECT balance_after FROM users.credit_transactions ORDER BY 1")).ShouldBe([50, 70, 100]);
        (await ours.ScalarAsync<long>("SELECT count(*) FROM users.credit_postings")).ShouldBe(6);
    }

    [Fact]
    public async Task loses_everything_of_a_unit_of_work_whose_key_was_used_before()
    {
        await using (var db = ours.Context())
        {
            db.Users.Add(new User(new UserId(new Guid(Rows.Ada)), null, null, Now));
            await db.SaveChangesAsync();
        }

        await GrantAsync("grant:1");
        var refused = await Should.ThrowAsync<PostgresException>(() => GrantAsync("grant:1"));

        refused.ConstraintName.ShouldBe("IX_credit_transactions_key");
        (await ours.ScalarAsync<long>("SELECT credits FROM users.users")).ShouldBe(100);
        (await ours.ScalarAsync<long>("SELECT count(*) FROM users.credit_lots")).ShouldBe(1);
        (await ours.ScalarAsync<long>("SELECT count(*) FROM payments.outbox")).ShouldBe(1);

        async Task GrantAsync(string key)
        {
            await using var db = ours.Context();
            await using var transaction = await db.BeginAsync(CancellationToken.None);
            var user = (await db.LockUsersAsync([new UserId(new Guid(Rows.Ada))], CancellationToken.None))[0];
            Append(db, user.Grant(key, 100, "purchase", "Starter", null, null, Guid.CreateVersion7, Now));
            db.Enqueue(new OutboxMessage(Guid.CreateVersion7(), "payment.succeeded", "{}", Now));
            await db.SaveChangesAsync();
            await transaction.CommitAsync();
        }
    }

    [Fact]
    public async Task and_taking_locks_needs_a_transaction()
    {
        await using var db = ours.Context();

        await Should.ThrowAsync<InvalidOperationException>(() => db.LockUsersAsync([new UserId(Guid.NewGuid())], CancellationToken.None));
        await Should.ThrowAsync<InvalidOperationException>(() => db.LockPaymentsAsync([new PaymentId(Guid.NewGuid())], CancellationToken.None));
        await Should.ThrowAsync<InvalidOperationException>(() => db.LockCustomerAsync(Guid.NewGuid(), CancellationToken.None));
        db.Enqueue(new OutboxMessage(Guid.CreateVersion7(), "payment.succeeded", "{}", Now));
        await Should.ThrowAsync<InvalidOperationException>(() => db.SaveChangesAsync());
    }

    private const int Count = 12;

    private static IEntityType EntityOf(PaymentsDbContext db, string type) => db.Model.GetEntityTypes().Single(e => e.ClrType.Name == type);

    private static void Append(PaymentsDbContext db, LedgerEntry entry)
    {
        db.CreditTransactions.Add(entry.Transaction);
        db.CreditPostings.AddRange(entry.Postings);
        if (entry.NewLot is { } lot)
        {
            db.CreditLots.Add(lot);
        }
    }

    /// <summary>Rows with a value in every property, and as many with null wherever that may be.</summary>
    private static async Task WriteAsync(TestDatabase database, string type, bool bulk)
    {
        await database.ExecuteAsync("INSERT INTO users.users (id, credits, held, debt, created_at) VALUES ($1, 0, 0, 0, now())", new Guid(Rows.Ada));
        if (type == nameof(CreditPosting))
        {
            await database.ExecuteAsync("INSERT INTO users.credit_transactions (id, user_id, kind, key, change, reason, reference, balance_after, at) VALUES ($1, $2, 'spend', 'k', 0, 'r', 'r', 0, '2026-07-29Z')", new Guid(Rows.Spent), new Guid(Rows.Ada));
        }

        if (!bulk)
        {
            // EF writes row by row, so that no statement of its balances.
            await database.ExecuteAsync("ALTER TABLE users.credit_postings DISABLE TRIGGER postings_balance");
        }

        await using var db = database.Context();
        await using var transaction = await db.BeginAsync(CancellationToken.None);
        for (var i = 0; i < Count; i++)
        {
            var row = db.Entry(Activator.CreateInstance(EntityOf(db, type).ClrType, nonPublic: true)!);
            foreach (var property in row.Metadata.GetProperties())
            {
                row.Property(property).CurrentValue = property.IsNullable && i % 2 == 1 ? null : Sample(property, i);
            }

            row.State = EntityState.Added;
        }

        if (bulk && type == nameof(Notification))
        {
            var rows = db.ChangeTracker.Entries<Notification>().Select(e => e.Entity).ToList();
            db.ChangeTracker.Clear();
            await db.AddMissingAsync(rows, CancellationToken.None);
        }
        else if (bulk)
        {
            (await db.SaveChangesAsync()).ShouldBe(Count);
        }
        else
        {
            SaveByEf(db);
        }

        await transaction.CommitAsync();
    }

    /// <summary>The synchronous save is EF's own, which the context leaves as it is.</summary>
    private static void SaveByEf(PaymentsDbContext db) => db.SaveChanges().ShouldBe(Count);

    private static async Task ReadsBackAsync(PaymentsDbContext db, IEntityType entity, string type)
    {
        foreach (var i in Enumerable.Range(0, Count))
        {
            var key = entity.FindPrimaryKey()!.Properties.Select(p => Sample(p, i)).ToArray();
            var row = db.Entry((await db.FindAsync(entity.ClrType, key)).ShouldNotBeNull());
            foreach (var property in entity.GetProperties())
            {
                row.Property(property).CurrentValue.ShouldBe(property.IsNullable && i % 2 == 1 ? null : Sample(property, i), $"{type}.{property.Name} of row {i}");
            }
        }
    }

    /// <summary>A value like no other row's; every value of an enum comes up.</summary>
    private static object Sample(IProperty property, int i)
    {
        var type = Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType;
        return (type.Name, property.Name) switch
        {
            (nameof(UserId), _) => new UserId(new Guid(Rows.Ada)),
            (nameof(Guid), nameof(CreditPosting.TransactionId)) => new Guid(Rows.Spent),
            (nameof(Guid), _) => Numbered(i),
            (nameof(PaymentId), _) => new PaymentId(Numbered(i)),
            (nameof(CreditLotId), _) => new CreditLotId(Numbered(i)),
            (nameof(String), nameof(OutboxMessage.Data)) => $$"""{"n": {{i}}, "text": "Zoë's \"10 %\""}""",
            (nameof(String), _) => $"{property.Name} {i}: Zoë's {{\"10 %\"}}, \\ NULL",

            // Postings must balance, and a lot cannot hold more than it was granted.
            (nameof(Int64), nameof(CreditPosting.Credits)) => i % 2 == 0 ? 7L : -7L,
            (nameof(Int64), nameof(CreditLot.Granted)) => 1_000_000_000_000_000L,
            (nameof(Int64), _) => 10_000_000_000L + i,
            (nameof(Int32), _) => 1000 + i,
            (nameof(Int16), _) => (short)i,
            (nameof(DateTimeOffset), _) => Now.AddMinutes(i),
            _ when type.IsEnum => Enum.GetValues(type).GetValue(i % Enum.GetValues(type).Length)!,
            _ => throw new NotSupportedException($"No sample of {type.Name} for {property.Name}."),
        };
    }

    private static Guid Numbered(int i) => new(i + 1, 2, 3, [4, 5, 6, 7, 8, 9, 10, 11]);
}

using Microsoft.EntityFrameworkCore;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;
using Payments.Domain.Users;
using Payments.Infrastructure.Database;

namespace Payments.Infrastructure.Tests.Database;

/// <summary>One statement for many changed rows leaves what EF would leave row by row, and notices who was faster.</summary>
public sealed class Changing_many_rows_at_once : IAsyncLifetime
{
    private const int Count = 7;
    private static readonly DateTimeOffset Now = new DateTimeOffset(2026, 7, 29, 12, 0, 0, TimeSpan.Zero).AddMicroseconds(123_457);

    private TestDatabase ours = null!;
    private TestDatabase efs = null!;

    public async Task InitializeAsync()
    {
        ours = await TestDatabase.NewAsync();
        efs = await TestDatabase.NewAsync();
        await PlantAsync(ours);
        await PlantAsync(efs);
    }

    public async Task DisposeAsync()
    {
        await ours.DisposeAsync();
        await efs.DisposeAsync();
    }

    [Fact]
    public async Task leaves_what_ef_would_leave()
    {
        await ChangeAsync(ours, async db => (await db.SaveChangesAsync()).ShouldBe(2 * Count));
        await ChangeAsync(efs, db =>
        {
            SaveByEf(db);
            return Task.CompletedTask;
        });

        foreach (var table in new[] { "payments.payments", "users.users" })
        {
            var rows = await ours.ColumnAsync<string>($"SELECT (to_jsonb(t) - 'updated_at')::text FROM {table} t ORDER BY id");
            rows.ShouldBe(await efs.ColumnAsync<string>($"SELECT (to_jsonb(t) - 'updated_at')::text FROM {table} t ORDER BY id"));
            rows.Count.ShouldBe(Count + 1, "and one that nobody changed");
        }

        (await ours.ColumnAsync<string>("SELECT DISTINCT status FROM payments.payments ORDER BY 1")).ShouldBe(["expired", "failed", "pending", "processing", "requiresAction", "succeeded"]);
    }

    [Fact]
    public async Task can_be_done_again_in_the_same_unit_of_work_and_knows_the_new_versions()
    {
        List<uint> known = [];
        await ChangeAsync(ours, async db =>
        {
            await db.SaveChangesAsync();
            foreach (var payment in db.Payments.Local)
            {
                payment.Checked(Now.AddHours(1));
            }

            (await db.SaveChangesAsync()).ShouldBe(Count);
            (await db.SaveChangesAsync()).ShouldBe(0, "nothing is left to save");
            known.AddRange(db.Payments.Local.Select(p => p.Version));
        });

        known.Distinct().ShouldHaveSingleItem().ShouldBe(await ours.ScalarAsync<uint>("SELECT DISTINCT xmin FROM payments.payments WHERE checks = 2"));
        (await ours.ScalarAsync<long>("SELECT count(*) FROM payments.payments WHERE checks = 2")).ShouldBe(Count);
    }

    [Fact]
    public async Task saves_nothing_when_one_of_them_was_changed_meanwhile()
    {
        var before = await ours.ColumnAsync<string>("SELECT (to_jsonb(t) - 'updated_at' - 'request_key')::text FROM payments.payments t ORDER BY id");

        await Should.ThrowAsync<DbUpdateConcurrencyException>(async () =>
        {
            await using var db = ours.Context();
            await using var transaction = await db.BeginAsync(CancellationToken.None);
            var payments = await db.Payments.OrderBy(p => p.Id).Take(Count).ToListAsync();
            await ours.ExecuteAsync("UPDATE payments.payments SET request_key = 'faster' WHERE id = $1", payments[3].Id.Value);
            payments.ForEach(p => p.Checked(Now));
            await db.SaveChangesAsync();
            await transaction.CommitAsync();
        });

        (await ours.ColumnAsync<string>("SELECT (to_jsonb(t) - 'updated_at' - 'request_key')::text FROM payments.payments t ORDER BY id")).ShouldBe(before);
    }

    private static Guid Numbered(int kind, int i) => new(kind, 0, 0, [0, 0, 0, 0, 0, 0, 0, (byte)i]);

    private static async Task PlantAsync(TestDatabase database)
    {
        await using var db = database.Context();
        for (var i = 0; i <= Count; i++)
        {
            var terms = new PaymentTerms(PaymentKind.CreditPack, null, "Größe M", new Money(1000 + i, Currency.Of("usd")), 1, 100, null, RefundPolicy.Debt);
            db.Payments.Add(Payment.Open(new PaymentId(Numbered(1, i)), new UserId(Numbered(2, i)), PaymentFlow.Checkout, terms, null, null, null, Now.AddHours(1), Now));
            db.Users.Add(new User(new UserId(Numbered(2, i)), $"user{i}@example.com", null, Now));
        }

        await db.SaveChangesAsync();
    }

    /// <summary>A different change to each of several payments, and a balance for each of their buyers.</summary>
    private static async Task ChangeAsync(TestDatabase database, Func<PaymentsDbContext, Task> save)
    {
        await using var db = database.Context();
        await using var transaction = await db.BeginAsync(CancellationToken.None);
        var payments = await db.LockPaymentsAsync([.. Enumerable.Range(0, Count).Select(i => new PaymentId(Numbered(1, i)))], CancellationToken.None);
        for (var i = 0; i < Count; i++)
        {
            var payment = payments[i];
            payment.SessionOpened($"cs_{i}", i % 2 == 0 ? $"https://pay.example/cs_{i}" : null, Now.AddHours(2), Now);
            payment.Checked(Now);
            if (i < Enum.GetValues<ReportedState>().Length)
            {
                var zero = payment.Amount with { Minor = 0 };
                payment.Report(new PaymentReport((ReportedState)i, $"cs_{i}", $"pi_{i}", $"ch_{i}", payment.Amount, payment.Amount, zero, zero, "declined", "Nein.", Now), Now.AddMinutes(i));
            }
        }

        foreach (var (user, i) in (await db.LockUsersAsync([.. Enumerable.Range(0, Count).Select(i => new UserId(Numbered(2, i)))], CancellationToken.None)).Select((u, i) => (u, i)))
        {
            user.Grant($"grant:{i}", 10 + i, "purchase", "Größe M", null, null, Guid.CreateVersion7, Now);
        }

        await save(db);
        await transaction.CommitAsync();
    }

    /// <summary>The synchronous save is EF's own, which the context leaves as it is.</summary>
    private static void SaveByEf(PaymentsDbContext db) => db.SaveChanges().ShouldBe(2 * Count);
}

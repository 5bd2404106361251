using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;
using Payments.Application.Payments.Analytics;
using Payments.Application.Payments.Charges;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;
using Payments.Infrastructure.Database;
using Payments.Infrastructure.Database.Reads;

namespace Payments.Infrastructure.Tests.Database;

/// <summary>What staff look for among very many rows is found by an index: the database says how it goes about it.</summary>
public sealed class Searching_many_rows(ManyRows rows) : IClassFixture<ManyRows>
{
    private static readonly PaymentFilter Any = new(null, null, null, null, null, null, null, null, null, null);
    private static readonly DateTimeOffset Middle = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<string, int> Questions() => new()
    {
        { "everything", 20 }, { "everything, far back", 20 }, { "a payer", 4 }, { "payers", 8 }, { "a rare status", 20 }, { "a common status", 20 }, { "a kind that nobody buys", 0 }, { "a rare amount", 5 },
        { "a time", 20 }, { "a session", 1 }, { "an intent", 1 }, { "an id of ours", 4 }, { "an invoice's number", 0 }, { "nothing that there is", 0 },
    };

    [Theory]
    [MemberData(nameof(Questions))]
    public async Task Payments_are_found_without_reading_them_all(string question, int found)
    {
        var filter = question switch
        {
            "a payer" => Any with { UserId = ManyRows.Payer(7) },
            "payers" => Any with { Payers = [ManyRows.Payer(7), ManyRows.Payer(8)] },
            "a rare status" => Any with { Status = PaymentStatus.Lost },
            "a common status" => Any with { Status = PaymentStatus.Succeeded },
            "a kind that nobody buys" => Any with { Kind = PaymentKind.CreditAmount },
            "a rare amount" => Any with { Currency = Currency.Of("eur"), Least = 77, Most = 77 },
            "a time" => Any with { From = Middle, Until = Middle.AddDays(1) },
            "a session" => Any with { Reference = "cs_70" },
            "an intent" => Any with { Reference = "pi_70" },
            "an id of ours" => Any with { Reference = ManyRows.Payer(7).Value.ToString() },
            "an invoice's number" => Any with { Reference = "ABCD-0001" },
            "nothing that there is" => Any with { Reference = "pi_unheard_of" },
            _ => Any,
        };
        var (db, plans) = rows.Watched();
        await using var _ = db;

        var page = await new PaymentSearch(db).PageAsync(filter, question == "everything, far back" ? new Cursor(Middle, Guid.Empty) : null, 20, CancellationToken.None);

        page.Count.ShouldBe(found);
        page.Select(p => (p.Payment.CreatedAt, p.Payment.Id.Value)).ShouldBe(page.Select(p => (p.Payment.CreatedAt, p.Payment.Id.Value)).OrderDescending());
        plans.ShouldNotBeEmpty();
        foreach (var plan in plans)
        {
            plan.ShouldNotContain("Seq Scan on payments", Case.Sensitive, $"{question}: {plan}");
        }
    }

    [Theory]
    [InlineData("PERSON77@many.example", 1)]
    [InlineData("person1499", 11)]
    [InlineData("person%", 0)]
    public async Task People_are_found_by_email_without_reading_them_all(string email, int found)
    {
        var (db, plans) = rows.Watched();
        await using var _ = db;

        (await new UserSearch(db).ByEmailAsync(email, 100, CancellationToken.None)).Count.ShouldBe(found);

        plans.ShouldAllBe(plan => !plan.Contains("Seq Scan", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Revenue_of_a_month_is_the_sum_of_its_rows()
    {
        var lines = await new RevenueBooks(rows.Database.Source).SumAsync(RevenueUnit.Month, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), CancellationToken.None);

        lines.Sum(l => l.Gross.Minor).ShouldBe((long)await rows.Database.ScalarAsync<decimal>("SELECT sum(total_minor) FROM payments.payments WHERE completed_at IS NOT NULL"));
        lines.Sum(l => l.Payments).ShouldBe(await rows.Database.ScalarAsync<long>("SELECT count(*) FROM payments.payments WHERE completed_at IS NOT NULL"));
    }
}

/// <summary>Payments of a quarter of as many people, one a minute from the beginning of 2026 on.</summary>
public sealed class ManyRows : IAsyncLifetime
{
    public const int Payments = 60_000;

    public TestDatabase Database { get; private set; } = null!;

    internal static UserId Payer(int number) => new(Guid.Parse($"00000000-0000-4000-8000-{number:D12}"));

    public async Task InitializeAsync()
    {
        Database = await TestDatabase.NewAsync();
        await Database.ExecuteAsync(
            $"""
            INSERT INTO users.users (id, email, credits, held, debt, created_at)
            SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'Person' || n || '@many.example', 0, 0, 0, '2026-01-01Z' FROM generate_series(0, {Payments / 4} - 1) n;
            INSERT INTO payments.payments (id, user_id, flow, kind, status, quantity, refunded_minor, description, credits, refund_policy, session_id, payment_intent_id, created_at, completed_at, checks,
                amount_minor, currency, discount_minor, tax_minor, total_minor, unit_price_minor)
            SELECT gen_random_uuid(), ('00000000-0000-4000-8000-' || lpad((n % ({Payments} / 4))::text, 12, '0'))::uuid, 'checkout', 'creditPack',
                CASE WHEN n % 1000 = 1 THEN 'lost' WHEN n % 10 = 2 THEN 'expired' ELSE 'succeeded' END, 1, 0, 'Starter', 0, 'debt', 'cs_' || n, 'pi_' || n, at, CASE WHEN n % 10 = 2 THEN NULL ELSE at END, 0,
                n / 10 + 1, CASE WHEN n % 2 = 0 THEN 'usd' ELSE 'eur' END, 0, 0, CASE WHEN n / 10 + 1 = 77 THEN 77 ELSE n / 10 + 1 END, n / 10 + 1
            FROM (SELECT n, '2026-01-01Z'::timestamptz + n * interval '{360 * 24 * 60 / (double)Payments} minutes' AS at FROM generate_series(0, {Payments} - 1) n) rows;
            """);
        await Database.ExecuteAsync("ANALYZE");
    }

    public Task DisposeAsync() => Database.DisposeAsync();

    /// <summary>A context that asks, before each question, how the database would answer it.</summary>
    internal (PaymentsDbContext Db, List<string> Plans) Watched()
    {
        var explaining = new Explaining(Database.Source);
        return (new PaymentsDbContext(new DbContextOptionsBuilder<PaymentsDbContext>().UseNpgsql(Database.Source, DatabaseRegistration.Npgsql).AddInterceptors(explaining).Options), explaining.Plans);
    }

    private sealed class Explaining(NpgsqlDataSource source) : DbCommandInterceptor
    {
        public List<string> Plans { get; } = [];

        public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            await using var explain = source.CreateCommand("EXPLAIN " + command.CommandText);
            foreach (NpgsqlParameter parameter in command.Parameters)
            {
                explain.Parameters.Add(parameter.Clone());
            }

            var lines = new List<string>();
            await using var reader = await explain.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                lines.Add(reader.GetString(0));
            }

            Plans.Add(string.Join('\n', lines));
            return result;
        }
    }
}

using Payments.Application.Users.Credits;
using Payments.Infrastructure.Database;

namespace Payments.Infrastructure.Tests.Database;

/// <summary>Every way to falsify the books is found. The triggers that prevent it are switched off to plant it.</summary>
public sealed class Proving_the_ledger : IAsyncLifetime
{
    private TestDatabase database = null!;

    public async Task InitializeAsync()
    {
        database = await TestDatabase.NewAsync();
        await Rows.PlantAsync(database);
    }

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task finds_nothing_in_sound_books_and_counts_them()
    {
        var proof = await VerifyAsync();

        proof.Ok.ShouldBeTrue();
        proof.Differences.ShouldBeEmpty();
        (proof.Users, proof.Transactions, proof.Postings, proof.Sum).ShouldBe((1, 3, 6, 0));
        proof.CheckedAt.ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task finds_nothing_in_empty_books()
    {
        var empty = await TestDatabase.NewAsync();

        var proof = await new LedgerProof(empty.Source, TimeProvider.System).VerifyAsync(CancellationToken.None);

        (proof.Ok, proof.Users, proof.Sum).ShouldBe((true, 0, 0));
        await empty.DisposeAsync();
    }

    [Fact]
    public async Task finds_nothing_wrong_with_debt_that_is_being_paid()
    {
        await database.ExecuteAsync(
            $"""
            INSERT INTO users.credit_transactions (id, user_id, kind, key, change, reason, reference, balance_after, at)
                VALUES ('e1000000-0000-4000-8000-000000000001', '{Rows.Ada}', 'return', 'takeback', 0, 'refund', '1', 50, '2026-07-29Z');
            INSERT INTO users.credit_lots (id, user_id, granted, remaining, owed, created_at) VALUES ('d1000000-0000-4000-8000-000000000001', '{Rows.Ada}', 15, 0, 15, '2026-07-29Z');
            INSERT INTO users.credit_postings (transaction_id, line, user_id, account, lot_id, credits) VALUES
                ('e1000000-0000-4000-8000-000000000001', 0, '{Rows.Ada}', 'debt', 'd1000000-0000-4000-8000-000000000001', -15),
                ('e1000000-0000-4000-8000-000000000001', 1, '{Rows.Ada}', 'returned', 'd1000000-0000-4000-8000-000000000001', 15);
            UPDATE users.users SET debt = 15
            """);

        (await VerifyAsync()).Differences.ShouldBeEmpty();
    }

    public static TheoryData<string, string, string, long, long> Falsifications => new()
    {
        { "a posting changed", "UPDATE users.credit_postings SET credits = 31 WHERE account = 'spent'", $"transaction.unbalanced {Rows.Spent}", 0, 1 },
        { "a posting taken away", "DELETE FROM users.credit_postings WHERE account = 'spent'", $"transaction.unbalanced {Rows.Spent}", 0, -30 },
        { "all postings of a transaction taken away", $"DELETE FROM users.credit_postings WHERE transaction_id = '{Rows.Held}'", $"transaction.unbalanced {Rows.Held}", 0, 0 },
        { "credits given by hand", "UPDATE users.users SET credits = credits + 1000", $"user.credits {Rows.Ada}", 50, 1050 },
        { "credits lost", "UPDATE users.users SET credits = 0", $"user.credits {Rows.Ada}", 50, 0 },
        { "a held balance lost", "UPDATE users.users SET held = 0", $"user.held {Rows.Ada}", 20, 0 },
        { "a lot taken back by hand", "UPDATE users.credit_lots SET taken_back = 7", $"lot.returned {Rows.Lot}", 0, 7 },
        { "a share that nobody refunded", "UPDATE users.credit_lots SET taken_back = 7", $"lot.share {Rows.Lot}", 0, 7 },
        { "an owed lot that is in nobody's debt", "UPDATE users.credit_lots SET owed = 7", $"debt.lots {Rows.Ada}", 7, 0 },
        { "refunds that no row tells of", "UPDATE payments.payments SET refunded_minor = 5", $"payment.refunded {Rows.Payment}", 0, 5 },
        { "debt forgiven by hand", "UPDATE users.users SET debt = 5", $"user.debt {Rows.Ada}", 0, 5 },
        { "a lot refilled", "UPDATE users.credit_lots SET remaining = 100", $"lot.remaining {Rows.Lot}", 50, 100 },
        { "a hold closed without an entry", "UPDATE users.credit_holds SET status = 'released'", $"hold.open {Rows.Ada}", 20, 0 },
        { "a hold made larger", "UPDATE users.credit_holds SET amount = 25", $"hold.open {Rows.Ada}", 20, 25 },
        { "a payment paid and not granted", "UPDATE users.credit_lots SET payment_id = NULL", $"payment.ungranted {Rows.Payment}", 100, 0 },
        { "a payment granted in part", "UPDATE payments.payments SET credits = 120", $"payment.ungranted {Rows.Payment}", 120, 100 },
        { "a grant whose payment was never paid", "UPDATE payments.payments SET completed_at = NULL", $"grant.unpaid {Rows.Payment}", 0, 100 },
        { "a grant of a payment that is not there", "UPDATE users.credit_lots SET payment_id = '99999999-0000-4000-8000-000000000001'; UPDATE payments.payments SET credits = 0", "grant.unpaid 99999999-0000-4000-8000-000000000001", 0, 100 },
    };

    [Theory]
    [MemberData(nameof(Falsifications))]
    public async Task finds(string what, string falsify, string difference, long expected, long actual)
    {
        await FalsifyAsync(falsify);

        var proof = await VerifyAsync();

        proof.Ok.ShouldBeFalse(what);
        var found = proof.Differences.Where(d => $"{d.Kind} {d.Id}" == difference).ShouldHaveSingleItem(what);
        (found.Expected, found.Actual).ShouldBe((expected, actual), what);
    }

    [Fact]
    public async Task finds_a_payment_that_was_granted_twice()
    {
        await FalsifyAsync(
            $"""
            INSERT INTO users.credit_lots (id, user_id, payment_id, granted, remaining, created_at) VALUES ('d0000000-0000-4000-8000-000000000002', '{Rows.Ada}', '{Rows.Payment}', 100, 100, now());
            INSERT INTO users.credit_transactions (id, user_id, kind, key, change, reason, reference, payment_id, balance_after, at)
                VALUES ('e1000000-0000-4000-8000-000000000001', '{Rows.Ada}', 'grant', 'grant:again', 100, 'purchase', 'Starter', '{Rows.Payment}', 150, now());
            INSERT INTO users.credit_postings (transaction_id, line, user_id, account, lot_id, credits) VALUES
                ('e1000000-0000-4000-8000-000000000001', 0, '{Rows.Ada}', 'issued', NULL, -100),
                ('e1000000-0000-4000-8000-000000000001', 1, '{Rows.Ada}', 'available', 'd0000000-0000-4000-8000-000000000002', 100);
            UPDATE users.users SET credits = 150
            """);

        var found = (await VerifyAsync()).Differences.ShouldHaveSingleItem();

        found.ShouldBe(new LedgerDifference("payment.ungranted", Rows.Payment, 100, 200));
    }

    [Fact]
    public async Task shows_a_hundred_differences_and_no_more()
    {
        await FalsifyAsync("INSERT INTO users.users (id, credits, held, debt, created_at) SELECT gen_random_uuid(), 1, 0, 0, now() FROM generate_series(1, 150)");

        var proof = await VerifyAsync();

        proof.Ok.ShouldBeFalse();
        proof.Differences.Count.ShouldBe(100);
        proof.Users.ShouldBe(151);
    }

    private Task<LedgerVerification> VerifyAsync() => new LedgerProof(database.Source, TimeProvider.System).VerifyAsync(CancellationToken.None);

    private Task<int> FalsifyAsync(string sql) => database.ExecuteAsync($"ALTER TABLE users.credit_postings DISABLE TRIGGER USER; {sql}");
}

using System.Data;
using Npgsql;
using Payments.Application.Users.Credits;

namespace Payments.Infrastructure.Database;

/// <summary>Proves the ledger in one snapshot: every transaction balances, every stored balance is the sum of its postings, and what was paid was granted, once.</summary>
internal sealed class LedgerProof(NpgsqlDataSource database, TimeProvider clock) : ILedgerProof
{
    private const int MostShown = 100;

    private const string Totals =
        """
        SELECT (SELECT count(*) FROM users.users), (SELECT count(*) FROM users.credit_transactions),
               (SELECT count(*) FROM users.credit_postings), (SELECT coalesce(sum(credits), 0)::bigint FROM users.credit_postings)
        """;

    private const string Differences =
        """
        WITH account AS (
            SELECT user_id,
                sum(credits) FILTER (WHERE account = 'available') AS available,
                sum(credits) FILTER (WHERE account = 'held') AS held,
                sum(credits) FILTER (WHERE account = 'debt') AS debt
            FROM users.credit_postings GROUP BY user_id)
        SELECT 'transaction.unbalanced', t.id::text, 0::bigint, coalesce(sum(p.credits), 0)::bigint
            FROM users.credit_transactions t LEFT JOIN users.credit_postings p ON p.transaction_id = t.id GROUP BY t.id HAVING coalesce(sum(p.credits), 0) <> 0 OR count(p.*) < 2
        UNION ALL SELECT 'user.credits', u.id::text, coalesce(a.available, 0)::bigint, u.credits FROM users.users u LEFT JOIN account a ON a.user_id = u.id WHERE u.credits <> coalesce(a.available, 0)
        UNION ALL SELECT 'user.held', u.id::text, coalesce(a.held, 0)::bigint, u.held FROM users.users u LEFT JOIN account a ON a.user_id = u.id WHERE u.held <> coalesce(a.held, 0)
        UNION ALL SELECT 'user.debt', u.id::text, coalesce(-a.debt, 0)::bigint, u.debt FROM users.users u LEFT JOIN account a ON a.user_id = u.id WHERE u.debt <> coalesce(-a.debt, 0)
        UNION ALL SELECT 'lot.remaining', l.id::text, coalesce(p.left, 0)::bigint, l.remaining
            FROM users.credit_lots l LEFT JOIN (SELECT lot_id, sum(credits) AS left FROM users.credit_postings WHERE account = 'available' GROUP BY lot_id) p ON p.lot_id = l.id
            WHERE l.remaining <> coalesce(p.left, 0)
        UNION ALL SELECT 'hold.open', u.id::text, u.held, coalesce(h.held, 0)::bigint
            FROM users.users u LEFT JOIN (
                SELECT user_id, sum(amount) AS held FROM (
                    SELECT user_id, amount FROM users.credit_holds WHERE status = 'open' UNION ALL SELECT user_id, frozen FROM users.credit_lots WHERE frozen > 0) held
                GROUP BY user_id) h ON h.user_id = u.id
            WHERE u.held <> coalesce(h.held, 0)
        UNION ALL SELECT 'debt.lots', u.id::text, coalesce(d.debt, 0)::bigint, u.debt
            FROM users.users u LEFT JOIN (SELECT user_id, sum(owed - paid_debt) AS debt FROM users.credit_lots WHERE owed > 0 OR paid_debt > 0 GROUP BY user_id) d ON d.user_id = u.id
            WHERE u.debt <> coalesce(d.debt, 0)
        UNION ALL SELECT 'lot.returned', l.id::text, coalesce(r.returned, 0)::bigint, l.taken_back + l.expired_taken_back + l.owed + l.forgiven
            FROM users.credit_lots l LEFT JOIN (SELECT lot_id, sum(credits) AS returned FROM users.credit_postings WHERE account = 'returned' GROUP BY lot_id) r ON r.lot_id = l.id
            WHERE l.taken_back + l.expired_taken_back + l.owed + l.forgiven <> coalesce(r.returned, 0)
        UNION ALL SELECT 'lot.share', l.id::text, s.share, l.taken_back + l.expired_taken_back + l.owed + l.forgiven
            FROM users.credit_lots l JOIN (
                SELECT id, paid, least(paid, refunded_minor + refunds_requested_minor + lost_minor) AS reversed
                FROM (SELECT *, coalesce(total_minor, amount_minor) AS paid FROM payments.payments WHERE completed_at IS NOT NULL) paid) p ON p.id = l.payment_id
            CROSS JOIN LATERAL (SELECT CASE WHEN p.paid > 0 THEN div(l.granted::numeric * p.reversed, p.paid)::bigint ELSE 0 END AS share) s
            WHERE l.taken_back + l.expired_taken_back + l.owed + l.forgiven <> s.share
        UNION ALL SELECT 'payment.refunded', p.id::text, coalesce(r.refunded, 0)::bigint, p.refunded_minor
            FROM payments.payments p LEFT JOIN (
                SELECT payment_id, sum(amount_minor) AS refunded FROM payments.refunds WHERE status IN ('pending', 'succeeded') AND NOT of_surplus GROUP BY payment_id) r ON r.payment_id = p.id
            WHERE p.refunded_minor <> coalesce(r.refunded, 0)
        UNION ALL SELECT 'payment.ungranted', p.id::text, p.credits, coalesce(l.granted, 0)::bigint
            FROM payments.payments p LEFT JOIN (SELECT payment_id, sum(granted) AS granted FROM users.credit_lots WHERE payment_id IS NOT NULL GROUP BY payment_id) l ON l.payment_id = p.id
            WHERE p.completed_at IS NOT NULL AND p.credits <> coalesce(l.granted, 0)
        UNION ALL SELECT 'grant.unpaid', l.payment_id::text, 0::bigint, l.granted
            FROM users.credit_lots l LEFT JOIN payments.payments p ON p.id = l.payment_id WHERE l.payment_id IS NOT NULL AND p.completed_at IS NULL
        LIMIT $1
        """;

    public async Task<LedgerVerification> VerifyAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        long users, transactions, postings, sum;
        await using (var command = new NpgsqlCommand(Totals, connection, snapshot))
        await using (var row = await command.ExecuteReaderAsync(cancellationToken))
        {
            await row.ReadAsync(cancellationToken);
            (users, transactions, postings, sum) = (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3));
        }

        var differences = new List<LedgerDifference>();
        await using (var command = new NpgsqlCommand(Differences, connection, snapshot) { Parameters = { new() { Value = MostShown } } })
        await using (var rows = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await rows.ReadAsync(cancellationToken))
            {
                differences.Add(new LedgerDifference(rows.GetString(0), rows.GetString(1), rows.GetInt64(2), rows.GetInt64(3)));
            }
        }

        return new LedgerVerification(differences.Count == 0 && sum == 0, clock.GetUtcNow(), users, transactions, postings, sum, differences);
    }
}

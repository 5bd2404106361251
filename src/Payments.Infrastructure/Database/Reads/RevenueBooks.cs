using Npgsql;
using Payments.Application.Payments.Analytics;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;
using Payments.Infrastructure.Database.Mappings;

namespace Payments.Infrastructure.Database.Reads;

/// <summary>Sums over what was paid, given back and lost in a time; each of the three is found by an index on its own time.</summary>
internal sealed class RevenueBooks(NpgsqlDataSource database) : IRevenueBooks
{
    private const string Sums =
        """
        WITH moved AS (
            SELECT date_trunc($1, completed_at, 'UTC') AS period, kind, coalesce(plan_id, credit_pack_id, item_id) AS product, currency, sum(coalesce(total_minor, amount_minor)) AS gross, 0 AS refunded, 0 AS lost, count(*) AS payments, 0 AS refunds
                FROM payments.payments WHERE completed_at >= $2 AND completed_at < $3 GROUP BY 1, 2, 3, 4
            UNION ALL
            SELECT date_trunc($1, r.created_at, 'UTC'), p.kind, coalesce(p.plan_id, p.credit_pack_id, p.item_id), r.currency, 0, sum(r.amount_minor), 0, 0, count(*)
                FROM payments.refunds r JOIN payments.payments p ON p.id = r.payment_id
                WHERE r.created_at >= $2 AND r.created_at < $3 AND r.status IN ('pending', 'succeeded') AND NOT r.of_surplus GROUP BY 1, 2, 3, 4
            UNION ALL
            SELECT date_trunc($1, d.closed_at, 'UTC'), p.kind, coalesce(p.plan_id, p.credit_pack_id, p.item_id), p.currency, 0, 0,
                    sum(CASE WHEN d.currency = p.currency THEN d.amount_minor ELSE coalesce(p.total_minor, p.amount_minor) END), 0, 0
                FROM payments.disputes d JOIN payments.payments p ON p.id = d.payment_id
                WHERE d.closed_at >= $2 AND d.closed_at < $3 AND d.status = 'lost' AND NOT d.of_surplus GROUP BY 1, 2, 3, 4)
        SELECT period, m.kind, m.product, coalesce(min(plan.name), min(pack.name), min(item.name)), m.currency,
            sum(gross)::bigint, sum(refunded)::bigint, sum(lost)::bigint, sum(payments)::bigint, sum(refunds)::bigint
        FROM moved m LEFT JOIN payments.plans plan ON plan.id = m.product LEFT JOIN payments.credit_packs pack ON pack.id = m.product
            LEFT JOIN payments.items item ON item.id = m.product
        GROUP BY 1, 2, 3, 5 ORDER BY 1, 2, 4, 3, 5
        """;

    public async Task<IReadOnlyList<RevenueLine>> SumAsync(RevenueUnit unit, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Sums);
        command.Parameters.Add(new() { Value = unit == RevenueUnit.Day ? "day" : "month" });
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = until });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var lines = new List<RevenueLine>();
        while (await row.ReadAsync(cancellationToken))
        {
            var currency = Currency.Of(row.GetString(4));
            lines.Add(new RevenueLine(
                row.At(0), Conventions.Value<PaymentKind>(row.GetString(1)), row.Id(2), row.Text(3),
                new Money(row.GetInt64(5), currency), new Money(row.GetInt64(6), currency), new Money(row.GetInt64(7), currency), row.GetInt64(8), row.GetInt64(9)));
        }

        return lines;
    }
}

/// <summary>Counts over the subscriptions, of which there are fewer than payments by far: each question reads them once.</summary>
internal sealed class SubscriptionBooks(NpgsqlDataSource database) : ISubscriptionBooks
{
    /// <summary>Whole numbers throughout: a price times seats, times how many such periods twelve months have, by twelve, rounded half away from zero.</summary>
    private const string Recurring =
        """
        SELECT currency, sum(round(price::numeric * quantity * (CASE interval WHEN 'day' THEN 365 WHEN 'week' THEN 52 WHEN 'month' THEN 12 ELSE 1 END) / (12 * interval_count)))::bigint
        FROM (
            SELECT s.quantity, coalesce(f.currency, p.currency) AS currency, coalesce(f.amount_minor, p.price_minor) AS price, coalesce(f.interval, p.interval) AS interval, coalesce(f.interval_count, p.interval_count) AS interval_count
            FROM payments.subscriptions s JOIN payments.plans p ON p.id = s.plan_id LEFT JOIN payments.plan_prices f ON f.gateway_price_id = s.price_id
            WHERE s.status IN ('active', 'pastDue') AND s.gateway_created_at IS NOT NULL) paying
        GROUP BY 1 ORDER BY 1
        """;

    private const string Standing = "SELECT status, count(*) FROM payments.subscriptions WHERE gateway_created_at IS NOT NULL GROUP BY 1";

    private const string Months =
        """
        SELECT m.month,
            count(*) FILTER (WHERE s.paying_from < m.month AND (s.ended_at IS NULL OR s.ended_at >= m.month)),
            count(*) FILTER (WHERE s.gateway_created_at >= m.month AND s.gateway_created_at < m.next),
            count(*) FILTER (WHERE s.ended_at >= m.month AND s.ended_at < m.next AND s.ended_at > s.paying_from),
            count(*) FILTER (WHERE s.trial_over >= m.month AND s.trial_over < m.next),
            count(*) FILTER (WHERE s.trial_over >= m.month AND s.trial_over < m.next AND s.paid_until > s.trial_end)
        FROM (SELECT month, (month AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC' AS next
              FROM (SELECT ($1 AT TIME ZONE 'UTC' + n * interval '1 month') AT TIME ZONE 'UTC' AS month FROM generate_series(0, $3) n) months) m
        LEFT JOIN (
            SELECT gateway_created_at, ended_at, trial_end, paid_until, coalesce(trial_end, gateway_created_at) AS paying_from,
                CASE WHEN trial_end IS NOT NULL AND least(trial_end, ended_at) <= $2 THEN least(trial_end, ended_at) END AS trial_over
            FROM payments.subscriptions WHERE gateway_created_at IS NOT NULL AND status NOT IN ('incomplete', 'incompleteExpired')) s ON s.gateway_created_at < m.next
        GROUP BY m.month ORDER BY m.month
        """;

    public async Task<SubscriptionFigures> CountAsync(DateTimeOffset firstMonth, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var recurring = new List<Money>();
        await using (var command = database.CreateCommand(Recurring))
        await using (var row = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await row.ReadAsync(cancellationToken))
            {
                recurring.Add(new Money(row.GetInt64(1), Currency.Of(row.GetString(0))));
            }
        }

        var standing = new Dictionary<SubscriptionStatus, long>();
        await using (var command = database.CreateCommand(Standing))
        await using (var row = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await row.ReadAsync(cancellationToken))
            {
                standing[Conventions.Value<SubscriptionStatus>(row.GetString(0))] = row.GetInt64(1);
            }
        }

        return new SubscriptionFigures(
            now, recurring, standing.GetValueOrDefault(SubscriptionStatus.Active), standing.GetValueOrDefault(SubscriptionStatus.Trialing), standing.GetValueOrDefault(SubscriptionStatus.PastDue),
            standing.GetValueOrDefault(SubscriptionStatus.Paused), await MonthsAsync(firstMonth, now, cancellationToken));
    }

    private async Task<List<SubscriptionMonth>> MonthsAsync(DateTimeOffset first, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Months);
        command.Parameters.Add(new() { Value = first });
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = ((now.Year - first.Year) * 12) + now.Month - first.Month });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var months = new List<SubscriptionMonth>();
        while (await row.ReadAsync(cancellationToken))
        {
            months.Add(SubscriptionMonth.Of(row.At(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5)));
        }

        return months;
    }
}

using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;
using Payments.Application.Payments.Exports;
using Payments.Application.Users.Credits;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;
using Payments.Domain.Users.Credits;
using Payments.Infrastructure.Database.Mappings;

namespace Payments.Infrastructure.Database.Reads;

/// <summary>Reads a table from end to end by key, a handful of rows at a time.</summary>
internal static class BookReader
{
    private const int RowsAtATime = 1000;

    /// <summary>A narrow time in a large table may take a while to begin.</summary>
    private static readonly TimeSpan LongestSearch = TimeSpan.FromMinutes(5);

    /// <param name="sql">Takes the last row's time ($1) and id ($2), the first and last moment wanted ($3, $4; null for any) and how many ($5).</param>
    /// <param name="key">A row's time and id, by which they are ordered.</param>
    public static async IAsyncEnumerable<T> ReadAsync<T>(
        NpgsqlDataSource database, string sql, DateTimeOffset? from, DateTimeOffset? until, Func<NpgsqlDataReader, T> row, Func<T, (DateTimeOffset At, Guid Id)> key, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var last = (At: DateTimeOffset.UnixEpoch, Id: Guid.Empty);
        while (true)
        {
            var rows = new List<T>(RowsAtATime);
            await using (var command = database.CreateCommand(sql))
            {
                command.CommandTimeout = (int)LongestSearch.TotalSeconds;
                command.Parameters.Add(new() { Value = last.At });
                command.Parameters.Add(new() { Value = last.Id });
                command.Parameters.Add(new() { Value = (object?)from?.ToUniversalTime() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
                command.Parameters.Add(new() { Value = (object?)until?.ToUniversalTime() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
                command.Parameters.Add(new() { Value = RowsAtATime });
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    rows.Add(row(reader));
                }
            }

            foreach (var item in rows)
            {
                yield return item;
            }

            if (rows.Count < RowsAtATime)
            {
                yield break;
            }

            last = key(rows[^1]);
        }
    }

    public static Guid? Id(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetGuid(column);

    public static string? Text(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static DateTimeOffset At(this NpgsqlDataReader row, int column) => row.GetFieldValue<DateTimeOffset>(column);

    public static DateTimeOffset? Maybe(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.At(column);
}

internal sealed class PaymentBooks(NpgsqlDataSource database) : IPaymentBooks
{
    // Without a beginning they begin at the first row; the comparison of rows is what the index is gone through by.
    private const string InTime = "(created_at, id) > (greatest($1, $3), $2) AND ($4::timestamptz IS NULL OR created_at < $4) ORDER BY created_at, id LIMIT $5";

    public IAsyncEnumerable<BookedPayment> PaymentsAsync(DateTimeOffset? from, DateTimeOffset? until, CancellationToken cancellationToken) => BookReader.ReadAsync(
        database,
        "SELECT id, user_id, kind, status, coalesce(total_minor, amount_minor), discount_minor, tax_minor, refunded_minor, currency, credits, description, session_id, payment_intent_id, charge_id, invoice_id, created_at, completed_at "
        + "FROM payments.payments WHERE " + InTime,
        from,
        until,
        r =>
        {
            var currency = Currency.Of(r.GetString(8));
            return new BookedPayment(
                new PaymentId(r.GetGuid(0)), new UserId(r.GetGuid(1)), Conventions.Value<PaymentKind>(r.GetString(2)), Conventions.Value<PaymentStatus>(r.GetString(3)),
                new Money(r.GetInt64(4), currency), new Money(r.GetInt64(5), currency), new Money(r.GetInt64(6), currency), new Money(r.GetInt64(7), currency), r.GetInt64(9), r.GetString(10),
                r.Text(11), r.Text(12), r.Text(13), r.Text(14), r.At(15), r.Maybe(16));
        },
        p => (p.CreatedAt, p.Id.Value),
        cancellationToken);

    public IAsyncEnumerable<BookedRefund> RefundsAsync(DateTimeOffset? from, DateTimeOffset? until, CancellationToken cancellationToken) => BookReader.ReadAsync(
        database,
        "SELECT id, payment_id, (SELECT user_id FROM payments.payments p WHERE p.id = payment_id), amount_minor, currency, status, reason, origin, note, requested_by, gateway_id, created_at, completed_at "
        + "FROM payments.refunds WHERE " + InTime,
        from,
        until,
        r => new BookedRefund(
            new RefundId(r.GetGuid(0)), new PaymentId(r.GetGuid(1)), new UserId(r.GetGuid(2)), new Money(r.GetInt64(3), Currency.Of(r.GetString(4))), Conventions.Value<RefundStatus>(r.GetString(5)),
            Conventions.Value<RefundReason>(r.GetString(6)), Conventions.Value<RefundOrigin>(r.GetString(7)), r.Text(8), r.Id(9) is { } by ? new UserId(by) : null, r.Text(10), r.At(11), r.Maybe(12)),
        x => (x.CreatedAt, x.Id.Value),
        cancellationToken);

    public IAsyncEnumerable<BookedInvoice> InvoicesAsync(DateTimeOffset? from, DateTimeOffset? until, CancellationToken cancellationToken) => BookReader.ReadAsync(
        database,
        "SELECT id, user_id, number, status, reason, subtotal_minor, discount_minor, tax_minor, total_minor, amount_paid_minor, currency, gateway_id, subscription_id, payment_id, period_start, period_end, created_at, paid_at "
        + "FROM payments.invoices WHERE status <> 'draft' AND " + InTime,
        from,
        until,
        r =>
        {
            var currency = Currency.Of(r.GetString(10));
            return new BookedInvoice(
                new InvoiceId(r.GetGuid(0)), new UserId(r.GetGuid(1)), r.Text(2), Conventions.Value<InvoiceStatus>(r.GetString(3)), Conventions.Value<BillingReason>(r.GetString(4)),
                new Money(r.GetInt64(5), currency), new Money(r.GetInt64(6), currency), new Money(r.GetInt64(7), currency), new Money(r.GetInt64(8), currency), new Money(r.GetInt64(9), currency), r.GetString(11),
                r.Id(12) is { } s ? new SubscriptionId(s) : null, r.Id(13) is { } p ? new PaymentId(p) : null, r.Maybe(14), r.Maybe(15), r.At(16), r.Maybe(17));
        },
        i => (i.CreatedAt, i.Id.Value),
        cancellationToken);
}

internal sealed class CreditBook(NpgsqlDataSource database) : ICreditBook
{
    /// <summary>Ids grow with time, so by id is the order of writing; an index by time of the ledger's largest table would cost every purchase.</summary>
    public IAsyncEnumerable<BookedCredits> CreditsAsync(DateTimeOffset? from, DateTimeOffset? until, CancellationToken cancellationToken) => BookReader.ReadAsync(
        database,
        """
        SELECT id, user_id, kind, change, balance_after, reason, reference, payment_id, at FROM users.credit_transactions
        WHERE $1::timestamptz IS NOT NULL AND id > $2 AND ($3::timestamptz IS NULL OR at >= $3) AND ($4::timestamptz IS NULL OR at < $4) ORDER BY id LIMIT $5
        """,
        from,
        until,
        r => new BookedCredits(
            r.GetGuid(0), new UserId(r.GetGuid(1)), Conventions.Value<CreditTransactionKind>(r.GetString(2)), r.GetInt64(3), r.GetInt64(4), r.GetString(5), r.GetString(6),
            r.Id(7) is { } p ? new PaymentId(p) : null, r.At(8)),
        c => (c.At, c.Id),
        cancellationToken);
}

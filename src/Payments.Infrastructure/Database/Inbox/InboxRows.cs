using Npgsql;
using NpgsqlTypes;
using Payments.Application.Payments.Webhooks;
using Payments.Infrastructure.Database.Mappings;

namespace Payments.Infrastructure.Database.Inbox;

/// <summary>One claimed row: the stored event and what is needed to settle it.</summary>
internal sealed record ClaimedEvent(StoredEvent Event, string Gateway, int Attempts, DateTimeOffset ReceivedAt);

/// <summary>How an event is written back.</summary>
/// <param name="NextAttemptAt">For one that stays pending.</param>
internal sealed record SettledEvent(ClaimedEvent Row, EventOutcome Outcome, DateTimeOffset NextAttemptAt);

/// <summary>The inbox's statements: claim and settle, each for many rows at once.</summary>
internal static class InboxRows
{
    private const string Columns = "id, created, type, livemode, account, payload, gateway, attempts, received_at";

    /// <summary>Takes the row locks of events that are due and that nobody else works on.</summary>
    public static Task<List<ClaimedEvent>> ClaimAsync(PaymentsDbContext db, DateTimeOffset wallNow, int most, CancellationToken cancellationToken) => ReadAsync(
        db,
        $"SELECT {Columns} FROM payments.webhook_events WHERE status = 'pending' AND next_attempt_at <= $1 ORDER BY next_attempt_at LIMIT $2 FOR UPDATE SKIP LOCKED",
        [new() { Value = wallNow }, new() { Value = most }],
        cancellationToken);

    /// <summary>Takes these events again, in a transaction of their own.</summary>
    public static Task<List<ClaimedEvent>> ClaimAsync(PaymentsDbContext db, IReadOnlyCollection<ClaimedEvent> rows, CancellationToken cancellationToken) => ReadAsync(
        db,
        $"""
        SELECT {Columns} FROM payments.webhook_events JOIN unnest($1::text[], $2::text[], $3::timestamptz[]) AS wanted (g, i, c) ON gateway = g AND id = i AND created = c
        WHERE status = 'pending' FOR UPDATE OF webhook_events SKIP LOCKED
        """,
        Keys(rows),
        cancellationToken);

    /// <summary>Writes events back, but for those that somebody else has taken up or settled since they were claimed: that one's word is the newer.</summary>
    public static Task SettleAsync(PaymentsDbContext db, IReadOnlyList<SettledEvent> rows, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(
            """
            UPDATE payments.webhook_events SET status = s, payment_id = coalesce(p, payment_id), last_error = e, next_attempt_at = n, attempts = a,
                processed_at = CASE WHEN s = 'pending' THEN NULL ELSE $9 END
            FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::uuid[], $6::text[], $7::timestamptz[], $8::int[]) AS settled (g, i, c, s, p, e, n, a)
            WHERE gateway = g AND id = i AND created = c AND status = 'pending' AND attempts <= a
            """);
        foreach (var parameter in Keys([.. rows.Select(r => r.Row)]))
        {
            command.Parameters.Add(parameter);
        }

        command.Parameters.Add(Texts(rows.Select(r => Conventions.Text(r.Outcome.Status))));
        command.Parameters.Add(new() { Value = rows.Select(r => r.Outcome.PaymentId?.Value).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
        command.Parameters.Add(Texts(rows.Select(r => r.Outcome.Error)));
        command.Parameters.Add(new() { Value = rows.Select(r => r.NextAttemptAt).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
        // One more than when it was claimed, however often it is written back for that.
        command.Parameters.Add(new() { Value = rows.Select(r => r.Row.Attempts + 1).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer });
        command.Parameters.Add(new() { Value = now });
        return db.ExecuteAsync([command], cancellationToken);
    }

    private static async Task<List<ClaimedEvent>> ReadAsync(PaymentsDbContext db, string sql, IReadOnlyList<NpgsqlParameter> parameters, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, db.Connection, db.Transaction);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        var rows = new List<ClaimedEvent>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new ClaimedEvent(
                new StoredEvent(
                    reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetString(2), reader.GetBoolean(3),
                    reader.IsDBNull(4) ? null : reader.GetString(4), reader.GetFieldValue<byte[]>(5)),
                reader.GetString(6),
                reader.GetInt32(7),
                reader.GetFieldValue<DateTimeOffset>(8)));
        }

        return rows;
    }

    private static List<NpgsqlParameter> Keys(IReadOnlyCollection<ClaimedEvent> rows) =>
    [
        Texts(rows.Select(r => r.Gateway)),
        Texts(rows.Select(r => r.Event.Id)),
        new() { Value = rows.Select(r => r.Event.Created).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz },
    ];

    private static NpgsqlParameter Texts(IEnumerable<string?> values) => new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
}

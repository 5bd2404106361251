using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Payments.Application.Shared;
using Payments.Infrastructure.Scheduling;

namespace Payments.Infrastructure.Database;

/// <summary>
/// The product's time: wall time plus an offset that only a sandbox may move. Only the date moves; timers stay real.
/// Counts in microseconds, as the database does.
/// </summary>
internal sealed class SandboxClock(NpgsqlDataSource database, DueWork due, bool canMove) : TimeProvider, ISandboxClock, IHostedService
{
    /// <summary>Where rows wait for a time of the product's clock: table, column, and which rows count.</summary>
    private static readonly (string Table, string Column, string Where)[] DueRows =
    [
        ("users.credit_holds", "expires_at", "status = 'open'"),
        ("users.credit_lots", "expires_at", "remaining > 0"),
        ("payments.payments", "next_check_at", "true"),
        ("payments.subscriptions", "next_action_at", "true"),
        ("payments.refunds", "due_at", "true"),
        ("payments.orders", "due_at", "true"),
        ("payments.payment_methods", "notice_due_at", "true"),
        ("payments.customers", "sync_due_at", "true"),
    ];

    private static readonly string Backlog =
        $"""
        SELECT (SELECT count(*) FROM payments.webhook_events WHERE status = 'pending' AND (next_attempt_at <= $1 OR last_error IS NULL)),
               (SELECT count(*) FROM payments.outbox WHERE next_attempt_at <= $1),
               (SELECT count(*) FROM notifications.notifications WHERE next_attempt_at <= $1 OR (next_attempt_at IS NOT NULL AND status = 'sending')),
               {string.Join(" + ", DueRows.Select(d => $"(SELECT count(*) FROM {d.Table} WHERE {d.Where} AND {d.Column} <= $2)"))},
               least({string.Join(", ", DueRows.Select(d => $"(SELECT min({d.Column}) FROM {d.Table} WHERE {d.Where} AND {d.Column} > $2)"))})
        """;

    private long offsetTicks;

    public bool CanMove => canMove;

    public override DateTimeOffset GetUtcNow()
    {
        var ticks = System.GetUtcNow().Ticks + Interlocked.Read(ref offsetTicks);
        return new DateTimeOffset(ticks - (ticks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
    }

    public async Task MoveToAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Never back: who was cut off from an earlier move asks for a time that is past here, and is told the present one.
        var offset = Math.Max(now.UtcTicks - System.GetUtcNow().Ticks, Interlocked.Read(ref offsetTicks));

        await using (var command = database.CreateCommand("INSERT INTO payments.sandbox_clock (one, offset_ticks) VALUES (true, $1) ON CONFLICT (one) DO UPDATE SET offset_ticks = excluded.offset_ticks"))
        {
            command.Parameters.Add(new() { Value = offset });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        Interlocked.Exchange(ref offsetTicks, offset);
        await due.RunAsync(cancellationToken);
    }

    public async Task<SandboxBacklog> BacklogAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Backlog);
        command.Parameters.Add(new() { Value = System.GetUtcNow() });
        command.Parameters.Add(new() { Value = GetUtcNow() });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return new SandboxBacklog(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.IsDBNull(4) ? null : row.GetFieldValue<DateTimeOffset>(4));
    }

    /// <summary>The offset survives restarts; it is read before anything else starts.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!canMove)
        {
            return;
        }

        await using var command = database.CreateCommand("SELECT offset_ticks FROM payments.sandbox_clock");
        try
        {
            Interlocked.Exchange(ref offsetTicks, await command.ExecuteScalarAsync(cancellationToken) as long? ?? 0);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            // Not migrated yet: /health/ready says so.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

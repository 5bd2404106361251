using System.Security.Cryptography;
using Npgsql;
using Payments.Application.Shared;

namespace Payments.Infrastructure.Database;

internal sealed class IdempotencyKeys(NpgsqlDataSource database) : IIdempotencyKeys
{
    /// <summary>After this long without an answer, the process that had claimed the key is taken for dead.</summary>
    private static readonly TimeSpan TakeOverAfter = TimeSpan.FromSeconds(30);

    public async Task<KeyClaim> ClaimAsync(IdempotencyScope scope, byte[] requestHash, CancellationToken cancellationToken)
    {
        var claim = Guid.CreateVersion7();
        var now = TimeProvider.System.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);

        // One statement decides: it makes the claim, takes over a dead one, or changes nothing and so returns no row.
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO payments.idempotency_keys AS k (scope, claim, request_hash, claimed_at, created_at) VALUES ($1, $2, $3, $4, $4)
            ON CONFLICT (scope) DO UPDATE SET claim = excluded.claim, claimed_at = excluded.claimed_at
            WHERE k.status IS NULL AND k.claimed_at < $5 AND k.request_hash = excluded.request_hash
            RETURNING k.created_at < k.claimed_at
            """,
            connection)
        {
            Parameters =
            {
                new() { Value = ScopeHash(scope) }, new() { Value = claim }, new() { Value = requestHash }, new() { Value = now }, new() { Value = now - TakeOverAfter },
            },
        };
        if (await command.ExecuteScalarAsync(cancellationToken) is bool resumed)
        {
            return new Claimed(claim, resumed);
        }

        await using var read = new NpgsqlCommand("SELECT request_hash, status, content_type, body, location FROM payments.idempotency_keys WHERE scope = $1", connection)
        {
            Parameters = { new() { Value = ScopeHash(scope) } },
        };
        await using var row = await read.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            // Its owner gave it up between the two statements.
            return new StillRunning();
        }

        if (!row.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(requestHash))
        {
            return new DifferentRequest();
        }

        return row.IsDBNull(1)
            ? new StillRunning()
            : new AlreadyAnswered(new RememberedAnswer(row.GetInt32(1), row.IsDBNull(2) ? null : row.GetString(2), row.GetFieldValue<byte[]>(3), row.IsDBNull(4) ? null : row.GetString(4)));
    }

    public async Task CompleteAsync(IdempotencyScope scope, Guid claim, RememberedAnswer answer, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "UPDATE payments.idempotency_keys SET status = $3, content_type = $4, body = $5, location = $6 WHERE scope = $1 AND claim = $2");
        command.Parameters.Add(new() { Value = ScopeHash(scope) });
        command.Parameters.Add(new() { Value = claim });
        command.Parameters.Add(new() { Value = answer.Status });
        command.Parameters.Add(new() { Value = (object?)answer.ContentType ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = answer.Body });
        command.Parameters.Add(new() { Value = (object?)answer.Location ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task AbandonAsync(IdempotencyScope scope, Guid claim, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("DELETE FROM payments.idempotency_keys WHERE scope = $1 AND claim = $2 AND status IS NULL");
        command.Parameters.Add(new() { Value = ScopeHash(scope) });
        command.Parameters.Add(new() { Value = claim });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static byte[] ScopeHash(IdempotencyScope scope) =>
        SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{scope.Caller}\n{scope.Method}\n{scope.Path}\n{scope.Key}"));
}

using Npgsql;

namespace Payments.Infrastructure.Scheduling;

internal sealed class Pruning(NpgsqlDataSource database)
{
    private static readonly TimeSpan KeysKeptFor = TimeSpan.FromHours(48);
    private static readonly TimeSpan MessagesKeptFor = TimeSpan.FromDays(7);

    public async Task RunAsync(DateTimeOffset wallNow, CancellationToken cancellationToken)
    {
        await DeleteAsync("DELETE FROM payments.idempotency_keys WHERE created_at < $1", wallNow - KeysKeptFor, cancellationToken);
        await DeleteAsync("DELETE FROM payments.outbox WHERE next_attempt_at IS NULL AND created_at < $1", wallNow - MessagesKeptFor, cancellationToken);
    }

    private async Task DeleteAsync(string sql, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(new() { Value = before });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

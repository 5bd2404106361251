using Npgsql;

namespace Payments.Sandbox.Supervision;

/// <summary>The catalog and the people of a new sandbox. What is there already is left as it is, so that edits survive a restart.</summary>
internal static class Seed
{
    /// <summary>The ids are fixed, so that a restart finds the packs again, renamed or not.</summary>
    private static readonly (Guid Id, string Name, long Credits, string Currency, long PriceMinor)[] Packs =
    [
        (new("c0000000-0000-4000-8000-000000000001"), "Starter", 100, "usd", 999),
        (new("c0000000-0000-4000-8000-000000000002"), "Standard", 500, "usd", 3999),
        (new("c0000000-0000-4000-8000-000000000003"), "Studio", 2000, "usd", 12999),
        (new("c0000000-0000-4000-8000-000000000004"), "Starter (Japan)", 100, "jpy", 1500),
        (new("c0000000-0000-4000-8000-000000000005"), "Starter (India)", 100, "inr", 79900),
    ];

    public static async Task PlantAsync(string connectionString, DateTimeOffset now, CancellationToken ct)
    {
        await using var source = NpgsqlDataSource.Create(connectionString + ";Pooling=false");
        await using var batch = source.CreateBatch();
        var order = 0;
        foreach (var (id, name, credits, currency, price) in Packs)
        {
            Add(
                """
                INSERT INTO payments.credit_packs (id, name, credits, currency, price_minor, display_order, active)
                VALUES ($1, $2, $3, $4, $5, $6, true) ON CONFLICT DO NOTHING
                """,
                id, name, credits, currency, price, ++order);
        }

        foreach (var user in SandboxUsers.All)
        {
            Add(
                """
                INSERT INTO users.users (id, email, name, credits, held, debt, created_at)
                VALUES ($1, $2, $3, 0, 0, 0, $4) ON CONFLICT DO NOTHING
                """,
                user.Id, user.Email, user.Name, now);
        }

        await batch.ExecuteNonQueryAsync(ct);

        void Add(string sql, params object[] values)
        {
            var command = new NpgsqlBatchCommand(sql);
            foreach (var value in values)
            {
                command.Parameters.Add(new() { Value = value });
            }

            batch.BatchCommands.Add(command);
        }
    }
}

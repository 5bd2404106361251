using Npgsql;

namespace Payments.Sandbox.Supervision;

/// <summary>The catalog and the people of a new sandbox. What is there already is left as it is, so that edits survive a restart.</summary>
internal static class Seed
{
    /// <summary>The ids are fixed, so that a restart finds packs and plans again, renamed or not.</summary>
    private static readonly (Guid Id, string Name, long Credits, string Currency, long PriceMinor)[] Packs =
    [
        (new("c0000000-0000-4000-8000-000000000001"), "Starter", 100, "usd", 999),
        (new("c0000000-0000-4000-8000-000000000002"), "Standard", 500, "usd", 3999),
        (new("c0000000-0000-4000-8000-000000000003"), "Studio", 2000, "usd", 12999),
        (new("c0000000-0000-4000-8000-000000000004"), "Starter (Japan)", 100, "jpy", 1500),
        (new("c0000000-0000-4000-8000-000000000005"), "Starter (India)", 100, "inr", 79900),
    ];

    private static readonly (Guid Id, string Name, long PriceMinor, string Interval, int TrialDays, long Credits, string Family, int Rank, int MaximumQuantity)[] Plans =
    [
        (new("d0000000-0000-4000-8000-000000000001"), "Monthly", 1900, "month", 0, 200, "pro", 1, 1),
        (new("d0000000-0000-4000-8000-000000000002"), "Yearly", 19000, "year", 0, 2400, "pro", 2, 1),
        (new("d0000000-0000-4000-8000-000000000003"), "Team", 1200, "month", 0, 100, "team", 1, 500),
        (new("d0000000-0000-4000-8000-000000000004"), "Plus", 2900, "month", 14, 400, "pro", 3, 1),
    ];

    private static readonly (Guid Id, string Name, string Type, string ResourceId, long PriceMinor)[] Items =
    [
        (new("e0000000-0000-4000-8000-000000000001"), "Cloud foundations", "course", "cloud-foundations", 4900),
        (new("e0000000-0000-4000-8000-000000000002"), "Platform engineer", "learningPath", "platform-engineer", 14900),
        (new("e0000000-0000-4000-8000-000000000003"), "Kubernetes lab", "lab", "kubernetes", 1900),
    ];

    private static readonly (Guid Id, string Name, long PriceMinor, int Pieces)[] Products =
    [
        (new("f0000000-0000-4000-8000-000000000001"), "Workbook", 2500, 1000),
        (new("f0000000-0000-4000-8000-000000000002"), "Hoodie", 4500, 100),
        (new("f0000000-0000-4000-8000-000000000003"), "Signed poster", 7900, 10),
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

        order = 0;
        foreach (var (id, name, price, interval, trialDays, credits, family, rank, maximumQuantity) in Plans)
        {
            Add(
                """
                INSERT INTO payments.plans (id, name, type, currency, price_minor, interval, interval_count, trial_days, credits_per_period, family, rank, maximum_quantity,
                    access_type, access_id, refund_policy, active, display_order)
                VALUES ($1, $2, $3, 'usd', $4, $5, 1, $6, $7, $8, $9, $10, 'platform', '*', 'debt', true, $11) ON CONFLICT DO NOTHING
                """,
                id, name, name.ToLowerInvariant(), price, interval, trialDays, credits, family, rank, maximumQuantity, ++order);
        }

        order = 0;
        foreach (var (id, name, type, resourceId, price) in Items)
        {
            Add(
                """
                INSERT INTO payments.items (id, name, type, resource_id, currency, price_minor, active, display_order)
                VALUES ($1, $2, $3, $4, 'usd', $5, true, $6) ON CONFLICT DO NOTHING
                """,
                id, name, type, resourceId, price, ++order);
        }

        order = 0;
        foreach (var (id, name, price, pieces) in Products)
        {
            Add(
                """
                INSERT INTO payments.products (id, name, currency, price_minor, active, display_order)
                VALUES ($1, $2, 'usd', $3, true, $4) ON CONFLICT DO NOTHING
                """,
                id, name, price, ++order);
            Add("INSERT INTO payments.stock (product_id, available, reserved, sold) VALUES ($1, $2, 0, 0) ON CONFLICT DO NOTHING", id, pieces);
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

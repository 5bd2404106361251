using Npgsql;

namespace Payments.Sandbox.Supervision;

/// <summary>
/// The role as which the API works on a private PostgreSQL. It owns nothing: it can neither drop a table nor switch off the
/// triggers that keep the ledger and the audit log append-only, here as in production.
/// </summary>
internal static class ApplicationRole
{
    public const string Name = "payments_app";

    /// <summary>To be called after migrating, each time: new tables are granted too.</summary>
    public static async Task GrantAsync(string ownerConnectionString, string password, CancellationToken ct)
    {
        await using var source = NpgsqlDataSource.Create(ownerConnectionString + ";Pooling=false");
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                // CREATE ROLE takes no parameters, so the password travels as a setting of this session.
                new("SELECT set_config('sandbox.password', $1, false)") { Parameters = { new() { Value = password } } },
                new("""
                    DO $$
                    DECLARE module text;
                    BEGIN
                        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'payments_app') THEN
                            CREATE ROLE payments_app LOGIN;
                        END IF;
                        EXECUTE format('ALTER ROLE payments_app PASSWORD %L', current_setting('sandbox.password'));
                        FOREACH module IN ARRAY ARRAY['public', 'payments', 'users', 'notifications'] LOOP
                            EXECUTE format('GRANT USAGE ON SCHEMA %I TO payments_app', module);
                            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO payments_app', module);
                            EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %I TO payments_app', module);
                        END LOOP;
                        REVOKE UPDATE, DELETE ON payments.audit_log FROM payments_app;
                    END $$
                    """),
            },
        };
        await batch.ExecuteNonQueryAsync(ct);
    }
}

using System.Runtime.CompilerServices;
using Npgsql;

namespace Payments.Infrastructure.Tests.Database;

/// <summary>The grants of docs/runbooks/migrations.md, run as they stand there.</summary>
public sealed class The_services_role : IAsyncLifetime
{
    private const string InsufficientPrivilege = "42501";
    private const string Password = "of-the-tests";

    private TestDatabase database = null!;
    private NpgsqlDataSource app = null!;

    public async Task InitializeAsync()
    {
        database = await TestDatabase.NewAsync();
        await Rows.PlantAsync(database);
        await Rows.PlantBesideAsync(database);
        await database.ExecuteAsync(
            """
            DO $$ BEGIN CREATE ROLE payments_owner LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
            DO $$ BEGIN CREATE ROLE payments_app LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
            """);
        await database.ExecuteAsync($"ALTER ROLE payments_app PASSWORD '{Password}'");
        await database.ExecuteAsync(Grants());
        app = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = "payments_app", Password = Password }.ConnectionString);
    }

    public async Task DisposeAsync()
    {
        await app.DisposeAsync();
        await database.DisposeAsync();
    }

    [Theory]
    [InlineData("INSERT INTO payments.audit_log (id, at, actor_id, action, subject) VALUES (gen_random_uuid(), '2026-07-29Z', gen_random_uuid(), 'a', 'b')")]
    [InlineData("UPDATE payments.payments SET description = 'x'")]
    [InlineData("DELETE FROM payments.webhook_events")]
    [InlineData("UPDATE users.users SET email = NULL")]
    [InlineData("UPDATE notifications.notifications SET attempts = 2")]
    [InlineData("SELECT * FROM public.migrations")]
    public async Task may_do_its_work(string sql)
    {
        await using var command = app.CreateCommand(sql);

        await command.ExecuteNonQueryAsync();
    }

    [Theory]
    [InlineData("UPDATE payments.audit_log SET reason = 'x'")]
    [InlineData("DELETE FROM payments.audit_log")]
    [InlineData("TRUNCATE payments.audit_log")]
    [InlineData("ALTER TABLE payments.audit_log DISABLE TRIGGER append_only")]
    [InlineData("DROP TABLE payments.audit_log")]
    [InlineData("UPDATE users.credit_postings SET credits = 1")]
    [InlineData("DELETE FROM users.credit_transactions")]
    [InlineData("ALTER TABLE users.credit_postings DISABLE TRIGGER ALL")]
    [InlineData("CREATE TABLE payments.mine (id int)")]
    public async Task may_not_rewrite_what_was_written_nor_take_away_its_guards(string sql)
    {
        await using var command = app.CreateCommand(sql);

        (await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync())).SqlState.ShouldBe(InsufficientPrivilege);
    }

    private static string Grants([CallerFilePath] string thisFile = "")
    {
        var guide = File.ReadAllText(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../../docs/runbooks/migrations.md")));
        return guide.Split("```sql").Select(block => block.Split("```")[0]).Single(block => block.Contains("GRANT USAGE ON SCHEMA", StringComparison.Ordinal));
    }
}

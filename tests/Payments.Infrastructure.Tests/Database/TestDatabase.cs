using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;
using Payments.Infrastructure.Database;
using Payments.Sandbox.Postgres;

namespace Payments.Infrastructure.Tests.Database;

/// <summary>A database of a test's own, made from a migrated template on the one server of this run.</summary>
public sealed class TestDatabase : IAsyncLifetime
{
    private readonly bool migrated;
    private string name = "";

    public TestDatabase()
        : this(migrated: true)
    {
    }

    private TestDatabase(bool migrated) => this.migrated = migrated;

    public string ConnectionString { get; private set; } = "";

    public NpgsqlDataSource Source { get; private set; } = null!;

    public static async Task<TestDatabase> NewAsync(bool migrated = true)
    {
        var database = new TestDatabase(migrated);
        await database.InitializeAsync();
        return database;
    }

    public async Task InitializeAsync()
    {
        var server = await SharedServer.GetAsync();
        name = await server.NewDatabaseAsync(migrated);
        ConnectionString = server.Postgres.ConnectionString(name) + ";Maximum Pool Size=16;Timeout=60";
        Source = NpgsqlDataSource.Create(ConnectionString);
    }

    public async Task DisposeAsync()
    {
        await Source.DisposeAsync();
        await (await SharedServer.GetAsync()).Postgres.DropDatabaseAsync(name);
    }

    internal PaymentsDbContext Context() => new(new DbContextOptionsBuilder<PaymentsDbContext>().UseNpgsql(Source, DatabaseRegistration.Npgsql).Options);

    /// <param name="target">Name of the last migration to have; <c>0</c> for none; null for all.</param>
    public async Task MigrateAsync(string? target = null)
    {
        await using var db = Context();
        await db.GetService<IMigrator>().MigrateAsync(target);
        // The types and plans that open connections remember belong to tables that may be gone.
        Source.Clear();
    }

    public async Task<int> ExecuteAsync(string sql, params object?[] values)
    {
        await using var command = Command(sql, values);
        return await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql, params object?[] values)
    {
        await using var command = Command(sql, values);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task<List<T>> ColumnAsync<T>(string sql, params object?[] values)
    {
        await using var command = Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetFieldValue<T>(0));
        }

        return rows;
    }

    /// <summary>What PostgreSQL says no with.</summary>
    public async Task<PostgresException> RefusedAsync(string sql, params object?[] values) => await Should.ThrowAsync<PostgresException>(() => ExecuteAsync(sql, values));

    private NpgsqlCommand Command(string sql, object?[] values)
    {
        var command = Source.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value ?? DBNull.Value });
        }

        return command;
    }

    private sealed class SharedServer
    {
        private static readonly Lazy<Task<SharedServer>> Shared = new(StartAsync);
        private int databases;

        public required PrivatePostgres Postgres { get; init; }

        public static Task<SharedServer> GetAsync() => Shared.Value;

        public async Task<string> NewDatabaseAsync(bool migrated)
        {
            var name = $"test_{Interlocked.Increment(ref databases)}";
            await Postgres.CreateDatabaseAsync(name, migrated ? "migrated" : null);
            return name;
        }

        private static async Task<SharedServer> StartAsync()
        {
            var postgres = await PrivatePostgres.StartTemporaryAsync();
            await postgres.CreateDatabaseAsync("migrated");
            await using var db = new PaymentsDbContext(
                new DbContextOptionsBuilder<PaymentsDbContext>().UseNpgsql(postgres.ConnectionString("migrated") + ";Pooling=false", DatabaseRegistration.Npgsql).Options);
            await db.Database.MigrateAsync();
            return new SharedServer { Postgres = postgres };
        }
    }
}

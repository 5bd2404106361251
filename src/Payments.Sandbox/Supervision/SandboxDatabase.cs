using System.Globalization;
using Npgsql;
using Payments.Sandbox.Postgres;

namespace Payments.Sandbox.Supervision;

/// <summary>The database of a run: in a private PostgreSQL, or one that was named by <c>DATABASE_URL</c>.</summary>
internal sealed class SandboxDatabase : IAsyncDisposable
{
    private const string Name = "payments";

    private SandboxDatabase(string url, string connectionString, PrivatePostgres? server)
    {
        Url = url;
        ConnectionString = connectionString;
        Server = server;
    }

    /// <summary>As its owner.</summary>
    public string Url { get; }

    public string ConnectionString { get; }

    /// <summary>Null when it is somebody else's.</summary>
    public PrivatePostgres? Server { get; }

    /// <summary>As the API works on it: in a private PostgreSQL as a role that owns nothing; elsewhere as whoever was named.</summary>
    public string UrlFor(SandboxSecrets secrets)
        => Server is null ? Url : $"postgres://{ApplicationRole.Name}:{secrets.DatabasePassword}@127.0.0.1:{Server.Port.ToString(CultureInfo.InvariantCulture)}/{Name}";

    public static async Task<SandboxDatabase> StartPrivateAsync(string directory, CancellationToken ct)
    {
        var server = await PrivatePostgres.StartAsync(new() { DataDirectory = directory }, ct);
        try
        {
            if (!await server.DatabaseExistsAsync(Name, ct))
            {
                await server.CreateDatabaseAsync(Name, ct: ct);
            }
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        return new SandboxDatabase(server.Url(Name), server.ConnectionString(Name), server);
    }

    /// <summary>Uses a database that is empty, and from then on bears our mark, or that bears it already.</summary>
    /// <exception cref="SandboxException">It holds what no sandbox put there, or cannot be reached.</exception>
    public static async Task<SandboxDatabase> UseAsync(string url, CancellationToken ct)
    {
        var connectionString = PostgresAddress.ForNpgsql(url);
        try
        {
            await using var source = NpgsqlDataSource.Create(connectionString + ";Pooling=false");
            await using var connection = await source.OpenConnectionAsync(ct);
            await using var look = new NpgsqlCommand(
                """
                SELECT to_regclass('payments_sandbox.mark') IS NOT NULL,
                       EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                               WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_%')
                """,
                connection);
            bool marked, filled;
            await using (var row = await look.ExecuteReaderAsync(ct))
            {
                await row.ReadAsync(ct);
                (marked, filled) = (row.GetBoolean(0), row.GetBoolean(1));
            }

            if (!marked && filled)
            {
                throw new SandboxException("DATABASE_URL names a database that ./run did not fill: it holds tables of somebody else's, so it is left alone. Name an empty one, or unset DATABASE_URL to have a private PostgreSQL.");
            }

            if (!marked)
            {
                await using var mark = new NpgsqlCommand("CREATE SCHEMA IF NOT EXISTS payments_sandbox; CREATE TABLE IF NOT EXISTS payments_sandbox.mark (made_by text)", connection);
                await mark.ExecuteNonQueryAsync(ct);
            }

            return new SandboxDatabase(url, connectionString, server: null);
        }
        catch (NpgsqlException refused)
        {
            throw new SandboxException($"DATABASE_URL's database cannot be used: {refused.Message}", refused);
        }
    }

    public ValueTask DisposeAsync() => Server?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary><c>postgres://user:password@host:port/database?sslmode=require</c> in Npgsql's words, for the sandbox's own few statements.</summary>
internal static class PostgresAddress
{
    private const string Wanted = "DATABASE_URL wants postgres://user:password@host:port/database";

    public static string ForNpgsql(string url)
    {
        // The address is not quoted in any message: it holds a password.
        if (!url.StartsWith("postgres://", StringComparison.Ordinal) && !url.StartsWith("postgresql://", StringComparison.Ordinal))
        {
            try
            {
                return new NpgsqlConnectionStringBuilder(url).ConnectionString;
            }
            catch (Exception unreadable) when (unreadable is ArgumentException or FormatException)
            {
                throw new SandboxException(Wanted + ".", unreadable);
            }
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.AbsolutePath.Length < 2)
        {
            throw new SandboxException(Wanted + ".");
        }

        var login = uri.UserInfo.Split(':', 2);
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = uri.IdnHost,
            Port = uri.Port > 0 ? uri.Port : 5432,
            Username = Uri.UnescapeDataString(login[0]),
            Password = login.Length == 2 ? Uri.UnescapeDataString(login[1]) : null,
            Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]),
        };
        foreach (var parameter in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            if (parameter.StartsWith("sslmode=", StringComparison.Ordinal))
            {
                builder.SslMode = Enum.TryParse<SslMode>(parameter[8..].Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var mode)
                    ? mode
                    : throw new SandboxException("DATABASE_URL's sslmode is disable, allow, prefer, require, verify-ca or verify-full.");
            }
        }

        return builder.ConnectionString;
    }
}

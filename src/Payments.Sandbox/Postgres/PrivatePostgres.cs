using System.Globalization;
using System.Security.Cryptography;
using Npgsql;
using Payments.Sandbox.Supervision;

namespace Payments.Sandbox.Postgres;

/// <summary>
/// A PostgreSQL server of our own: its files in one directory, loopback only, a random password, gone with the
/// process that started it however that ends.
/// </summary>
/// <remarks>
/// PostgreSQL refuses to run as root; started by root it runs as the <c>postgres</c> user, and is handed its
/// directory already open, so that it works below directories which that user may not walk through
/// (<c>/root</c>, a <c>mktemp -d</c>) without any permission being changed.
/// </remarks>
public sealed class PrivatePostgres : IAsyncDisposable
{
    private const string Owner = "postgres";
    private const int AttemptsAtAFreePort = 5;
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan OrphanPatience = TimeSpan.FromSeconds(20);

    private readonly PrivatePostgresOptions options;
    private readonly string binaries;
    private readonly UserIds? runAs;
    private readonly string password;
    private readonly FileStream ownership;
    private readonly bool deleteAfterwards;
    private readonly BoundedLog log;
    private ChildProcess? server;

    private PrivatePostgres(PrivatePostgresOptions options, string binaries, UserIds? runAs, string password, FileStream ownership, BoundedLog log, bool deleteAfterwards)
    {
        this.options = options;
        this.binaries = binaries;
        this.runAs = runAs;
        this.password = password;
        this.ownership = ownership;
        this.log = log;
        this.deleteAfterwards = deleteAfterwards;
        Port = options.Port;
    }

    public int Port { get; private set; }

    /// <summary>The postmaster's process id.</summary>
    public int Pid => server?.Id ?? throw new InvalidOperationException("PostgreSQL is stopped.");

    /// <summary>Ends with the server's exit code when it ends, whoever ended it.</summary>
    public Task<int> Exited => server?.Exited ?? throw new InvalidOperationException("PostgreSQL is stopped.");

    public string LogFile => log.Path;

    private string Cluster => ClusterOf(options.DataDirectory);

    /// <exception cref="SandboxException">PostgreSQL is not installed, the port is taken, the directory is in use…: the message says what to do.</exception>
    public static Task<PrivatePostgres> StartAsync(PrivatePostgresOptions options, CancellationToken ct = default) => StartAsync(options, deleteAfterwards: false, ct);

    /// <summary>A server for one run of tests: a temporary directory (deleted on dispose), a free port, no fsync.</summary>
    public static Task<PrivatePostgres> StartTemporaryAsync(CancellationToken ct = default)
    {
        TemporaryServers.SweepAbandoned();
        return StartAsync(new() { DataDirectory = TemporaryServers.NewDirectory(), Durability = Durability.Relaxed }, deleteAfterwards: true, ct);
    }

    private static async Task<PrivatePostgres> StartAsync(PrivatePostgresOptions options, bool deleteAfterwards, CancellationToken ct)
    {
        options = options with { DataDirectory = Path.GetFullPath(options.DataDirectory) };
        PrivateFiles.MakeDirectory(options.DataDirectory);
        var held = TakeOwnership(options.DataDirectory);
        try
        {
            var cluster = ClusterOf(options.DataDirectory);
            var versionFile = Path.Combine(cluster, "PG_VERSION");
            var passwordFile = Path.Combine(options.DataDirectory, "password");
            // The password is written last, so a first start that was interrupted is recognised by its absence and begun again.
            var exists = File.Exists(versionFile) && File.Exists(passwordFile);
            if (!exists && Directory.Exists(cluster))
            {
                Directory.Delete(cluster, recursive: true);
            }

            var folder = await PostgresBinaries.FindAsync(exists ? (await File.ReadAllTextAsync(versionFile, ct)).Trim() : null, ct);
            var user = await UserFor(exists ? cluster : null, ct);
            if (!exists)
            {
                await InitialiseAsync(options, folder, user, cluster, passwordFile, ct);
            }

            var postgres = new PrivatePostgres(options, folder, user, await File.ReadAllTextAsync(passwordFile, ct), held, new BoundedLog(Path.Combine(options.DataDirectory, "postgres.log")), deleteAfterwards);
            await postgres.StartAgainAsync(ct);
            return postgres;
        }
        catch
        {
            await held.DisposeAsync();
            if (deleteAfterwards)
            {
                Directory.Delete(options.DataDirectory, recursive: true);
            }

            throw;
        }
    }

    /// <summary>Starts the server again after <see cref="StopAsync"/> or after it died, on the port it had.</summary>
    public async Task StartAgainAsync(CancellationToken ct = default)
    {
        if (server is { Exited.IsCompleted: false })
        {
            throw new InvalidOperationException("PostgreSQL is running.");
        }

        await StopAsync();
        await ClearLeftoversAsync(ct);
        for (var attempt = 1; ; attempt++)
        {
            var port = Port == 0 ? Ports.Free() : Port;
            log.Forget();
            var started = await LaunchAsync(port);
            try
            {
                if (await IsReadyAsync(started, port, ct))
                {
                    (server, Port) = (started, port);
                    return;
                }
            }
            finally
            {
                if (server != started)
                {
                    await started.DisposeAsync();
                }
            }

            // A free port may be taken between being found and being bound; and after a kill -9 the backends need a moment to notice and let go of the shared memory.
            var again = (Port == 0 && log.Says("Address already in use")) || log.Says("shared memory block");
            if (!again || attempt == AttemptsAtAFreePort)
            {
                throw new SandboxException(log.Says("Address already in use")
                    ? $"PostgreSQL's port {port} is taken."
                    : $"PostgreSQL did not start ({LogFile}):\n{log.LastLines}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500), ct);
        }
    }

    /// <summary>Stops the server, and kills it when it has not stopped within <paramref name="patience"/> (15 s unless told). Port and data are kept for <see cref="StartAgainAsync"/>.</summary>
    public async Task StopAsync(PostgresStop mode = PostgresStop.Fast, TimeSpan? patience = null)
    {
        if (server is null)
        {
            return;
        }

        await server.StopAsync((Signal)mode, patience ?? TimeSpan.FromSeconds(15));
        await server.DisposeAsync();
        server = null;
    }

    /// <summary>For Npgsql.</summary>
    public string ConnectionString(string database) => Connection(database, Port).ConnectionString;
    /// <summary>For <c>DATABASE_URL</c> and <c>psql</c>.</summary>
    public string Url(string database) => $"postgres://{Owner}:{password}@127.0.0.1:{Port.ToString(CultureInfo.InvariantCulture)}/{Uri.EscapeDataString(database)}";

    public async Task<bool> DatabaseExistsAsync(string name, CancellationToken ct = default)
    {
        await using var source = MaintenanceSource();
        await using var command = source.CreateCommand("SELECT 1 FROM pg_database WHERE datname = $1");
        command.Parameters.Add(new() { Value = name });
        return await command.ExecuteScalarAsync(ct) is not null;
    }

    /// <summary>Creates an empty database, or a copy of <paramref name="template"/>, to which nobody may be connected meanwhile.</summary>
    public async Task CreateDatabaseAsync(string name, string? template = null, CancellationToken ct = default)
        => await ExecuteAsync($"CREATE DATABASE {Quoted(name)}" + (template is null ? "" : $" TEMPLATE {Quoted(template)}"), ct);

    /// <summary>Drops the database with whoever is connected to it; it need not exist.</summary>
    public async Task DropDatabaseAsync(string name, CancellationToken ct = default)
        => await ExecuteAsync($"DROP DATABASE IF EXISTS {Quoted(name)} WITH (FORCE)", ct);

    public async ValueTask DisposeAsync()
    {
        // What is deleted next needs no checkpoint first.
        await StopAsync(deleteAfterwards ? PostgresStop.Immediate : PostgresStop.Fast);
        if (deleteAfterwards)
        {
            Directory.Delete(options.DataDirectory, recursive: true);
        }

        log.Dispose();
        await ownership.DisposeAsync();
    }

    private async Task ExecuteAsync(string sql, CancellationToken ct)
    {
        await using var source = MaintenanceSource();
#pragma warning disable CA2100 // CREATE DATABASE takes no parameters: the names are quoted as identifiers.
        await using var command = source.CreateCommand(sql);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(ct);
    }

    private NpgsqlDataSource MaintenanceSource()
    {
        var connection = Connection("postgres", Port);
        connection.Pooling = false;
        return NpgsqlDataSource.Create(connection);
    }

    private NpgsqlConnectionStringBuilder Connection(string database, int port) => new()
    {
        Host = "127.0.0.1",
        Port = port,
        Username = Owner,
        Password = password,
        Database = database,
    };

    private static string Quoted(string identifier)
    {
        // PostgreSQL would cut a longer name off silently, and two databases could become one.
        if (System.Text.Encoding.UTF8.GetByteCount(identifier) > 63)
        {
            throw new ArgumentException("A database's name is at most 63 bytes.", nameof(identifier));
        }

        return new NpgsqlCommandBuilder().QuoteIdentifier(identifier);
    }

    private static string ClusterOf(string dataDirectory) => Path.Combine(dataDirectory, "cluster");

    private static FileStream TakeOwnership(string dataDirectory)
    {
        try
        {
            // FileShare.None is a flock: it ends with this process, so it can never be stale.
            return new FileStream(Path.Combine(dataDirectory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException inUse) when (inUse is not (DirectoryNotFoundException or FileNotFoundException))
        {
            throw new SandboxException($"{dataDirectory} is in use by another PostgreSQL of the sandbox.", inUse);
        }
    }

    /// <summary>Root hands the server to the cluster's owner, or for a new cluster to the <c>postgres</c> user; anybody else runs it themselves.</summary>
    private static async Task<UserIds?> UserFor(string? existingCluster, CancellationToken ct)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return null;
        }

        if (existingCluster is not null)
        {
            var (_, owner) = await ChildProcess.RunAsync(new("stat", ["-c", "%u %g", existingCluster]), ct: ct);
            return ParseIds(owner);
        }

        var (found, ids) = await ChildProcess.RunAsync(new("sh", ["-c", $"echo $(id -u {Owner}) $(id -g {Owner})"]), ct: ct);
        return found == 0 && ParseIds(ids) is { } known
            ? known
            : throw new SandboxException($"PostgreSQL refuses to run as root and there is no user '{Owner}' to run it as. Debian's package makes one (apt-get install postgresql); or start as an ordinary user.");
    }

    private static UserIds? ParseIds(string text)
        => text.Split(' ') is [var user, var group] && int.TryParse(user, CultureInfo.InvariantCulture, out var uid) && int.TryParse(group, CultureInfo.InvariantCulture, out var gid)
            ? new UserIds(uid, gid)
            : null;

    private static async Task InitialiseAsync(PrivatePostgresOptions options, string binaries, UserIds? runAs, string cluster, string passwordFile, CancellationToken ct)
    {
        PrivateFiles.MakeDirectory(cluster);
        if (runAs is { } owner)
        {
            await MustSucceed("chown", await ChildProcess.RunAsync(new("chown", [$"{owner.User}:{owner.Group}", cluster]), ct: ct));
        }

        string[] initdb =
        [
            "-D", ChildProcess.DirectoryAsFileDescriptor, $"--username={Owner}", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--lc-messages=C",
            "--no-instructions", .. options.Durability == Durability.Relaxed ? ["--no-sync"] : Array.Empty<string>(),
        ];
        await MustSucceed("initdb", await ChildProcess.RunAsync(new(Path.Combine(binaries, "initdb"), initdb) { OpenDirectory = cluster, RunAs = runAs }, ct: ct));

        // In single-user mode nobody else can be connected yet, and the password passes through a pipe: neither arguments nor files that another user could read.
        var newPassword = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        await MustSucceed("postgres --single", await ChildProcess.RunAsync(
            new(Path.Combine(binaries, "postgres"), ["--single", "-D", ChildProcess.DirectoryAsFileDescriptor, "-c", "exit_on_error=on", "postgres"]) { OpenDirectory = cluster, RunAs = runAs },
            $"ALTER ROLE {Owner} PASSWORD '{newPassword}';\n",
            ct));

        // Truncates rather than replaces, so that the file stays its owner's.
        await File.WriteAllTextAsync(Path.Combine(cluster, "pg_hba.conf"), "# Written by the sandbox: loopback with the password, and nothing else.\nhost all all 127.0.0.1/32 scram-sha-256\n", ct);

        await PrivateFiles.WriteAsync(passwordFile, newPassword, ct);
    }

    private static Task MustSucceed(string what, (int ExitCode, string Output) result)
        => result.ExitCode == 0 ? Task.CompletedTask : throw new SandboxException($"{what} failed ({result.ExitCode}):\n{result.Output}");

    private Task<ChildProcess> LaunchAsync(int port)
    {
        List<string> arguments = ["-D", ChildProcess.DirectoryAsFileDescriptor];
        foreach (var setting in Settings(port))
        {
            arguments.AddRange(["-c", setting]);
        }

        return ChildProcess.StartAsync(new(Path.Combine(binaries, "postgres"), arguments)
        {
            OpenDirectory = Cluster,
            RunAs = runAs,
            WhenParentDies = (Signal)PostgresStop.Fast,
            OnLine = log.Write,
        });
    }

    private IEnumerable<string> Settings(int port) =>
    [
        "listen_addresses=127.0.0.1", $"port={port}", "unix_socket_directories=",
        "max_connections=100", "shared_buffers=128MB", "max_wal_size=1GB", "jit=off",
        "timezone=UTC", "log_timezone=UTC", "lc_messages=C", "password_encryption=scram-sha-256",
        // Stops a forgotten transaction from holding every other one up for ever.
        "idle_in_transaction_session_timeout=5min",
        "log_line_prefix=%m [%p] %d ", "log_checkpoints=off", "logging_collector=off", "log_destination=stderr",
        // A commit always waits for its log to be written: without fsync that is a copy into the system's memory, which outlives the server.
        "synchronous_commit=on",
        .. options.Durability == Durability.Relaxed ? ["fsync=off", "full_page_writes=off"] : new[] { "fsync=on", "full_page_writes=on" },
    ];

    private async Task<bool> IsReadyAsync(ChildProcess started, int port, CancellationToken ct)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(StartPatience);
        var target = Connection("postgres", port);
        (target.Pooling, target.Timeout) = (false, 5);
        try
        {
            while (!started.Exited.IsCompleted)
            {
                await using var connection = new NpgsqlConnection(target.ConnectionString);
                try
                {
                    await connection.OpenAsync(timeout.Token);
                    return !started.Exited.IsCompleted;
                }
                catch (NpgsqlException)
                {
                    // Not listening yet, or recovering after a crash; or another server answers on this port, and ours is about to say so and exit.
                    await Task.WhenAny(started.Exited, Task.Delay(TimeSpan.FromMilliseconds(25), timeout.Token));
                }
            }

            return false;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>
    /// We hold the directory's lock, so a server that still runs on it is left over from a starter that was killed:
    /// it has been told to stop, and is waited for. A lock file without its server (kill -9) is taken away.
    /// </summary>
    private async Task ClearLeftoversAsync(CancellationToken ct)
    {
        var pidFile = Path.Combine(Cluster, "postmaster.pid");
        if (!File.Exists(pidFile))
        {
            return;
        }

        var firstLine = (await File.ReadAllLinesAsync(pidFile, ct)).FirstOrDefault();
        if (int.TryParse(firstLine, CultureInfo.InvariantCulture, out var pid) && pid > 1 && IsServerOf(pid, pidFile))
        {
            Signals.Send(pid, Signal.Interrupt);
            var deadline = DateTime.UtcNow + OrphanPatience;
            while (Signals.IsRunning(pid))
            {
                if (DateTime.UtcNow > deadline)
                {
                    throw new SandboxException($"A PostgreSQL server that an earlier run left behind (process {pid}) still runs on {Cluster} and does not stop.");
                }

                await Task.Delay(TimeSpan.FromMilliseconds(50), ct);
            }
        }

        // PostgreSQL would refuse when the number in it has meanwhile become another process of the same user; we have looked.
        File.Delete(pidFile);
    }

    /// <summary>Whether that process is the server of this lock file: it stands in the directory that holds it. (Process numbers are used again.)</summary>
    private static bool IsServerOf(int pid, string pidFile)
    {
        var seenFromThere = $"/proc/{pid}/cwd/postmaster.pid";
        try
        {
            return Signals.IsRunning(pid) && File.Exists(seenFromThere)
                && string.Equals(File.ReadAllText(seenFromThere), File.ReadAllText(pidFile), StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // It ended while we looked, or it is another user's process, which cannot have written our file.
            return false;
        }
    }
}

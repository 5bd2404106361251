using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Npgsql;
using Payments.Sandbox.Postgres;
using Payments.Sandbox.Supervision;
using Payments.Sandbox.Tests.Supervision;

namespace Payments.Sandbox.Tests.Postgres;

[UnsupportedOSPlatform("windows")]
public sealed class A_private_postgres : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    private PrivatePostgresOptions Options => new() { DataDirectory = directory["data"], Durability = Durability.Relaxed };

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Works_below_a_directory_that_only_its_owner_may_enter_and_changes_none_of_its_permissions()
    {
        File.GetUnixFileMode(directory.Path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        await using var postgres = await PrivatePostgres.StartAsync(Options);

        (await Ask(postgres, "SELECT current_setting('TimeZone') || ' ' || current_setting('server_encoding') || ' ' || current_setting('jit')")).ShouldBe("UTC UTF8 off");
        File.GetUnixFileMode(directory.Path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task Writes_through_to_disk_unless_told_otherwise()
    {
        await using var postgres = await PrivatePostgres.StartAsync(Options with { Durability = Durability.Full });

        (await Ask(postgres, "SELECT current_setting('fsync') || ' ' || current_setting('synchronous_commit') || ' ' || current_setting('full_page_writes')")).ShouldBe("on on on");
    }

    [Fact]
    public async Task Refuses_a_wrong_password_and_keeps_the_right_one_to_its_owner()
    {
        await using var postgres = await PrivatePostgres.StartAsync(Options);

        await using var stranger = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(postgres.ConnectionString("postgres")) { Password = "guess", Pooling = false }.ConnectionString);
        (await Should.ThrowAsync<PostgresException>(() => stranger.OpenAsync())).SqlState.ShouldBe(PostgresErrorCodes.InvalidPassword);
        File.GetUnixFileMode(directory["data/password"]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>What a commit said was kept is kept when the server dies, or every test that kills it would blame the product.</summary>
    [Theory]
    [InlineData(PostgresStop.Immediate)]
    [InlineData(PostgresStop.Kill)]
    public async Task Loses_no_commit_when_it_dies_without_fsync_either(PostgresStop death)
    {
        await using var postgres = await PrivatePostgres.StartAsync(Options);
        await Tell(postgres, "postgres", "CREATE TABLE kept (number int)");
        var committed = 0;
        var writing = Task.Run(async () =>
        {
            await using var connection = new NpgsqlConnection(postgres.ConnectionString("postgres") + ";Pooling=false");
            await connection.OpenAsync();
            while (true)
            {
                await using var command = new NpgsqlCommand($"INSERT INTO kept VALUES ({committed + 1})", connection);
                await command.ExecuteNonQueryAsync();
                Interlocked.Increment(ref committed);
            }
        });
        await Task.Delay(300);

        await postgres.StopAsync(death);
        await Should.ThrowAsync<NpgsqlException>(() => writing);
        await postgres.StartAgainAsync();

        ((long)(await Ask(postgres, "SELECT count(*) FROM kept"))!).ShouldBeInRange(Math.Max(committed, 1), committed + 1);
    }

    [Fact]
    public async Task Keeps_its_data_from_one_start_to_the_next()
    {
        await using (var first = await PrivatePostgres.StartAsync(Options))
        {
            await first.CreateDatabaseAsync("kept");
            await Tell(first, "kept", "CREATE TABLE notes (words text); INSERT INTO notes VALUES ('still here')");
        }

        await using var second = await PrivatePostgres.StartAsync(Options);

        (await second.DatabaseExistsAsync("kept")).ShouldBeTrue();
        (await Ask(second, "SELECT words FROM notes", "kept")).ShouldBe("still here");
    }

    [Fact]
    public async Task Copies_and_drops_databases()
    {
        await using var postgres = await PrivatePostgres.StartAsync(Options);
        await postgres.CreateDatabaseAsync("template");
        await Tell(postgres, "template", "CREATE TABLE notes (words text); INSERT INTO notes VALUES ('copied')");

        await postgres.CreateDatabaseAsync("a \"copy\"", template: "template");

        (await Ask(postgres, "SELECT words FROM notes", "a \"copy\"")).ShouldBe("copied");
        await postgres.DropDatabaseAsync("a \"copy\"");
        (await postgres.DatabaseExistsAsync("a \"copy\"")).ShouldBeFalse();
    }

    [Fact]
    public async Task Starts_again_on_its_port_after_a_stop_and_after_a_kill_that_left_its_lock_file()
    {
        await using var postgres = await PrivatePostgres.StartAsync(Options);
        var port = postgres.Port;
        var pid = postgres.Pid;

        await postgres.StopAsync();
        Signals.IsRunning(pid).ShouldBeFalse();
        await postgres.StartAgainAsync();
        postgres.Port.ShouldBe(port);

        await postgres.StopAsync(PostgresStop.Kill);
        File.Exists(directory["data/cluster/postmaster.pid"]).ShouldBeTrue();
        await postgres.StartAgainAsync();
        (await Ask(postgres, "SELECT 'up'")).ShouldBe("up");
    }

    [Fact]
    public async Task Starts_although_its_old_lock_file_names_a_process_that_is_now_somebody_elses()
    {
        await using var postgres = await PrivatePostgres.StartAsync(Options);
        await postgres.StopAsync();
        await using var other = await PrivatePostgres.StartTemporaryAsync();
        await File.WriteAllTextAsync(directory["data/cluster/postmaster.pid"], $"{other.Pid}\n/elsewhere\n1\n1\n\n127.0.0.1\n");

        await postgres.StartAgainAsync();

        (await Ask(postgres, "SELECT 'up'")).ShouldBe("up");
        (await Ask(other, "SELECT 'up'")).ShouldBe("up");
    }

    [Fact]
    public async Task Begins_anew_when_its_very_first_start_was_cut_short()
    {
        Directory.CreateDirectory(directory["data/cluster/base"]);
        await File.WriteAllTextAsync(directory["data/cluster/PG_VERSION"], "15\n");

        await using var postgres = await PrivatePostgres.StartAsync(Options);

        (await Ask(postgres, "SELECT 'up'")).ShouldBe("up");
    }

    [Fact]
    public async Task Refuses_a_directory_that_another_one_uses()
    {
        await using var postgres = await PrivatePostgres.StartAsync(Options);

        (await Should.ThrowAsync<SandboxException>(() => PrivatePostgres.StartAsync(Options))).Message.ShouldContain("in use by another PostgreSQL");
    }

    [Fact]
    public async Task Names_a_port_that_is_taken()
    {
        using var squatter = new TcpListener(IPAddress.Loopback, 0);
        squatter.Start();
        var port = ((IPEndPoint)squatter.LocalEndpoint).Port;

        (await Should.ThrowAsync<SandboxException>(() => PrivatePostgres.StartAsync(Options with { Port = port }))).Message.ShouldContain($"{port} is taken");
    }

    [Fact]
    public async Task Says_which_version_is_missing_when_the_data_are_of_another()
    {
        await using (await PrivatePostgres.StartAsync(Options))
        {
        }

        await File.WriteAllTextAsync(directory["data/cluster/PG_VERSION"], "9\n");

        (await Should.ThrowAsync<SandboxException>(() => PrivatePostgres.StartAsync(Options))).Message.ShouldContain("apt-get install postgresql-9");
    }

    [Fact]
    public async Task Says_when_it_has_ended_by_itself()
    {
        await using var postgres = await PrivatePostgres.StartAsync(Options);

        Signals.Send(postgres.Pid, Signal.Interrupt);

        (await postgres.Exited.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBe(0);
    }

    [Fact]
    public async Task A_temporary_one_leaves_nothing_behind()
    {
        string log;
        await using (var postgres = await PrivatePostgres.StartTemporaryAsync())
        {
            log = postgres.LogFile;
            (await Ask(postgres, "SELECT current_setting('fsync')")).ShouldBe("off");
        }

        Directory.Exists(Path.GetDirectoryName(log)).ShouldBeFalse();
    }

    private static async Task<object?> Ask(PrivatePostgres postgres, string sql, string database = "postgres")
    {
        await using var source = NpgsqlDataSource.Create(postgres.ConnectionString(database) + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    private static async Task Tell(PrivatePostgres postgres, string database, string sql) => await Ask(postgres, sql, database);
}

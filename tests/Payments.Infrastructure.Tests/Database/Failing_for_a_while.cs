using System.Net.Sockets;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Payments.Infrastructure.Database;

namespace Payments.Infrastructure.Tests.Database;

public sealed class Waiting_before_a_retry
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(8, 128)]
    [InlineData(12, 2048)]
    [InlineData(13, 3600)]
    [InlineData(14, 3600)]
    [InlineData(1000, 3600)]
    [InlineData(int.MaxValue, 3600)]
    public void doubles_up_to_an_hour_give_or_take_a_quarter(int attempts, double seconds)
    {
        var waits = Enumerable.Range(0, 500).Select(_ => Backoff.After(attempts).TotalSeconds).ToList();

        waits.ShouldAllBe(w => w >= seconds * 0.75 && w < seconds * 1.25);
        waits.Distinct().Count().ShouldBeGreaterThan(450, "what failed together must not come back together");
        (waits.Max() - waits.Min()).ShouldBeGreaterThan(seconds * 0.4);
    }

    [Fact]
    public void is_never_negative_nor_longer_than_that() => Prop
        .ForAll<int>(attempts => Backoff.After(attempts) is var wait && wait >= TimeSpan.Zero && wait < TimeSpan.FromHours(1.25))
        .QuickCheckThrowOnFailure();
}

/// <summary>A database that is away is waited for; a statement that failed is somebody's fault.</summary>
public sealed class Telling_an_outage_from_a_mistake
{
    [Theory]
    [InlineData("57P01", true)] // admin_shutdown
    [InlineData("57P02", true)] // crash_shutdown
    [InlineData("57P03", true)] // cannot_connect_now
    [InlineData("08006", true)] // connection_failure
    [InlineData("53300", true)] // too_many_connections
    [InlineData("53100", true)] // disk_full
    [InlineData("25006", true)] // read_only_sql_transaction, after a failover
    [InlineData("57014", false)] // query_canceled
    [InlineData("23505", false)] // unique_violation
    [InlineData("23514", false)] // check_violation
    [InlineData("40001", false)] // serialization_failure
    [InlineData("40P01", false)] // deadlock_detected
    [InlineData("42P01", false)] // undefined_table
    [InlineData("22P05", false)] // untranslatable_character
    public void goes_by_what_postgresql_says(string state, bool outage)
    {
        var said = new PostgresException("no", "FATAL", "FATAL", state);

        Outage.Is(said).ShouldBe(outage);
        Outage.Is(new DbUpdateException("save", said)).ShouldBe(outage);
        Outage.Is(new InvalidOperationException("transient?", new DbUpdateException("save", said))).ShouldBe(outage);
    }

    [Fact]
    public void takes_a_lost_connection_and_a_timeout_for_an_outage()
    {
        Outage.Is(new NpgsqlException("Exception while reading from stream", new IOException("reset", new SocketException(104)))).ShouldBeTrue();
        Outage.Is(new NpgsqlException("The connection pool has been exhausted")).ShouldBeTrue();
        Outage.Is(new TimeoutException()).ShouldBeTrue();
    }

    [Fact]
    public void takes_everything_else_for_a_mistake()
    {
        Outage.Is(new InvalidOperationException("The lots hold less than the balance")).ShouldBeFalse();
        Outage.Is(new OperationCanceledException()).ShouldBeFalse();
        Outage.Is(new DbUpdateConcurrencyException()).ShouldBeFalse();
        Outage.Is(new IOException("disk")).ShouldBeFalse();
    }

    [Fact]
    public async Task knows_a_server_that_is_not_there()
    {
        using var reserved = new TcpListener(System.Net.IPAddress.Loopback, 0);
        reserved.Start();
        var port = ((System.Net.IPEndPoint)reserved.LocalEndpoint).Port;
        reserved.Stop();
        await using var nobody = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={port};Username=x;Password=x;Timeout=5;Pooling=false");

        Outage.Is(await Should.ThrowAsync<NpgsqlException>(async () => await nobody.OpenConnectionAsync())).ShouldBeTrue();
    }
}

using System.Diagnostics;
using Payments.Sandbox.Postgres;
using Payments.Sandbox.Supervision;

namespace Payments.Sandbox.Tests.Supervision;

public sealed class Children_of_the_sandbox : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Say_their_words_and_their_exit_code()
    {
        var (exitCode, output) = await ChildProcess.RunAsync(new("sh", ["-c", "read line; echo \"$line $WORD\"; echo failed >&2; exit 3"]) { Environment = new Dictionary<string, string?> { ["WORD"] = "there" } }, "hello\n");

        exitCode.ShouldBe(3);
        output.Split('\n').Order().ShouldBe(["failed", "hello there"]);
    }

    [Fact]
    public async Task Are_asked_to_end_and_killed_when_they_will_not()
    {
        await using var willing = await ChildProcess.StartAsync(new("sleep", ["60"]));
        (await willing.StopAsync(Signal.Terminate, TimeSpan.FromSeconds(10))).ShouldBe(128 + 15);

        await using var stubborn = await ChildProcess.StartAsync(new("sh", ["-c", "trap '' TERM; echo deaf; while :; do sleep 1; done"]));
        await Task.Delay(200);
        (await stubborn.StopAsync(Signal.Terminate, TimeSpan.FromMilliseconds(300))).ShouldBe(128 + 9);
    }

    [Fact]
    public async Task Outlive_the_thread_that_asked_for_them()
    {
        ChildProcess? child = null;
        var asking = new Thread(() => child = ChildProcess.StartAsync(new("sleep", ["60"])).GetAwaiter().GetResult());
        asking.Start();
        asking.Join();
        await Task.Delay(300);

        Signals.IsRunning(child!.Id).ShouldBeTrue();
        await child.DisposeAsync();
        Signals.IsRunning(child.Id).ShouldBeFalse();
    }

    [Fact]
    public async Task End_with_the_sandbox_even_when_it_is_killed()
    {
        // A process of its own that starts a PostgreSQL, as ./run does, and is then killed without a chance to stop it.
        using var starter = Process.Start(new ProcessStartInfo("dotnet", [typeof(PrivatePostgres).Assembly.Location, "postgres", directory["data"]]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardInput = true })!;
        (await starter.StandardOutput.ReadLineAsync()).ShouldNotBeNull().ShouldStartWith("postgres://");
        var server = int.Parse(File.ReadLines(directory["data/cluster/postmaster.pid"]).First());
        Signals.IsRunning(server).ShouldBeTrue();

        starter.Kill();

        for (var tries = 0; Signals.IsRunning(server) && tries < 100; tries++)
        {
            await Task.Delay(100);
        }

        Signals.IsRunning(server).ShouldBeFalse();
        // And what it left is taken up by the next.
        await using var next = await PrivatePostgres.StartAsync(new() { DataDirectory = directory["data"] });
        next.Pid.ShouldNotBe(server);
    }

    [Fact]
    public async Task Are_started_again_until_the_sandbox_stops_and_told_about()
    {
        using var stopping = new CancellationTokenSource();
        var said = new List<string>();
        var starts = 0;
        var current = Task.FromResult(137);

        var keeping = KeepAlive.RunAsync(
            "The API",
            () => current,
            _ =>
            {
                starts++;
                current = starts switch { 1 => throw new SandboxException("not yet"), 2 => Task.FromResult(1), _ => new TaskCompletionSource<int>().Task };
                return Task.CompletedTask;
            },
            said.Add,
            stopping.Token);
        while (starts < 3)
        {
            await Task.Delay(20);
        }

        await stopping.CancelAsync();
        await keeping;

        said.ShouldBe(["The API ended (signal 9); starting it again.", "The API did not start: not yet", "The API ended (exit code 1); starting it again."]);
    }
}

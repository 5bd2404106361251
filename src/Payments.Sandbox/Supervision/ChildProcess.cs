using System.Collections.Concurrent;
using System.Diagnostics;

namespace Payments.Sandbox.Supervision;

/// <summary>What to start, and what becomes of it when this process dies.</summary>
internal sealed record ChildProcessStart(string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>Sent by the kernel to the child when this process ends in any way, kill -9 included.</summary>
    public Signal WhenParentDies { get; init; } = Signal.Kill;

    /// <summary>The user and group the child runs as; null for our own. Needs root.</summary>
    public UserIds? RunAs { get; init; }

    /// <summary>
    /// A directory that the child is handed already open, as file descriptor 9 (see <see cref="ChildProcess.DirectoryAsFileDescriptor"/>):
    /// it can use it even where its user may not walk the path to it.
    /// </summary>
    public string? OpenDirectory { get; init; }

    public string WorkingDirectory { get; init; } = "/";

    /// <summary>Added to this process's own environment; a null value takes a variable away.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>Called with each line of standard output and standard error.</summary>
    public Action<string>? OnLine { get; init; }
}

internal sealed record UserIds(int User, int Group);

/// <summary>
/// A child in a session of its own (a Ctrl-C in the terminal reaches only us, so that we stop children in order)
/// which the kernel ends when this process dies.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>The path under which a child reaches <see cref="ChildProcessStart.OpenDirectory"/>.</summary>
    public const string DirectoryAsFileDescriptor = "/proc/self/fd/9";

    // Opens the directory, if any, while still ourselves; then leaves the working directory, which the other user might not be allowed to be in.
    private const string OpenThenExec = """dir=$1; shift; if [ -n "$dir" ]; then exec 9<"$dir" && cd /; fi && exec "$@" """;

    // If the parent died before the death signal was armed, nobody will ever send it: then do not start at all.
    private const string CheckParentThenExec = """[ "$PPID" = "$1" ] || exit 125; shift; exec "$@" """;

    // PR_SET_PDEATHSIG is about the THREAD that forked, and pool threads come and go: so all children are started from this one, which lives as long as the process.
    private static readonly BlockingCollection<Action> Starts = [];

    private readonly Process process;
    private readonly TaskCompletionSource<int> exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    static ChildProcess() => new Thread(static () =>
    {
        foreach (var start in Starts.GetConsumingEnumerable())
        {
            start();
        }
    })
    { IsBackground = true, Name = "children" }.Start();

    private ChildProcess(Process process) => this.process = process;

    public int Id { get; private set; }

    /// <summary>Ends with the exit code (128 + signal when killed), after the last line was handed out.</summary>
    public Task<int> Exited => exited.Task;

    public StreamWriter StandardInput => process.StandardInput;

    public static async Task<ChildProcess> StartAsync(ChildProcessStart start)
    {
        var info = new ProcessStartInfo("setsid")
        {
            WorkingDirectory = start.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        string[] wrapper =
        [
            "/bin/sh", "-c", OpenThenExec, "sh", start.OpenDirectory ?? "",
            "setpriv", "--pdeathsig", start.WhenParentDies switch { Signal.Interrupt => "INT", Signal.Quit => "QUIT", Signal.Terminate => "TERM", _ => "KILL" },
            .. start.RunAs is { } ids ? [$"--reuid={ids.User}", $"--regid={ids.Group}", "--clear-groups"] : Array.Empty<string>(),
            "--", "/bin/sh", "-c", CheckParentThenExec, "sh", $"{System.Environment.ProcessId}", start.FileName, .. start.Arguments,
        ];
        foreach (var argument in wrapper)
        {
            info.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in start.Environment)
        {
            info.Environment[name] = value;
        }

        var child = new ChildProcess(new Process { StartInfo = info, EnableRaisingEvents = true });
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Add(() =>
        {
            try
            {
                child.process.Start();
                started.SetResult();
            }
            catch (Exception failure)
            {
                started.SetException(failure);
            }
        });
        await started.Task;
        child.Id = child.process.Id;
        _ = child.FollowAsync(start.OnLine);
        return child;
    }

    /// <summary>Runs to the end and gives its exit code and output.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(ChildProcessStart start, string? input = null, CancellationToken ct = default)
    {
        var lines = new List<string>();
        await using var child = await StartAsync(start with
        {
            OnLine = line =>
            {
                lock (lines)
                {
                    lines.Add(line);
                }
            },
        });
        if (input is not null)
        {
            await child.StandardInput.WriteAsync(input);
        }

        child.StandardInput.Close();
        var exitCode = await child.Exited.WaitAsync(ct);
        return (exitCode, string.Join('\n', lines));
    }

    /// <summary>Asks it to end, and kills it when it has not within the time given. Done when it is gone.</summary>
    public async Task<int> StopAsync(Signal signal, TimeSpan patience)
    {
        if (!exited.Task.IsCompleted)
        {
            Signals.Send(Id, signal);
            if (await Task.WhenAny(exited.Task, Task.Delay(patience)) != exited.Task)
            {
                Signals.Send(Id, Signal.Kill);
            }
        }

        return await exited.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(Signal.Kill, TimeSpan.Zero);
        process.Dispose();
    }

    private async Task FollowAsync(Action<string>? onLine)
    {
        try
        {
            var output = PumpAsync(process.StandardOutput, onLine);
            var errors = PumpAsync(process.StandardError, onLine);
            await process.WaitForExitAsync();
            // A grandchild may hold the pipes open after the child is gone; its words are not worth waiting for long.
            await Task.WhenAny(Task.WhenAll(output, errors), Task.Delay(TimeSpan.FromSeconds(1)));
            exited.SetResult(process.ExitCode);
        }
        catch (Exception failure)
        {
            exited.SetException(failure);
        }
    }

    private static async Task PumpAsync(StreamReader from, Action<string>? onLine)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            onLine?.Invoke(line);
        }
    }
}

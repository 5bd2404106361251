namespace Payments.Sandbox.Supervision;

/// <summary>Starts a process again whenever it ends, sooner after the first time than after the tenth in a row.</summary>
internal static class KeepAlive
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(3);

    /// <summary>A process that ran this long had started well: its end is not one more in a row.</summary>
    private static readonly TimeSpan LongRun = TimeSpan.FromSeconds(5);

    /// <summary>Ends when <paramref name="ct"/> does.</summary>
    public static async Task RunAsync(string name, Func<Task<int>> exited, Func<CancellationToken, Task> startAgain, Action<string> say, CancellationToken ct)
    {
        var wait = FirstWait;
        try
        {
            while (true)
            {
                var since = TimeProvider.System.GetTimestamp();
                var exitCode = await exited().WaitAsync(ct);
                wait = TimeProvider.System.GetElapsedTime(since) > LongRun ? FirstWait : wait;
                say($"{name} ended ({How(exitCode)}); starting it again.");
                for (var started = false; !started;)
                {
                    await Task.Delay(wait, ct);
                    wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
                    try
                    {
                        await startAgain(ct);
                        started = true;
                    }
                    catch (SandboxException notNow)
                    {
                        say($"{name} did not start: {notNow.Message}");
                    }
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The sandbox stops.
        }
    }

    private static string How(int exitCode) => exitCode > 128 ? $"signal {exitCode - 128}" : $"exit code {exitCode}";
}

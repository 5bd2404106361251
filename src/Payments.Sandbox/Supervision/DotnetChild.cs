namespace Payments.Sandbox.Supervision;

/// <summary>One of our own programs as a process of its own, with its words in a log file.</summary>
internal sealed class DotnetChild(string name, string assembly, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?> environment, string logFile) : IAsyncDisposable
{
    private readonly BoundedLog log = new(logFile);
    private ChildProcess? current;

    public int Pid => current?.Id ?? throw new InvalidOperationException($"{name} was not started.");

    public Task<int> Exited => current?.Exited ?? throw new InvalidOperationException($"{name} was not started.");

    public async Task StartAsync()
    {
        if (current is not null)
        {
            await current.DisposeAsync();
        }

        log.Forget();
        current = await ChildProcess.StartAsync(new(Environment.ProcessPath ?? "dotnet", [assembly, .. arguments])
        {
            // Where its own wwwroot and settings files lie.
            WorkingDirectory = Path.GetDirectoryName(assembly)!,
            Environment = environment,
            OnLine = log.Write,
        });
    }

    /// <summary>Waits until the address answers 200.</summary>
    /// <exception cref="SandboxException">The process ended instead, or is not ready after a minute.</exception>
    public async Task WaitUntilReadyAsync(Uri address, HttpClient http, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        var lastAnswer = "no answer";
        try
        {
            while (true)
            {
                if (Exited.IsCompleted)
                {
                    throw Failed($"{name} ended at once (exit code {await Exited})");
                }

                try
                {
                    using var answer = await http.GetAsync(address, patience.Token);
                    if (answer.IsSuccessStatusCode)
                    {
                        return;
                    }

                    lastAnswer = $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(patience.Token)}";
                }
                catch (HttpRequestException)
                {
                    // Not listening yet.
                }
                catch (TaskCanceledException slow) when (slow.InnerException is TimeoutException)
                {
                    lastAnswer = "no answer in time";
                }

                await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw Failed($"{name} is not ready after a minute ({address}: {lastAnswer})");
        }
    }

    /// <summary>Waits until it ended by itself, and well.</summary>
    public async Task MustSucceedAsync(CancellationToken ct)
    {
        var exitCode = await Exited.WaitAsync(ct);
        if (exitCode != 0)
        {
            throw Failed($"{name} failed (exit code {exitCode})");
        }
    }

    public async Task StopAsync(TimeSpan patience)
    {
        if (current is not null)
        {
            await current.StopAsync(Signal.Terminate, patience);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (current is not null)
        {
            await current.DisposeAsync();
        }

        log.Dispose();
    }

    private SandboxException Failed(string what) => new($"{what}. Its last words ({log.Path}):\n{log.LastLines}");
}

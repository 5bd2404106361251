using System.Diagnostics;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Payments.Sandbox.Supervision;

namespace Payments.Sandbox.Tests.Supervision;

/// <summary>A whole sandbox as ./run starts it, in a process of its own, with the API that was built beside these tests.</summary>
internal sealed class RunningSandbox : IAsyncDisposable
{
    private const string Mark = "PAYMENTS_TEST_MARK";

    private readonly Process supervisor;
    private readonly string mark;
    private readonly string data;
    private readonly Task<string> errors;

    private RunningSandbox(Process supervisor, string mark, string data)
    {
        this.supervisor = supervisor;
        this.mark = mark;
        this.data = data;
        errors = supervisor.StandardError.ReadToEndAsync();
    }

    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../.."));

    /// <summary>What it printed up to and with the tour.</summary>
    public string Said { get; private set; } = "";

    public JsonElement File { get; private set; }

    /// <summary>Every process of this sandbox, the supervisor among them: what it starts inherits its environment.</summary>
    public IReadOnlyList<int> Processes =>
    [
        .. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(int.Parse!)
            .Where(pid => Signals.IsRunning(pid) && EnvironmentOf(pid).Contains(mark, StringComparison.Ordinal)),
    ];

    public string Api => File.GetProperty("api").GetString()!;

    public static async Task<RunningSandbox> StartAsync(string data, params string[] more)
    {
        var sandbox = Launch(data, more);
        await sandbox.UntilReadyAsync();
        return sandbox;
    }

    /// <summary>Starts one that is expected to end at once, and gives its exit code and its complaint.</summary>
    public static async Task<(int ExitCode, string Complaint)> TryAsync(string data, params string[] more)
    {
        await using var sandbox = Launch(data, more);
        await sandbox.supervisor.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        return (sandbox.supervisor.ExitCode, await sandbox.errors);
    }

    public int Pid(string name)
    {
        Reread();
        return File.GetProperty("pids").GetProperty(name).GetInt32();
    }

    public async Task<long> CreditsAsync(string user)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", File.GetProperty("tokens").GetProperty(user).GetString());
        var me = await http.GetFromJsonAsync<JsonElement>($"{Api}/api/v1/users/me");
        return me.GetProperty("credits").GetInt64();
    }

    public async Task GrantAsync(string user, int credits)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("X-Internal-Api-Key", File.GetProperty("internalApiKey").GetString());
        http.DefaultRequestHeaders.Add("Idempotency-Key", Guid.NewGuid().ToString());
        var id = File.GetProperty("users").GetProperty(user).GetGuid();
        var answer = await http.PostAsJsonAsync($"{Api}/api/v1/users/{id}/entitlements", new { credits });
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Waits until the process has another id than this, and the API says it is ready.</summary>
    public async Task UntilReplacedAsync(string name, int old)
    {
        using var http = new HttpClient();
        await UntilAsync(async () =>
        {
            try
            {
                return Pid(name) != old && (await http.GetAsync(new Uri(Api + "/health/ready"))).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, $"{name} was not started again");
    }

    public async Task<(int ExitCode, TimeSpan Took)> StopAsync(Signal signal)
    {
        var since = Stopwatch.StartNew();
        Signals.Send(supervisor.Id, signal);

        // Not WaitForExitAsync, which waits until nobody holds its output any more: after a kill its children do for a while.
        await UntilAsync(() => Task.FromResult(supervisor.HasExited), "the sandbox did not end");
        return (supervisor.ExitCode, since.Elapsed);
    }

    public static async Task UntilAsync(Func<Task<bool>> condition, string otherwise)
    {
        var since = Stopwatch.StartNew();
        while (!await condition())
        {
            since.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60), otherwise);
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!supervisor.HasExited)
        {
            await StopAsync(Signal.Terminate);
        }

        supervisor.Dispose();
    }

    private static RunningSandbox Launch(string data, string[] more)
    {
        var own = Path.GetDirectoryName(typeof(RunningSandbox).Assembly.Location)!;
        // tests/…/bin/Debug/net10.0 → src/Payments.Api/bin/Debug/net10.0
        var flavour = Path.Combine(Path.GetFileName(Path.GetDirectoryName(own))!, Path.GetFileName(own));
        var api = Path.Combine(Root, "src/Payments.Api/bin", flavour, "Payments.Api.dll");
        System.IO.File.Exists(api).ShouldBeTrue($"Build the solution first (./test does): there is no {api}");

        var newMark = Guid.NewGuid().ToString();
        var start = new ProcessStartInfo("dotnet", [typeof(Signals).Assembly.Location, "sandbox", "--data", data, "--port", "0", "--api", api, .. more])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[Mark] = newMark;
        foreach (var name in new[] { "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "DATABASE_URL" })
        {
            start.Environment.Remove(name);
        }

        return new RunningSandbox(Process.Start(start)!, newMark, data);
    }

    private async Task UntilReadyAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (await supervisor.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            Said += line + "\n";
            if (line.Contains("$MAIL/messages", StringComparison.Ordinal))
            {
                Reread();
                return;
            }
        }

        throw new InvalidOperationException("The sandbox did not start:\n" + await errors);
    }

    private void Reread() => File = JsonDocument.Parse(System.IO.File.ReadAllText(Path.Combine(data, "sandbox.json"))).RootElement;

    private static string EnvironmentOf(int pid)
    {
        try
        {
            return System.IO.File.ReadAllText($"/proc/{pid}/environ");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // It has ended, or is another user's.
            return "";
        }
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}

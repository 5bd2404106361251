using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Payments.Api.Tests.Worlds;

/// <summary>The API as it runs in production: a process, which can be killed and started again on the same port.</summary>
public sealed class ApiProcess : IAsyncDisposable
{
    private readonly IReadOnlyDictionary<string, string> settings;
    private readonly string log = Path.GetTempFileName();
    private Process? process;

    private ApiProcess(IReadOnlyDictionary<string, string> settings, int port)
    {
        this.settings = settings;
        Address = new Uri($"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}/");
    }

    public Uri Address { get; }

    public static async Task<ApiProcess> StartAsync(IReadOnlyDictionary<string, string> settings, bool untilReady = true)
    {
        var api = new ApiProcess(settings, FreePort());
        await api.StartAgainAsync(untilReady);
        return api;
    }

    /// <summary>It is started again on its port, so that is none that the kernel gives to whoever asks for any.</summary>
    private static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: another one.
            }
        }
    }

    /// <summary>As the kernel does it: no goodbye, nothing flushed.</summary>
    public async Task KillAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync();
    }

    public async Task StartAgainAsync(bool untilReady = true)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Payments.Api.dll"));
        start.ArgumentList.Add("--urls");
        start.ArgumentList.Add(Address.ToString());
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        process = Process.Start(start)!;
        var written = File.AppendText(log);
        process.OutputDataReceived += (_, line) => Write(written, line.Data);
        process.ErrorDataReceived += (_, line) => Write(written, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (untilReady)
        {
            await ReadyAsync();
        }
    }

    public async Task ReadyAsync()
    {
        using var client = new HttpClient { BaseAddress = Address };
        await World.EventuallyAsync(
            async () =>
            {
                if (process!.HasExited)
                {
                    throw new InvalidOperationException($"The API ended with {process.ExitCode}: {await File.ReadAllTextAsync(log)}");
                }

                try
                {
                    using var answer = await client.GetAsync("health/ready");
                    return answer.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "the API is ready",
            seconds: 120);
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
        {
            await KillAsync();
        }

        process?.Dispose();
        File.Delete(log);
    }

    private static void Write(StreamWriter written, string? line)
    {
        lock (written)
        {
            written.WriteLine(line);
            written.Flush();
        }
    }
}

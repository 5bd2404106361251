using System.Diagnostics;
using System.Text;

namespace Payments.Tests.Npm;

/// <summary>What the tests need of the machine, found or asked for by name; a test never passes for want of its judge.</summary>
internal static class Programs
{
    public static string Chromium => Find("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
        ?? throw new InvalidOperationException("These tests drive a browser and find none. Install it (Debian: apt-get install chromium-headless-shell) or run ./test, which does.");

    public static string Node => Find("node", "nodejs")
        ?? throw new InvalidOperationException("What others wrote judges the product, and it needs Node. Install it (Debian: apt-get install nodejs npm) or run ./test, which does.");

    public static string Npm => Find("npm")
        ?? throw new InvalidOperationException("What others wrote judges the product, and npm brings it. Install it (Debian: apt-get install npm) or run ./test, which does.");

    /// <summary>Runs a program to its end, within a time, and ends it with the test when it does not come to one.</summary>
    public static async Task<Outcome> RunAsync(
        string program, IEnumerable<string> arguments, string folder, IReadOnlyDictionary<string, string>? environment = null, TimeSpan? within = null)
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(within ?? TimeSpan.FromMinutes(2));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        return new Outcome(process.ExitCode, await output, await errors);
    }

    private static string? Find(params string[] names) => (
        from name in names
        from folder in (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        let path = Path.Combine(folder, name)
        where File.Exists(path)
        select path).FirstOrDefault();

    internal sealed record Outcome(int ExitCode, string Output, string Errors)
    {
        public override string ToString() => new StringBuilder()
            .Append(System.Globalization.CultureInfo.InvariantCulture, $"exit code {ExitCode}").AppendLine()
            .AppendLine(Output).AppendLine(Errors).ToString();
    }
}

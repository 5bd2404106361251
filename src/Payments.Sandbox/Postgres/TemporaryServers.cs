using System.Globalization;
using Payments.Sandbox.Supervision;

namespace Payments.Sandbox.Postgres;

/// <summary>The directories of servers that live for one run of tests; they bear the process that made them, so that a later run clears up after one that was killed.</summary>
internal static class TemporaryServers
{
    private const string Prefix = "payments-postgres-";

    public static string NewDirectory() => Directory.CreateTempSubdirectory($"{Prefix}{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}-").FullName;

    public static void SweepAbandoned()
    {
        foreach (var directory in Directory.GetDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            var maker = Path.GetFileName(directory)[Prefix.Length..].Split('-')[0];
            // The server stops a moment after its maker; by ten minutes it is certainly gone, and so is a maker in another container that shares this /tmp.
            if (int.TryParse(maker, CultureInfo.InvariantCulture, out var pid) && !Signals.IsRunning(pid)
                && Directory.GetLastWriteTimeUtc(directory) < DateTime.UtcNow.AddMinutes(-10))
            {
                try
                {
                    Directory.Delete(directory, recursive: true);
                }
                catch (Exception notOurs) when (notOurs is UnauthorizedAccessException or IOException)
                {
                    // Another user's, or just being swept by another run: theirs to delete.
                }
            }
        }
    }
}

using System.Globalization;
using Payments.Sandbox.Supervision;

namespace Payments.Sandbox.Postgres;

/// <summary>Where this machine keeps <c>initdb</c> and <c>postgres</c>. Debian has them outside PATH, in a folder a version.</summary>
internal static class PostgresBinaries
{
    private const string DebianFolder = "/usr/lib/postgresql";

    /// <summary>The folder of the version that an existing cluster needs (its PG_VERSION), or for a new cluster (null) of the newest.</summary>
    /// <exception cref="SandboxException">There are none, or none of that version: it says what to install.</exception>
    public static async Task<string> FindAsync(string? clusterVersion, CancellationToken ct)
    {
        var found = new List<string>();
        foreach (var folder in await CandidatesAsync(ct))
        {
            if (File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")))
            {
                if (clusterVersion is null || string.Equals(await MajorVersionAsync(folder, ct), clusterVersion, StringComparison.Ordinal))
                {
                    return folder;
                }

                found.Add(folder);
            }
        }

        throw new SandboxException(found.Count == 0
            ? "PostgreSQL's server programs (initdb, postgres) were not found. Install them: apt-get install postgresql"
            : $"The database was made by PostgreSQL {clusterVersion}, and this machine has only {string.Join(", ", found)}. Install that version (apt-get install postgresql-{clusterVersion}), or start over with ./run --fresh.");
    }

    private static async Task<List<string>> CandidatesAsync(CancellationToken ct)
    {
        var folders = new List<string>();
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        if (path.Any(folder => File.Exists(Path.Combine(folder, "pg_config"))))
        {
            var (exitCode, output) = await ChildProcess.RunAsync(new("pg_config", ["--bindir"]), ct: ct);
            if (exitCode == 0)
            {
                folders.Add(output.Trim());
            }
        }

        if (Directory.Exists(DebianFolder))
        {
            folders.AddRange(Directory.GetDirectories(DebianFolder)
                .Where(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out _))
                .OrderByDescending(folder => int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture))
                .Select(folder => Path.Combine(folder, "bin")));
        }

        folders.AddRange(path);
        return folders;
    }

    private static async Task<string> MajorVersionAsync(string folder, CancellationToken ct)
    {
        // "postgres (PostgreSQL) 15.18 (Debian …)"
        var (_, output) = await ChildProcess.RunAsync(new(Path.Combine(folder, "postgres"), ["--version"]), ct: ct);
        var words = output.Split(' ');
        return words.Length < 3 ? "" : new string([.. words[2].TakeWhile(char.IsAsciiDigit)]);
    }
}

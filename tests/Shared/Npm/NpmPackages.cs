using System.Security.Cryptography;

namespace Payments.Tests.Npm;

/// <summary>
/// A folder of tests/ with a package.json, installed by npm as its lock says: once, and again when the lock changes. What
/// npm brings stays in that folder's node_modules, which git ignores.
/// </summary>
internal sealed class NpmPackages(string name)
{
    private readonly Lazy<Task<string>> installed = new(() => InstallAsync(name));

    public static string Repository { get; } = FindRepository();

    /// <summary>The folder that holds package.json and node_modules.</summary>
    public Task<string> FolderAsync() => installed.Value;

    public async Task<string> FileAsync(params string[] path)
    {
        var file = Path.Combine([await FolderAsync(), "node_modules", .. path]);
        return File.Exists(file) ? file : throw new FileNotFoundException($"npm has not brought {string.Join('/', path)}. Has this platform no such package?", file);
    }

    private static async Task<string> InstallAsync(string name)
    {
        var folder = Path.Combine(Repository, "tests", name);
        var hash = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(folder, "package-lock.json"))));
        var done = Path.Combine(folder, "node_modules", ".installed");
        await using var turn = await OneAtATimeAsync(Path.Combine(Path.GetTempPath(), $"payments-{name}-{hash[..12]}.lock"));
        if (File.Exists(done) && string.Equals(await File.ReadAllTextAsync(done), hash, StringComparison.Ordinal))
        {
            return folder;
        }

        // Not "npm ci": it wants the packages of every platform in the lock, and some registries hold only some of them.
        var outcome = await Programs.RunAsync(Programs.Npm, ["install", "--no-save", "--no-fund", "--no-audit", "--ignore-scripts"], folder, within: TimeSpan.FromMinutes(5));
        if (outcome.ExitCode != 0)
        {
            throw new InvalidOperationException($"npm could not install what tests/{name} lists: {outcome}");
        }

        await File.WriteAllTextAsync(done, hash);
        return folder;
    }

    // Two test assemblies may want the same folder at the same time.
    private static async Task<FileStream> OneAtATimeAsync(string file)
    {
        var limit = DateTime.UtcNow.AddMinutes(6);
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (DateTime.UtcNow < limit)
            {
                await Task.Delay(200);
            }
        }
    }

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Payments.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("The tests run outside of their repository, so tests/ cannot be found.");
    }
}

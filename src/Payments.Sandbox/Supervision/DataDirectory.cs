namespace Payments.Sandbox.Supervision;

/// <summary>The directory of one sandbox: marked as ours, used by one run at a time.</summary>
internal sealed class DataDirectory : IDisposable
{
    private const string Marker = ".payments-sandbox";

    /// <summary>What a sandbox puts there, and so all that <c>--fresh</c> may take away.</summary>
    private static readonly string[] Contents = ["postgres", "mail", "stripe", "logs", "secrets.json", "sandbox.json"];

    private readonly FileStream ownership;

    private DataDirectory(string path, FileStream ownership)
    {
        Path = path;
        this.ownership = ownership;
    }

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <exception cref="SandboxException">It holds something else, or another run uses it.</exception>
    public static DataDirectory Open(string path, bool fresh)
    {
        if (File.Exists(path))
        {
            throw new SandboxException($"{path} is a file; --data wants a directory.");
        }

        PrivateFiles.MakeDirectory(path);
        var marker = System.IO.Path.Combine(path, Marker);
        if (!File.Exists(marker))
        {
            if (Directory.EnumerateFileSystemEntries(path).Any())
            {
                throw new SandboxException($"{path} is not empty and was not made by ./run, so it is left alone. Name a new or empty directory with --data.");
            }

            File.WriteAllText(marker, "./run made this directory and keeps its sandbox here; ./run --fresh forgets it.\n");
        }

        var directory = new DataDirectory(path, Lock(path));
        if (fresh)
        {
            directory.Empty();
        }

        // Left by a run that was killed: until this one is ready there is no sandbox to be found here.
        File.Delete(directory["sandbox.json"]);
        return directory;
    }

    public void Dispose() => ownership.Dispose();

    private static FileStream Lock(string path)
    {
        try
        {
            // A flock, which ends with its process: never stale.
            return new FileStream(System.IO.Path.Combine(path, Marker), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException inUse) when (inUse is not FileNotFoundException)
        {
            throw new SandboxException($"Another ./run is using {path}. Stop it first, or name another directory with --data (and --port 0, to run side by side).", inUse);
        }
    }

    private void Empty()
    {
        foreach (var name in Contents)
        {
            if (Directory.Exists(this[name]))
            {
                Directory.Delete(this[name], recursive: true);
            }
            else
            {
                File.Delete(this[name]);
            }
        }
    }
}

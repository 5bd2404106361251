namespace Payments.Sandbox.Supervision;

/// <summary>A child's words: on disk (this file and the one before it, 10 MiB each), and the last few in memory for the message when it does not start.</summary>
internal sealed class BoundedLog : IDisposable
{
    private const int LinesRemembered = 60;
    private const long BytesKept = 10 * 1024 * 1024;

    private readonly Lock gate = new();
    private readonly Queue<string> lastLines = new();
    private StreamWriter writer;

    public BoundedLog(string path)
    {
        Path = path;
        PrivateFiles.MakeDirectory(System.IO.Path.GetDirectoryName(path)!);
        writer = Open();
    }

    public string Path { get; }

    public string LastLines
    {
        get
        {
            lock (gate)
            {
                return string.Join('\n', lastLines);
            }
        }
    }

    public bool Says(string words) => LastLines.Contains(words, StringComparison.Ordinal);

    public void Forget()
    {
        lock (gate)
        {
            lastLines.Clear();
        }
    }

    public void Write(string line)
    {
        lock (gate)
        {
            lastLines.Enqueue(line);
            if (lastLines.Count > LinesRemembered)
            {
                lastLines.Dequeue();
            }

            if (writer.BaseStream.Length > BytesKept)
            {
                writer.Dispose();
                File.Move(Path, Path + ".1", overwrite: true);
                writer = Open();
            }

            writer.WriteLine(line);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            writer.Dispose();
        }
    }

    // Several runs side by side each have their own file; a reader may look on meanwhile.
    private StreamWriter Open() => new(new FileStream(Path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete)) { AutoFlush = true };
}

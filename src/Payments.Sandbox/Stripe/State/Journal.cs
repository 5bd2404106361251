namespace Payments.Sandbox.Stripe.State;

/// <summary>
/// An append-only file of JSON lines, one a change. A line is handed to the operating system before its request is
/// answered, so a kill -9 loses only what nobody was told. (Loss of power may lose more: it is a sandbox.)
/// </summary>
internal sealed class Journal : IDisposable
{
    private readonly FileStream file;

    private Journal(FileStream file) => this.file = file;

    public static Journal Open(string directory, Store store, SandboxClock clock)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, "stripe.jsonl");
        if (File.Exists(path))
        {
            Replay(path, store, clock);
        }

        store.Prune(clock.Now);
        Compact(path, store, clock);
        // Locked against a second simulator on the same data.
        return new Journal(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0));
    }

    public void Append(Change change) => file.Write(change.ToLine());

    public void Dispose() => file.Dispose();

    private static void Replay(string path, Store store, SandboxClock clock)
    {
        using var reader = new BinaryReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16));
        var line = new MemoryStream();
        var number = 0;
        var buffer = new byte[1 << 16];
        int read;
        while ((read = reader.Read(buffer)) > 0)
        {
            var rest = buffer.AsSpan(0, read);
            int end;
            while ((end = rest.IndexOf((byte)'\n')) >= 0)
            {
                line.Write(rest[..end]);
                number++;
                Replay(line.GetBuffer().AsSpan(0, (int)line.Length), number, path, store, clock);
                line.SetLength(0);
                rest = rest[(end + 1)..];
            }

            line.Write(rest);
        }

        // What is left has no line feed: the write that a kill cut off, and that nobody was told of.
    }

    private static void Replay(ReadOnlySpan<byte> line, int number, string path, Store store, SandboxClock clock)
    {
        Change change;
        try
        {
            change = Change.FromLine(line);
        }
        catch (System.Text.Json.JsonException broken)
        {
            throw new InvalidDataException($"{path} is damaged at line {number}. Delete it to start the sandbox's Stripe over.", broken);
        }

        store.Apply(change);
        foreach (var delivery in change.Deliveries)
        {
            store.Events.Find(delivery.Text("id")!)?.Restore(delivery);
        }

        if (change.ClockOffset is { } offset)
        {
            clock.SetOffset(offset);
        }
    }

    private static void Compact(string path, Store store, SandboxClock clock)
    {
        var next = path + ".new";
        using (var stream = new FileStream(next, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
        {
            foreach (var change in store.Snapshot(clock.Offset))
            {
                stream.Write(change.ToLine());
            }

            stream.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }
}

namespace Payments.Sandbox.Stripe.State;

/// <summary>
/// An append-only file of JSON lines, one a change. A line is handed to the operating system before its request is
/// answered, so a kill -9 loses only what nobody was told. (Loss of power may lose more: it is a sandbox.)
/// </summary>
internal sealed class Journal : IDisposable
{
    private const long SmallEnough = 64 << 20;
    private const int GrowthBeforeCompaction = 3;

    private readonly string path;
    private readonly FileStream claim;
    private FileStream file;
    private long compacted;

    private Journal(string path, FileStream claim)
    {
        this.path = path;
        this.claim = claim;
        file = OpenToAppend(path);
        compacted = file.Position;
    }

    public static Journal Open(string directory, Store store, SandboxClock clock)
    {
        Directory.CreateDirectory(directory);
        var journal = Path.Combine(directory, "stripe.jsonl");
        var claimed = Claim(directory);
        try
        {
            if (File.Exists(journal))
            {
                Replay(journal, store, clock);
            }

            store.Prune(clock.Now);
            Compact(journal, store, clock);
            return new Journal(journal, claimed);
        }
        catch
        {
            claimed.Dispose();
            throw;
        }
    }

    public void Append(Change change) => file.Write(change.ToLine());

    /// <summary>Writes the state anew once the file has grown to several times of it.</summary>
    public void CompactWhenGrown(Store store, SandboxClock clock)
    {
        if (file.Position < SmallEnough || file.Position < compacted * GrowthBeforeCompaction)
        {
            return;
        }

        Compact(path, store, clock);
        file.Dispose();
        file = OpenToAppend(path);
        compacted = file.Position;
    }

    public void Dispose()
    {
        file.Dispose();
        claim.Dispose();
    }

    /// <summary>Two simulators on the same data would write over each other. A kill lets the claim go.</summary>
    private static FileStream Claim(string directory)
    {
        try
        {
            return new FileStream(Path.Combine(directory, "stripe.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken)
        {
            throw new InvalidOperationException($"Another simulator is running on {directory}.", taken);
        }
    }

    // No buffer: what is written has reached the operating system.
    private static FileStream OpenToAppend(string path) => new(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);

    private static void Replay(string journal, Store store, SandboxClock clock)
    {
        using var reader = new BinaryReader(new FileStream(journal, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16));
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
                Replay(line.GetBuffer().AsSpan(0, (int)line.Length), number, journal, store, clock);
                line.SetLength(0);
                rest = rest[(end + 1)..];
            }

            line.Write(rest);
        }

        // What is left has no line feed: the write that a kill cut off, and that nobody was told of.
    }

    private static void Replay(ReadOnlySpan<byte> line, int number, string journal, Store store, SandboxClock clock)
    {
        Change change;
        try
        {
            change = Change.FromLine(line);
        }
        catch (System.Text.Json.JsonException broken)
        {
            throw new InvalidDataException($"{journal} is damaged at line {number}. Delete it to start the sandbox's Stripe over.", broken);
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

    private static void Compact(string journal, Store store, SandboxClock clock)
    {
        var next = journal + ".new";
        using (var stream = new FileStream(next, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
        {
            foreach (var change in store.Snapshot(clock.Offset))
            {
                stream.Write(change.ToLine());
            }

            stream.Flush(flushToDisk: true);
        }

        File.Move(next, journal, overwrite: true);
    }
}

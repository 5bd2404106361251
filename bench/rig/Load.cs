using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Rig;

/// <summary>
/// Sends prepared requests over C keep-alive connections, a blocking thread and a raw socket each: the
/// cheapest client that .NET offers for up to a few hundred connections. Closed loop by default; with a
/// rate it is open loop, and a latency counts from when the request was due, not from when it was sent.
/// </summary>
public sealed class Load(IPEndPoint target, byte[][] requests)
{
    public long[] Ticks { get; } = new long[requests.Length];
    public int[] Status { get; } = new int[requests.Length];

    /// <summary>When each request was due (open loop) or sent (closed loop), by <see cref="Stopwatch"/>.</summary>
    public long[] Due { get; } = new long[requests.Length];

    /// <summary>Sends requests [from, to) and returns the seconds it took.</summary>
    public double Run(int from, int to, int concurrency, double rate)
    {
        var next = from - 1;
        var start = Stopwatch.GetTimestamp();
        var threads = Enumerable.Range(0, Math.Min(concurrency, to - from)).Select(_ => new Thread(() =>
        {
            Connection? connection = null;
            for (int i; (i = Interlocked.Increment(ref next)) < to;)
            {
                var due = rate > 0 ? start + (long)((i - from) / rate * Stopwatch.Frequency) : Stopwatch.GetTimestamp();
                if (rate > 0)
                {
                    Until(due);
                }

                try
                {
                    connection ??= new Connection(target);
                    Status[i] = connection.Exchange(requests[i]);
                }
                catch (Exception e) when (e is SocketException or IOException)
                {
                    Status[i] = -1;
                }

                Due[i] = due;
                Ticks[i] = Stopwatch.GetTimestamp() - due;
                if (Status[i] < 0 || connection is { MustClose: true })
                {
                    connection?.Dispose();
                    connection = null;
                }
            }

            connection?.Dispose();
        }, maxStackSize: 256 * 1024)).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void Until(long due)
    {
        var wait = (due - Stopwatch.GetTimestamp()) * 1000.0 / Stopwatch.Frequency;
        if (wait > 0)
        {
            Thread.Sleep(TimeSpan.FromMilliseconds(wait));
        }
    }

    private sealed class Connection : IDisposable
    {
        private readonly byte[] buffer = new byte[256 * 1024];
        private readonly Socket socket;

        public Connection(IPEndPoint target)
        {
            socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 60_000 };
            socket.Connect(target);
        }

        public bool MustClose { get; private set; }

        public int Exchange(byte[] request)
        {
            for (var sent = 0; sent < request.Length;)
            {
                sent += socket.Send(request.AsSpan(sent));
            }

            for (var have = 0; ;)
            {
                var read = have < buffer.Length ? socket.Receive(buffer.AsSpan(have)) : 0;
                if (read == 0)
                {
                    return -1;
                }

                have += read;
                if (Complete(buffer.AsSpan(0, have)) is var status and > 0)
                {
                    return status;
                }
            }
        }

        public void Dispose() => socket.Dispose();

        /// <summary>The status once head and body have arrived, 0 before.</summary>
        private int Complete(ReadOnlySpan<byte> data)
        {
            var end = data.IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                return 0;
            }

            var head = data[..(end + 2)];
            var body = data[(end + 4)..];
            var status = ((head[9] - '0') * 100) + ((head[10] - '0') * 10) + head[11] - '0';
            MustClose = Header(head, "connection"u8).SequenceEqual("close"u8);
            if (Header(head, "transfer-encoding"u8).Length > 0)
            {
                return body.EndsWith("0\r\n\r\n"u8) ? status : 0;
            }

            var length = 0;
            foreach (var digit in Header(head, "content-length"u8))
            {
                length = (length * 10) + digit - '0';
            }

            return body.Length >= length ? status : 0;
        }

        private static ReadOnlySpan<byte> Header(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
        {
            for (var line = head.IndexOf("\r\n"u8) + 2; line < head.Length;)
            {
                var rest = head[line..];
                var length = rest.IndexOf("\r\n"u8);
                var colon = rest[..length].IndexOf((byte)':');
                if (colon == name.Length && System.Text.Ascii.EqualsIgnoreCase(rest[..colon], name))
                {
                    return rest[(colon + 1)..length].Trim((byte)' ');
                }

                line += length + 2;
            }

            return default;
        }
    }
}

using System.Diagnostics;

namespace Payments.Infrastructure.Database;

/// <summary>Wakes one waiting worker. Signals that come while nobody waits are kept as one.</summary>
#pragma warning disable CA1001 // Lives as long as the process; its wait handle is never created.
internal class Signal
#pragma warning restore CA1001
{
    private readonly SemaphoreSlim semaphore = new(0, 1);

    public void Set()
    {
        if (semaphore.CurrentCount > 0)
        {
            return;
        }

        try
        {
            semaphore.Release();
        }
        catch (SemaphoreFullException)
        {
            // Set already: whoever wakes sees everything that is committed.
        }
    }

    /// <summary>Returns at the next signal, or after <paramref name="longest"/>: what a crash left behind sends no signal.</summary>
    public Task<bool> WaitAsync(TimeSpan longest, CancellationToken cancellationToken) => semaphore.WaitAsync(longest, cancellationToken);
}

internal sealed class InboxSignal : Signal
{
    /// <summary>So many deliveries in one batch are a crowd, and so many crowds in a row are a rush.</summary>
    private const int Crowd = 16;
    private const int Crowds = 8;

    /// <summary>Over as soon as nothing came for this long.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Senders do not wait for what is done with their events, so storing goes first; but credits wait this long at most.</summary>
    private static readonly TimeSpan LongestRush = TimeSpan.FromSeconds(3);

    /// <summary>What goes on after less than this is still the same rush.</summary>
    private static readonly TimeSpan Lull = TimeSpan.FromSeconds(2);

    private readonly Lock crowds = new();
    private int inARow;
    private long began;
    private long last;

    /// <summary>The last claim was a full one: more events are waiting than are being applied.</summary>
    public bool IsBehind { get; set; }

    /// <summary>Deliveries queue up faster than they are stored: what can be done later gives way to storing them.</summary>
    public bool IsRush
    {
        get
        {
            lock (crowds)
            {
                return inARow >= Crowds && Stopwatch.GetElapsedTime(last) < Pause && Stopwatch.GetElapsedTime(began) < LongestRush;
            }
        }
    }

    public void Stored(int together)
    {
        lock (crowds)
        {
            inARow = together < Crowd ? 0 : inARow + 1;
            if (inARow == Crowds && Stopwatch.GetElapsedTime(last) > Lull)
            {
                began = Stopwatch.GetTimestamp();
            }

            if (inARow >= Crowds)
            {
                last = Stopwatch.GetTimestamp();
            }
        }

        Set();
    }
}

internal sealed class OutboxSignal : Signal;

internal sealed class RefundSignal : Signal;

internal sealed class MailSignal : Signal;

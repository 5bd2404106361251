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
    /// <summary>The last claim was a full one: more events are waiting than are being applied.</summary>
    public bool IsBehind { get; set; }
}

internal sealed class OutboxSignal : Signal;

internal sealed class RefundSignal : Signal;

internal sealed class MailSignal : Signal;

using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace Payments.Infrastructure.Memory;

/// <summary>
/// Gives native memory that nobody uses back to the system. The C library keeps what the compiler and the runtime have
/// freed, in an arena for each thread that ever needed some: 30 MB of 275 after a busy hour (docs/performance.md). Where the
/// C library has no such call (musl), there is nothing to do.
/// </summary>
internal sealed class UnusedMemory : BackgroundService
{
    /// <summary>Compiling comes in waves as code grows warm; a call takes a few milliseconds of one thread.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private static readonly Trim? GiveBack =
        OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out var library) && NativeLibrary.TryGetExport(library, "malloc_trim", out var address)
            ? Marshal.GetDelegateForFunctionPointer<Trim>(address)
            : null;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Trim(nuint keep);

    /// <summary>Once.</summary>
    /// <returns>Whether anything was given back.</returns>
    public static bool Return() => GiveBack?.Invoke(0) == 1;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (GiveBack is null)
        {
            return;
        }

        using var timer = new PeriodicTimer(Every);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Return();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends, and all of its memory with it.
        }
    }
}

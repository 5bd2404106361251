using System.Globalization;
using System.Runtime.InteropServices;
using Payments.Infrastructure.Memory;

namespace Payments.Infrastructure.Tests.Memory;

public sealed class Giving_memory_back
{
    private const int Block = 16 * 1024;
    private const int Blocks = 16 * 1024;

    [Fact]
    public unsafe void returns_to_the_system_what_was_freed_among_what_is_still_used()
    {
        // Every hundredth block stays, so that the C library cannot give the rest back by itself.
        var blocks = new nint[Blocks];
        for (var i = 0; i < Blocks; i++)
        {
            blocks[i] = (nint)NativeMemory.Alloc(Block);
            new Span<byte>((void*)blocks[i], Block).Fill(1);
        }

        for (var i = 0; i < Blocks; i++)
        {
            if (i % 100 != 0)
            {
                NativeMemory.Free((void*)blocks[i]);
            }
        }

        var before = ResidentAnonymous();
        UnusedMemory.Return().ShouldBeTrue();
        var after = ResidentAnonymous();
        for (var i = 0; i < Blocks; i += 100)
        {
            NativeMemory.Free((void*)blocks[i]);
        }

        // 253 MB were freed; other tests of this process allocate meanwhile.
        (before - after).ShouldBeGreaterThan(100_000L, "kB");
    }

    private static long ResidentAnonymous() => long.Parse(
        File.ReadLines("/proc/self/status").Single(line => line.StartsWith("RssAnon:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}

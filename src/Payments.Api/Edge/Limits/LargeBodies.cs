using Payments.Domain.Shared;

namespace Payments.Api.Edge.Limits;

/// <summary>
/// How many large bodies may be in memory at once before anybody knows who sent them. A small one needs no place here: a
/// provider's events are some kilobytes.
/// </summary>
internal static class LargeBodies
{
    /// <summary>From this size on a body takes a place.</summary>
    public const int From = 64 * 1024;

    /// <summary>At a mebibyte each, this is what they may hold together.</summary>
    public const int AtOnce = 32;

    private static readonly SemaphoreSlim Places = new(AtOnce);

    /// <exception cref="Refusal"><c>webhook.overloaded</c></exception>
    public static IDisposable Take() => Places.Wait(TimeSpan.Zero) ? new Place()
        : throw new Refusal(RefusalKind.Unavailable, "webhook.overloaded", "Too many large events are being received; send this one again later.");

    private sealed class Place : IDisposable
    {
        public void Dispose() => Places.Release();
    }
}

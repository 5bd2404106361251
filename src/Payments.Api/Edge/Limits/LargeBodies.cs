using Payments.Domain.Shared;

namespace Payments.Api.Edge.Limits;

/// <summary>
/// How many large bodies may be in memory at once before anybody knows who sent them. A small one needs no place here: a
/// provider's events are some kilobytes.
/// </summary>
internal sealed class LargeBodies : IDisposable
{
    /// <summary>From this size on a body takes a place.</summary>
    public const int From = 64 * 1024;

    /// <summary>At a mebibyte each, this is what they may hold together.</summary>
    public const int AtOnce = 32;

    private readonly SemaphoreSlim places = new(AtOnce);

    /// <exception cref="Refusal"><c>webhook.overloaded</c></exception>
    public IDisposable Take() => places.Wait(TimeSpan.Zero) ? new Place(places)
        : throw new Refusal(RefusalKind.Unavailable, "webhook.overloaded", "Too many large events are being received; send this one again later.");

    public void Dispose() => places.Dispose();

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        public void Dispose() => places.Release();
    }
}

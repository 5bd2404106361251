using System.Threading.Channels;
using Payments.Domain.Shared;

namespace Payments.Application.Notifications;

/// <summary>Something that a page may want to show at once. A hint that may be lost: what it tells of stands in the database.</summary>
/// <param name="Kind"><c>credits</c>, <c>payment</c>, <c>subscription</c>, <c>notification</c> or <c>resync</c> (events may have been lost: read again).</param>
/// <param name="Data">A JSON object, of at most a few hundred bytes.</param>
public sealed record LiveEvent(UserId UserId, string Kind, string Data);

/// <summary>Brings live events to the pages of their users, whichever replica those are connected to.</summary>
public interface ILiveStreams
{
    /// <exception cref="Refusal"><c>stream.too_many</c>, <c>stream.unavailable</c></exception>
    LiveStream Open(UserId userId);

    /// <summary>To be called after the commit that made it true.</summary>
    void Publish(LiveEvent live);
}

/// <summary>One page's share of them. When a page is too slow, its oldest are dropped.</summary>
public sealed class LiveStream(ChannelReader<LiveEvent> events, Action close) : IDisposable
{
    public ChannelReader<LiveEvent> Events => events;

    public void Dispose() => close();
}

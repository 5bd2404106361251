using MediatR;
using Payments.Domain.Shared;

namespace Payments.Application.Notifications;

/// <summary>From now on a page of this user hears what happens.</summary>
public sealed record OpenLiveStream(UserId UserId) : IRequest<LiveStream>;

internal sealed class OpenLiveStreamHandler(ILiveStreams streams) : IRequestHandler<OpenLiveStream, LiveStream>
{
    public Task<LiveStream> Handle(OpenLiveStream command, CancellationToken cancellationToken) => Task.FromResult(streams.Open(command.UserId));
}

using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Payments.Api.Edge.Limits;

internal static class KestrelLimits
{
    public static void Configure(KestrelServerOptions server)
    {
        server.AddServerHeader = false;
        // Above the limits that are ours (HeadLimit), which have an answer with a body; what the server refuses has none.
        server.Limits.MaxRequestLineSize = 4 * HeadLimit.AddressBytes;
        server.Limits.MaxRequestHeadersTotalSize = 2 * HeadLimit.HeaderBytes;
        server.Limits.MaxRequestHeaderCount = 2 * HeadLimit.Headers;
        server.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        server.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
        // Over the 4 MiB that are read and thrown away before a 413: the limits themselves are ours (BodyLimit, RawBody).
        server.Limits.MaxRequestBodySize = 16 * 1024 * 1024;
    }

    /// <summary>What has arrived is worked on by the pool thread that read it, which is free to; handing it on to another costs two wake-ups a request.</summary>
    public static void Configure(SocketTransportOptions sockets) => sockets.UnsafePreferInlineScheduling = true;
}

using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Payments.Api.Edge.Limits;

internal static class KestrelLimits
{
    public static void Configure(KestrelServerOptions server)
    {
        server.AddServerHeader = false;
        server.Limits.MaxRequestHeadersTotalSize = 64 * 1024;
        server.Limits.MaxRequestHeaderCount = 100;
        server.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        server.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
        // Over the 4 MiB that are read and thrown away before a 413: the limits themselves are ours (BodyLimit, RawBody).
        server.Limits.MaxRequestBodySize = 16 * 1024 * 1024;
    }
}

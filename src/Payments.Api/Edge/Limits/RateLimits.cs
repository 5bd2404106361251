using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Payments.Api.Edge.Errors;
using Payments.Api.Edge.Identity;

namespace Payments.Api.Edge.Limits;

/// <summary>
/// A token bucket per user, and per address for callers without a valid token. Our own services have none, and
/// webhooks never come this way: their queue limits them. Buckets run on wall time and are forgotten when full again.
/// </summary>
internal static class RateLimits
{
    // Addresses share this many buckets, so that no number of them can fill the memory.
    private const int AddressBuckets = 1 << 16;

    public static void Configure(RateLimiterOptions options, EdgeOptions edge)
    {
        var bucket = new TokenBucketRateLimiterOptions
        {
            TokenLimit = edge.RateLimitBurst,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1) / edge.RateLimitPerSecond,
            QueueLimit = 0,
            AutoReplenishment = true,
        };
        options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, Caller>(context =>
            context.User.IsInternalService()
                ? RateLimitPartition.GetNoLimiter(Caller.Internal)
                : RateLimitPartition.GetTokenBucketLimiter(CallerOf(context), _ => bucket));
        options.OnRejected = (context, cancellationToken) => new ValueTask(context.HttpContext.Response.WriteAsync(
            Problem.OfStatus(StatusCodes.Status429TooManyRequests) with
            {
                RetryAfter = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(1),
            },
            cancellationToken));
    }

    private static Caller CallerOf(HttpContext context) => UserIds.Of(context.User) is { } user
        ? new Caller(user.Value, 0)
        : new Caller(Guid.Empty, 1 + (int)((uint)NetworkOf(context.Connection.RemoteIpAddress).GetHashCode() % AddressBuckets));

    // Whoever has one IPv6 address has its whole /64.
    internal static IPAddress NetworkOf(IPAddress? address)
    {
        if (address is null)
        {
            return IPAddress.None;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Caller(Guid User, int AddressBucket)
    {
        public static readonly Caller Internal = new(Guid.Empty, 0);
    }
}

using Payments.Domain.Shared;

namespace Payments.Api.Edge.Limits;

/// <summary>Reads bodies within a limit, and reads on past it before refusing, so that a sender gets to see the answer.</summary>
internal static class RawBody
{
    /// <summary>Read and thrown away of a body that is too large, before 413: senders that write first and read then would else only see a reset.</summary>
    public const int Drained = 4 * 1024 * 1024;

    /// <summary>The whole body as it came; null when it is larger than <paramref name="limit"/> bytes (answer 413).</summary>
    /// <exception cref="BadHttpRequestException">The body ended early or came too slowly.</exception>
    /// <exception cref="Refusal"><c>webhook.overloaded</c>: see <see cref="LargeBodies"/>.</exception>
    public static async ValueTask<byte[]?> ReadAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
        {
            await DrainAsync(request.Body, 0, cancellationToken);
            return null;
        }

        // Memory follows what arrives, not what is announced: many connections may promise a mebibyte and send nothing.
        // One byte more than is allowed shows that there is more.
        var most = (int)(request.ContentLength ?? limit + 1L);
        var buffer = new byte[Math.Min(most, 16 * 1024)];
        var length = 0;
        IDisposable? place = null;
        try
        {
            while (true)
            {
                if (length == buffer.Length)
                {
                    if (length == request.ContentLength)
                    {
                        return buffer;
                    }

                    place ??= buffer.Length >= LargeBodies.From ? request.HttpContext.RequestServices.GetRequiredService<LargeBodies>().Take() : null;
                    Array.Resize(ref buffer, Math.Min(buffer.Length * 2, most));
                }

                var read = await request.Body.ReadAsync(buffer.AsMemory(length), cancellationToken);
                if (read == 0)
                {
                    return length == buffer.Length ? buffer : buffer[..length];
                }

                length += read;
                if (length > limit)
                {
                    await DrainAsync(request.Body, length, cancellationToken);
                    return null;
                }
            }
        }
        finally
        {
            place?.Dispose();
        }
    }

    /// <param name="already">Bytes of this body that were read before.</param>
    public static async Task DrainAsync(Stream body, long already, CancellationToken cancellationToken)
    {
        var sink = new byte[16 * 1024];
        while (already < Drained)
        {
            var read = await body.ReadAsync(sink, cancellationToken);
            if (read == 0)
            {
                return;
            }

            already += read;
        }
    }
}

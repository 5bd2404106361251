using Payments.Api.Edge.Errors;

namespace Payments.Api.Edge.Limits;

/// <summary>No body over 256 KiB gets to an action. (Webhooks do not come this way; they read by <see cref="RawBody"/>.)</summary>
internal sealed class BodyLimit(RequestDelegate next)
{
    public const int Bytes = 256 * 1024;

    public async Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.ContentLength > Bytes)
        {
            await RawBody.DrainAsync(request.Body, 0, context.RequestAborted);
            context.Response.Headers.Connection = "close";
            await context.Response.WriteAsync(Problem.OfStatus(StatusCodes.Status413PayloadTooLarge), context.RequestAborted);
            return;
        }

        if (request.ContentLength is null && request.Headers.TransferEncoding.Count > 0 | request.Protocol != "HTTP/1.1")
        {
            request.Body = new Counted(request.Body);
        }

        await next(context);
    }

    /// <summary>A body of unannounced length, refused when it turns out too long.</summary>
    private sealed class Counted(Stream inner) : Stream
    {
        private long seen;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            seen += read;
            if (seen <= Bytes)
            {
                return read;
            }

            await RawBody.DrainAsync(inner, seen, cancellationToken);
            throw new BadHttpRequestException("The body is larger than is taken here.", StatusCodes.Status413PayloadTooLarge);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Bodies are read asynchronously.");

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

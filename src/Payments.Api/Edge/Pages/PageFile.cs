using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Payments.Api.Edge.Pages;

/// <summary>A file of the web pages, whole in memory, as it is and compressed; each form has a tag of its own.</summary>
internal sealed class PageFile
{
    private readonly Form plain;
    private readonly Form? brotli;
    private readonly Form? gzip;

    public PageFile(byte[] content, string contentType, bool compressible)
    {
        ContentType = contentType;
        var hash = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 12));
        plain = new(content, null, new($"\"{hash}\""));
        if (compressible)
        {
            brotli = Compressed("br", stream => new BrotliStream(stream, CompressionLevel.SmallestSize));
            gzip = Compressed("gzip", stream => new GZipStream(stream, CompressionLevel.SmallestSize));
        }

        Form Compressed(string encoding, Func<Stream, Stream> compress)
        {
            using var into = new MemoryStream();
            using (var compressing = compress(into))
            {
                compressing.Write(content);
            }

            return new(into.ToArray(), encoding, new($"\"{hash}-{encoding}\""));
        }
    }

    public string ContentType { get; }

    /// <summary>Answers with the file, or 304 to who shows its tag.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        var request = context.Request.GetTypedHeaders();
        var form = Best(context.Request.Headers.AcceptEncoding);
        var response = context.Response;
        response.Headers.ETag = form.Tag.ToString();
        response.Headers.Vary = StringValues.Concat(response.Headers.Vary, "Accept-Encoding");
        if (response.StatusCode == StatusCodes.Status200OK && request.IfNoneMatch.Any(known => known.Equals(EntityTagHeaderValue.Any) || known.Compare(form.Tag, useStrongComparison: false)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = ContentType;
        response.ContentLength = form.Bytes.Length;
        if (form.Encoding is not null)
        {
            response.Headers.ContentEncoding = form.Encoding;
        }

        await response.Body.WriteAsync(form.Bytes, context.RequestAborted);
    }

    private Form Best(StringValues accepted)
    {
        if (brotli is null || gzip is null || !StringWithQualityHeaderValue.TryParseList(accepted, out var wanted))
        {
            return plain;
        }

        return Takes("br") ? brotli : Takes("gzip") ? gzip : plain;

        bool Takes(string encoding) => wanted.Any(one => one.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase) && one.Quality is null or > 0);
    }

    private sealed record Form(byte[] Bytes, string? Encoding, EntityTagHeaderValue Tag);
}

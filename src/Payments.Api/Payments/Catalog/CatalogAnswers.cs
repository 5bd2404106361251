using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace Payments.Api.Payments.Catalog;

internal static class CatalogAnswers
{
    /// <summary>What is on sale, to be kept by whoever asks: the next time they show its tag, and get it only if it has changed.</summary>
    public static IActionResult Catalog<T>(this ControllerBase controller, IReadOnlyList<T> items)
    {
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(items)).AsSpan(0, 12))}\"");
        var headers = controller.Response.GetTypedHeaders();
        headers.ETag = tag;
        headers.CacheControl = new CacheControlHeaderValue { Public = true, NoCache = true };
        return controller.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false) || known.Equals(EntityTagHeaderValue.Any))
            ? controller.StatusCode(StatusCodes.Status304NotModified)
            : controller.Ok(new ListResponse<T>(items, null));
    }
}

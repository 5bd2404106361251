using System.Security.Cryptography;
using System.Text.Json;
using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using Payments.Application.Payments.Catalog;

namespace Payments.Api.Payments.Catalog;

/// <summary>What is on sale.</summary>
[Route("api/v1/credit-packs")]
[AllowAnonymous]
public sealed class CreditPacksController(IMediator mediator) : ControllerBase
{
    /// <summary>The credit packs on sale, in display order.</summary>
    [HttpGet]
    [AllowAnonymous]
    [ProducesResponseType<ListResponse<CreditPackResponse>>(StatusCodes.Status200OK)]
    [ProducesResponseType(StatusCodes.Status304NotModified)]
    public async Task<IActionResult> List(CancellationToken cancellationToken)
    {
        var packs = (await mediator.Send(new ListCreditPacks(), cancellationToken)).Select(CreditPackResponse.From).ToList();
        var etag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(packs)).AsSpan(0, 12))}\"");
        Response.GetTypedHeaders().ETag = etag;
        Response.GetTypedHeaders().CacheControl = new CacheControlHeaderValue { Public = true, NoCache = true };
        return Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(etag, useStrongComparison: false) || known.Equals(EntityTagHeaderValue.Any))
            ? StatusCode(StatusCodes.Status304NotModified)
            : Ok(new ListResponse<CreditPackResponse>(packs, null));
    }
}

public sealed record CreditPackResponse(Guid Id, string Name, long Credits, MoneyResponse Price)
{
    public static CreditPackResponse From(CreditPackView pack) => new(pack.Id.Value, pack.Name, pack.Credits, MoneyResponse.From(pack.Price));
}

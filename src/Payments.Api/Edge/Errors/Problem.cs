namespace Payments.Api.Edge.Errors;

/// <summary>
/// An answer that is no success, as RFC 9457 has it. <paramref name="Code"/> is stable and part of the API;
/// <paramref name="Detail"/> is for people and may change.
/// </summary>
internal sealed record Problem(int Status, string Code, string Detail)
{
    /// <summary>Per request field (camelCase), what is wrong with it.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    public static readonly Problem Stale = new(StatusCodes.Status409Conflict, "conflict.stale", "It was changed in the meantime; read it again.");

    public static readonly Problem NoDatabase = new(StatusCodes.Status503ServiceUnavailable, "database.unavailable", "The database cannot be reached at the moment; try again.");

    public static Problem Invalid(IReadOnlyDictionary<string, string[]> errors) =>
        new(StatusCodes.Status400BadRequest, "request.invalid", "The request is not well formed; see errors.") { Errors = errors };

    /// <summary>For a status that some middleware set without saying more.</summary>
    public static Problem OfStatus(int status) => status switch
    {
        400 => new(status, "request.invalid", "The request is not well formed."),
        401 => new(status, "auth.required", "The call wants valid credentials."),
        403 => new(status, "auth.forbidden", "The caller may not do this."),
        404 => new(status, "request.unknown_path", "There is nothing at this address."),
        405 => new(status, "request.method_not_allowed", "The address does not take this method; see Allow."),
        406 => new(status, "request.not_acceptable", "The answer is JSON, which Accept rules out."),
        408 => new(status, "request.timeout", "The request took too long to arrive."),
        413 => new(status, "request.too_large", "The body is larger than this address takes."),
        414 => new(status, "request.address_too_long", "The address is too long."),
        415 => new(status, "request.unsupported_media_type", "The body is to be application/json in UTF-8."),
        429 => new(status, "request.rate_limited", "Too many requests; try again later."),
        431 => new(status, "request.headers_too_large", "The headers are too large."),
        503 => new(status, "service.unavailable", "The service cannot do this at the moment; try again later."),
        _ => new(status, status >= 500 ? "internal" : "request.refused", status >= 500 ? "Something went wrong on our side." : "The request was refused."),
    };
}

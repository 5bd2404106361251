namespace Payments.Domain.Shared;

/// <summary>What kind of "no" a refusal is; the edge turns it into an HTTP status in one place.</summary>
public enum RefusalKind
{
    /// <summary>The input is wrong in itself: 400.</summary>
    Invalid,

    /// <summary>The caller may not do this: 403.</summary>
    Forbidden,

    /// <summary>There is no such thing, or it belongs to someone else: 404.</summary>
    NotFound,

    /// <summary>The state of things does not allow it: 409.</summary>
    Conflict,

    /// <summary>Well formed but contradicting an earlier request: 422.</summary>
    Unprocessable,

    /// <summary>Something that is needed is out of reach for the moment: 503 with Retry-After.</summary>
    Unavailable,
}

/// <summary>
/// A rule said no. The one exception type for refusals; <see cref="Code"/> is stable and part of the API
/// (<c>credits.insufficient</c>), the message is for people and may change.
/// </summary>
public sealed class Refusal(RefusalKind kind, string code, string message, string? field = null) : Exception(message)
{
    public RefusalKind Kind { get; } = kind;

    public string Code { get; } = code;

    /// <summary>The request's field that is to blame (camelCase), when it is one.</summary>
    public string? Field { get; } = field;
}

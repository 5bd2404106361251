namespace Payments.Application.Payments.Gateway;

public enum GatewayFailureKind
{
    /// <summary>The payment itself was refused, without an intent that could say so.</summary>
    Declined,

    /// <summary>The provider knows no such object (in this account and mode).</summary>
    NotFound,

    /// <summary>The object's state does not allow it (expiring a complete session).</summary>
    Conflict,

    /// <summary>Our request or configuration is wrong (parameters, key, rights): an alarm for us, never retried.</summary>
    OurFault,

    /// <summary>Certainly without effect: refused before it began (rate limit, circuit open, connection refused). May be sent again.</summary>
    Unavailable,

    /// <summary>It may or may not have happened (timeout, cut connection, 5xx on a write): settle by the same key or a look-up.</summary>
    UnknownOutcome,
}

/// <summary>The provider did not do as asked. <see cref="Exception.Message"/> is for logs and carries no card data.</summary>
public sealed class GatewayFailure(GatewayFailureKind kind, string message, string? code = null, string? parameter = null, string? safeMessage = null, Exception? inner = null)
    : Exception(message, inner)
{
    public GatewayFailureKind Kind { get; } = kind;

    /// <summary>The provider's own error code.</summary>
    public string? Code { get; } = code;

    /// <summary>The provider's name of the wrong parameter.</summary>
    public string? Parameter { get; } = parameter;

    /// <summary>May be shown to the buyer.</summary>
    public string? SafeMessage { get; } = safeMessage;

    /// <summary>The answer was a stored one of an earlier try under the same key (a replayed 5xx).</summary>
    public bool Replayed { get; init; }

    /// <summary>When to try again, if the provider or the circuit breaker said so.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

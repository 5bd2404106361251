namespace Payments.Application.Shared;

/// <summary>The caller's Idempotency-Key of the request being handled.</summary>
public interface IIdempotencyContext
{
    /// <summary>Null when none was sent.</summary>
    string? Key { get; }
}

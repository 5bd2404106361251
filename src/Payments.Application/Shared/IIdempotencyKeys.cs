namespace Payments.Application.Shared;

/// <summary>Remembered answers by caller, method, path and key. Rows are kept 24 h or longer.</summary>
public interface IIdempotencyKeys
{
    /// <summary>
    /// Claims the key for this request, or says why not. A claim whose process died is taken over after 30 s of wall
    /// time; the handler then resumes what it had saved.
    /// </summary>
    Task<KeyClaim> ClaimAsync(IdempotencyScope scope, byte[] requestHash, CancellationToken cancellationToken);

    /// <summary>Remembers the answer (2xx and 4xx except 408, 409, 429 and idempotency.key_reused).</summary>
    Task CompleteAsync(IdempotencyScope scope, Guid claim, RememberedAnswer answer, CancellationToken cancellationToken);

    /// <summary>Forgets the claim (5xx, 408, 409, 429, idempotency.key_reused), so that the same key may be tried again at once.</summary>
    Task AbandonAsync(IdempotencyScope scope, Guid claim, CancellationToken cancellationToken);
}

/// <param name="Caller">User id, or <c>internal</c>.</param>
/// <param name="Key">1 to 255 printable ASCII characters.</param>
public sealed record IdempotencyScope(string Caller, string Method, string Path, string Key);

public sealed record RememberedAnswer(int Status, string? ContentType, byte[] Body, string? Location);

public abstract record KeyClaim;

/// <summary>Go on. <paramref name="Resumed"/>: an earlier process may have got part of the way; what it saved is found by the key.</summary>
public sealed record Claimed(Guid Claim, bool Resumed) : KeyClaim;

public sealed record AlreadyAnswered(RememberedAnswer Answer) : KeyClaim;

public sealed record StillRunning : KeyClaim;

public sealed record DifferentRequest : KeyClaim;

namespace Payments.Domain.Payments.Gateway;

/// <summary>
/// A write to the provider as it will be sent, saved before it is sent. A retry sends the same bytes under the same
/// key, so it can never have a second effect.
/// </summary>
public sealed class GatewayRequest
{
    /// <summary>The provider keeps keys for 24 h; an hour earlier a key is no longer trusted.</summary>
    public static readonly TimeSpan KeyLifetime = TimeSpan.FromHours(23);

    private GatewayRequest()
    {
    }

    public GatewayRequest(Guid subjectId, string operation, string body, DateTimeOffset now)
    {
        SubjectId = subjectId;
        Attempt = 1;
        Operation = operation;
        Body = body;
        PreparedAt = now;
    }

    /// <summary>The payment or customer it is for.</summary>
    public Guid SubjectId { get; private set; }

    public int Attempt { get; private set; }

    public string Operation { get; private set; } = "";

    public string Body { get; private set; } = "";

    public DateTimeOffset PreparedAt { get; private set; }

    public string IdempotencyKey => $"{SubjectId}:{Attempt}";

    public bool IsStale(DateTimeOffset now) => now - PreparedAt > KeyLifetime;

    /// <summary>A new try under a new key, after it is certain that the last one had no effect.</summary>
    public void Renew(string operation, string body, DateTimeOffset now)
    {
        Attempt++;
        (Operation, Body, PreparedAt) = (operation, body, now);
    }
}

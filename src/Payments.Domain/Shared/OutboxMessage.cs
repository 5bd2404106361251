namespace Payments.Domain.Shared;

/// <summary>A fact that others will be told of, saved in the transaction that made it true.</summary>
public sealed class OutboxMessage
{
    private OutboxMessage()
    {
    }

    /// <param name="type">Stable name of the fact: <c>payment.succeeded</c>.</param>
    /// <param name="data">Its content as JSON.</param>
    public OutboxMessage(Guid id, string type, string data, DateTimeOffset now)
    {
        Id = id;
        Type = type;
        Data = data;
        CreatedAt = now;
        NextAttemptAt = DateTimeOffset.UnixEpoch;
    }

    public Guid Id { get; private set; }

    public string Type { get; private set; } = "";

    public string Data { get; private set; } = "{}";

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Wall time, as every retry's; null once it has been passed on.</summary>
    public DateTimeOffset? NextAttemptAt { get; private set; }

    public int Attempts { get; private set; }

    public string? LastError { get; private set; }
}

namespace Payments.Domain.Payments.Webhooks;

public enum WebhookEventStatus
{
    /// <summary>Stored; waits for a worker, or for its next try.</summary>
    Pending,

    Processed,

    /// <summary>A type nothing here acts on; kept for a later version.</summary>
    Unhandled,

    /// <summary>About an object that is neither ours nor a known customer's.</summary>
    Foreign,

    /// <summary>Of another account or mode than the configured key's: never applied.</summary>
    Mismatched,

    /// <summary>Applied to nothing until a person decides (an amount that differs).</summary>
    Parked,

    /// <summary>Failed at every try; a person inspects and replays it.</summary>
    Dead,
}

/// <summary>One stored delivery of the provider's: the inbox row.</summary>
public sealed class WebhookEvent
{
    private WebhookEvent()
    {
    }

    public string Gateway { get; private set; } = "";

    public string Id { get; private set; } = "";

    /// <summary>The event's own time (whole seconds): part of the key, so that the table can be partitioned by it.</summary>
    public DateTimeOffset Created { get; private set; }

    public string Type { get; private set; } = "";

    public string? ApiVersion { get; private set; }

    public bool Livemode { get; private set; }

    public string? Account { get; private set; }

    public string? ObjectId { get; private set; }

    public string? RelatedId { get; private set; }

    /// <summary>The raw bytes as they were signed.</summary>
    public byte[] Payload { get; private set; } = [];

    /// <summary>By the product's clock.</summary>
    public DateTimeOffset ReceivedAt { get; private set; }

    public WebhookEventStatus Status { get; private set; }

    public int Attempts { get; private set; }

    /// <summary>Wall time: retries do not follow the product's clock.</summary>
    public DateTimeOffset NextAttemptAt { get; private set; }

    public string? LastError { get; private set; }

    public DateTimeOffset? ProcessedAt { get; private set; }

    public Guid? PaymentId { get; private set; }
}

using System.Text.Json.Nodes;

namespace Payments.Sandbox.Stripe.State;

/// <summary>An event and what became of its delivery.</summary>
internal sealed class StoredEvent
{
    private const int KeptAttempts = 20;

    private readonly List<DeliveryAttempt> attempts = [];

    public required string Id { get; init; }

    public required string Type { get; init; }

    public required long Created { get; init; }

    /// <summary>Place in the log; given when it enters it.</summary>
    public long Order { get; set; }

    /// <summary>The event as Stripe shows it, compact; pending_webhooks is put right when it is shown.</summary>
    public required byte[] Json { get; init; }

    /// <summary>It has somewhere to go: an endpoint was configured when it happened.</summary>
    public required bool Deliverable { get; init; }

    public bool Delivered { get; private set; }

    /// <summary>No more automatic attempts: dropped on purpose, or three days have passed.</summary>
    public bool GivenUp { get; private set; }

    public int AttemptCount { get; private set; }

    /// <summary>By the sandbox's clock, Stripe's schedule; null when nothing more is planned.</summary>
    public DateTimeOffset? NextAttemptAt { get; private set; }

    /// <summary>The newest ones.</summary>
    public IReadOnlyList<DeliveryAttempt> Attempts => attempts;

    public static StoredEvent From(JsonObject node, bool deliverable) => new()
    {
        Id = node.Text("id")!,
        Type = node.Text("type")!,
        Created = node.Integer("created")!.Value,
        Json = State.Json.Write(node),
        Deliverable = deliverable,
    };

    public void Attempted(DeliveryAttempt attempt, DateTimeOffset? next)
    {
        if (attempts.Count == KeptAttempts)
        {
            attempts.RemoveAt(0);
        }

        attempts.Add(attempt);
        AttemptCount++;
        Delivered |= attempt.Succeeded;
        NextAttemptAt = Delivered ? null : next;
    }

    public void GiveUp()
    {
        GivenUp = true;
        NextAttemptAt = null;
    }

    public JsonObject Shown()
    {
        var node = State.Json.Parse(Json);
        node["pending_webhooks"] = Deliverable && !Delivered && !GivenUp ? 1 : 0;
        return node;
    }

    public JsonObject DeliveryRecord() => new()
    {
        ["id"] = Id,
        ["delivered"] = Delivered,
        ["givenUp"] = GivenUp,
        ["count"] = AttemptCount,
        ["next"] = NextAttemptAt?.ToUnixTimeMilliseconds(),
        ["attempts"] = new JsonArray([.. attempts.Select(a => a.Record())]),
    };

    public void Restore(JsonObject record)
    {
        Delivered = record.Flag("delivered") == true;
        GivenUp = record.Flag("givenUp") == true;
        AttemptCount = (int)(record.Integer("count") ?? 0);
        NextAttemptAt = record.Integer("next") is { } next ? DateTimeOffset.FromUnixTimeMilliseconds(next) : null;
        attempts.Clear();
        attempts.AddRange(record.Items("attempts")!.Select(a => DeliveryAttempt.From(a!.AsObject())));
    }
}

/// <param name="At">By the sandbox's clock.</param>
/// <param name="Status">The endpoint's HTTP status; null when it gave none.</param>
/// <param name="Error">Why there was no status; null otherwise.</param>
/// <param name="Fault">What the fault panel did to this attempt: duplicate, reorder, delay, drop, badSignature, several with commas.</param>
internal sealed record DeliveryAttempt(DateTimeOffset At, int? Status, string? Error, string? Fault)
{
    public bool Succeeded => Status is >= 200 and < 300;

    public JsonObject Record() => new()
    {
        ["at"] = At.ToUnixTimeMilliseconds(),
        ["status"] = Status,
        ["error"] = Error,
        ["fault"] = Fault,
    };

    public static DeliveryAttempt From(JsonObject record) => new(
        DateTimeOffset.FromUnixTimeMilliseconds(record.Integer("at")!.Value),
        (int?)record.Integer("status"),
        record.Text("error"),
        record.Text("fault"));
}

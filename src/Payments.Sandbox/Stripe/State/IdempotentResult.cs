using System.Text.Json.Nodes;

namespace Payments.Sandbox.Stripe.State;

/// <summary>The first answer to an idempotency key.</summary>
internal sealed record IdempotentResult(
    string Key, string Operation, string Fingerprint, string RequestId, int Status, byte[] Body, DateTimeOffset At)
{
    public JsonObject Record() => new()
    {
        ["key"] = Key,
        ["operation"] = Operation,
        ["fingerprint"] = Fingerprint,
        ["request"] = RequestId,
        ["status"] = Status,
        ["body"] = Json.Parse(Body),
        ["at"] = At.ToUnixTimeMilliseconds(),
    };

    public static IdempotentResult From(JsonObject record) => new(
        record.Text("key")!,
        record.Text("operation")!,
        record.Text("fingerprint")!,
        record.Text("request")!,
        (int)record.Integer("status")!.Value,
        Json.Write(record["body"]!),
        DateTimeOffset.FromUnixTimeMilliseconds(record.Integer("at")!.Value));
}

using System.Text.Json.Nodes;

namespace Payments.Sandbox.Stripe.State;

/// <summary>Something that happens by itself at a time of the sandbox's clock. Its id is a fact ("expire:cs_…"), so that it can be called off.</summary>
internal sealed record DueItem(string Id, DateTimeOffset At, string Kind, string Subject)
{
    public JsonObject Record() => new()
    {
        ["id"] = Id,
        ["at"] = At.ToUnixTimeMilliseconds(),
        ["kind"] = Kind,
        ["subject"] = Subject,
    };

    public static DueItem From(JsonObject record) => new(
        record.Text("id")!,
        DateTimeOffset.FromUnixTimeMilliseconds(record.Integer("at")!.Value),
        record.Text("kind")!,
        record.Text("subject")!);
}

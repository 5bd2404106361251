using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Payments.Sandbox.Stripe.State;

/// <summary>All that one request (or one due item, or one delivery) changed: a line of the journal, whole or not at all.</summary>
internal sealed class Change
{
    public List<StoredObject> Objects { get; } = [];

    public List<StoredEvent> Events { get; } = [];

    public List<DueItem> Due { get; } = [];

    /// <summary>Ids of due items that are done or called off.</summary>
    public List<string> Undue { get; } = [];

    /// <summary>Delivery states of events, as <see cref="StoredEvent.DeliveryRecord"/> writes them.</summary>
    public List<JsonObject> Deliveries { get; } = [];

    public IdempotentResult? Idempotency { get; set; }

    public TimeSpan? ClockOffset { get; set; }

    public bool IsEmpty =>
        Objects.Count == 0 && Events.Count == 0 && Due.Count == 0 && Undue.Count == 0 && Deliveries.Count == 0
        && Idempotency is null && ClockOffset is null;

    public byte[] ToLine()
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            WriteAll(writer, "objects", Objects, static (w, o) => w.WriteRawValue(o.Json));
            WriteAll(writer, "events", Events, static (w, e) => w.WriteRawValue(e.Json));
            if (Events.Count > 0 && Events[0].Deliverable)
            {
                writer.WriteBoolean("deliverable", true);
            }

            WriteAll(writer, "due", Due, static (w, d) => d.Record().WriteTo(w));
            WriteAll(writer, "undue", Undue, static (w, id) => w.WriteStringValue(id));
            WriteAll(writer, "deliveries", Deliveries, static (w, d) => d.WriteTo(w));
            if (Idempotency is { } result)
            {
                writer.WritePropertyName("idempotency");
                result.Record().WriteTo(writer);
            }

            if (ClockOffset is { } offset)
            {
                writer.WriteNumber("clock", offset.Ticks);
            }

            writer.WriteEndObject();
        }

        var line = new byte[buffer.WrittenCount + 1];
        buffer.WrittenSpan.CopyTo(line);
        line[^1] = (byte)'\n';
        return line;
    }

    public static Change FromLine(ReadOnlySpan<byte> line)
    {
        var node = Json.Parse(line);
        var change = new Change();
        var deliverable = node.Flag("deliverable") == true;
        change.Objects.AddRange(All(node, "objects").Select(StoredObject.From));
        change.Events.AddRange(All(node, "events").Select(e => StoredEvent.From(e, deliverable)));
        change.Due.AddRange(All(node, "due").Select(DueItem.From));
        change.Undue.AddRange(node.Texts("undue"));
        change.Deliveries.AddRange(All(node, "deliveries"));
        change.Idempotency = node.Hash("idempotency") is { } result ? IdempotentResult.From(result) : null;
        change.ClockOffset = node.Integer("clock") is { } ticks ? new TimeSpan(ticks) : null;
        return change;

        static IEnumerable<JsonObject> All(JsonObject node, string name) =>
            node.Items(name)?.Select(item => item!.AsObject()) ?? [];
    }

    private static void WriteAll<T>(Utf8JsonWriter writer, string name, List<T> items, Action<Utf8JsonWriter, T> write)
    {
        if (items.Count == 0)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            write(writer, item);
        }

        writer.WriteEndArray();
    }
}

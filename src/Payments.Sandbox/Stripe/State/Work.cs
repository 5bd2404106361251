using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;

namespace Payments.Sandbox.Stripe.State;

/// <summary>
/// One piece of work under the engine's lock: reads objects, keeps what it changes aside, and hands all of it over as
/// one <see cref="Change"/> (or drops it when the work is refused).
/// </summary>
internal sealed class Work(Store store, SandboxClock clock, StripeSimulatorOptions options, Uri address, WorkOrigin origin)
{
    private readonly Dictionary<string, JsonObject> read = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonObject> saved = new(StringComparer.Ordinal);
    private readonly List<string> savedOrder = [];
    private readonly List<Action> afterwards = [];
    private Change change = new();

    public DateTimeOffset Time { get; } = clock.Now;

    /// <summary>Unix seconds.</summary>
    public long Now => Time.ToUnixTimeSeconds();

    public StripeSimulatorOptions Options => options;

    public Uri Address => address;

    public Store Store => store;

    public WorkOrigin Origin => origin;

    /// <summary>The object to read or to change; changes count once it is saved.</summary>
    public JsonObject? Find(string id)
    {
        if (!read.TryGetValue(id, out var node) && store.Find(id) is { } stored)
        {
            read.Add(id, node = Json.Parse(stored.Json));
        }

        return node;
    }

    public JsonObject? Find(string id, string type) =>
        Find(id) is { } node && string.Equals(node.Text("object"), type, StringComparison.Ordinal) ? node : null;

    /// <summary>An object that the path names: 404 when there is none.</summary>
    public JsonObject FromPath(string id, string type, string kind) =>
        Find(id, type) is { } node && node.Flag("deleted") != true ? node : throw StripeException.NotFound(kind, id);

    /// <summary>An object that a parameter names: 400 when there is none.</summary>
    public JsonObject FromParameter(string id, string type, string kind, string param) =>
        Find(id, type) is { } node && node.Flag("deleted") != true ? node : throw StripeException.Missing(kind, id, param);

    public void Save(JsonObject node)
    {
        var id = node.Text("id") ?? throw new InvalidOperationException("An object without an id cannot be saved.");
        read[id] = node;
        if (saved.TryAdd(id, node))
        {
            savedOrder.Add(id);
        }
        else
        {
            saved[id] = node;
        }
    }

    /// <summary>Tells the world. The object is taken as it is now, so emit when it has the state to be told.</summary>
    public void Emit(string type, JsonObject subject, JsonObject? previous = null) => Emit(type, Snapshot(subject), previous);

    /// <summary>An update event, if anything differs from <paramref name="before"/>.</summary>
    public void EmitUpdated(string type, JsonObject before, JsonObject after)
    {
        var previous = Fields.Difference(before, after);
        if (previous.Count > 0)
        {
            Emit(type, after, previous);
        }
    }

    /// <summary>The object as it is now, for an event that is told after others have happened to it.</summary>
    public static ObjectSnapshot Snapshot(JsonObject subject)
    {
        var copy = subject.DeepClone().AsObject();
        copy.Remove(StoredObject.PrivateField);
        return new ObjectSnapshot(copy);
    }

    public void Emit(string type, ObjectSnapshot subject, JsonObject? previous = null)
    {
        var data = new JsonObject { ["object"] = subject.Node };
        if (previous is not null)
        {
            data["previous_attributes"] = previous;
        }

        var node = new JsonObject
        {
            ["id"] = Ids.New("evt_"),
            ["object"] = "event",
            ["api_version"] = options.ApiVersion,
            ["created"] = Now,
            ["data"] = data,
            ["livemode"] = false,
            ["pending_webhooks"] = origin.Deliverable ? 1 : 0,
            ["request"] = new JsonObject { ["id"] = origin.RequestId, ["idempotency_key"] = origin.IdempotencyKey },
            ["type"] = type,
        };
        change.Events.Add(StoredEvent.From(node, origin.Deliverable));
    }

    /// <summary>
    /// Does something and tells of it in Stripe's order, which is not always that of the deeds. It answers that order, as
    /// it depends on how it ends; types that are not named there come first.
    /// </summary>
    public void InOrder(Func<string[]> act)
    {
        var from = change.Events.Count;
        var order = act();
        var told = change.Events[from..];
        change.Events.RemoveRange(from, told.Count);
        change.Events.AddRange(told.OrderBy(e => Array.IndexOf(order, e.Type)));
    }

    public void Schedule(string kind, string subject, DateTimeOffset at) =>
        change.Due.Add(new DueItem($"{kind}:{subject}", at, kind, subject));

    public void CallOff(string kind, string subject)
    {
        var id = $"{kind}:{subject}";
        change.Due.RemoveAll(item => string.Equals(item.Id, id, StringComparison.Ordinal));
        change.Undue.Add(id);
    }

    /// <summary>
    /// To be done when all else of this work is done: what a payment brings upon itself (a dispute, a fraud warning) is
    /// told after the payment and the session around it.
    /// </summary>
    public void Afterwards(Action act) => afterwards.Add(act);

    /// <summary>Objects of a type, newest first, those of this work included.</summary>
    public IEnumerable<StoredObject> NewestFirst(string type)
    {
        for (var i = savedOrder.Count - 1; i >= 0; i--)
        {
            var node = saved[savedOrder[i]];
            if (store.Find(savedOrder[i]) is null && string.Equals(node.Text("object"), type, StringComparison.Ordinal))
            {
                yield return StoredObject.From(node);
            }
        }

        foreach (var stored in store.NewestFirst(type))
        {
            yield return saved.TryGetValue(stored.Id, out var node) ? StoredObject.From(node) : stored;
        }
    }

    /// <summary>Drops all that this work did.</summary>
    public void Discard()
    {
        read.Clear();
        saved.Clear();
        savedOrder.Clear();
        afterwards.Clear();
        change = new Change();
    }

    public Change Finish()
    {
        foreach (var act in afterwards)
        {
            act();
        }

        foreach (var id in savedOrder)
        {
            change.Objects.Add(StoredObject.From(saved[id]));
        }

        return change;
    }
}

/// <summary>Who caused a piece of work, as its events will say; both null when Stripe itself did.</summary>
internal sealed record WorkOrigin(string? RequestId, string? IdempotencyKey, bool Deliverable);

internal sealed record ObjectSnapshot(JsonObject Node);

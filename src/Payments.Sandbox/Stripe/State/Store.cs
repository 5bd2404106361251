namespace Payments.Sandbox.Stripe.State;

/// <summary>Everything the simulator knows. Not safe for threads: the engine's lock is around it.</summary>
internal sealed class Store(int maxEvents)
{
    private const int MaxIdempotentResults = 50_000;
    private static readonly TimeSpan IdempotencyKept = TimeSpan.FromHours(24);

    private readonly Dictionary<string, StoredObject> objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> idsByType = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DueItem> dueById = new(StringComparer.Ordinal);
    private readonly SortedSet<DueItem> due = new(Comparer<DueItem>.Create(ByTime));
    private readonly Dictionary<string, IdempotentResult> results = new(StringComparer.Ordinal);
    private readonly Queue<IdempotentResult> resultsByAge = new();

    public EventLog Events { get; } = new(maxEvents);

    public int ObjectCount => objects.Count;

    public int IdempotentResultCount => results.Count;

    public int DueCount => due.Count;

    public DueItem? NextDue => due.Min;

    public StoredObject? Find(string id) => objects.GetValueOrDefault(id);

    public int Count(string type) => idsByType.TryGetValue(type, out var ids) ? ids.Count : 0;

    public IEnumerable<StoredObject> NewestFirst(string type)
    {
        if (idsByType.TryGetValue(type, out var ids))
        {
            for (var i = ids.Count - 1; i >= 0; i--)
            {
                yield return objects[ids[i]];
            }
        }
    }

    public IdempotentResult? FindResult(string key, DateTimeOffset now) =>
        results.TryGetValue(key, out var result) && now - result.At < IdempotencyKept ? result : null;

    public void Apply(Change change)
    {
        foreach (var item in change.Objects)
        {
            Put(item);
        }

        foreach (var happened in change.Events)
        {
            Events.Add(happened);
        }

        foreach (var id in change.Undue)
        {
            if (dueById.Remove(id, out var undue))
            {
                due.Remove(undue);
            }
        }

        foreach (var item in change.Due)
        {
            if (dueById.Remove(item.Id, out var earlier))
            {
                due.Remove(earlier);
            }

            dueById.Add(item.Id, item);
            due.Add(item);
        }

        if (change.Idempotency is { } result)
        {
            results[result.Key] = result;
            resultsByAge.Enqueue(result);
        }
    }

    /// <summary>Forgets what Stripe would have forgotten by now.</summary>
    public void Prune(DateTimeOffset now)
    {
        Events.Prune(now);
        while (resultsByAge.TryPeek(out var oldest) && (resultsByAge.Count > MaxIdempotentResults || now - oldest.At >= IdempotencyKept))
        {
            resultsByAge.Dequeue();
            // The key may have been used anew since; that result is younger and stays.
            if (results.TryGetValue(oldest.Key, out var current) && ReferenceEquals(current, oldest))
            {
                results.Remove(oldest.Key);
            }
        }
    }

    /// <summary>The whole state as the changes that would bring it about; what compaction writes.</summary>
    public IEnumerable<Change> Snapshot(TimeSpan clockOffset)
    {
        yield return new Change { ClockOffset = clockOffset };
        foreach (var id in idsByType.Values.SelectMany(ids => ids))
        {
            var change = new Change();
            change.Objects.Add(objects[id]);
            yield return change;
        }

        foreach (var happened in Events.OldestFirst())
        {
            var change = new Change();
            change.Events.Add(happened);
            if (happened.AttemptCount > 0 || happened.GivenUp)
            {
                change.Deliveries.Add(happened.DeliveryRecord());
            }

            yield return change;
        }

        foreach (var item in due)
        {
            var change = new Change();
            change.Due.Add(item);
            yield return change;
        }

        foreach (var result in resultsByAge)
        {
            yield return new Change { Idempotency = result };
        }
    }

    private void Put(StoredObject item)
    {
        if (!objects.ContainsKey(item.Id))
        {
            if (!idsByType.TryGetValue(item.Type, out var ids))
            {
                idsByType.Add(item.Type, ids = []);
            }

            ids.Add(item.Id);
        }

        objects[item.Id] = item;
    }

    private static int ByTime(DueItem a, DueItem b)
    {
        var order = a.At.CompareTo(b.At);
        return order != 0 ? order : string.CompareOrdinal(a.Id, b.Id);
    }
}

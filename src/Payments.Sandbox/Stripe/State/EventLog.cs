namespace Payments.Sandbox.Stripe.State;

/// <summary>The events of the last thirty days, oldest first, at most so many.</summary>
internal sealed class EventLog(int capacity)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private readonly List<StoredEvent> events = [];
    private readonly Dictionary<string, StoredEvent> byId = new(StringComparer.Ordinal);
    private long order;

    public int Count => events.Count;

    public StoredEvent? Find(string id) => byId.GetValueOrDefault(id);

    public IEnumerable<StoredEvent> OldestFirst() => events;

    public IEnumerable<StoredEvent> NewestFirst()
    {
        for (var i = events.Count - 1; i >= 0; i--)
        {
            yield return events[i];
        }
    }

    public void Add(StoredEvent happened)
    {
        happened.Order = ++order;
        events.Add(happened);
        byId.Add(happened.Id, happened);
        // In bulk, so that each removal from the front of the list is paid for by many additions.
        if (events.Count > capacity + (capacity / 10))
        {
            Forget(events.Count - capacity);
        }
    }

    public void Prune(DateTimeOffset now)
    {
        var oldest = (now - Kept).ToUnixTimeSeconds();
        var stale = events.FindIndex(e => e.Created >= oldest);
        Forget(stale < 0 ? events.Count : stale);
    }

    private void Forget(int count)
    {
        foreach (var forgotten in events.GetRange(0, count))
        {
            byId.Remove(forgotten.Id);
        }

        events.RemoveRange(0, count);
    }
}

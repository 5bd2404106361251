using Payments.Sandbox.Stripe.Http;

namespace Payments.Sandbox.Stripe.State;

/// <summary>
/// The single writer. One lock around all state, never held while anything waits: work is computed, written to the
/// journal, applied, and only then does anyone hear of it.
/// </summary>
internal sealed class Engine : IDisposable
{
    private readonly Lock gate = new();
    private readonly Store store;
    private readonly Journal? journal;
    private readonly StripeSimulatorOptions options;

    public Engine(StripeSimulatorOptions options, SandboxClock clock)
    {
        this.options = options;
        Clock = clock;
        store = new Store(options.MaxEvents);
        journal = options.DataDirectory is { } directory ? Journal.Open(directory, store, clock) : null;
    }

    public SandboxClock Clock { get; }

    /// <summary>Set once the listener knows its port, before the first request.</summary>
    public Uri Address { get; set; } = new("http://127.0.0.1");

    /// <summary>Events are for an endpoint; false: they are only listed.</summary>
    public bool Deliverable { get; set; }

    /// <summary>Called after the commit, outside the lock.</summary>
    public Action<IReadOnlyList<StoredEvent>> Happened { get; set; } = _ => { };

    /// <summary>Runs one piece of work to its commit. A refusal drops what it did, unless it is a decline.</summary>
    public T Run<T>(WorkOrigin origin, Func<Work, T> act)
    {
        List<StoredEvent> events;
        StripeException? declined = null;
        var result = default(T);
        lock (gate)
        {
            var work = Begin(origin);
            try
            {
                result = act(work);
            }
            catch (StripeException refusal) when (refusal.KeepsEffects)
            {
                declined = refusal;
            }

            events = Commit(work.Finish());
        }

        Happened(events);
        return declined is null ? result! : throw declined;
    }

    public WorkOrigin OriginOf(string? requestId, string? idempotencyKey) => new(requestId, idempotencyKey, Deliverable);

    /// <summary>Work whose result decides what is remembered under an idempotency key: see <see cref="StripeApi"/>.</summary>
    public T Transact<T>(WorkOrigin origin, Func<Work, (T Result, IdempotentResult? Remember)> act)
    {
        List<StoredEvent> events;
        T result;
        lock (gate)
        {
            var work = Begin(origin);
            (result, var remember) = act(work);
            var change = work.Finish();
            change.Idempotency = remember;
            events = Commit(change);
        }

        Happened(events);
        return result;
    }

    public T Read<T>(Func<Store, T> read)
    {
        lock (gate)
        {
            return read(store);
        }
    }

    /// <summary>Commits what <paramref name="update"/> did to states outside of objects: deliveries, the clock.</summary>
    public void Record(Action<Change> update)
    {
        lock (gate)
        {
            var change = new Change();
            update(change);
            Commit(change);
        }
    }

    /// <summary>
    /// Runs the next thing that is due by the sandbox's clock. False when there is none. A thing that breaks is taken off
    /// the list before its exception rises, or it would be due for ever.
    /// </summary>
    public bool RunNextDue(Action<Work, DueItem> run)
    {
        List<StoredEvent> events;
        lock (gate)
        {
            if (store.NextDue is not { } item || item.At > Clock.Now)
            {
                return false;
            }

            var work = Begin(OriginOf(requestId: null, idempotencyKey: null));
            try
            {
                work.CallOff(item.Kind, item.Subject);
                run(work, item);
            }
            catch
            {
                var undone = new Change();
                undone.Undue.Add(item.Id);
                Commit(undone);
                throw;
            }

            events = Commit(work.Finish());
        }

        Happened(events);
        return true;
    }

    public void Prune()
    {
        lock (gate)
        {
            store.Prune(Clock.Now);
            journal?.CompactWhenGrown(store, Clock);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            journal?.Dispose();
        }
    }

    private Work Begin(WorkOrigin origin) => new(store, Clock, options, Address, origin);

    private List<StoredEvent> Commit(Change change)
    {
        if (change.IsEmpty)
        {
            return [];
        }

        // First the file: when it cannot be written, nothing has happened.
        journal?.Append(change);
        store.Apply(change);
        return change.Events;
    }
}

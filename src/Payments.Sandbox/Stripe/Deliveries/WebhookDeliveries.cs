using System.Net.Http.Headers;
using System.Threading.Channels;
using Payments.Sandbox.Stripe.Controls;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Deliveries;

/// <summary>Sends events to the endpoint: five at a time, again when they fail, and as badly as the fault panel says.</summary>
internal sealed partial class WebhookDeliveries : IAsyncDisposable
{
    private const int Parallel = 5;
    private static readonly TimeSpan ShortestHold = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ReorderHold = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan DelayHold = TimeSpan.FromSeconds(3);

    private readonly Engine engine;
    private readonly FaultPanel faults;
    private readonly StripeSimulatorOptions options;
    private readonly ILogger<WebhookDeliveries> log;
    private readonly RedeliverySchedule schedule;
    private readonly HttpClient http;
    private readonly Channel<Job> ready = Channel.CreateUnbounded<Job>();
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();

    /// <summary>Failed ones and when the wall clock brings them again. Guarded by the gate, as is the count.</summary>
    private readonly Dictionary<string, Waiting> waiting = new(StringComparer.Ordinal);
    private readonly List<Task> workers = [];
    private int outstanding;

    public WebhookDeliveries(Engine engine, FaultPanel faults, StripeSimulatorOptions options, ILogger<WebhookDeliveries> log)
    {
        this.engine = engine;
        this.faults = faults;
        this.options = options;
        this.log = log;
        schedule = new RedeliverySchedule(options);
        Endpoint = options.WebhookUrl;
        // A redirect is a failure to Stripe, and a proxy has no business between two loopback ports.
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20) })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        http.DefaultRequestHeaders.UserAgent.ParseAdd("Stripe/1.0");
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("(+https://stripe.com/docs/webhooks)"));
    }

    public Uri? Endpoint { get; set; }

    /// <summary>Due now and not yet answered: queued, held by a fault, or on the wire. Waits for a later attempt do not count.</summary>
    public int Outstanding
    {
        get
        {
            lock (gate)
            {
                return outstanding;
            }
        }
    }

    public int WaitingCount
    {
        get
        {
            lock (gate)
            {
                return waiting.Count;
            }
        }
    }

    /// <summary>Takes up what a restart left undelivered, and starts sending.</summary>
    public void Start()
    {
        Send(engine.Read(store => store.Events.OldestFirst().Where(e => e is { Deliverable: true, Delivered: false, GivenUp: false }).ToList()));
        for (var i = 0; i < Parallel; i++)
        {
            workers.Add(Task.Run(WorkAsync));
        }
    }

    public void Send(IReadOnlyList<StoredEvent> events)
    {
        foreach (var item in events.Where(e => e.Deliverable))
        {
            Send(item);
        }
    }

    /// <summary>Sends again what is due by either clock.</summary>
    public void SendDue()
    {
        List<StoredEvent> due;
        var (now, wall) = (engine.Clock.Now, engine.Clock.Wall);
        lock (gate)
        {
            due = [.. waiting.Values.Where(w => w.Wall <= wall || w.Next <= now).Select(w => w.Event)];
            foreach (var item in due)
            {
                waiting.Remove(item.Id);
            }
        }

        foreach (var item in due)
        {
            Send(item);
        }
    }

    /// <summary>The next redelivery by the sandbox's clock; null when none is planned.</summary>
    public DateTimeOffset? NextDue()
    {
        lock (gate)
        {
            // With nowhere to send to, nothing would ever move these on.
            return Endpoint is null ? null : waiting.Values.Min(w => w.Next);
        }
    }

    /// <summary>Sends now, whatever the schedule and the fault panel say, and answers how it went.</summary>
    public async Task<DeliveryAttempt> ResendAsync(StoredEvent item)
    {
        if (Endpoint is not { } endpoint)
        {
            throw new InvalidOperationException("No webhook endpoint is configured.");
        }

        lock (gate)
        {
            outstanding++;
        }

        try
        {
            var attempt = await PostAsync(item, endpoint, badSignature: false, faultNames: null);
            Attempted(item, attempt);
            return attempt;
        }
        finally
        {
            Done();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        ready.Writer.TryComplete();
        await Task.WhenAll(workers);
        http.Dispose();
        stopping.Dispose();
    }

    private void Send(StoredEvent item)
    {
        var fault = faults.ForDelivery();
        if (fault.Drop)
        {
            engine.Record(change =>
            {
                item.Attempted(new DeliveryAttempt(engine.Clock.Now, Status: null, "lost on the way", fault.Names), next: null);
                item.GiveUp();
                change.Deliveries.Add(item.DeliveryRecord());
            });
            return;
        }

        Queue(new Job(item, fault));
        if (fault.Duplicate)
        {
            Queue(new Job(item, fault));
        }
    }

    private void Queue(Job job)
    {
        lock (gate)
        {
            outstanding++;
        }

        if (!job.Fault.Reorder && !job.Fault.Delay)
        {
            ready.Writer.TryWrite(job);
            return;
        }

        var hold = (job.Fault.Reorder ? faults.Hold(ShortestHold, ReorderHold) : TimeSpan.Zero)
            + (job.Fault.Delay ? faults.Hold(ReorderHold, DelayHold) : TimeSpan.Zero);
        _ = HoldAsync(job, hold);
    }

    private async Task HoldAsync(Job job, TimeSpan hold)
    {
        // The wait ends early when the simulator stops; the event is undelivered then and comes again with the next start.
        await Task.Delay(hold, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ready.Writer.TryWrite(job);
    }

    private async Task WorkAsync()
    {
        await foreach (var job in ready.Reader.ReadAllAsync())
        {
            if (stopping.IsCancellationRequested)
            {
                return;
            }

            try
            {
                await AttemptAsync(job);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception broken)
            {
                // The worker must outlive whatever went wrong with one event (a full disk, say).
                LogBroken(broken, job.Event.Id);
                Postpone(job.Event);
            }
            finally
            {
                Done();
            }
        }
    }

    private async Task AttemptAsync(Job job)
    {
        if (Endpoint is not { } endpoint)
        {
            Postpone(job.Event);
            return;
        }

        Attempted(job.Event, await PostAsync(job.Event, endpoint, job.Fault.BadSignature, job.Fault.Names));
    }

    private async Task<DeliveryAttempt> PostAsync(StoredEvent item, Uri endpoint, bool badSignature, string? faultNames)
    {
        var body = Json.Show(item.Json);
        var at = engine.Clock.Now;
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint);
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        IEnumerable<string> secrets = badSignature ? ["whsec_of_somebody_else"] : options.WebhookSecrets;
        request.Headers.TryAddWithoutValidation("Stripe-Signature", WebhookSignature.Header(at, body, secrets));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        patience.CancelAfter(options.DeliveryTimeout);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            var status = (int)response.StatusCode;
            return new DeliveryAttempt(at, status, status is >= 200 and < 300 ? null : $"HTTP {status}", faultNames);
        }
        catch (HttpRequestException failure)
        {
            return new DeliveryAttempt(at, Status: null, failure.Message, faultNames);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return new DeliveryAttempt(at, Status: null, $"no answer within {options.DeliveryTimeout.TotalSeconds:0.#} s", faultNames);
        }
    }

    private void Attempted(StoredEvent item, DeliveryAttempt attempt)
    {
        DateTimeOffset? next = null;
        engine.Record(change =>
        {
            var created = DateTimeOffset.FromUnixTimeSeconds(item.Created);
            item.Attempted(attempt, RedeliverySchedule.Next(created, attempt.At, item.AttemptCount + 1));
            if (!item.Delivered && attempt.At > created + RedeliverySchedule.Lifetime)
            {
                item.GiveUp();
            }

            next = item.NextAttemptAt;
            change.Deliveries.Add(item.DeliveryRecord());
        });
        lock (gate)
        {
            if (item.Delivered || item.GivenUp)
            {
                waiting.Remove(item.Id);
            }
            else
            {
                waiting[item.Id] = new Waiting(item, engine.Clock.Wall + schedule.WallWait(item.AttemptCount), next);
            }
        }
    }

    private void Postpone(StoredEvent item)
    {
        lock (gate)
        {
            waiting[item.Id] = new Waiting(item, engine.Clock.Wall + TimeSpan.FromSeconds(1), Next: null);
        }
    }

    private void Done()
    {
        lock (gate)
        {
            outstanding--;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The delivery of {EventId} broke.")]
    private partial void LogBroken(Exception exception, string eventId);

    private sealed record Job(StoredEvent Event, DeliveryFault Fault);

    /// <summary>Comes again at whichever is first: Wall on the wall clock, Next on the sandbox's.</summary>
    private sealed record Waiting(StoredEvent Event, DateTimeOffset Wall, DateTimeOffset? Next);
}

using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Payments.Infrastructure.Telemetry;

/// <summary>What comes in and what becomes of it. Counts of events; the lag in seconds.</summary>
internal static class InboxMetrics
{
    private static readonly Meter Meter = new("Payments.Inbox");

    /// <summary>A span for each set of events that is applied together.</summary>
    public static readonly ActivitySource Spans = new("Payments.Inbox");

    public static readonly Counter<long> Received = Meter.CreateCounter<long>("payments.inbox.received", "{event}", "Deliveries received, before any check");
    public static readonly Counter<long> Refused = Meter.CreateCounter<long>("payments.inbox.refused", "{event}", "Deliveries with a bad signature or body");
    public static readonly Counter<long> Stored = Meter.CreateCounter<long>("payments.inbox.stored", "{event}", "Events stored for the first time");
    public static readonly Counter<long> Duplicates = Meter.CreateCounter<long>("payments.inbox.duplicates", "{event}", "Deliveries of an event that was stored already");
    public static readonly Counter<long> NotStored = Meter.CreateCounter<long>("payments.inbox.not_stored", "{event}", "Deliveries answered 503");
    public static readonly Counter<long> Processed = Meter.CreateCounter<long>("payments.inbox.processed", "{event}", "Events done, by outcome (processed, parked, foreign, unhandled, mismatched, dead)");
    public static readonly Counter<long> Failed = Meter.CreateCounter<long>("payments.inbox.failed", "{event}", "Failed tries to process an event");
    public static readonly Histogram<double> Lag = Meter.CreateHistogram<double>("payments.inbox.lag", "s", "From an event's storage to its effects' commit");
}

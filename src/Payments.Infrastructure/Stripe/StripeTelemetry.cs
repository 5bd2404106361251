using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Payments.Infrastructure.Stripe;

/// <summary>What operators see of the calls: operation, outcome and time, never a body, a key or an id of a buyer.</summary>
internal static class StripeTelemetry
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "Payments.Gateway";

    public static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "payments.gateway.duration",
        unit: "s",
        description: "Time of a call to the payment provider with all its tries.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] });

    private static readonly Counter<long> Retries = Meter.CreateCounter<long>(
        "payments.gateway.retries",
        unit: "{retry}",
        description: "Tries after the first one.");

    public static void Called(string operation, string outcome, TimeSpan took) => Duration.Record(
        took.TotalSeconds,
        new KeyValuePair<string, object?>("operation", operation),
        new KeyValuePair<string, object?>("outcome", outcome));

    public static void Retried(string operation) => Retries.Add(1, new KeyValuePair<string, object?>("operation", operation));
}

using System.Diagnostics.Metrics;
using System.Text.Json;
using Payments.Domain.Payments.Refunds;

namespace Payments.Application.Payments.Refunds;

/// <summary>Refunds by the status they reach and who wanted them.</summary>
internal static class RefundTelemetry
{
    private static readonly Meter Meter = new("Payments.Refunds");
    private static readonly Counter<long> Statuses = Meter.CreateCounter<long>("payments.refunds", "{refund}", "Refunds that reached a status, by who wanted them");

    private static readonly Counter<long> StuckRefunds = Meter.CreateCounter<long>("payments.refunds.stuck", "{refund}", "Automatic refunds that failed for good: a person must look");

    public static void Stuck() => StuckRefunds.Add(1);

    public static void Moved(Refund refund) => Statuses.Add(
        1, new KeyValuePair<string, object?>("status", Word(refund.Status)), new KeyValuePair<string, object?>("origin", Word(refund.Origin)));

    private static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}

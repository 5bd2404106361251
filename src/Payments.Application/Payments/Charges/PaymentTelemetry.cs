using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Charges;

/// <summary>Payments by the status they reach, and how long opening one takes (seconds, provider included).</summary>
internal static partial class PaymentTelemetry
{
    private static readonly Meter Meter = new("Payments.Payments");
    private static readonly Counter<long> Statuses = Meter.CreateCounter<long>("payments.payments", "{payment}", "Payments that reached a status");
    private static readonly Histogram<double> Opening = Meter.CreateHistogram<double>("payments.checkout.duration", "s", "From a buyer's wish to the opened page or intent");

    public static void Moved(ILogger logger, Payment payment)
    {
        var status = JsonNamingPolicy.CamelCase.ConvertName(payment.Status.ToString());
        Statuses.Add(1, new KeyValuePair<string, object?>("status", status), new KeyValuePair<string, object?>("currency", payment.Amount.Currency.Code));
        LogMoved(logger, payment.Id, payment.UserId, status);
    }

    public static void Opened(TimeSpan took, PaymentFlow flow, bool opened) => Opening.Record(
        took.TotalSeconds, new KeyValuePair<string, object?>("flow", flow == PaymentFlow.Checkout ? "checkout" : "intent"), new KeyValuePair<string, object?>("opened", opened));

    [LoggerMessage(1, LogLevel.Information, "Payment {PaymentId} of user {UserId} is {Status}")]
    private static partial void LogMoved(ILogger logger, PaymentId paymentId, UserId userId, string status);
}

using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Subscriptions;

/// <summary>What was heard of subscriptions, by where they stand after it.</summary>
internal static partial class SubscriptionTelemetry
{
    private static readonly Meter Meter = new("Payments.Subscriptions");
    private static readonly Counter<long> Updates = Meter.CreateCounter<long>("payments.subscriptions.updates", "{update}", "News of subscriptions applied, by the status they left");

    public static void Applied(ILogger logger, Subscription subscription)
    {
        var status = JsonNamingPolicy.SnakeCaseLower.ConvertName(subscription.Status.ToString());
        Updates.Add(1, new KeyValuePair<string, object?>("status", status));
        LogApplied(logger, subscription.Id, subscription.UserId, status);
    }

    [LoggerMessage(1, LogLevel.Information, "Subscription {SubscriptionId} of user {UserId} is {Status}")]
    private static partial void LogApplied(ILogger logger, SubscriptionId subscriptionId, UserId userId, string status);
}

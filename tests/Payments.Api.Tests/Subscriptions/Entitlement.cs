using System.Text.Json.Nodes;

namespace Payments.Api.Tests.Subscriptions;

/// <summary>
/// What a subscription gives by the provider's objects and our rules alone: a window of six hours while a renewal is
/// collected, seven days of grace, and the second of a cancellation.
/// </summary>
/// <param name="Until">When access ends.</param>
/// <param name="Shown">What the profile shows as its end.</param>
internal sealed record Entitlement(DateTimeOffset Until, DateTimeOffset Shown)
{
    /// <param name="invoices">Of this subscription, and perhaps of others.</param>
    /// <returns>Null when it gives nothing.</returns>
    public static Entitlement? Of(JsonNode subscription, IEnumerable<JsonNode> invoices)
    {
        var paid = PaidUntil(subscription, invoices);
        var until = subscription["status"]!.ToString() switch
        {
            "trialing" => Moment(subscription["trial_end"])?.AddHours(6),
            "active" => paid?.AddHours(6),
            "past_due" or "unpaid" => paid?.AddDays(7),
            "canceled" when subscription["cancellation_details"]?["reason"]?.ToString() == "payment_failed" => paid?.AddDays(7),
            _ => null,
        };
        return until is { } end ? new Entitlement(AtMost(end), AtMost(subscription["status"]!.ToString() == "trialing" ? Moment(subscription["trial_end"])!.Value : paid!.Value)) : null;

        DateTimeOffset AtMost(DateTimeOffset moment) => Moment(subscription["cancel_at"]) is { } cancel && cancel < moment ? cancel : moment;
    }

    /// <summary>The end of the latest period that was paid.</summary>
    public static DateTimeOffset? PaidUntil(JsonNode subscription, IEnumerable<JsonNode> invoices) => invoices
        .Where(i => i["status"]!.ToString() == "paid" && i["parent"]?["subscription_details"]?["subscription"]?.ToString() == subscription["id"]!.ToString())
        .SelectMany(i => i["lines"]!["data"]!.AsArray().Select(l => l!))
        .Where(l => l["parent"]?["subscription_item_details"]?["proration"]?.GetValue<bool>() == false)
        .Select(l => (Start: Moment(l["period"]!["start"]), End: Moment(l["period"]!["end"]))).OrderBy(p => p.Start).ThenBy(p => p.End).LastOrDefault().End;

    private static DateTimeOffset? Moment(JsonNode? seconds) => seconds is null ? null : DateTimeOffset.FromUnixTimeSeconds(seconds.GetValue<long>());
}

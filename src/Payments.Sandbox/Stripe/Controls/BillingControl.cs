using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Resources;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Controls;

/// <summary>What a seller sets in Stripe's Dashboard about payments that fail: <see cref="Dunning"/> goes by it.</summary>
internal static class BillingControl
{
    private const int MaxRetries = 8;

    public static JsonObject Show(JsonObject settings) => new()
    {
        ["finalAction"] = settings.Copy("finalAction"),
        ["retryAfterDays"] = settings.Copy("retryAfterDays"),
    };

    public static JsonObject Set(Work work, JsonObject body)
    {
        var settings = Dunning.Settings(work);
        if (body.ContainsKey("finalAction"))
        {
            settings["finalAction"] = Dunning.FinalActions.Contains(body.Text("finalAction"), StringComparer.Ordinal)
                ? body.Text("finalAction")
                : throw new ControlException($"finalAction must be one of {string.Join(", ", Dunning.FinalActions)}.");
        }

        if (body.ContainsKey("retryAfterDays"))
        {
            settings["retryAfterDays"] = body.Items("retryAfterDays") is { Count: <= MaxRetries } days
                && days.All(d => d is JsonValue value && value.TryGetValue(out int count) && count is >= 1 and <= 60)
                ? days.DeepClone()
                : throw new ControlException($"retryAfterDays must be a list of at most {MaxRetries} whole numbers of days, each from 1 to 60.");
        }

        work.Save(settings);
        return Show(settings);
    }
}

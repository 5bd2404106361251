using System.Text.Json;
using System.Text.Json.Nodes;

namespace Payments.Sandbox.Stripe.Controls;

internal enum ApiFault
{
    None,
    Error,
    RateLimit,
    CutBeforeEffect,
    CutAfterEffect,

    /// <summary>Done at once, and answered after seconds.</summary>
    Slow,
}

/// <param name="Duplicate">Sent twice.</param>
/// <param name="Reorder">Held until later ones have passed it.</param>
/// <param name="Delay">Held for seconds.</param>
/// <param name="Drop">Lost, as if Stripe had given up: only a resend brings it.</param>
/// <param name="BadSignature">Signed with a secret nobody knows.</param>
internal sealed record DeliveryFault(bool Duplicate, bool Reorder, bool Delay, bool Drop, bool BadSignature)
{
    public static readonly DeliveryFault None = new(false, false, false, false, false);

    /// <summary>The names of what struck, with commas; null when nothing did.</summary>
    public string? Names
    {
        get
        {
            var names = string.Join(',', new[]
            {
                Duplicate ? "duplicate" : null, Reorder ? "reorder" : null, Delay ? "delay" : null,
                Drop ? "drop" : null, BadSignature ? "badSignature" : null,
            }.Where(n => n is not null));
            return names.Length > 0 ? names : null;
        }
    }
}

/// <summary>Which share of deliveries and of API calls goes wrong, and how.</summary>
internal sealed class FaultPanel
{
    private static readonly string[] DeliveryNames = ["duplicate", "reorder", "delay", "drop", "badSignature"];
    private static readonly string[] ApiNames = ["error", "rateLimit", "cutBeforeEffect", "cutAfterEffect", "slow"];

    private readonly Lock gate = new();
    private Dictionary<string, double> deliveries = new(StringComparer.Ordinal);
    private Dictionary<string, double> api = new(StringComparer.Ordinal);
    private int? seed;
    private Random random = Random.Shared;

    /// <summary>Replaces the whole plan. Throws <see cref="ControlException"/> naming the field that is wrong.</summary>
    public void Set(JsonNode? plan)
    {
        if (plan is not JsonObject hash)
        {
            throw new ControlException("The body must be an object with deliveries, api and seed.");
        }

        foreach (var name in hash.Select(p => p.Key).Where(n => n is not ("deliveries" or "api" or "seed")))
        {
            throw new ControlException($"{name} is unknown: deliveries, api and seed are known.");
        }

        var nextDeliveries = Shares(hash["deliveries"], "deliveries", DeliveryNames);
        var nextApi = Shares(hash["api"], "api", ApiNames);
        var nextSeed = Seed(hash["seed"]);
        lock (gate)
        {
            (deliveries, api, seed) = (nextDeliveries, nextApi, nextSeed);
#pragma warning disable CA5394 // Faults want a sequence that can be repeated, not one that cannot be guessed.
            random = nextSeed is { } s ? new Random(s) : Random.Shared;
#pragma warning restore CA5394
        }
    }

    public void Clear() => Set(new JsonObject());

    public JsonObject Show()
    {
        lock (gate)
        {
            return new JsonObject
            {
                ["deliveries"] = Shown(DeliveryNames, deliveries),
                ["api"] = Shown(ApiNames, api),
                ["seed"] = seed,
            };
        }

        static JsonObject Shown(string[] names, Dictionary<string, double> shares)
        {
            var shown = new JsonObject();
            foreach (var name in names)
            {
                shown[name] = shares.GetValueOrDefault(name);
            }

            return shown;
        }
    }

    public ApiFault ForCall()
    {
        lock (gate)
        {
            return api.Count == 0 ? ApiFault.None
                : Strikes(api, "cutBeforeEffect") ? ApiFault.CutBeforeEffect
                : Strikes(api, "error") ? ApiFault.Error
                : Strikes(api, "rateLimit") ? ApiFault.RateLimit
                : Strikes(api, "cutAfterEffect") ? ApiFault.CutAfterEffect
                : Strikes(api, "slow") ? ApiFault.Slow
                : ApiFault.None;
        }
    }

    public DeliveryFault ForDelivery()
    {
        lock (gate)
        {
            return deliveries.Count == 0 ? DeliveryFault.None : new DeliveryFault(
                Strikes(deliveries, "duplicate"),
                Strikes(deliveries, "reorder"),
                Strikes(deliveries, "delay"),
                Strikes(deliveries, "drop"),
                Strikes(deliveries, "badSignature"));
        }
    }

    /// <summary>How long something is held up, between two bounds.</summary>
    public TimeSpan Hold(TimeSpan least, TimeSpan most)
    {
        lock (gate)
        {
            return least + ((most - least) * Draw());
        }
    }

    private bool Strikes(Dictionary<string, double> shares, string name) =>
        shares.TryGetValue(name, out var share) && Draw() < share;

#pragma warning disable CA5394 // see above
    private double Draw() => random.NextDouble();
#pragma warning restore CA5394

    private static Dictionary<string, double> Shares(JsonNode? node, string group, string[] known)
    {
        var shares = new Dictionary<string, double>(StringComparer.Ordinal);
        if (node is null)
        {
            return shares;
        }

        if (node is not JsonObject hash)
        {
            throw new ControlException($"{group} must be an object of shares.");
        }

        foreach (var (name, value) in hash)
        {
            if (!known.Contains(name, StringComparer.Ordinal))
            {
                throw new ControlException($"{group}.{name} is unknown: {string.Join(", ", known)} are known.");
            }

            shares[name] = value?.GetValueKind() == JsonValueKind.Number && value.GetValue<double>() is >= 0 and <= 1 and var share
                ? share
                : throw new ControlException($"{group}.{name} must be a share from 0 to 1.");
        }

        return shares;
    }

    private static int? Seed(JsonNode? node)
    {
        if (node is null)
        {
            return null;
        }

        return node is JsonValue value && value.TryGetValue(out int seed)
            ? seed
            : throw new ControlException("seed must be an integer.");
    }
}

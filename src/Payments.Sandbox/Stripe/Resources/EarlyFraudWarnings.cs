using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>The issuer's word that a payment looks like fraud, before anybody disputes it. No money moves.</summary>
internal static class EarlyFraudWarnings
{
    private const string Type = "radar.early_fraud_warning";
    private const string Kind = "early fraud warning";

    public static void Map(RouteTable routes)
    {
        routes.Get("/v1/radar/early_fraud_warnings", call => Lists.Page(call, Type, Kind, "charge", "payment_intent"));
        routes.Get("/v1/radar/early_fraud_warnings/{id}", call => call.Work.FromPath(call.Id, Type, Kind));
    }

    public static void Create(Work work, JsonObject charge)
    {
        var warning = new JsonObject
        {
            ["id"] = Ids.New("issfr_"),
            ["object"] = Type,
            ["actionable"] = true,
            ["charge"] = charge.Text("id"),
            ["created"] = work.Now,
            ["fraud_type"] = "made_with_stolen_card",
            ["livemode"] = false,
            ["payment_intent"] = charge.Text("payment_intent"),
        };
        work.Save(warning);
        work.Emit("radar.early_fraud_warning.created", warning);
    }

    /// <summary>The charge is refunded or disputed: there is nothing left to do about the warning.</summary>
    public static void Settle(Work work, JsonObject charge)
    {
        var open = work.NewestFirst(Type)
            .Where(w => string.Equals(w.Filter("charge"), charge.Text("id"), StringComparison.Ordinal))
            .Select(w => work.Find(w.Id)!)
            .Where(w => w.Flag("actionable") == true)
            .ToList();
        foreach (var warning in open)
        {
            var before = warning.DeepClone().AsObject();
            warning["actionable"] = false;
            work.Save(warning);
            work.EmitUpdated("radar.early_fraud_warning.updated", before, warning);
        }
    }
}

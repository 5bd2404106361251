using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>What happened in the last thirty days: what an integration reconciles with.</summary>
internal static class Events
{
    public static void Map(RouteTable routes)
    {
        routes.Get("/v1/events", List);
        routes.Get("/v1/events/{id}", call => call.Work.Store.Events.Find(call.Id)?.Shown() ?? throw StripeException.NotFound("event", call.Id));
    }

    private static JsonObject List(Call call)
    {
        var parameters = call.Parameters;
        var types = parameters.Texts("types").ToList();
        if (parameters.Text("type") is { } one)
        {
            if (types.Count > 0)
            {
                throw StripeException.Invalid("You may only specify one of these parameters: type, types.", "type", "parameters_exclusive");
            }

            types.Add(one);
        }

        var created = CreatedRange.From(parameters["created"]);
        var success = parameters.Flag("delivery_success");
        var log = call.Work.Store.Events;
        var matching = log.NewestFirst().Where(e =>
            created.Contains(e.Created)
            && (types.Count == 0 || types.Exists(t => Matches(t, e.Type)))
            && (success is null || (e.Deliverable && e.Delivered == success)));
        return Lists.Page(call, matching, e => e.Id, e => e.Shown(), id => log.Find(id) is not null, "event");
    }

    /// <summary>A whole name, or a family of them: "charge.*".</summary>
    private static bool Matches(string wanted, string type) =>
        wanted is "*"
        || (wanted.EndsWith(".*", StringComparison.Ordinal)
            ? type.StartsWith(wanted[..^1], StringComparison.Ordinal)
            : string.Equals(wanted, type, StringComparison.Ordinal));
}

using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>
/// Test clocks as objects, for tools that make and advance them. They move nothing: the sandbox has one clock for all,
/// and its own control moves it.
/// </summary>
internal static class TestClocks
{
    private const string Type = "test_helpers.test_clock";
    private const string Kind = "test clock";

    public static void Map(RouteTable routes)
    {
        routes.Post("/v1/test_helpers/test_clocks", Create);
        routes.Get("/v1/test_helpers/test_clocks", call => Lists.Page(call, Type, Kind));
        routes.Get("/v1/test_helpers/test_clocks/{id}", call => call.Work.FromPath(call.Id, Type, Kind));
        routes.Post("/v1/test_helpers/test_clocks/{id}/advance", Advance);
        routes.Delete("/v1/test_helpers/test_clocks/{id}", Delete);
    }

    private static JsonObject Create(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var clock = new JsonObject
        {
            ["id"] = Ids.New("clock_"),
            ["object"] = Type,
            ["created"] = work.Now,
            ["deletes_after"] = work.Now + (30 * 86_400),
            ["frozen_time"] = parameters.Integer("frozen_time"),
            ["livemode"] = false,
            ["name"] = parameters.Text("name"),
            ["status"] = "ready",
            ["status_details"] = new JsonObject(),
        };
        work.Save(clock);
        work.Emit("test_helpers.test_clock.created", clock);
        return clock;
    }

    private static JsonObject Advance(Call call)
    {
        var clock = call.Work.FromPath(call.Id, Type, Kind);
        var target = call.Parameters.Integer("frozen_time")!.Value;
        if (target <= clock.Integer("frozen_time"))
        {
            throw StripeException.Invalid("The frozen_time must be after the test clock's current frozen_time.", "frozen_time");
        }

        clock["status"] = "advancing";
        clock["status_details"] = new JsonObject { ["advancing"] = new JsonObject { ["target_frozen_time"] = target } };
        call.Work.Emit("test_helpers.test_clock.advancing", clock);
        var answer = DeclineBodies.Shown(clock);
        clock["frozen_time"] = target;
        clock["status"] = "ready";
        clock["status_details"] = new JsonObject();
        call.Work.Save(clock);
        call.Work.Emit("test_helpers.test_clock.ready", clock);
        return answer;
    }

    private static JsonObject Delete(Call call)
    {
        call.Work.Emit("test_helpers.test_clock.deleted", call.Work.FromPath(call.Id, Type, Kind));
        var deleted = new JsonObject { ["id"] = call.Id, ["object"] = Type, ["deleted"] = true };
        call.Work.Save(deleted);
        return deleted;
    }
}

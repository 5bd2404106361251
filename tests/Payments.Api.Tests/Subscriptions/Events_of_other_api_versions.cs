using System.Net;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Subscriptions;

/// <summary>Hard case 29: an endpoint may be set to any version; what is not read is asked for, nothing is dropped.</summary>
public sealed class Events_of_other_api_versions(World world) : IClassFixture<World>
{
    /// <summary>Before it there were no events of refunds of their own.</summary>
    private const string FirstWithRefundEvents = "2024-10-28.acacia";

    private static readonly string[] Told =
    [
        "B1 paid on the page", "B1'' challenged, then confirmed", "B2 a trial with a card", "B3 a trial that is paid", "B4 a renewal", "B5 a renewal that fails", "B5 a renewal that fails and recovers",
        "B6 an upgrade paid now", "B7 seats added and paid later", "B7 a downgrade at once", "B8 cancelled at the period's end, which came", "B9 cancelled now", "B10 collection paused",
        "C2 a payment given back in part", "D1 a payment disputed", "Two pages of a family, both paid",
    ];

    [Theory]
    [InlineData("2020-03-02")]
    [InlineData("2023-10-16")]
    [InlineData("2024-06-20")]
    [InlineData("2026-10-28.endive")]
    public async Task Every_kind_of_story_ends_the_same(string version)
    {
        var stage = new Stage(world);
        foreach (var name in Told)
        {
            var story = Stories.Named(name);
            await stage.TellAsync(story, [0], async actors =>
            {
                var actor = actors.Single();
                actor.Order = [.. actor.Order.Where(e => Exists(e, version)).Select(e => Rewritten(e, version))];
                foreach (var e in actor.Order)
                {
                    using var answer = await world.DeliverAsync(e);
                    answer.StatusCode.ShouldBe(HttpStatusCode.OK);
                }

                await actor.EndsAsync(story, $"{version}: {story.Name}");
            });
        }

        await world.LedgerIsSoundAsync();
    }

    [Theory]
    [InlineData("customer.subscription.updated", "subscription", "sub_nobody")]
    [InlineData("invoice.paid", "invoice", "in_nobody")]
    [InlineData("charge.refunded", "charge", "ch_nobody")]
    [InlineData("refund.updated", "refund", "re_nobody")]
    [InlineData("charge.dispute.created", "dispute", "dp_nobody")]
    [InlineData("checkout.session.completed", "checkout.session", "cs_test_nobody")]
    [InlineData("payment_intent.succeeded", "payment_intent", "pi_nobody")]
    public async Task What_the_provider_does_not_know_is_kept_with_a_clear_state_and_not_tried_again(string type, string kind, string id)
    {
        var e = new JsonObject
        {
            ["id"] = $"evt_unknown_{kind.Replace('.', '_')}", ["object"] = "event", ["api_version"] = "2020-03-02", ["created"] = world.Stripe.Now.ToUnixTimeSeconds(), ["livemode"] = false,
            ["type"] = type, ["data"] = new JsonObject { ["object"] = new JsonObject { ["id"] = id, ["object"] = kind } },
        };
        using var answer = await world.DeliverAsync(e);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        await World.EventuallyAsync(
            async () => await world.ScalarAsync<string>("SELECT status FROM payments.webhook_events WHERE id = $1", e["id"]!.ToString()) is "foreign" or "dead", "a clear state");
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.webhook_events WHERE id = $1 AND attempts <= 2", e["id"]!.ToString())).ShouldBe(1);
    }

    private static bool Exists(JsonNode e, string version)
    {
        var type = e["type"]!.ToString();
        var isOld = string.CompareOrdinal(version, FirstWithRefundEvents) < 0;
        return !isOld || !(type.StartsWith("refund.", StringComparison.Ordinal) || type.StartsWith("charge.refund.", StringComparison.Ordinal) || type.StartsWith("invoice_payment.", StringComparison.Ordinal));
    }

    /// <summary>The event as an endpoint of that version gets it.</summary>
    private static JsonNode Rewritten(JsonNode made, string version)
    {
        var e = made.DeepClone();
        e["api_version"] = version;
        var what = e["data"]!["object"]!.AsObject();
        if (string.CompareOrdinal(version, FirstWithRefundEvents) > 0)
        {
            // What will come is unknown: fields go and come.
            what.Remove("items");
            what.Remove("parent");
            what["a_new_field"] = new JsonObject { ["of"] = "endive" };
            return e;
        }

        switch (what["object"]!.ToString())
        {
            case "subscription":
                var item = what["items"]!["data"]![0]!.AsObject();
                foreach (var field in new[] { "current_period_start", "current_period_end" })
                {
                    what[field] = item[field]!.DeepClone();
                    item.Remove(field);
                }

                what["plan"] = new JsonObject { ["id"] = item["price"]!["id"]!.DeepClone(), ["object"] = "plan" };
                break;
            case "invoice":
                what["subscription"] = what["parent"]?["subscription_details"]?["subscription"]?.DeepClone();
                what["paid"] = what["status"]!.ToString() == "paid";
                what["payment_intent"] = what["payments"]?["data"]?[0]?["payment"]?["payment_intent"]?.DeepClone();
                what.Remove("parent");
                what.Remove("total_taxes");
                foreach (var line in what["lines"]!["data"]!.AsArray().Select(l => l!.AsObject()))
                {
                    line["price"] = new JsonObject { ["id"] = line["pricing"]?["price_details"]?["price"]?.DeepClone(), ["object"] = "price" };
                    var details = line["parent"]?["subscription_item_details"] ?? line["parent"]?["invoice_item_details"];
                    line["type"] = line["parent"]?["type"]?.ToString() == "subscription_item_details" && details?["proration"]?.GetValue<bool>() == false ? "subscription" : "invoiceitem";
                    line["proration"] = details?["proration"]?.DeepClone();
                    line["subscription"] = details?["subscription"]?.DeepClone();
                    line["subscription_item"] = details?["subscription_item"]?.DeepClone();
                    line.Remove("pricing");
                    line.Remove("parent");
                }

                break;
            case "charge":
                what["refunds"] = new JsonObject { ["object"] = "list", ["data"] = new JsonArray(), ["has_more"] = false };
                break;
        }

        return e;
    }
}

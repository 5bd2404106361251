using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>What each charge, refund and dispute moved on the seller's balance.</summary>
internal static class BalanceTransactions
{
    private const string Type = "balance_transaction";
    private const string Kind = "balance transaction";

    private static readonly TimeSpan UntilAvailable = TimeSpan.FromDays(2);

    public static void Map(RouteTable routes)
    {
        routes.Get("/v1/balance_transactions", call => Lists.Page(call, Type, Kind, "source", "type"));
        routes.Get("/v1/balance_transactions/{id}", call => call.Work.FromPath(call.Id, Type, Kind));
    }

    /// <summary>Saves and answers a movement; the amount is negative when money leaves, the fee is what Stripe keeps.</summary>
    public static JsonObject Move(Work work, Movement movement)
    {
        var transaction = new JsonObject
        {
            ["id"] = Ids.New("txn_"),
            ["object"] = Type,
            ["amount"] = movement.Amount,
            ["available_on"] = (work.Time + UntilAvailable).ToUnixTimeSeconds(),
            ["balance_type"] = "payments",
            ["created"] = work.Now,
            ["currency"] = movement.Currency,
            ["description"] = movement.Description,
            ["exchange_rate"] = null,
            ["fee"] = movement.Fee,
            ["fee_details"] = movement.Fee == 0 ? new JsonArray() : new JsonArray(new JsonObject
            {
                ["amount"] = movement.Fee,
                ["application"] = null,
                ["currency"] = movement.Currency,
                ["description"] = movement.FeeDescription,
                ["type"] = "stripe_fee",
            }),
            ["net"] = movement.Amount - movement.Fee,
            ["reporting_category"] = movement.Category,
            ["source"] = movement.Source,
            ["status"] = "pending",
            ["type"] = movement.Type,
        };
        work.Save(transaction);
        return transaction;
    }
}

internal sealed record Movement(string Source, string Type, string Category, long Amount, string Currency)
{
    public string? Description { get; init; }

    public long Fee { get; init; }

    public string FeeDescription { get; init; } = "Stripe processing fees";
}

using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Payments.Api.Tests.Edge;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Purchases;

public sealed class WatchedShop : World
{
    public CapturedLogs Captured { get; } = new();

    protected override ILoggerProvider Logs => Captured;

    protected override void Configure() => Set("ALERT_EMAIL", "billing@example.com");
}

/// <summary>Hard case 20, where the money of the first purchase only seemed to have gone back: it is owned once and paid once, whatever was heard of first.</summary>
public sealed class Buying_the_same_again(WatchedShop world) : IClassFixture<WatchedShop>
{
    private const string TheCourse = "course/cloud-foundations";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_refund_that_fails_later_keeps_the_new_purchase_and_tells_of_the_money_that_stays(bool theFailureIsHeardFirst)
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var first = await BoughtAsync(ada, "pm_card_refundFail");
        var known = await KnownAsync();
        JsonNode second;
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        try
        {
            (await ada.DoAsync($"purchases/{first["id"]}/refund", new { }))["status"]!.ToString().ShouldBe("succeeded");
            second = await ada.DoAsync("purchases", new { itemId = ThingSteps.Course });
            (await world.PayAsync(second["sessionId"]!.ToString())).EnsureSuccessStatusCode();
            await World.EventuallyAsync(async () => (await world.RefundsAtProviderAsync(first)).Single()["status"]!.ToString() == "failed", "the bank cannot take the refund");
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        var events = (await world.EventsAsync()).Where(e => !known.Contains(e["id"]!.ToString())).ToList();
        await DeliverAsync(events.Where(e => IsOfRefunds(e) == theFailureIsHeardFirst));
        await DeliverAsync(events.Where(e => IsOfRefunds(e) != theFailureIsHeardFirst));

        // The automatic refund goes the way of the first, and that is the end of trying.
        await World.EventuallyAsync(async () => (await ada.RefundsAsync(first)).Select(r => $"{r!["origin"]} {r["status"]}").SequenceEqual(["automatic failed", "selfService failed"]), "both refunds failed", 60);
        await world.SettleAsync();
        (await ada.MayUseAsync(TheCourse)).ShouldBeTrue();
        (await StandAsync(ada)).ShouldBe([$"{second["id"]} succeeded True ", $"{first["id"]} succeeded False alreadyOwned"]);
        (await world.RefundsAtProviderAsync(second)).ShouldBeEmpty();
        (await world.RefundsAtProviderAsync(first)).Count.ShouldBe(2);

        // Not silent: an alarm, a mail, and a list in which it stands.
        Alarms(first).ShouldBe(1);
        await World.EventuallyAsync(() => Task.FromResult(world.Mail.Messages.Any(m => m.To == "billing@example.com" && m.Text!.Contains(first["id"]!.ToString(), StringComparison.Ordinal))), "the house is told");
        var listed = (await admin.GetAsync($"admin/payments?needsAttention=true&userId={ada.Id}"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        (listed["id"]!.ToString(), listed["undelivered"]!.ToString()).ShouldBe((first["id"]!.ToString(), "alreadyOwned"));

        // An admin may try again.
        (await admin.RefundAsync(first)).ShouldNotBeNull();
        await world.LedgerIsSoundAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_dispute_that_was_lost_and_is_won_after_all_gives_the_first_payment_back(bool theVictoryIsHeardFirst)
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var first = await BoughtAsync(ada);
        var dispute = await world.DisputeAsync(first);
        await world.VerdictAsync(dispute, "lose");
        await ada.BecomesAsync(first, "lost");
        await world.SettleAsync();
        var known = await KnownAsync();
        JsonNode second;
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        try
        {
            second = await ada.DoAsync("purchases", new { itemId = ThingSteps.Course });
            (await world.PayAsync(second["sessionId"]!.ToString())).EnsureSuccessStatusCode();
            await world.VerdictAsync(dispute, "win");
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        var events = (await world.EventsAsync()).Where(e => !known.Contains(e["id"]!.ToString())).ToList();
        await DeliverAsync(events.Where(e => IsOfDisputes(e) == theVictoryIsHeardFirst));
        await DeliverAsync(events.Where(e => IsOfDisputes(e) != theVictoryIsHeardFirst));

        await ada.BecomesAsync(first, "refunded");
        await world.SettleAsync();
        (await ada.MayUseAsync(TheCourse)).ShouldBeTrue();
        (await StandAsync(ada)).ShouldBe([$"{second["id"]} succeeded True ", $"{first["id"]} refunded False alreadyOwned"]);
        (await world.RefundsAtProviderAsync(first)).ShouldHaveSingleItem()["status"]!.ToString().ShouldBe("succeeded");
        world.MailsTo(ada).Count(subject => subject == "You paid twice for Cloud foundations").ShouldBe(1);
        (await admin.GetAsync($"admin/payments?needsAttention=true&userId={ada.Id}"))["items"]!.AsArray().ShouldBeEmpty();
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task A_late_payment_of_a_cancelled_order_whose_refund_fails_is_not_silent_either()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var order = await ada.OrderAsync(await world.NewProductAsync(3));
        var session = await ada.CheckoutAsync(new { orderId = order["id"]!.ToString() });
        await world.ScalarAsync<Guid>(
            "UPDATE payments.orders SET status = 'cancelled', cancelled = 'byBuyer', due_at = NULL, completed_at = created_at WHERE id = $1 RETURNING id", Guid.Parse(order["id"]!.ToString()));

        (await world.PayAsync(session["sessionId"]!.ToString(), "pm_card_refundFail")).EnsureSuccessStatusCode();

        await World.EventuallyAsync(async () => (await ada.RefundsAsync(session)) is [{ } only] && only["status"]!.ToString() == "failed", "the refund fails", 60);
        await world.SettleAsync();
        var listed = (await admin.GetAsync($"admin/payments?needsAttention=true&userId={ada.Id}"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        (listed["id"]!.ToString(), listed["undelivered"]!.ToString()).ShouldBe((session["paymentId"]!.ToString(), "orderCancelled"));
        (await ada.GetAsync($"payments/checkout-session/{session["sessionId"]}"))["undelivered"]!.ToString().ShouldBe("orderCancelled");
        Alarms(session).ShouldBe(1);
    }

    private int Alarms(JsonNode session) => world.Captured.Lines.Count(line => line.StartsWith("Error", StringComparison.Ordinal)
        && line.Contains("money that is not ours to keep is still with us", StringComparison.Ordinal) && line.Contains(session["paymentId"]!.ToString(), StringComparison.Ordinal));

    private async Task<JsonNode> BoughtAsync(Caller buyer, string card = "pm_card_visa")
    {
        var purchase = await buyer.DoAsync("purchases", new { itemId = ThingSteps.Course });
        (await world.PayAsync(purchase["sessionId"]!.ToString(), card)).EnsureSuccessStatusCode();
        await buyer.PaidAsync(purchase);
        await world.SettleAsync();
        return purchase;
    }

    /// <summary>The buyer's purchases, newest first: what became of the money, whether they own it by that, and why not.</summary>
    private static async Task<List<string>> StandAsync(Caller buyer) =>
        [.. (await buyer.GetAsync("purchases"))["items"]!.AsArray().Select(p => $"{p!["id"]} {p["status"]} {p["owned"]!.GetValue<bool>()} {p["undelivered"]}")];

    private async Task DeliverAsync(IEnumerable<JsonNode> events)
    {
        foreach (var e in events)
        {
            using var answer = await world.DeliverAsync(e);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await world.SettleAsync();
    }

    private static bool IsOfRefunds(JsonNode e) => e["type"]!.ToString() is var type && (type.StartsWith("refund.", StringComparison.Ordinal) || type.StartsWith("charge.refund", StringComparison.Ordinal));

    private static bool IsOfDisputes(JsonNode e) => e["type"]!.ToString().StartsWith("charge.dispute", StringComparison.Ordinal);

    private async Task<HashSet<string>> KnownAsync() => (await world.EventsAsync()).Select(e => e["id"]!.ToString()).ToHashSet(StringComparer.Ordinal);
}

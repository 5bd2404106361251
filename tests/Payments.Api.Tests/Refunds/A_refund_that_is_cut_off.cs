using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Refunds;

public sealed class KillableWorld : World
{
    public override Task InitializeAsync() => BeginAsync(ownServer: false, ownProcess: true);
}

/// <summary>Whatever is cut off and wherever: the money goes back once.</summary>
public sealed class A_refund_that_is_cut_off(KillableWorld world) : IClassFixture<KillableWorld>
{
    [Fact]
    public async Task After_its_effect_is_settled_by_the_same_key_and_never_made_twice()
    {
        using var admin = world.NewUser(null, "admin");
        var sessions = new List<(Caller Buyer, JsonNode Session)>();
        for (var i = 0; i < 6; i++)
        {
            var buyer = world.NewUser();
            sessions.Add((buyer, await PaidAsync(buyer)));
        }

        await world.FaultsAsync(new { api = new { cutAfterEffect = 0.7, error = 0.2 }, seed = 7 });
        try
        {
            foreach (var (_, session) in sessions)
            {
                await admin.RefundAsync(session, new { amount = 400 }, Guid.NewGuid().ToString());
            }
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        await LaterAsync("PT10M");
        foreach (var (buyer, session) in sessions)
        {
            await buyer.BecomesAsync(session, "partiallyRefunded");
            (await world.RefundsAtProviderAsync(session)).ShouldHaveSingleItem()["amount"]!.GetValue<long>().ShouldBe(400);
            (await buyer.CreditsAsync()).ShouldBe(100 - (100 * 400 / 999));
            (await admin.RefundsAsync(session)).ShouldHaveSingleItem()!["origin"]!.ToString().ShouldBe("api");
            buyer.Dispose();
        }

        await world.SettleAsync();
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task By_a_crash_is_sent_by_due_work_and_its_key_resumes_it()
    {
        using var admin = world.NewUser(null, "admin");
        using var ada = world.NewUser();
        var session = await PaidAsync(ada);
        await world.FaultsAsync(new { api = new { error = 1.0 }, deliveries = new { drop = 1.0 } });
        Task cut;
        try
        {
            cut = Should.ThrowAsync<HttpRequestException>(() => admin.TryRefundAsync(session, new { }, "the-key-of-the-crash"));
            await World.EventuallyAsync(async () => await world.ScalarAsync<long>("SELECT count(*) FROM payments.refunds WHERE payment_id = $1", Guid.Parse(session["paymentId"]!.ToString())) == 1, "the refund is saved");
            await world.Process!.KillAsync();
            await cut;
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        await world.Process!.StartAgainAsync();
        await LaterAsync("PT5M");

        await ada.BecomesAsync(session, "refunded");
        (await world.RefundsAtProviderAsync(session)).Count.ShouldBe(1);
        (await ada.CreditsAsync()).ShouldBe(0);
        await World.EventuallyAsync(async () => (await admin.TryRefundAsync(session, new { }, "the-key-of-the-crash")).Body["status"]?.ToString() == "succeeded", "the key answers the refund that there is", 60);
        (await admin.RefundsAsync(session)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task For_longer_than_the_provider_keeps_keys_is_looked_up_first()
    {
        using var admin = world.NewUser(null, "admin");
        using var ada = world.NewUser();
        var session = await PaidAsync(ada);
        await world.FaultsAsync(new { api = new { cutAfterEffect = 1.0 }, deliveries = new { drop = 1.0 } });
        JsonNode refund;
        try
        {
            refund = await admin.RefundAsync(session, new { amount = 100 });
            refund["status"]!.ToString().ShouldBe("requested");
            // Held back before the provider is known to have it.
            (await ada.CreditsAsync()).ShouldBe(90);
        }
        finally
        {
            await world.FaultsAsync(null);
        }

        await world.ScalarAsync<int>("WITH aged AS (UPDATE payments.gateway_requests SET prepared_at = prepared_at - interval '30 hours' WHERE subject_id = $1 RETURNING 1) SELECT count(*)::int FROM aged", Guid.Parse(refund["id"]!.ToString()));
        await LaterAsync("PT2H");

        await ada.BecomesAsync(session, "partiallyRefunded");
        (await world.RefundsAtProviderAsync(session)).Count.ShouldBe(1);
        (await admin.RefundsAsync(session)).ShouldHaveSingleItem()!["id"]!.ToString().ShouldBe(refund["id"]!.ToString());
    }

    private async Task LaterAsync(string advance)
    {
        using var moved = await world.Simulator.PostAsJsonAsync("/sandbox/clock", new { advance });
        moved.IsSuccessStatusCode.ShouldBeTrue(await moved.Content.ReadAsStringAsync());
    }

    private async Task<JsonNode> PaidAsync(Caller buyer)
    {
        var session = await buyer.BuyAsync();
        await buyer.PaidAsync(session);
        await world.SettleAsync();
        return session;
    }
}

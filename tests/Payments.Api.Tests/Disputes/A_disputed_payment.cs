using System.Text.Json.Nodes;
using Payments.Api.Tests.Notices;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Disputes;

public sealed class AlertedWorld : World
{
    protected override void Configure() => Set("ALERT_EMAIL", "billing@example.com,boss@example.com");
}

public sealed class A_disputed_payment(AlertedWorld world) : IClassFixture<AlertedWorld>
{
    [Fact]
    public async Task Holds_its_credits_and_gives_them_back_when_it_is_won()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var session = await PaidAsync(ada);

        var dispute = await world.DisputeAsync(session);

        await ada.BecomesAsync(session, "disputed");
        await world.SettleAsync();
        var held = await ada.CreditsOfAsync();
        (held["credits"]!.GetValue<long>(), held["held"]!.GetValue<long>(), held["debt"]!.GetValue<long>()).ShouldBe((0, 100, 0));
        var (status, problem) = await admin.TryRefundAsync(session);
        problem["code"]!.ToString().ShouldBe("refund.disputed", status.ToString());
        var shown = (await admin.GetAsync("admin/disputes?open=true"))["items"]!.AsArray().Single(d => d!["paymentId"]!.ToString() == session["paymentId"]!.ToString())!;
        (shown["status"]!.ToString(), shown["reason"]!.ToString(), shown["amount"]!["amount"]!.GetValue<long>()).ShouldBe(("needsResponse", "fraudulent", 999));
        DateTimeOffset.Parse(shown["evidenceDueBy"]!.ToString(), null).ShouldBeGreaterThan(DateTimeOffset.UtcNow);
        shown["fee"]!["amount"]!.GetValue<long>().ShouldBeGreaterThan(0);
        world.Mail.Messages.Where(m => m.Subject.StartsWith("A payment of $9.99 is disputed", StringComparison.Ordinal) && m.Html!.Contains(session["paymentId"]!.ToString(), StringComparison.Ordinal))
            .Select(m => m.To).ShouldBe(["billing@example.com", "boss@example.com"], ignoreOrder: true);

        await world.VerdictAsync(dispute, "win");

        await ada.BecomesAsync(session, "succeeded");
        await world.SettleAsync();
        (await ada.CreditsAsync()).ShouldBe(100);
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task Takes_its_credits_when_it_is_lost_and_what_was_spent_is_owed()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var session = await PaidAsync(ada);
        await world.SpendAsync(ada, 60);
        var dispute = await world.DisputeAsync(session);
        await ada.BecomesAsync(session, "disputed");
        var open = await ada.CreditsOfAsync();
        (open["credits"]!.GetValue<long>(), open["held"]!.GetValue<long>(), open["debt"]!.GetValue<long>()).ShouldBe((0, 40, 0));

        await world.VerdictAsync(dispute, "lose");

        await ada.BecomesAsync(session, "lost");
        await world.SettleAsync();
        var lost = await ada.CreditsOfAsync();
        (lost["credits"]!.GetValue<long>(), lost["held"]!.GetValue<long>(), lost["debt"]!.GetValue<long>()).ShouldBe((0, 0, 60));
        (await admin.PaymentAsync(session))["lost"]!["amount"]!.GetValue<long>().ShouldBe(999);
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task Whose_end_nobody_told_is_asked_about_after_a_day()
    {
        using var ada = world.NewUser();
        var session = await PaidAsync(ada);
        var dispute = await world.DisputeAsync(session);
        await ada.BecomesAsync(session, "disputed");
        await world.SettleAsync();
        await world.FaultsAsync(new { deliveries = new { drop = 1.0 } });
        await world.VerdictAsync(dispute, "lose");
        await world.FaultsAsync(null);
        await world.SettleAsync();
        (await ada.StatusAsync(session)).ShouldBe("disputed");

        await world.MoveAsync(world.Stripe.Now.AddHours(25));

        await ada.BecomesAsync(session, "lost");
        (await ada.CreditsAsync()).ShouldBe(0);
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.disputes WHERE due_at IS NULL AND payment_id = $1", Guid.Parse(session["paymentId"]!.ToString()))).ShouldBe(1, "what is decided is asked about no more");
    }

    [Fact]
    public async Task Takes_only_what_refunds_have_not_and_goes_back_to_partly_refunded_when_it_is_won()
    {
        using var ada = world.NewUser();
        using var admin = world.NewUser(null, "admin");
        var (kept, gone) = (await PaidAsync(ada), await PaidAsync(ada));
        foreach (var session in new[] { kept, gone })
        {
            await admin.RefundAsync(session, new { amount = 499 });
        }

        await world.VerdictAsync(await world.DisputeAsync(kept), "win");
        await world.VerdictAsync(await world.DisputeAsync(gone), "lose");

        await ada.BecomesAsync(gone, "lost");
        await ada.BecomesAsync(kept, "partiallyRefunded");
        await world.SettleAsync();
        (await ada.CreditsAsync()).ShouldBe(100 - (100 * 499 / 999));
        (await admin.PaymentAsync(gone))["lost"]!["amount"]!.GetValue<long>().ShouldBe(500);
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task Asked_about_only_loses_nothing_until_it_is_escalated()
    {
        using var ada = world.NewUser();
        var session = await PaidAsync(ada);

        var inquiry = await world.DisputeAsync(session, inquiry: true);

        using var admin = world.NewUser(null, "admin");
        await World.EventuallyAsync(async () => (await admin.PaymentAsync(session))["disputes"]!.AsArray() is [{ } d] && d["status"]!.ToString() == "warningNeedsResponse", "the inquiry is known");
        await world.SettleAsync();
        (await ada.StatusAsync(session)).ShouldBe("succeeded");
        (await ada.CreditsAsync()).ShouldBe(100);

        await world.VerdictAsync(inquiry, "escalate");

        await ada.BecomesAsync(session, "disputed");
        await world.SettleAsync();
        (await ada.CreditsAsync()).ShouldBe(0);
    }

    private async Task<JsonNode> PaidAsync(Caller buyer)
    {
        var session = await buyer.BuyAsync();
        await buyer.PaidAsync(session);
        await world.SettleAsync();
        return session;
    }
}

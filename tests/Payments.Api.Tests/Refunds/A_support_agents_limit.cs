using System.Net;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Notices;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Refunds;

public sealed class LimitedWorld : World
{
    protected override void Configure()
    {
        Set("REFUND_SUPPORT_LIMIT", "500");
        Set("REFUND_SUPPORT_DAILY_LIMIT", "900");
    }
}

public sealed class A_support_agents_limit(LimitedWorld world) : IClassFixture<LimitedWorld>
{
    [Fact]
    public async Task Holds_in_one_piece_and_in_many_small_ones_and_every_try_is_in_the_audit_log()
    {
        using var ada = world.NewUser();
        using var agent = world.NewUser(null, "support");
        using var admin = world.NewUser(null, "admin");
        var session = await PaidAsync(ada);

        await RefusedAsync(agent, session, 501);
        await RefusedAsync(agent, session, null);
        for (var piece = 0; piece < 5; piece++)
        {
            await agent.RefundAsync(session, new { amount = 100 });
        }

        await RefusedAsync(agent, session, 1);
        var another = await PaidAsync(ada);
        await agent.RefundAsync(another, new { amount = 400 });
        await RefusedAsync(agent, another, 1);
        using var colleague = world.NewUser(null, "support");
        await colleague.RefundAsync(another, new { amount = 100 });
        await RefusedAsync(colleague, another, 1);
        await admin.RefundAsync(another);

        await ada.BecomesAsync(another, "refunded");
        var rows = (await admin.GetAsync($"admin/audit-log?actorId={agent.Id}&action=refund."))["items"]!.AsArray();
        rows.Count(r => r!["action"]!.ToString() == "refund.refused" && r["after"]!["code"]!.ToString() == "refund.limit_exceeded").ShouldBe(4);
        rows.Count(r => r!["action"]!.ToString() == "refund.issue").ShouldBe(6);
        rows[0]!["actorEmail"]!.ToString().ShouldBe($"{agent.Id:N}@example.com");
        (await admin.GetAsync($"admin/audit-log?subject={another["paymentId"]}&action=refund.issue"))["items"]!.AsArray().Count.ShouldBe(3);
    }

    [Fact]
    public async Task Holds_for_many_payments_at_once()
    {
        using var agent = world.NewUser(null, "support");
        var sessions = new List<JsonNode>();
        for (var i = 0; i < 6; i++)
        {
            using var buyer = world.NewUser();
            sessions.Add(await PaidAsync(buyer));
        }

        var answers = await Task.WhenAll(sessions.Select(s => agent.TryRefundAsync(s, new { amount = 300 })));

        answers.Count(a => a.Status == HttpStatusCode.OK).ShouldBe(3);
        answers.Count(a => a.Status == HttpStatusCode.Forbidden && a.Body["code"]!.ToString() == "refund.limit_exceeded").ShouldBe(3);
    }

    [Fact]
    public async Task Of_a_day_begins_anew_at_midnight_UTC_and_that_of_a_payment_does_not()
    {
        using var ada = world.NewUser();
        using var agent = world.NewUser(null, "support");
        var (one, other) = (await PaidAsync(ada), await PaidAsync(ada));
        var noon = new DateTimeOffset(world.Stripe.Now.UtcDateTime.Date, TimeSpan.Zero).AddDays(1).AddHours(12);
        await world.MoveAsync(noon);
        await agent.RefundAsync(one, new { amount = 500 });
        await agent.RefundAsync(other, new { amount = 400 });
        await RefusedAsync(agent, other, 1);

        await world.MoveAsync(noon.AddHours(11).AddMinutes(58));
        await RefusedAsync(agent, other, 1);
        await world.MoveAsync(noon.AddHours(12).AddSeconds(1));
        await agent.RefundAsync(other, new { amount = 100 });
        await RefusedAsync(agent, one, 1);
        await RefusedAsync(agent, other, 1);
    }

    [Fact]
    public async Task Is_not_for_an_agents_own_payment()
    {
        using var agent = world.NewUser(null, "support");
        using var admin = world.NewUser(null, "admin");
        var session = await PaidAsync(agent);

        var (status, problem) = await agent.TryRefundAsync(session, new { amount = 1 });

        (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.Forbidden, "refund.own_payment"));
        var row = (await admin.GetAsync($"admin/audit-log?subject={session["paymentId"]}"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        (row["action"]!.ToString(), row["after"]!["code"]!.ToString(), row["actorId"]!.ToString()).ShouldBe(("refund.refused", "refund.own_payment", agent.Id.ToString()));
        await admin.RefundAsync(session, new { amount = 1 });
    }

    [Fact]
    public async Task Is_written_down_with_all_that_was_wanted_whatever_refused_it()
    {
        using var agent = world.NewUser(null, "support");
        using var ada = world.NewUser();
        var session = await PaidAsync(ada);
        var product = Guid.NewGuid();

        (await agent.TryRefundAsync(session, new { amount = 0 })).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await agent.TryRefundAsync(session, new { amount = 7, reason = "fraudulent", note = new string('x', 501) })).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await agent.TryRefundAsync(session, new { amount = 7, note = "They asked.", restock = new[] { new { productId = product, quantity = 2 } } })).Status.ShouldBe(HttpStatusCode.BadRequest);

        var rows = (await agent.GetAsync($"admin/audit-log?subject={session["paymentId"]}&action=refund.refused"))["items"]!.AsArray();
        rows.Select(r => r!["after"]!["code"]!.ToString()).ShouldBe(["order.restock_unknown", "request.invalid", "request.invalid"]);
        var back = rows[0]!["after"]!["restock"]!.AsArray().ShouldHaveSingleItem()!;
        (back["productId"]!.ToString(), back["quantity"]!.GetValue<int>()).ShouldBe((product.ToString(), 2));
        rows[0]!["reason"]!.ToString().ShouldBe("They asked.");
        rows[1]!["after"]!["reason"]!.ToString().ShouldBe("fraudulent");
    }

    [Fact]
    public async Task Does_not_close_the_audit_log_which_staff_read_page_by_page()
    {
        using var agent = world.NewUser(null, "support");
        using var finance = world.NewUser(null, "finance");
        using var admin = world.NewUser(null, "admin");
        using var ada = world.NewUser();
        var session = await PaidAsync(ada);
        for (var i = 0; i < 3; i++)
        {
            await admin.RefundAsync(session, new { amount = 10 });
        }

        var first = await agent.GetAsync($"admin/audit-log?actorId={admin.Id}&action=refund.issue&limit=2");
        var second = await finance.GetAsync($"admin/audit-log?actorId={admin.Id}&action=refund.issue&limit=2&cursor={first["nextCursor"]}");
        first["items"]!.AsArray().Concat(second["items"]!.AsArray()).Select(r => r!["id"]!.ToString()).Distinct().Count().ShouldBe(3);
        second["nextCursor"].ShouldBeNull();
    }

    private static async Task RefusedAsync(Caller staff, JsonNode session, long? amount)
    {
        var (status, problem) = await staff.TryRefundAsync(session, amount is null ? new { } : new { amount });
        (status, problem["code"]!.ToString()).ShouldBe((HttpStatusCode.Forbidden, "refund.limit_exceeded"), problem.ToJsonString());
    }

    private static async Task<JsonNode> PaidAsync(Caller buyer)
    {
        var session = await buyer.BuyAsync();
        await buyer.PaidAsync(session);
        return session;
    }
}

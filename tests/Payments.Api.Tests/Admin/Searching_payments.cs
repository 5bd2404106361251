using System.Net;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Subscriptions;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Admin;

public sealed class Searching_payments(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Finds_one_by_its_payer_and_by_every_id_of_the_providers()
    {
        using var support = world.NewUser(null, "support");
        using var ada = world.NewUser("Ada.Lovelace@search.example");
        using var other = world.NewUser();
        var session = await ada.BuyAsync(new { planId = Plans.Monthly });
        var pack = await other.BuyAsync();
        await other.PaidAsync(pack);
        await ada.PaidAsync(session);
        await world.SettleAsync();
        using var admin = world.NewUser(null, "admin");
        var refund = await admin.RefundAsync(session, new { amount = 100 });
        await world.SettleAsync();
        var id = session["paymentId"]!.ToString();
        var subscription = await world.ScalarAsync<string>("SELECT gateway_id FROM payments.subscriptions WHERE user_id = $1", ada.Id);
        var refundId = await world.ScalarAsync<string>("SELECT gateway_id FROM payments.refunds WHERE id = $1", Guid.Parse(refund["id"]!.ToString()));
        var customer = await world.ScalarAsync<string>("SELECT gateway_id FROM payments.customers WHERE user_id = $1", ada.Id);
        var found = (await SearchAsync(support, $"userId={ada.Id}")).ShouldHaveSingleItem();
        found["intentId"].ShouldNotBeNull();
        found["email"]!.ToString().ShouldBe("Ada.Lovelace@search.example");

        foreach (var query in new[]
        {
            "email=ada.lovelace@search.example", "email=ADA.LOVE", $"reference={session["sessionId"]}", $"reference={found["intentId"]}",
            $"reference={found["invoiceId"]}", $"reference={subscription}", $"reference={refundId}", $"reference={customer}",
        })
        {
            (await SearchAsync(support, query)).Select(p => p["id"]!.ToString()).ShouldBe([id], query);
        }

        var invoice = (await ada.GetAsync("invoices"))["items"]![0]!;
        foreach (var quoted in new[] { id, ada.Id.ToString(), found["subscriptionId"], invoice["id"], invoice["number"], refund["id"] }.Select(node => node!.ToString()))
        {
            (await SearchAsync(support, $"reference={quoted}")).Select(p => p["id"]!.ToString()).ShouldBe([id], quoted);
        }

        (await SearchAsync(support, $"reference={Guid.NewGuid()}")).ShouldBeEmpty();
        var charge = (await support.PaymentAsync(pack))["chargeId"]!.ToString();
        (await SearchAsync(support, $"reference={charge}")).Select(p => p["id"]!.ToString()).ShouldBe([pack["paymentId"]!.ToString()]);
        (await SearchAsync(support, "reference=pi_unheard_of")).ShouldBeEmpty();
        (await SearchAsync(support, "email=nobody@search.example")).ShouldBeEmpty();
        (await SearchAsync(support, $"email=ada.love&userId={other.Id}")).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_orders_number_finds_what_was_paid_for_it()
    {
        using var support = world.NewUser(null, "support");
        using var ada = world.NewUser();
        var order = (await ada.OrderAsync(await world.NewProductAsync(5)))["id"]!.ToString();
        var session = await ada.BuyAsync(new { orderId = order });

        (await IdsAsync(support, $"reference={order}")).ShouldBe([session["paymentId"]!.ToString()]);
    }

    [Fact]
    public async Task Narrows_by_status_kind_amount_and_time_and_pages_through_all()
    {
        using var finance = world.NewUser(null, "finance");
        using var ada = world.NewUser();
        var paid = await ada.BuyAsync();
        await ada.PaidAsync(paid);
        var open = await ada.CheckoutAsync(new { creditPackId = World.Japan });
        var mine = $"userId={ada.Id}";

        (await IdsAsync(finance, $"{mine}&status=succeeded")).ShouldBe([paid["paymentId"]!.ToString()]);
        (await IdsAsync(finance, $"{mine}&status=pending&kind=creditPack")).ShouldBe([open["paymentId"]!.ToString()]);
        (await IdsAsync(finance, $"{mine}&kind=subscription")).ShouldBeEmpty();
        (await IdsAsync(finance, $"{mine}&minAmount=999&maxAmount=999&currency=usd")).ShouldBe([paid["paymentId"]!.ToString()]);
        (await IdsAsync(finance, $"{mine}&minAmount=1000&currency=USD")).ShouldBeEmpty();
        (await IdsAsync(finance, $"{mine}&until=2020-01-01T00:00:00Z")).ShouldBeEmpty();
        (await IdsAsync(finance, $"{mine}&from=2020-01-01T00:00:00Z")).ShouldBe([open["paymentId"]!.ToString(), paid["paymentId"]!.ToString()]);

        var first = await finance.GetAsync($"admin/payments?{mine}&limit=1");
        var second = await finance.GetAsync($"admin/payments?{mine}&limit=1&cursor={first["nextCursor"]}");
        first["items"]!.AsArray().Concat(second["items"]!.AsArray()).Select(p => p!["id"]!.ToString()).ShouldBe([open["paymentId"]!.ToString(), paid["paymentId"]!.ToString()]);
        second["nextCursor"].ShouldBeNull();
    }

    [Theory]
    [InlineData("minAmount=5", "currency")]
    [InlineData("limit=0", "limit")]
    [InlineData("email=a", "email")]
    [InlineData("cursor=nonsense", "cursor")]
    public async Task Says_what_is_wrong_with_a_question(string query, string field)
    {
        using var support = world.NewUser(null, "support");

        using var answer = await support.Http.GetAsync($"api/v1/admin/payments?{query}");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["errors"]![field].ShouldNotBeNull();
    }

    [Fact]
    public async Task One_payment_comes_with_all_that_belongs_to_it()
    {
        using var support = world.NewUser(null, "support");
        using var ada = world.NewUser();
        var session = await ada.BuyAsync(new { planId = Plans.Monthly });
        await ada.PaidAsync(session);
        await world.SettleAsync();

        var payment = await support.PaymentAsync(session);

        var links = payment["links"]!;
        links["planId"]!.ToString().ShouldBe(Plans.Monthly.ToString());
        links["subscriptionGatewayId"]!.ToString().ShouldStartWith("sub_");
        links["invoiceGatewayId"]!.ToString().ShouldStartWith("in_");
        links["invoiceNumber"].ShouldNotBeNull();
        links["events"]!.AsArray().ShouldContain(e => e!["type"]!.ToString() == "checkout.session.completed");
        payment["attempts"]!.AsArray().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task What_was_ordered_stands_on_the_payments_page()
    {
        using var support = world.NewUser(null, "support");
        using var ada = world.NewUser();
        var order = await ada.OrderAsync(await world.NewProductAsync(5), 2);
        var session = await ada.BuyAsync(new { orderId = order["id"]!.ToString() });
        await ada.PaidAsync(session);

        var shown = (await support.PaymentAsync(session))["links"]!["order"]!;

        shown["id"]!.ToString().ShouldBe(order["id"]!.ToString());
        var line = shown["lines"]!.AsArray().ShouldHaveSingleItem()!;
        (line["quantity"]!.GetValue<int>(), line["restocked"]!.GetValue<int>()).ShouldBe((2, 0));
    }

    [Fact]
    public async Task People_are_found_by_their_email_and_a_prefix_of_it()
    {
        using var support = world.NewUser(null, "support");
        using var grace = world.NewUser("Grace@people.example");
        using var longer = world.NewUser("Grace@people.example.org");
        await grace.CreditsAsync();
        await longer.CreditsAsync();

        (await support.GetAsync("admin/users?email=grace%40people.example"))["items"]!.AsArray().Select(u => u!["id"]!.ToString()).ShouldBe([grace.Id.ToString()]);
        (await support.GetAsync("admin/users?email=GRACE%40people"))["items"]!.AsArray().Select(u => u!["id"]!.ToString()).ShouldBe([grace.Id.ToString(), longer.Id.ToString()]);
        (await support.GetAsync("admin/users?email=gr_ce%40people"))["items"]!.AsArray().ShouldBeEmpty();
    }

    private static async Task<List<JsonNode>> SearchAsync(Caller staff, string query) => [.. (await staff.GetAsync($"admin/payments?{query}"))["items"]!.AsArray().Select(p => p!)];

    private static async Task<List<string>> IdsAsync(Caller staff, string query) => [.. (await SearchAsync(staff, query)).Select(p => p["id"]!.ToString())];
}

using System.Net;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Subscriptions;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Admin;

public sealed class Looking_into_a_person(World world) : IClassFixture<World>
{
    [Fact]
    public async Task By_id_says_who_it_is_and_what_there_is_to_spend()
    {
        using var support = world.NewUser(null, "support");
        using var ada = world.NewUser();
        await ada.PaidAsync(await ada.BuyAsync());

        var person = await support.GetAsync($"admin/users/{ada.Id}");

        (person["id"]!.ToString(), person["email"]!.ToString(), person["credits"]!.GetValue<long>(), person["debt"]!.GetValue<long>()).ShouldBe((ada.Id.ToString(), $"{ada.Id:N}@example.com", 100, 0));
        using var nobody = await support.Http.GetAsync($"api/v1/admin/users/{Guid.NewGuid()}");
        nobody.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_timeline_has_everything_once_newest_first_over_all_pages()
    {
        using var support = world.NewUser(null, "support");
        using var admin = world.NewUser(null, "admin");
        using var ada = world.NewUser();
        var pack = await ada.BuyAsync();
        await ada.PaidAsync(pack);
        var plan = await ada.BuyAsync(new { planId = Plans.Monthly });
        await ada.PaidAsync(plan);
        await world.SettleAsync();
        await world.SpendAsync(ada, 7);
        await admin.RefundAsync(pack, new { amount = 100 });
        await world.SettleAsync();
        await world.DisputeAsync(pack);
        await ada.BecomesAsync(pack, "disputed");
        await world.SettleAsync();

        var all = (await support.GetAsync($"admin/users/{ada.Id}/timeline?limit=100"))["items"]!.AsArray().Select(e => e!).ToList();

        all.Select(e => e["kind"]!.ToString()).Distinct().ShouldBe(["payment", "refund", "dispute", "subscription", "invoice", "webhook", "credits", "access", "notice"], ignoreOrder: true);
        all.Select(e => e["id"]!.ToString()).ShouldBeUnique();
        var times = all.Select(e => DateTimeOffset.Parse(e["at"]!.ToString(), System.Globalization.CultureInfo.InvariantCulture)).ToList();
        times.ShouldBe(times.OrderDescending().ToList());
        all.Count(e => e["what"]!.ToString() == "payment.succeeded").ShouldBe(2);
        all.Single(e => e["what"]!.ToString() == "credits.spend")["credits"]!.GetValue<long>().ShouldBe(-7);
        all.Single(e => e["what"]!.ToString() == "refund.requested")["amount"]!.ToJsonString().ShouldBe("""{"amount":100,"currency":"usd"}""");

        var paged = new List<JsonNode>();
        for (var cursor = ""; cursor is not null;)
        {
            var page = await support.GetAsync($"admin/users/{ada.Id}/timeline?limit=3{(cursor.Length == 0 ? "" : $"&cursor={cursor}")}");
            paged.AddRange(page["items"]!.AsArray().Select(e => e!));
            cursor = page["nextCursor"]?.ToString();
        }

        // The provider's afterthoughts may have come meanwhile; they stand on top and move nothing below.
        var ids = all.ConvertAll(e => e["id"]!.ToString());
        paged.Select(e => e["id"]!.ToString()).ShouldBeUnique();
        paged.Select(e => e["id"]!.ToString()).Where(ids.Contains).ShouldBe(ids);
    }

    [Fact]
    public async Task The_timeline_is_of_one_clock_and_has_what_changed_access_what_came_to_nothing_and_what_the_provider_told_of_the_person()
    {
        await world.LaterAsync("P40D");
        using var support = world.NewUser(null, "support");
        using var ada = world.NewUser();
        var begin = world.Stripe.Now;
        var item = await world.BuyItemAsync(ada, ThingSteps.Course);
        var dispute = await world.DisputeAsync(item);
        await ada.BecomesAsync(item, "disputed");
        await world.VerdictAsync(dispute, "win");
        await ada.BecomesAsync(item, "succeeded");
        await ada.DoAsync($"purchases/{item["id"]}/refund", new { });
        await ada.BecomesAsync(item, "refunded");
        var plan = await ada.BuyAsync(new { planId = Plans.Monthly });
        await ada.PaidAsync(plan);
        var left = await ada.CheckoutAsync();
        (await world.PayAsync(left["sessionId"]!.ToString(), "pm_card_chargeDeclined")).Dispose();
        await ada.BecomesAsync(left, "failed");
        await world.SettleAsync();

        var all = (await support.GetAsync($"admin/users/{ada.Id}/timeline?limit=100"))["items"]!.AsArray().Select(e => e!).ToList();

        all.ShouldAllBe(e => e["at"]!.GetValue<DateTimeOffset>() > begin.AddMinutes(-1));
        all.Where(e => e["kind"]!.ToString() == "access" && e["subjectId"]!.ToString() == $"purchase:{item["id"]}").Select(e => e["what"]!.ToString())
            .ShouldBe(["access.revoked", "access.restored", "access.paused", "access.given"]);
        all.Single(e => e["what"]!.ToString() == "payment.failed")["subjectId"]!.ToString().ShouldBe(left["paymentId"]!.ToString());
        var told = all.Where(e => e["kind"]!.ToString() == "webhook").Select(e => e["text"]!.ToString().Split(' ')[0]).ToHashSet(StringComparer.Ordinal);
        string[] happened = ["customer.created", "customer.subscription.created", "invoice.paid", "checkout.session.completed", "charge.dispute.created"];
        happened.ShouldBeSubsetOf(told);
        var heard = all.Where(e => e["kind"]!.ToString() == "webhook").Max(e => e["at"]!.GetValue<DateTimeOffset>());
        heard.ShouldBeInRange(begin, world.Stripe.Now.AddMinutes(1));

        // The list of events is searched by the same time.
        using var admin = world.NewUser(null, "admin");
        var events = (await admin.GetAsync($"admin/webhook-events?paymentId={item["id"]}&from={Uri.EscapeDataString(begin.AddMinutes(-1).ToString("O"))}"))["items"]!.AsArray();
        events.Count.ShouldBeGreaterThan(2);
        (await admin.GetAsync($"admin/webhook-events?paymentId={item["id"]}&until={Uri.EscapeDataString(begin.AddMinutes(-1).ToString("O"))}"))["items"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Access_by_a_subscription_is_explained_down_to_its_payment_and_what_came_back_of_it()
    {
        using var support = world.NewUser(null, "support");
        using var admin = world.NewUser(null, "admin");
        using var ada = world.NewUser();
        var session = await ada.BuyAsync(new { planId = Plans.Monthly });
        await ada.PaidAsync(session);
        await world.SettleAsync();

        var given = await ExplainAsync(support, ada);

        (given["allowed"]!.GetValue<bool>(), given["reason"]!.ToString()).ShouldBe((true, "subscription"));
        var grant = given["grants"]!.AsArray().ShouldHaveSingleItem()!;
        grant["source"]!.ToString().ShouldStartWith("subscription:");
        grant["gives"]!.GetValue<bool>().ShouldBeTrue();
        grant["until"]!.ToString().ShouldBe(given["until"]!.ToString());
        Facts(grant["behind"]!).ShouldBe([("subscription", "active"), ("payment", "succeeded")]);

        await admin.RefundAsync(session);
        await ada.BecomesAsync(session, "refunded");
        await World.EventuallyAsync(async () => !(await ada.GetAsync("access/course/42"))["allowed"]!.GetValue<bool>(), "what was given back gives no access", 60);
        var taken = await ExplainAsync(support, ada);

        taken["allowed"]!.GetValue<bool>().ShouldBeFalse();
        Facts(taken["grants"]![0]!["behind"]!).Skip(1).ShouldBe([("payment", "refunded"), ("refund", "succeeded")]);
    }

    [Fact]
    public async Task No_access_names_what_was_begun_and_never_paid()
    {
        using var support = world.NewUser(null, "support");
        using var ada = world.NewUser();
        var session = await ada.CheckoutAsync(new { planId = Plans.Monthly });

        var answer = await ExplainAsync(support, ada);

        (answer["allowed"]!.GetValue<bool>(), answer["reason"]!.ToString()).ShouldBe((false, "none"));
        answer["grants"]!.AsArray().ShouldBeEmpty();
        var missing = answer["missing"]!.AsArray().ShouldHaveSingleItem()!;
        (missing["kind"]!.ToString(), missing["id"]!.ToString(), missing["state"]!.ToString()).ShouldBe(("payment", session["paymentId"]!.ToString(), "pending"));
        missing["text"]!.ToString().ShouldContain("no money has come in");
    }

    [Fact]
    public async Task Nobody_is_not_found()
    {
        using var support = world.NewUser(null, "support");

        using var answer = await support.Http.GetAsync($"api/v1/admin/users/{Guid.NewGuid()}/access/course/1/explain");

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static Task<JsonNode> ExplainAsync(Caller staff, Caller about) => staff.GetAsync($"admin/users/{about.Id}/access/course/42/explain");

    private static List<(string, string)> Facts(JsonNode behind) => [.. behind.AsArray().Select(f => (f!["kind"]!.ToString(), f["state"]!.ToString()))];
}

using System.Globalization;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Admin;

public sealed class Reading_the_figures(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Revenue_is_what_came_in_what_went_back_and_what_is_left_by_product_and_currency()
    {
        using var finance = world.NewUser(null, "finance");
        using var admin = world.NewUser(null, "admin");
        using var ada = world.NewUser();
        using var ben = world.NewUser();
        var first = await ada.BuyAsync();
        var second = await ben.BuyAsync();
        var yen = await ben.BuyAsync(new { creditPackId = World.Japan });
        var lost = await ada.BuyAsync(new { creditAmount = 500 });
        foreach (var (buyer, session) in new[] { (ada, first), (ben, second), (ben, yen), (ada, lost) })
        {
            await buyer.PaidAsync(session);
        }

        await admin.RefundAsync(first, new { amount = 333 });
        await world.SettleAsync();
        var dispute = await world.DisputeAsync(lost);
        await ada.BecomesAsync(lost, "disputed");
        await world.VerdictAsync(dispute, "lose");
        await ada.BecomesAsync(lost, "lost");
        await world.SettleAsync();

        foreach (var by in new[] { "day", "month" })
        {
            var lines = (await finance.GetAsync($"admin/analytics/revenue?by={by}"))["lines"]!.AsArray().Select(l => l!).ToList();

            var starter = lines.Where(l => l["productId"]?.ToString() == World.Starter.ToString()).ToList();
            Sums(starter).ShouldBe((1998, 333, 0, 1665));
            starter.ShouldAllBe(l => l["kind"]!.ToString() == "creditPack" && l["productName"]!.ToString() == "Starter" && l["gross"]!["currency"]!.ToString() == "usd");
            (starter.Sum(l => l["payments"]!.GetValue<long>()), starter.Sum(l => l["refunds"]!.GetValue<long>())).ShouldBe((2, 1));
            var free = lines.Where(l => l["kind"]!.ToString() == "creditAmount").ToList();
            var (gross, _, gone, net) = Sums(free);
            (gone, net).ShouldBe((gross, 0));
            gross.ShouldBeGreaterThan(0);
            lines.Where(l => l["gross"]!["currency"]!.ToString() == "jpy").ShouldHaveSingleItem()["productId"]!.ToString().ShouldBe(World.Japan.ToString());
            lines.Select(l => Date(l["period"]!)).ShouldAllBe(p => p.TimeOfDay == TimeSpan.Zero && (by == "day" || p.Day == 1));
        }

        (await finance.GetAsync("admin/analytics/revenue?from=2020-01-01T00:00:00Z&until=2020-02-01T00:00:00Z"))["lines"]!.AsArray().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("from=9999-12-31T00:00:00Z", "from")]
    [InlineData("until=0001-01-02T00:00:00Z", "until")]
    [InlineData("by=month&from=9999-06-01T00:00:00Z", "from")]
    public async Task Revenue_of_times_that_nobody_lives_in_is_refused(string query, string field)
    {
        using var finance = world.NewUser(null, "finance");

        using var answer = await finance.Http.GetAsync($"api/v1/admin/analytics/revenue?{query}");

        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.BadRequest);
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["errors"]![field].ShouldNotBeNull();
    }

    [Fact]
    public async Task Subscriptions_are_counted_by_what_they_bring_a_month_and_by_how_they_moved()
    {
        await using var plant = world.Database.CreateCommand(
            """
            DELETE FROM payments.subscriptions;
            WITH row (plan, status, quantity, started, trial_end, paid_until, ended) AS (VALUES
                -- Active since long ago: $19 a month; a year at $190 for one seat brings 1583.33 a month.
                ('d0000000-0000-4000-8000-000000000001'::uuid, 'active', 1, '2030-01-10Z'::timestamptz, NULL::timestamptz, '2030-05-10Z'::timestamptz, NULL::timestamptz),
                ('d0000000-0000-4000-8000-000000000002', 'active', 1, '2030-01-20Z', '2030-02-03Z', '2031-02-03Z', NULL),
                -- A trial that came to nothing, and one that runs.
                ('d0000000-0000-4000-8000-000000000001', 'canceled', 1, '2030-02-01Z', '2030-02-15Z', NULL, '2030-02-15Z'),
                ('d0000000-0000-4000-8000-000000000001', 'trialing', 1, '2030-04-10Z', '2030-04-24Z', NULL, NULL),
                -- Paid, and gone in March.
                ('d0000000-0000-4000-8000-000000000001', 'canceled', 1, '2030-01-05Z', NULL, '2030-03-05Z', '2030-03-05Z'),
                -- Never began.
                ('d0000000-0000-4000-8000-000000000001', 'incompleteExpired', 1, '2030-03-05Z', NULL, NULL, '2030-03-06Z'))
            INSERT INTO payments.subscriptions (id, user_id, gateway_id, plan_id, quantity, status, cancel_at_period_end, created_at, gateway_created_at, trial_start, trial_end, paid_until, ended_at)
            SELECT gen_random_uuid(), gen_random_uuid(), 'sub_' || gen_random_uuid(), plan, quantity, status, false, started, started, CASE WHEN trial_end IS NULL THEN NULL ELSE started END, trial_end, paid_until, ended FROM row
            """);
        await plant.ExecuteNonQueryAsync();
        var books = Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<Application.Payments.Analytics.ISubscriptionBooks>(world.Services);

        var figures = await books.CountAsync(DateTimeOffset.Parse("2030-01-01Z", CultureInfo.InvariantCulture), DateTimeOffset.Parse("2030-04-15Z", CultureInfo.InvariantCulture), CancellationToken.None);

        figures.Recurring.Select(m => m.ToString()).ShouldBe(["3483 usd"]);
        (figures.Active, figures.Trialing, figures.PastDue).ShouldBe((2, 1, 0));
        figures.Months.Select(m => (m.Month.Month, m.AtStart, m.Started, m.Churned, m.ChurnRate, m.TrialsEnded, m.TrialsConverted, m.TrialConversion)).ShouldBe(
        [
            (1, 0, 3, 0, null, 0, 0, null),
            (2, 2, 1, 0, 0m, 2, 1, 0.5m),
            (3, 3, 0, 1, 0.3333m, 0, 0, null),
            (4, 2, 1, 0, 0m, 0, 0, null),
        ]);

        using var support = world.NewUser(null, "support");
        var answer = await support.GetAsync("admin/analytics/subscriptions?months=3");
        answer["recurring"]!.ToJsonString().ShouldBe("""[{"amount":3483,"currency":"usd"}]""");
        answer["months"]!.AsArray().Count.ShouldBe(3);
    }

    private static (long Gross, long Refunded, long Lost, long Net) Sums(List<JsonNode> lines) => (Sum(lines, "gross"), Sum(lines, "refunded"), Sum(lines, "lost"), Sum(lines, "net"));

    private static long Sum(List<JsonNode> lines, string part) => lines.Sum(l => l[part]!["amount"]!.GetValue<long>());

    private static DateTimeOffset Date(JsonNode text) => DateTimeOffset.Parse(text.ToString(), CultureInfo.InvariantCulture);
}

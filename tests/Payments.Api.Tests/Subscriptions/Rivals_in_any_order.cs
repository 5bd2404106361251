using Payments.Application.Payments.Subscriptions;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Api.Tests.Subscriptions;

/// <summary>P3: who gives way, and since when, is the same whatever of several lives was told first, twice or last.</summary>
public sealed class Rivals_in_any_order
{
    private static readonly DateTimeOffset Noon = new(2027, 4, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Dictionary<string, AgreedPlan> Plans = new[] { "pro", "pro_yearly", "team" }.ToDictionary(price => price, price => Giving_way_to_an_older_one.PlanOf(price.Split('_')[0]));

    [Fact]
    public void Any_lives_told_in_any_order_end_the_same()
    {
        var (gaveWay, movedAndGaveWay, endedAndGaveWay) = (0, 0, 0);
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var count = 2 + random.Next(3);
            var lives = Enumerable.Range(0, count).Select(i => Live($"sub_{(char)('a' + i)}", mayEnd: count == 2, random)).ToList();
            var expected = Told([.. lives.SelectMany(l => l.Reports.Select(r => (l, r))).OrderBy(told => told.r.At).ThenBy(told => told.l.Id, StringComparer.Ordinal)]);
            gaveWay += expected.Count(s => s.Value is not null);
            movedAndGaveWay += lives.Count(l => l.Reports.Exists(r => r.PriceId != l.Reports[0].PriceId) && expected[l.Id] is not null);
            endedAndGaveWay += lives.Count(l => l.Reports[^1].EndedAt is not null && expected[l.Id] is not null);
            for (var order = 0; order < 5; order++)
            {
                var all = lives.SelectMany(l => l.Reports.Select(r => (l, r))).ToList();
                var told = all.Concat(all.Where(_ => random.Next(3) == 0)).OrderBy(_ => random.Next()).ToList();
                Told(told).ShouldBe(expected, $"seed {seed}: {string.Join(" → ", told.Select(t => $"{t.l.Id} {t.r.PriceId} {t.r.Status} +{(t.r.At - Noon).TotalSeconds} s"))}");
            }
        }

        (gaveWay, movedAndGaveWay, endedAndGaveWay).ShouldSatisfyAllConditions(n => n.gaveWay.ShouldBeGreaterThan(1000), n => n.movedAndGaveWay.ShouldBeGreaterThan(100), n => n.endedAndGaveWay.ShouldBeGreaterThan(100));
    }

    private sealed record Life(string Id, DateTimeOffset Created, List<SubscriptionReport> Reports);

    /// <summary>Created, perhaps moved into the family or within it, perhaps heard of again, perhaps ended by its owner.</summary>
    /// <param name="mayEnd">Of three, the second gives way to the third as long as nothing was heard of a first that has ended: who is not heard of cannot be asked for.</param>
    private static Life Live(string id, bool mayEnd, Random random)
    {
        var created = Noon.AddSeconds(random.Next(20));
        var price = random.Next(2) == 0 ? "pro" : "team";
        var reports = new List<SubscriptionReport> { Report(SubscriptionStatus.Active, price, created, null) };
        var at = created;
        for (var i = random.Next(4); i > 0; i--)
        {
            at = at.AddSeconds(1 + random.Next(10));
            price = random.Next(2) == 0 ? price : price == "pro" ? "pro_yearly" : "pro";
            reports.Add(Report(SubscriptionStatus.Active, price, at, null));
        }

        if (mayEnd && random.Next(2) == 0)
        {
            at = at.AddSeconds(1 + random.Next(20));
            reports.Add(Report(SubscriptionStatus.Canceled, price, at, at));
        }

        return new Life(id, created, reports);
    }

    /// <summary>Since when each gave way, null for those that did not. All of it has happened before anything is told, and the provider, when asked, says how it ended.</summary>
    private static Dictionary<string, DateTimeOffset?> Told(IReadOnlyList<(Life Life, SubscriptionReport Report)> order)
    {
        var (known, now) = (new Dictionary<string, Subscription>(StringComparer.Ordinal), Noon.AddHours(1));
        var lives = order.Select(o => o.Life).DistinctBy(l => l.Id).ToDictionary(l => l.Id);
        foreach (var (life, report) in order)
        {
            if (!known.TryGetValue(life.Id, out var subscription))
            {
                known[life.Id] = subscription = Subscription.Heard(new SubscriptionId(Guid.NewGuid()), new UserId(Guid.Empty), life.Id, null, now);
            }

            if (Apply(subscription, life, report) == SubscriptionEffect.Doubtful)
            {
                Ask(subscription);
            }

            for (var asked = true; asked;)
            {
                SubscriptionRivals.JudgeFamilies(subscription, [.. known.Values], heard: true, now);
                var unplaced = known.Values.Where(s => s.NextActionAt == now && !s.IsPlaced).ToList();
                unplaced.ForEach(Ask);
                asked = unplaced.Count > 0;
            }
        }

        return known.OrderBy(s => s.Key, StringComparer.Ordinal).ToDictionary(s => s.Key, s => s.Value.SupersededFrom);

        void Ask(Subscription subscription) => Apply(subscription, lives[subscription.GatewayId], lives[subscription.GatewayId].Reports[^1] with { At = now, IsFresh = true });
    }

    /// <summary>With the answer come its invoices; a move leaves none.</summary>
    private static SubscriptionEffect Apply(Subscription subscription, Life life, SubscriptionReport report)
    {
        var effect = subscription.Report(report, life.Created, Plans[report.PriceId]);
        subscription.PlaceInFamily(subscription.FetchedAt is null ? [] : [FirstInvoice(life)], price => Plans[price].Terms.Family);
        return effect;
    }

    private static Invoice FirstInvoice(Life life)
    {
        var (invoice, cost, zero) = (new Invoice(new InvoiceId(Guid.Empty), new UserId(Guid.Empty), "in_1", life.Created), new Money(1000, Currency.Of("usd")), Money.Zero(Currency.Of("usd")));
        invoice.Report(new InvoiceReport(
            InvoiceStatus.Paid, BillingReason.SubscriptionCreate, "1", cost, zero, zero, cost, cost, cost, 1, null,
            [new InvoiceLine("Plan", cost, 1, life.Reports[0].PriceId, OfSubscription: true, IsProration: false, life.Created, life.Created.AddMonths(1))], [], null, null, null, life.Created));
        return invoice;
    }

    private static SubscriptionReport Report(SubscriptionStatus status, string price, DateTimeOffset at, DateTimeOffset? ended) =>
        new(status, "si_1", price, 1, Noon, Noon.AddMonths(1), null, null, false, null, null, ended, null, null, null, null, at);
}

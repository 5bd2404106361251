using Payments.Application.Payments.Subscriptions;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Api.Tests.Subscriptions;

/// <summary>Hard case 27: who gives way is a function of what the provider says of them all, whatever came to us first.</summary>
public sealed class Giving_way_to_an_older_one
{
    private static readonly DateTimeOffset Noon = new(2027, 4, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly AgreedPlan Pro = PlanOf("pro");
    private static readonly AgreedPlan Team = PlanOf("team");

    [Fact]
    public void The_newer_of_two_live_ones_does() => Losers(Sub("sub_b", 0), Sub("sub_a", 1)).ShouldBe(["sub_a"]);

    [Fact]
    public void Of_one_second_the_greater_id_does() => Losers(Sub("sub_b", 0), Sub("sub_a", 0)).ShouldBe(["sub_b"]);

    [Fact]
    public void All_but_the_oldest_do() => Losers(Sub("sub_c", 2), Sub("sub_a", 0), Sub("sub_b", 1)).ShouldBe(["sub_b", "sub_c"]);

    [Fact]
    public void One_of_another_family_does_not() => Losers(Sub("sub_a", 0), Sub("sub_b", 1, plan: Team)).ShouldBeEmpty();

    [Fact]
    public void One_that_began_when_the_older_had_ended_does_not() => Losers(Sub("sub_a", 0, SubscriptionStatus.Canceled, endedAfter: 10), Sub("sub_b", 10)).ShouldBeEmpty();

    [Fact]
    public void One_that_began_before_the_older_ended_does_even_if_that_is_over_by_now() =>
        Losers(Sub("sub_a", 0, SubscriptionStatus.Canceled, endedAfter: 11), Sub("sub_b", 10)).ShouldBe(["sub_b"]);

    [Theory]
    [InlineData(0, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void One_that_its_owner_ended_does_as_long_as_news_may_be_on_their_way(int daysLater, bool does)
    {
        Subscription[] all = [Sub("sub_a", 0), Sub("sub_b", 10, SubscriptionStatus.Canceled, endedAfter: 30)];
        Rivalry.Losers(all, Noon.AddSeconds(30).AddDays(daysLater)).Select(s => s.Loser).ShouldBe(does ? [all[1]] : []);
    }

    [Fact]
    public void One_that_ended_before_the_older_one_moved_in_does_not()
    {
        var moved = Sub("sub_a", 0, plan: Team);
        Move(moved, Pro, 40);
        Losers(moved, Sub("sub_b", 10, SubscriptionStatus.Canceled, endedAfter: 40)).ShouldBeEmpty();
    }

    [Fact]
    public void One_that_had_given_way_lives_beside_a_third_until_then_and_no_longer()
    {
        var (oldest, second) = (Sub("sub_a", 0, plan: Team), Sub("sub_b", 10));
        Move(oldest, Pro, 40);
        second.GiveWay(Noon.AddSeconds(40), Noon);
        Meetings(oldest, second, Sub("sub_c", 20)).Select(m => m.Item2).ShouldBe([Noon.AddSeconds(20)], "beside the second one");
        Rivalry.Losers([oldest, second, Sub("sub_d", 50)], Noon).Single().Beside.ShouldBe([oldest]);
    }

    [Fact]
    public void That_it_met_an_older_one_before_can_be_told_afterwards()
    {
        var (older, newer) = (Sub("sub_a", 0), Sub("sub_b", 10));
        newer.GiveWay(Noon.AddSeconds(30), Noon);
        Meetings(older, newer).ShouldBe([(newer, Noon.AddSeconds(10))]);
        newer.GiveWay(Noon.AddSeconds(10), Noon);
        Losers(older, newer).ShouldBeEmpty("that is settled");
    }

    [Theory]
    [InlineData(30, true)]
    [InlineData(31, false)]
    public void Nothing_is_told_of_one_that_gave_way_long_ago(int daysLater, bool does)
    {
        var (older, newer) = (Sub("sub_a", 0), Sub("sub_b", 10, SubscriptionStatus.Canceled, endedAfter: 40));
        newer.GiveWay(Noon.AddSeconds(30), Noon);
        Rivalry.Losers([older, newer], Noon.AddSeconds(40).AddDays(daysLater)).Count.ShouldBe(does ? 1 : 0);
    }

    [Theory]
    [InlineData(SubscriptionStatus.Incomplete)]
    [InlineData(SubscriptionStatus.IncompleteExpired)]
    public void One_that_never_began_is_no_rival(SubscriptionStatus status) => Losers(Sub("sub_a", 0, status), Sub("sub_b", 1)).ShouldBeEmpty();

    [Fact]
    public void A_repeated_trial_is_no_rival()
    {
        var trial = Sub("sub_a", 0);
        trial.End(EndingReason.TrialRepeated, Noon);
        Losers(trial, Sub("sub_b", 1)).ShouldBeEmpty();
    }

    [Fact]
    public void One_that_moves_into_the_family_of_an_older_one_does_from_then_on()
    {
        var moved = Sub("sub_b", 10, plan: Team);
        Move(moved, Pro, 40);
        Meetings(Sub("sub_a", 0), moved).ShouldBe([(moved, Noon.AddSeconds(40))]);
    }

    [Fact]
    public void One_whose_family_an_older_one_moves_into_does_from_then_on()
    {
        var (moved, other) = (Sub("sub_a", 0, plan: Team), Sub("sub_b", 10));
        Move(moved, Pro, 40);
        Meetings(moved, other).ShouldBe([(other, Noon.AddSeconds(40))]);
    }

    [Fact]
    public void One_that_moves_into_a_family_whose_older_one_had_ended_by_then_does_not()
    {
        var moved = Sub("sub_b", 10, plan: Team);
        Move(moved, Pro, 40);
        Losers(Sub("sub_a", 0, SubscriptionStatus.Canceled, endedAfter: 30), moved).ShouldBeEmpty();
    }

    [Fact]
    public void Another_price_of_the_same_family_is_no_move()
    {
        var (older, newer) = (Sub("sub_a", 0), Sub("sub_b", 10));
        Move(newer, Pro, 40);
        Meetings(older, newer).ShouldBe([(newer, Noon.AddSeconds(10))]);
    }

    /// <summary>Or two that cannot be asked for would make each other due for ever, and due work would do nothing else.</summary>
    [Fact]
    public void Who_is_only_reviewed_makes_no_rival_due_and_who_was_heard_of_does()
    {
        var (older, newer) = (Sub("sub_a", 0), Sub("sub_b", 10));
        newer.PutOff(Noon.AddHours(1));
        var putOff = newer.NextActionAt;
        SubscriptionRivals.JudgeFamilies(older, [older, newer], heard: false, Noon.AddHours(1)).ShouldBeTrue("it is to be asked for itself");
        (newer.NextActionAt, newer.Ending).ShouldBe((putOff, null));
        SubscriptionRivals.JudgeFamilies(older, [older, newer], heard: true, Noon.AddHours(1)).ShouldBeTrue();
        (newer.NextActionAt, newer.Ending).ShouldBe((Noon.AddHours(1), null));
    }

    [Fact]
    public void Whatever_the_order_in_which_they_are_known_the_same_one_stays()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var all = Enumerable.Range(0, 5).Select(i => (Id: $"sub_{(char)('a' + i)}", Second: random.Next(3))).ToList();
            var expected = all.OrderBy(s => s.Second).ThenBy(s => s.Id, StringComparer.Ordinal).First().Id;
            List<Subscription> known = [];
            foreach (var (id, second) in all.OrderBy(_ => random.Next()))
            {
                known.Add(Sub(id, second));
                foreach (var (loser, _, from) in Rivalry.Losers(known, Noon))
                {
                    loser.GiveWay(from, Noon);
                    loser.SupersededFrom.ShouldBe(loser.GatewayCreatedAt);
                }
            }

            known.Where(s => s.Ending is null).Select(s => s.GatewayId).ShouldBe([expected], $"seed {seed}");
        }
    }

    private static IEnumerable<string> Losers(params Subscription[] all) => Rivalry.Losers(all, Noon).Select(s => s.Loser.GatewayId).Order(StringComparer.Ordinal);

    private static IEnumerable<(Subscription, DateTimeOffset)> Meetings(params Subscription[] all) => Rivalry.Losers(all, Noon).Select(s => (s.Loser, s.From));

    private static Subscription Sub(string id, int second, SubscriptionStatus status = SubscriptionStatus.Active, AgreedPlan? plan = null, int? endedAfter = null)
    {
        var subscription = Subscription.Heard(new SubscriptionId(Guid.NewGuid()), new UserId(Guid.Empty), id, null, Noon);
        var ended = endedAfter is { } seconds ? Noon.AddSeconds(seconds) : (DateTimeOffset?)null;
        subscription.Report(
            new SubscriptionReport(status, "si_1", "price_1", 1, Noon, Noon.AddMonths(1), null, null, false, null, null, ended, null, null, null, null, Noon), Noon.AddSeconds(second), plan ?? Pro);
        return subscription;
    }

    private static void Move(Subscription subscription, AgreedPlan plan, int second) => subscription.Report(
        new SubscriptionReport(SubscriptionStatus.Active, "si_1", "price_2", 1, Noon, Noon.AddMonths(1), null, null, false, null, null, null, null, null, null, null, Noon.AddSeconds(second)),
        subscription.GatewayCreatedAt!.Value, plan).ShouldBe(SubscriptionEffect.Applied);

    internal static AgreedPlan PlanOf(string family)
    {
        var plan = new Plan(
            new PlanId(Guid.NewGuid()),
            new PlanTerms("Plan", null, new Money(1000, Currency.Of("usd")), BillingInterval.Month, 1, 0, 100, null, family, 1, 100, ResourceReference.Platform, RefundPolicy.Debt, true, 1, null));
        return new AgreedPlan(plan.Id, plan.Name, plan.Agreement);
    }
}

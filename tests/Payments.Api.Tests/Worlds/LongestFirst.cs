using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Payments.Api.Tests.Worlds.LongestFirst", "Payments.Api.Tests")]

namespace Payments.Api.Tests.Worlds;

/// <summary>What waits longest begins first, beside everything else, rather than last and alone: where things are killed, cut off and faulty.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long = [".Failures.", "cut_off", "Giving_back_a_subscriptions_payment", "Subscription_events_in_any_order", "A_year_of_a_life"];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(c => Array.FindIndex(Long, part => c.DisplayName.Contains(part, StringComparison.Ordinal)) is var at && at < 0 ? Long.Length : at);
}

using FsCheck;
using FsCheck.Fluent;
using Payments.Domain.Shared;

namespace Payments.Domain.Tests.Credits;

/// <summary>Something that may happen to an account.</summary>
internal abstract record Step
{
    /// <summary>The same with less of it, the least first.</summary>
    public virtual IEnumerable<Step> Smaller => [];

    protected static IEnumerable<long> Less(long amount) => amount > 1 ? new[] { 1, amount / 2, amount - 1 }.Distinct() : [];
}

/// <param name="Price">In minor units; 0 for what was given.</param>
internal sealed record Grant(long Credits, int? ExpiresAfterDays, long Price = 0, SpentCredits Spent = SpentCredits.BecomeDebt) : Step
{
    public override IEnumerable<Step> Smaller =>
        [.. Less(Credits).Select(c => this with { Credits = c }), .. ExpiresAfterDays is null ? Array.Empty<Step>() : [this with { ExpiresAfterDays = null }]];

    public override string ToString() => $"grant {Credits}{(ExpiresAfterDays is { } days ? $" for {days} days" : "")}{(Price > 0 ? $" at {Price}, spent ones {Spent}" : "")}";
}

internal sealed record Spend(long Credits) : Step
{
    public override IEnumerable<Step> Smaller => Less(Credits).Select(c => this with { Credits = c });

    public override string ToString() => $"spend {Credits}";
}

internal sealed record Hold(long Credits, int Hours) : Step
{
    public override IEnumerable<Step> Smaller => Less(Credits).Select(c => this with { Credits = c });

    public override string ToString() => $"hold {Credits} for {Hours} h";
}

/// <param name="Which">Counts all holds ever made, closed ones too.</param>
/// <param name="Percent">Of what was held; above 100 it is more than that.</param>
internal sealed record Capture(int Which, int Percent) : Step
{
    public override IEnumerable<Step> Smaller => [.. Percent == 100 ? Array.Empty<Step>() : [this with { Percent = 100 }], .. Which > 0 ? [this with { Which = 0 }] : Array.Empty<Step>()];

    public override string ToString() => $"capture {Percent} % of hold {Which}";
}

internal sealed record Release(int Which) : Step
{
    public override IEnumerable<Step> Smaller => Which > 0 ? [this with { Which = 0 }] : [];

    public override string ToString() => $"release hold {Which}";
}

/// <summary>A part of a purchase's price goes back.</summary>
/// <param name="Which">Counts all purchases ever made.</param>
/// <param name="Percent">Of the price; what is more than is left is all that is left.</param>
internal sealed record Refund(int Which, int Percent) : Step
{
    public override IEnumerable<Step> Smaller => [.. Percent == 100 ? Array.Empty<Step>() : [this with { Percent = 100 }], .. Which > 0 ? [this with { Which = 0 }] : Array.Empty<Step>()];

    public override string ToString() => $"refund {Percent} % of purchase {Which}";
}

/// <summary>The last refund of a purchase that has not failed fails after all.</summary>
internal sealed record RefundFails(int Which) : Step
{
    public override IEnumerable<Step> Smaller => Which > 0 ? [this with { Which = 0 }] : [];

    public override string ToString() => $"a refund of purchase {Which} fails";
}

/// <summary>The buyer's bank holds a part of a purchase's price, or all that is left of it; if it does so already, it decides.</summary>
internal sealed record Dispute(int Which, int Percent, bool Won) : Step
{
    public override IEnumerable<Step> Smaller => Which > 0 ? [this with { Which = 0 }] : [];

    public override string ToString() => $"dispute {Percent} % of purchase {Which}, or it is {(Won ? "won" : "lost")}";
}

/// <summary>Time goes by; what is due then is done or, where the ticker is late, not yet.</summary>
internal sealed record Pass(int Hours, bool Ticked) : Step
{
    public override IEnumerable<Step> Smaller => Less(Hours).Select(h => this with { Hours = (int)h });

    public override string ToString() => $"{Hours} h pass{(Ticked ? "" : " (ticker late)")}";
}

internal sealed record History(IReadOnlyList<Step> Steps)
{
    public override string ToString() => $"\n  {string.Join("\n  ", Steps.Select((s, i) => $"{i + 1}. {s}"))}\n";

    public static Arbitrary<History> Any => Arb.From(
        Gen.Sized(size => Gen.Choose(1, Math.Max(2, size / 2)).SelectMany(length => AnyStep.ListOf(length))).Select(steps => new History([.. steps])),
        history => history.Shorter());

    private static Gen<long> Amount => Gen.Frequency(
        (6, Gen.Choose(1, 100).Select(n => (long)n)),
        (1, Gen.Choose(1, 5).Select(n => (long)n)),
        (1, Gen.Elements(0L, -1, -100, long.MinValue, long.MaxValue, 1_000_000_000_000_000, 1_000_000_000_000_001)));

    /// <summary>What an owner and the clock do with credits that are there.</summary>
    public static Gen<Step> AnyAct => Gen.Frequency(Spends, Holds, Captures, Releases, Passes);

    private static (int, Gen<Step>) Spends => (5, Amount.Select(c => (Step)new Spend(c)));

    private static (int, Gen<Step>) Holds =>
        (6, from credits in Gen.Frequency((1, Amount), (3, Gen.Choose(1, 60).Select(n => (long)n))) from hours in Gen.Elements(1, 30, 60) select (Step)new Hold(credits, hours));

    private static (int, Gen<Step>) Captures => (6, from which in Gen.Choose(0, 5) from percent in Gen.Elements(100, 100, 1, 30, 99, 101, 0, 250) select (Step)new Capture(which, percent));

    private static (int, Gen<Step>) Releases => (4, Gen.Choose(0, 5).Select(which => (Step)new Release(which)));

    private static (int, Gen<Step>) Passes => (4, from hours in Gen.Elements(1, 5, 24, 30, 72) from ticked in Gen.Elements(true, true, false) select (Step)new Pass(hours, ticked));

    private static Gen<Step> AnyStep => Gen.Frequency(
        (6, from credits in Gen.Frequency((1, Amount), (4, Gen.Choose(1, 300).Select(n => (long)n))) from days in Gen.Elements<int?>(null, null, 1, 2, 3, 10) 
            from price in Gen.Elements(0L, 1, 7, 999, 12_345) from spent in Gen.Elements(SpentCredits.BecomeDebt, SpentCredits.BecomeDebt, SpentCredits.AreForgiven, SpentCredits.Refuse) select (Step)new Grant(credits, days, price, spent)),
        Spends,
        Holds,
        Captures,
        Releases,
        (4, from which in Gen.Choose(0, 5) from percent in Gen.Elements(100, 50, 33, 10, 1) select (Step)new Refund(which, percent)),
        (2, Gen.Choose(0, 5).Select(which => (Step)new RefundFails(which))),
        (3, from which in Gen.Choose(0, 5) from percent in Gen.Elements(100, 100, 40) from won in Gen.Elements(true, false) select (Step)new Dispute(which, percent, won)),
        Passes);

    /// <summary>Half of it, then one step less, then one step smaller.</summary>
    private IEnumerable<History> Shorter()
    {
        var half = Steps.Count / 2;
        if (half > 0)
        {
            yield return new History([.. Steps.Take(half)]);
            yield return new History([.. Steps.Skip(half)]);
        }

        for (var i = 0; i < Steps.Count; i++)
        {
            yield return new History([.. Steps.Where((_, at) => at != i)]);
        }

        for (var i = 0; i < Steps.Count; i++)
        {
            foreach (var smaller in Steps[i].Smaller)
            {
                yield return new History([.. Steps.Select((step, at) => at == i ? smaller : step)]);
            }
        }
    }
}

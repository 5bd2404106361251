using FsCheck;
using FsCheck.Fluent;

namespace Payments.Domain.Tests.Credits;

/// <summary>Something that may happen to an account.</summary>
internal abstract record Step
{
    /// <summary>The same with less of it, the least first.</summary>
    public virtual IEnumerable<Step> Smaller => [];

    protected static IEnumerable<long> Less(long amount) => amount > 1 ? new[] { 1, amount / 2, amount - 1 }.Distinct() : [];
}

internal sealed record Grant(long Credits, int? ExpiresAfterDays) : Step
{
    public override IEnumerable<Step> Smaller =>
        [.. Less(Credits).Select(c => this with { Credits = c }), .. ExpiresAfterDays is null ? Array.Empty<Step>() : [this with { ExpiresAfterDays = null }]];

    public override string ToString() => $"grant {Credits}{(ExpiresAfterDays is { } days ? $" for {days} days" : "")}";
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

internal sealed record Owe(long Credits) : Step
{
    public override IEnumerable<Step> Smaller => Less(Credits).Select(c => this with { Credits = c });

    public override string ToString() => $"owe {Credits}";
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

    private static Gen<Step> AnyStep => Gen.Frequency(
        (6, from credits in Gen.Frequency((1, Amount), (4, Gen.Choose(1, 300).Select(n => (long)n))) from days in Gen.Elements<int?>(null, null, 1, 2, 3, 10) select (Step)new Grant(credits, days)),
        (5, Amount.Select(c => (Step)new Spend(c))),
        (6, from credits in Gen.Frequency((1, Amount), (3, Gen.Choose(1, 60).Select(n => (long)n))) from hours in Gen.Elements(1, 30, 60) select (Step)new Hold(credits, hours)),
        (6, from which in Gen.Choose(0, 5) from percent in Gen.Elements(100, 100, 1, 30, 99, 101, 0, 250) select (Step)new Capture(which, percent)),
        (4, Gen.Choose(0, 5).Select(which => (Step)new Release(which))),
        (1, Gen.Choose(1, 150).Select(c => (Step)new Owe(c))),
        (4, from hours in Gen.Elements(1, 5, 24, 30, 72) from ticked in Gen.Elements(true, true, false) select (Step)new Pass(hours, ticked)));

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

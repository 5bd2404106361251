namespace Payments.Domain.Tests.Credits;

/// <summary>
/// Credits as one would count them with counters on a table, knowing nothing of postings: piles with an expiry, and
/// saucers of counters set aside. Answers the code of a refusal, or null.
/// </summary>
internal sealed class Model
{
    public static readonly DateTimeOffset Start = new(2026, 7, 29, 12, 0, 0, TimeSpan.Zero);

    private const long Most = 1_000_000_000_000_000;

    private readonly List<Pile> piles = [];
    private readonly List<Saucer> saucers = [];
    private DateTimeOffset now = Start;

    public long Debt { get; private set; }

    public long Spent { get; private set; }

    public long Gone { get; private set; }

    public long Granted => piles.Sum(p => p.Granted);

    public long Credits => piles.Sum(p => p.Left);

    public long Held => saucers.Where(s => s.Open).Sum(s => s.Counters.Values.Sum());

    public IReadOnlyList<long> Left => [.. piles.Select(p => p.Left)];

    public IReadOnlyList<bool> Open => [.. saucers.Select(s => s.Open)];

    public string? Do(Step step)
    {
        ThrowAwayExpired();
        return step switch
        {
            Grant g => Give(g.Credits, g.ExpiresAfterDays),
            Spend s => Take(s.Credits, out _) ?? Count(() => Spent += s.Credits),
            Hold h => Take(h.Credits, out var from) ?? Count(() => saucers.Add(new Saucer { Counters = from, Until = now.AddHours(h.Hours) })),
            Capture c => saucers.Count == 0 ? null : CaptureFrom(saucers[c.Which % saucers.Count], c.Percent),
            Release r => saucers.Count == 0 ? null : Empty(saucers[r.Which % saucers.Count]),
            Owe o => Count(() => Debt += o.Credits),
            Pass p => Count(() => Wait(p)),
            _ => throw new NotSupportedException(step.ToString()),
        };
    }

    private string? Give(long credits, int? days)
    {
        if (credits is < 1 or > Most)
        {
            return "credits.amount_invalid";
        }

        var kept = Math.Max(0, credits - Debt);
        Debt = Math.Max(0, Debt - credits);
        piles.Add(new Pile { Granted = credits, Left = kept, Until = days is { } d ? now.AddDays(d) : DateTimeOffset.MaxValue });
        return null;
    }

    /// <summary>One counter at a time in thought, a handful at a time here: always from the pile that goes off first, of those the oldest.</summary>
    private string? Take(long credits, out Dictionary<int, long> from)
    {
        from = [];
        if (credits is < 1 or > Most)
        {
            return "credits.amount_invalid";
        }

        if (credits > Credits)
        {
            return "credits.insufficient";
        }

        while (credits > 0)
        {
            var next = Enumerable.Range(0, piles.Count).Where(i => piles[i].Left > 0).MinBy(i => (piles[i].Until, i));
            var handful = Math.Min(credits, piles[next].Left);
            piles[next].Left -= handful;
            from[next] = handful;
            credits -= handful;
        }

        return null;
    }

    private string? CaptureFrom(Saucer saucer, int percent)
    {
        if (!saucer.Open)
        {
            return "hold.closed";
        }

        var all = saucer.Counters.Values.Sum();
        var wanted = all * percent / 100;
        if (wanted < 1)
        {
            return "credits.amount_invalid";
        }

        if (wanted > all)
        {
            return "hold.exceeds";
        }

        Spent += wanted;
        foreach (var pile in saucer.Counters.Keys.OrderBy(i => (piles[i].Until, i)).ToList())
        {
            var used = Math.Min(wanted, saucer.Counters[pile]);
            wanted -= used;
            saucer.Counters[pile] -= used;
        }

        return Empty(saucer);
    }

    /// <summary>Every counter goes back to the pile it came from; one that has gone off meanwhile is thrown away.</summary>
    private string? Empty(Saucer saucer)
    {
        if (!saucer.Open)
        {
            return "hold.closed";
        }

        saucer.Open = false;
        foreach (var (pile, counters) in saucer.Counters)
        {
            piles[pile].Left += counters;
        }

        ThrowAwayExpired();
        return null;
    }

    private void Wait(Pass pass)
    {
        now = now.AddHours(pass.Hours);
        if (pass.Ticked)
        {
            ThrowAwayExpired();
            foreach (var saucer in saucers.Where(s => s.Open && s.Until <= now))
            {
                Empty(saucer);
            }
        }
    }

    private void ThrowAwayExpired()
    {
        foreach (var pile in piles.Where(p => p.Until <= now))
        {
            Gone += pile.Left;
            pile.Left = 0;
        }
    }

    private static string? Count(Action change)
    {
        change();
        return null;
    }

    private sealed class Pile
    {
        public long Granted { get; init; }

        public long Left { get; set; }

        public DateTimeOffset Until { get; init; }
    }

    private sealed class Saucer
    {
        public bool Open { get; set; } = true;

        public required Dictionary<int, long> Counters { get; init; }

        public DateTimeOffset Until { get; init; }
    }
}

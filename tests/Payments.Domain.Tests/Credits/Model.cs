using Payments.Domain.Shared;

namespace Payments.Domain.Tests.Credits;

/// <summary>
/// Credits as one would count them with counters on a table, knowing nothing of postings: piles with an expiry, and
/// saucers of counters set aside. Of a pile it remembers only what was used, went off or was lent to a debt; what is
/// taken back, frozen, owed and left follows from that and the share that is wanted, whatever came first. Answers the
/// code of a refusal, or null.
/// </summary>
internal sealed class Model
{
    public static readonly DateTimeOffset Start = new(2026, 7, 29, 12, 0, 0, TimeSpan.Zero);

    private const long Most = 1_000_000_000_000_000;

    private readonly List<Pile> piles = [];
    private readonly List<Saucer> saucers = [];
    private readonly Purchases purchases = new();
    private DateTimeOffset now = Start;

    public long Debt => piles.Sum(p => p.Owed - p.Lent);

    public long Spent { get; private set; }

    public long Gone => piles.Sum(p => p.WentOff - p.OffTaken);

    public long Forgiven => piles.Sum(p => p.Forgiven);

    public IReadOnlyList<long> Returned => [.. piles.Select(p => p.Wanted)];

    public long Granted => piles.Sum(p => p.Granted);

    public long Credits => piles.Sum(p => p.Left);

    public long Held => saucers.Where(s => s.Open).Sum(s => s.Counters.Values.Sum()) + piles.Sum(p => p.Frozen);

    public IReadOnlyList<long> Left => [.. piles.Select(p => p.Left)];

    public IReadOnlyList<bool> Open => [.. saucers.Select(s => s.Open)];

    public string? Do(Step step)
    {
        ThrowAwayExpired();
        return step switch
        {
            Grant g => Give(g),
            Spend s => Take(s.Credits, out _) ?? Count(() => Spent += s.Credits),
            Hold h => Take(h.Credits, out var from) ?? Count(() => saucers.Add(new Saucer { Counters = from, Until = now.AddHours(h.Hours) })),
            Capture c => saucers.Count == 0 ? null : CaptureFrom(saucers[c.Which % saucers.Count], c.Percent),
            Release r => saucers.Count == 0 ? null : Empty(saucers[r.Which % saucers.Count]),
            Refund or RefundFails or Dispute => Reclaim(step),
            Pass p => Count(() => Wait(p)),
            _ => throw new NotSupportedException(step.ToString()),
        };
    }

    private string? Give(Grant g)
    {
        if (g.Credits is < 1 or > Most)
        {
            return "credits.amount_invalid";
        }

        piles.Add(new Pile { Granted = g.Credits, Until = g.ExpiresAfterDays is { } d ? now.AddDays(d) : DateTimeOffset.MaxValue, Forgives = g.Spent == SpentCredits.AreForgiven });
        purchases.Add(g.Price, g.Spent);
        Lend();
        return null;
    }

    private string? Reclaim(Step step)
    {
        if (purchases.After(step) is not { } after)
        {
            return null;
        }

        var (which, share) = after;
        var pile = piles[which];
        if (purchases.SpentOf(which) == SpentCredits.Refuse && step is Refund && pile.OwedFor(PartOf(pile, share.Reversed, share)) > pile.Owed)
        {
            return "refund.credits_spent";
        }

        purchases.Do(step, which);
        Return(which, share);
        return null;
    }

    /// <summary>Brings what is taken back and frozen of a pile to a share of its price.</summary>
    public void Return(int which, CreditShare share)
    {
        ThrowAwayExpired();
        var pile = piles[which];
        pile.Wanted = PartOf(pile, share.Reversed, share);
        pile.WantedFrozen = PartOf(pile, share.Reversed + share.Disputed, share) - pile.Wanted;
        ThrowAwayExpired();
        Lend();
    }

    private static long PartOf(Pile pile, long money, CreditShare share) => (long)((System.Numerics.BigInteger)pile.Granted * money / share.Paid);

    /// <summary>Debts are paid by the piles that go off first; what was paid too much goes back, first to piles that are still good.</summary>
    private void Lend()
    {
        while (Debt < 0)
        {
            var lender = piles.Where(p => p.Lent > 0).OrderBy(p => p.Until <= now).ThenBy(p => p.Until).First();
            lender.Lent -= Math.Min(-Debt, lender.Lent);
            ThrowAwayExpired();
        }

        while (Debt > 0 && piles.Exists(p => p.Left > 0))
        {
            var payer = piles.Where(p => p.Left > 0).MinBy(p => p.Until)!;
            payer.Lent += Math.Min(Debt, payer.Left);
        }
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
            piles[next].Used += handful;
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
            piles[pile].Used -= counters;
            piles[pile].WentOff += piles[pile].Until <= now ? counters : 0;
        }

        ThrowAwayExpired();
        Lend();
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

    public void ThrowAwayExpired()
    {
        foreach (var pile in piles.Where(p => p.Until <= now))
        {
            pile.WentOff += pile.Left;
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

        public DateTimeOffset Until { get; init; }

        public bool Forgives { get; init; }

        /// <summary>Spent, or on a saucer.</summary>
        public long Used { get; set; }

        /// <summary>Too old, whether or not it is counted as taken back.</summary>
        public long WentOff { get; set; }

        /// <summary>Into debts.</summary>
        public long Lent { get; set; }

        public long Wanted { get; set; }

        public long WantedFrozen { get; set; }

        private long There => Granted - Used - WentOff - Lent;

        private long Taken => Math.Min(Wanted, There);

        public long OffTaken => Math.Min(Wanted - Taken, WentOff);

        public long Frozen => Math.Min(WantedFrozen, There - Taken);

        public long Left => There - Taken - Frozen;

        public long Owed => Forgives ? 0 : OwedFor(Wanted);

        public long Forgiven => Forgives ? OwedFor(Wanted) : 0;

        public long OwedFor(long wanted) => wanted - Math.Min(wanted, There) - Math.Min(wanted - Math.Min(wanted, There), WentOff);
    }

    private sealed class Saucer
    {
        public bool Open { get; set; } = true;

        public required Dictionary<int, long> Counters { get; init; }

        public DateTimeOffset Until { get; init; }
    }
}

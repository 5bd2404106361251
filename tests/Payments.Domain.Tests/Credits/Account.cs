using System.Globalization;
using Payments.Domain.Shared;
using Payments.Domain.Users;
using Payments.Domain.Users.Credits;

namespace Payments.Domain.Tests.Credits;

/// <summary>A user with lots, holds and everything written so far, used as the application uses them: sweep, then act.</summary>
internal sealed class Account
{
    private readonly Dictionary<CreditLotId, CreditLot> lots = [];
    private int ids;

    public static readonly DateTimeOffset Start = Model.Start;

    public User User { get; } = new(new UserId(new Guid("b0000000-0000-4000-8000-000000000001")), "ada@example.com", "Ada", Start);

    public DateTimeOffset Now { get; set; } = Start;

    public List<CreditHold> Holds { get; } = [];

    public List<LedgerEntry> Ledger { get; } = [];

    /// <summary>In the order in which they were granted.</summary>
    public List<CreditLot> Lots { get; } = [];

    public IReadOnlyList<CreditHold> OpenHolds => [.. Holds.Where(h => h.Status == CreditHoldStatus.Open)];

    /// <summary>What can be spent from, the soonest to expire first.</summary>
    public IReadOnlyList<CreditLot> Spendable =>
        [.. lots.Values.Where(l => l.Remaining > 0 && !l.IsExpired(Now)).OrderBy(l => l.ExpiresAt is null).ThenBy(l => l.ExpiresAt).ThenBy(l => l.CreatedAt).ThenBy(l => l.Id.Value)];

    public LedgerEntry Grant(long credits, TimeSpan? expiresAfter = null, string? key = null, PaymentId? paymentId = null)
    {
        var entry = User.Grant(key ?? $"grant:{ids}", credits, "purchase", "Starter", paymentId, Now + expiresAfter, NewId, Now);
        lots.Add(entry.NewLot!.Id, entry.NewLot);
        Lots.Add(entry.NewLot);
        return Write(entry);
    }

    public LedgerEntry Spend(long credits, string? key = null) => Write(User.Spend(key ?? $"spend:{ids}", credits, "evaluation", "1", Spendable, NewId, Now));

    public CreditHold Hold(long credits, TimeSpan? lifetime = null)
    {
        var (hold, entry) = User.Hold(credits, "assignment", $"{ids}", Now + (lifetime ?? TimeSpan.FromMinutes(15)), Spendable, NewId, Now);
        Holds.Add(hold);
        Write(entry);
        return hold;
    }

    public IReadOnlyList<LedgerEntry> Capture(CreditHold hold, long credits)
    {
        var entries = User.Capture(hold, $"spend:hold:{hold.Id}", credits, lots, NewId, Now);
        foreach (var entry in entries)
        {
            Write(entry);
        }

        if (entries.Count > 1)
        {
            SettleGivenBack(hold);
        }

        return entries;
    }

    public LedgerEntry Release(CreditHold hold, bool expired = false)
    {
        var entry = Write(User.Release(hold, expired, lots, NewId, Now));
        SettleGivenBack(hold);
        return entry;
    }

    /// <summary>Brings what is taken back of a lot to a share of its price.</summary>
    public LedgerEntry? Reclaim(CreditLot lot, CreditShare share, SpentCredits spent = SpentCredits.BecomeDebt)
    {
        var entry = User.Reclaim($"return:{ids}", "refund", "1", lot.PaymentId ?? new PaymentId(lot.Id.Value), share, spent, [lot], Payers, NewId, Now);
        return entry is null ? null : Write(entry);
    }

    /// <summary>Takes what is left of lots past their time.</summary>
    public void Sweep()
    {
        foreach (var lot in lots.Values.Where(l => l.Remaining > 0 && l.IsExpired(Now)).ToList())
        {
            Write(User.Expire(lot, NewId, Now));
        }
    }

    /// <summary>Ends holds past their time, and takes what they give back to lots past theirs.</summary>
    public void EndHolds()
    {
        Sweep();
        foreach (var hold in OpenHolds.Where(h => h.ExpiresAt <= Now))
        {
            Release(hold, expired: true);
        }
    }

    /// <summary>Makes the user owe credits: a purchase that is spent and then given back.</summary>
    public void Owe(long credits)
    {
        var lot = Grant(credits, key: $"owed:{ids}").NewLot!;
        Spend(credits);
        Reclaim(lot, new CreditShare(1, 0, 1));
    }

    /// <summary>All that may not change at a refusal.</summary>
    public string Snapshot() => string.Create(
        CultureInfo.InvariantCulture,
        $"credits={User.Credits} held={User.Held} debt={User.Debt} lots=[{string.Join(' ', Lots.Select(l => $"{l.Remaining}/{l.Frozen}/{l.Expired}/{l.Returned}/{l.Owed}/{l.Forgiven}/{l.PaidDebt}"))}] holds=[{string.Join(' ', Holds.Select(h => $"{h.Status}/{h.Captured}/{h.ClosedAt:O}"))}] entries={Ledger.Count}");

    private List<CreditLot> Payers => [.. lots.Values.Where(l => l.Remaining > 0 || l.PaidDebt > 0).OrderBy(l => l.ExpiresAt is null).ThenBy(l => l.ExpiresAt).ThenBy(l => l.CreatedAt).ThenBy(l => l.Id.Value)];

    private void SettleGivenBack(CreditHold hold)
    {
        Sweep();
        if (User.PayDebts($"return:hold:{hold.Id}", hold.Reason, hold.Reference, [.. hold.Parts.Select(p => lots[p.LotId])], Payers, NewId, Now) is { } entry)
        {
            Write(entry);
        }
    }

    private LedgerEntry Write(LedgerEntry entry)
    {
        Ledger.Add(entry);
        return entry;
    }

    /// <summary>Ids that count up, so that a failing history fails the same way again.</summary>
    private Guid NewId() => new(++ids, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);
}

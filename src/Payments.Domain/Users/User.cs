using Payments.Domain.Shared;
using Payments.Domain.Users.Credits;
using Payments.Domain.Users.Entitlements;

namespace Payments.Domain.Users;

/// <summary>
/// A person with a credit balance. The row is the lock for everything that moves the person's credits: take it
/// <c>FOR UPDATE</c> before loading, then change it only through the methods here, each of which returns the
/// ledger entry that must be saved with it.
/// </summary>
/// <remarks>Amounts of credit are whole units, 0 to 10^15.</remarks>
public sealed class User
{
    private User()
    {
    }

    public User(UserId id, string? email, string? name, DateTimeOffset now)
    {
        Id = id;
        Email = email;
        Name = name;
        CreatedAt = now;
    }

    public UserId Id { get; private set; }

    /// <summary>Follows the token; null until one with an email was seen.</summary>
    public string? Email { get; private set; }

    public string? Name { get; private set; }

    /// <summary>Where the person lives by, an IANA name as the token said it: <c>Europe/Berlin</c>. Null until told.</summary>
    public string? TimeZone { get; private set; }

    /// <summary>What can be spent: not held, not expired as of the last sweep of expired lots. Never below zero.</summary>
    public long Credits { get; private set; }

    /// <summary>Set aside by open holds, and by open disputes.</summary>
    public long Held { get; private set; }

    /// <summary>
    /// Owed, because credits were taken back after they had been spent. Whatever can be spent pays it first, so that there
    /// is never both: in whatever order grants and refunds come, the balance is the same.
    /// </summary>
    public long Debt { get; private set; }

    public string? SubscriptionType { get; private set; }

    public DateTimeOffset? SubscriptionExpires { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public void Rename(string? email, string? name)
    {
        Email = email ?? Email;
        Name = name ?? Name;
    }

    /// <summary>The profile tells of the subscription that lasts longest of those that are given; of none, nothing.</summary>
    /// <param name="grants">All of the user's that stand for a subscription.</param>
    public void ShowSubscription(IEnumerable<AccessGrant> grants)
    {
        var shown = grants.Where(g => g is { State: AccessState.Given, SubscriptionType: not null })
            .OrderByDescending(g => g.SubscriptionExpires).ThenBy(g => g.Source, StringComparer.Ordinal).FirstOrDefault();
        (SubscriptionType, SubscriptionExpires) = (shown?.SubscriptionType, shown?.SubscriptionExpires);
    }

    /// <summary>Adds a lot of <paramref name="credits"/>, after what is owed has been paid from it.</summary>
    /// <param name="key">The effect's unique business fact: <c>grant:payment:{id}</c>.</param>
    public LedgerEntry Grant(string key, long credits, string reason, string reference, PaymentId? paymentId, DateTimeOffset? expiresAt, Func<Guid> newId, DateTimeOffset now)
    {
        CreditRefusals.RequirePositive(credits);
        var paysDebt = Math.Min(Debt, credits);
        var spendable = credits - paysDebt;
        var lot = new CreditLot(new CreditLotId(newId()), Id, paymentId, credits, paysDebt, expiresAt, now);
        Credits = checked(Credits + spendable);
        Debt -= paysDebt;

        var entry = new LedgerEntry(newId(), Id, CreditTransactionKind.Grant, key, spendable, reason, reference, paymentId, Credits, now) { NewLot = lot };
        entry.Post(CreditAccount.Issued, null, -credits);
        entry.Post(CreditAccount.Available, lot.Id, spendable);
        entry.Post(CreditAccount.Debt, null, paysDebt);
        return entry;
    }

    /// <summary>Takes credits for good, from the lots that expire first.</summary>
    /// <param name="lots">The user's lots with something left, in spending order; expired ones already swept.</param>
    /// <exception cref="Refusal"><c>credits.insufficient</c></exception>
    public LedgerEntry Spend(string key, long credits, string reason, string reference, IReadOnlyList<CreditLot> lots, Func<Guid> newId, DateTimeOffset now)
    {
        var taken = TakeFrom(lots, credits);
        var entry = new LedgerEntry(newId(), Id, CreditTransactionKind.Spend, key, -credits, reason, reference, null, Credits, now);
        foreach (var (lot, amount) in taken)
        {
            entry.Post(CreditAccount.Available, lot.Id, -amount);
        }

        entry.Post(CreditAccount.Spent, null, credits);
        return entry;
    }

    /// <summary>Sets credits aside; they leave <see cref="Credits"/> now and are spent or given back later.</summary>
    /// <inheritdoc cref="Spend"/>
    public (CreditHold Hold, LedgerEntry Entry) Hold(long credits, string reason, string reference, DateTimeOffset expiresAt, IReadOnlyList<CreditLot> lots, Func<Guid> newId, DateTimeOffset now)
    {
        var taken = TakeFrom(lots, credits);
        Held += credits;
        var hold = new CreditHold(new CreditHoldId(newId()), Id, credits, reason, reference, expiresAt, now, taken.Select(t => (t.Lot.Id, t.Amount)));
        var entry = new LedgerEntry(newId(), Id, CreditTransactionKind.Hold, $"hold:{hold.Id}", -credits, reason, reference, null, Credits, now);
        foreach (var (lot, amount) in taken)
        {
            entry.Post(CreditAccount.Available, lot.Id, -amount);
            entry.Post(CreditAccount.Held, lot.Id, amount);
        }

        return (hold, entry);
    }

    /// <summary>Spends <paramref name="credits"/> of the hold and gives the rest back to its lots.</summary>
    /// <exception cref="Refusal"><c>hold.closed</c>, <c>hold.exceeds</c></exception>
    public IReadOnlyList<LedgerEntry> Capture(CreditHold hold, string key, long credits, IReadOnlyDictionary<CreditLotId, CreditLot> lots, Func<Guid> newId, DateTimeOffset now)
    {
        var (captured, released) = hold.Capture(credits, now);
        Held -= credits;
        var spend = new LedgerEntry(newId(), Id, CreditTransactionKind.Capture, key, 0, hold.Reason, hold.Reference, null, Credits, now);
        foreach (var (lot, amount) in captured)
        {
            spend.Post(CreditAccount.Held, lot, -amount);
        }

        spend.Post(CreditAccount.Spent, null, credits);
        return released.Count == 0 ? [spend] : [spend, GiveBack(hold, released, lots, newId, now)];
    }

    /// <summary>Gives all of an open hold back to its lots.</summary>
    /// <param name="expired">It ended by itself rather than by a call.</param>
    /// <exception cref="Refusal"><c>hold.closed</c></exception>
    public LedgerEntry Release(CreditHold hold, bool expired, IReadOnlyDictionary<CreditLotId, CreditLot> lots, Func<Guid> newId, DateTimeOffset now) =>
        GiveBack(hold, hold.Release(expired, now), lots, newId, now);

    /// <summary>Takes what is left of a lot whose time is over.</summary>
    public LedgerEntry Expire(CreditLot lot, Func<Guid> newId, DateTimeOffset now)
    {
        var left = lot.Expire();
        Credits -= left;
        // A hold that ends after its lot can give back more than once, so the key carries the entry's own id.
        var id = newId();
        var entry = new LedgerEntry(id, Id, CreditTransactionKind.Expire, $"expire:{lot.Id}:{id}", -left, "expired", lot.Id.ToString(), lot.PaymentId, Credits, now);
        entry.Post(CreditAccount.Available, lot.Id, -left);
        entry.Post(CreditAccount.Expired, null, left);
        return entry;
    }

    /// <summary>Sets which share of the lots is taken back or frozen: more than before, or less again.</summary>
    /// <param name="key">The business fact: <c>return:refund:{id}:succeeded</c>.</param>
    /// <param name="lots">What the payment granted.</param>
    /// <param name="others">The user's lots that have something left or once paid debt, in spending order; may overlap.</param>
    /// <returns>Null when nothing moves between accounts; the lots must be saved all the same.</returns>
    /// <exception cref="Refusal"><c>refund.credits_spent</c></exception>
    public LedgerEntry? Reclaim(
        string key, string reason, string reference, PaymentId paymentId, CreditShare share, SpentCredits spent, IReadOnlyCollection<CreditLot> lots, IReadOnlyCollection<CreditLot> others, Func<Guid> newId, DateTimeOffset now)
    {
        if (spent == SpentCredits.Refuse && lots.Any(l => l.Missing(share.Of(l.Granted).Returned) > l.Owed + l.Forgiven))
        {
            throw CreditRefusals.AlreadySpent();
        }

        var before = Snapshot([.. lots, .. others]);
        foreach (var lot in lots)
        {
            var (returned, frozen) = share.Of(lot.Granted);
            lot.Divide(returned, frozen, spent == SpentCredits.AreForgiven, now);
        }

        return Settle(key, reason, reference, paymentId, before, others, newId, now);
    }

    /// <summary>After credits came back to lots (a hold ended): what is wanted back of them, and what is owed, has first call on it.</summary>
    /// <inheritdoc cref="Reclaim"/>
    public LedgerEntry? PayDebts(string key, string reason, string reference, IReadOnlyCollection<CreditLot> lots, IReadOnlyCollection<CreditLot> others, Func<Guid> newId, DateTimeOffset now)
    {
        var before = Snapshot([.. lots, .. others]);
        foreach (var lot in lots)
        {
            lot.Divide(lot.Returned, lot.FreezeTarget, forgive: false, now);
        }

        return Settle(key, reason, reference, null, before, others, newId, now);
    }

    private static Dictionary<CreditLot, LotAmounts> Snapshot(IEnumerable<CreditLot> lots) => lots.Distinct().ToDictionary(l => l, l => l.Amounts);

    /// <summary>Pays debt from what can be spent, or gives back what paid too much; then writes down all that moved.</summary>
    private LedgerEntry? Settle(string key, string reason, string reference, PaymentId? paymentId, Dictionary<CreditLot, LotAmounts> before, IReadOnlyCollection<CreditLot> others, Func<Guid> newId, DateTimeOffset now)
    {
        long DebtNow() => Debt + before.Sum(b => (b.Key.Owed - b.Value.Owed) - (b.Key.PaidDebt - b.Value.PaidDebt));

        // A lot that gets back what it had lent may owe on its own account, so once round is not always enough.
        for (var debt = DebtNow(); debt < 0; debt = DebtNow())
        {
            var lender = others.Where(l => l.PaidDebt > 0).OrderBy(l => l.IsExpired(now)).First();
            lender.TakeBackFromDebt(-debt);
            lender.Divide(lender.Returned, lender.FreezeTarget, forgive: false, now);
        }

        foreach (var lot in others.Concat(before.Keys).Where(l => l.Remaining > 0))
        {
            lot.PayDebt(DebtNow());
        }

        var moved = before.Where(b => b.Key.Amounts != b.Value).Select(b => (Lot: b.Key, Before: b.Value, After: b.Key.Amounts)).OrderBy(m => m.Lot.Id.Value).ToList();
        if (moved.Count == 0)
        {
            return null;
        }

        var change = moved.Sum(m => m.After.Remaining - m.Before.Remaining);
        var returned = moved.Sum(m => m.After.Returned + m.After.Frozen - m.Before.Returned - m.Before.Frozen);
        Debt = DebtNow();
        Credits += change;
        Held += moved.Sum(m => m.After.Frozen - m.Before.Frozen);
        var entry = new LedgerEntry(newId(), Id, returned < 0 ? CreditTransactionKind.Restore : CreditTransactionKind.Return, key, change, reason, reference, paymentId, Credits, now);
        foreach (var (lot, was, isNow) in moved)
        {
            entry.Post(CreditAccount.Available, lot.Id, isNow.Remaining - was.Remaining);
            entry.Post(CreditAccount.Held, lot.Id, isNow.Frozen - was.Frozen);
            entry.Post(CreditAccount.Expired, lot.Id, isNow.Expired - was.Expired);
            entry.Post(CreditAccount.Returned, lot.Id, isNow.Returned - was.Returned);
            entry.Post(CreditAccount.Forgiven, lot.Id, was.Forgiven - isNow.Forgiven);
            entry.Post(CreditAccount.Debt, lot.Id, was.Owed - isNow.Owed + isNow.PaidDebt - was.PaidDebt);
        }

        // A lot may owe less and be owed less by as much: it changed, and no account did.
        return entry.Postings.Count == 0 ? null : entry;
    }

    private LedgerEntry GiveBack(CreditHold hold, IReadOnlyList<(CreditLotId Lot, long Amount)> parts, IReadOnlyDictionary<CreditLotId, CreditLot> lots, Func<Guid> newId, DateTimeOffset now)
    {
        var total = parts.Sum(p => p.Amount);
        Held -= total;
        Credits += total;
        var entry = new LedgerEntry(newId(), Id, CreditTransactionKind.Release, $"release:{hold.Id}", total, hold.Reason, hold.Reference, null, Credits, now);
        foreach (var (lot, amount) in parts)
        {
            lots[lot].PutBack(amount);
            entry.Post(CreditAccount.Held, lot, -amount);
            entry.Post(CreditAccount.Available, lot, amount);
        }

        return entry;
    }

    private List<(CreditLot Lot, long Amount)> TakeFrom(IReadOnlyList<CreditLot> lots, long credits)
    {
        CreditRefusals.RequirePositive(credits);
        if (credits > Credits)
        {
            throw CreditRefusals.Insufficient(credits, Credits);
        }

        var taken = new List<(CreditLot, long)>();
        var missing = credits;
        foreach (var lot in lots)
        {
            var part = lot.Take(missing);
            if (part > 0)
            {
                taken.Add((lot, part));
                missing -= part;
            }

            if (missing == 0)
            {
                Credits -= credits;
                return taken;
            }
        }

        throw new InvalidOperationException($"The lots of user {Id} hold less than the balance of {Credits}: the ledger is broken.");
    }
}

using Payments.Domain.Shared;
using Payments.Domain.Users.Credits;

namespace Payments.Domain.Tests.Credits;

/// <summary>Adds up what an account has written, entry by entry, and holds it against the account and the model.</summary>
internal sealed class Books(Account account)
{
    private readonly long[] totals = new long[Enum.GetValues<CreditAccount>().Length];
    private readonly Dictionary<CreditLotId, long> lots = [];
    private readonly HashSet<string> keys = [];
    private int read;
    private long balance;

    public void MustAgreeWith(Model model)
    {
        ReadOn();
        var user = account.User;
        Same(user.Credits, model.Credits, "credits");
        Same(user.Held, model.Held, "held");
        Same(user.Debt, model.Debt, "debt");
        Same(-totals[(int)CreditAccount.Issued], model.Granted, "issued");
        Same(totals[(int)CreditAccount.Spent], model.Spent, "spent");
        Same(totals[(int)CreditAccount.Expired], model.Gone, "expired");
        account.Lots.Select(l => l.Remaining).ShouldBe(model.Left, "what is left of each lot");
        account.Lots.Select(l => l.Returned).ShouldBe(model.Returned, "what is taken back of each lot: its share, to the unit");
        Same(totals[(int)CreditAccount.Returned], model.Returned.Sum(), "returned");
        Same(-totals[(int)CreditAccount.Forgiven], model.Forgiven, "forgiven");
        account.Holds.Select(h => h.Status == CreditHoldStatus.Open).ShouldBe(model.Open, "open holds");
    }

    public void MustBalance()
    {
        ReadOn();
        var user = account.User;
        Must(user.Credits >= 0, "the balance is never negative");
        Same(user.Credits, account.Lots.Sum(l => l.Remaining), "credits are what the lots hold");
        Same(user.Held, account.Holds.Where(h => h.Status == CreditHoldStatus.Open).Sum(h => h.Amount) + account.Lots.Sum(l => l.Frozen), "held is what open holds hold and disputes freeze");
        Must(user.Credits == 0 || user.Debt == 0, "nobody has credits and debts at once");
        Same(user.Debt, account.Lots.Sum(l => l.Owed - l.PaidDebt), "debt is what lots owe and others have not paid");
        Same(user.Credits, totals[(int)CreditAccount.Available], "the account 'available'");
        Same(user.Held, totals[(int)CreditAccount.Held], "the account 'held'");
        Same(user.Debt, -totals[(int)CreditAccount.Debt], "the account 'debt'");
        Same(totals.Sum(), 0, "all accounts together");
        Same(balance, user.Credits, "the last line shows the balance");
        foreach (var lot in account.Lots)
        {
            Must(lot.Remaining >= 0 && lot.Remaining <= lot.Granted, "a lot holds no less than nothing and no more than it was granted");
            Must(new[] { lot.Frozen, lot.Expired, lot.TakenBack, lot.ExpiredTakenBack, lot.Owed, lot.Forgiven, lot.PaidDebt }.All(part => part >= 0), "no part of a lot is below zero");
            Must(lot.Remaining + lot.Frozen + lot.Expired + lot.TakenBack + lot.ExpiredTakenBack + lot.PaidDebt <= lot.Granted && lot.Returned <= lot.Granted, "its parts are no more than it was granted");
            Same(lots.GetValueOrDefault(lot.Id), lot.Remaining, "a lot's postings");
        }
    }

    private void ReadOn()
    {
        for (; read < account.Ledger.Count; read++)
        {
            Read(account.Ledger[read]);
        }
    }

    private void Read(LedgerEntry entry)
    {
        var transaction = entry.Transaction;
        Must(keys.Add(transaction.Key), "a key is used once");
        Must(entry.Postings.Count >= 2, "an entry has two sides");
        Same(entry.Postings.Sum(p => p.Credits), 0, "an entry's postings");
        Same(transaction.Change, entry.Postings.Where(p => p.Account == CreditAccount.Available).Sum(p => p.Credits), "the change is what became spendable");
        Same(transaction.BalanceAfter, balance + transaction.Change, "a statement adds up");
        balance = transaction.BalanceAfter;
        for (var line = 0; line < entry.Postings.Count; line++)
        {
            var posting = entry.Postings[line];
            Must(posting.Credits != 0 && posting.Line == line && posting.TransactionId == transaction.Id && posting.UserId == account.User.Id, "a posting belongs to its entry and moves something");
            Must(posting.LotId != null || posting.Account is not (CreditAccount.Available or CreditAccount.Held), "what is the user's lies in a lot");
            totals[(int)posting.Account] += posting.Credits;
            if (posting is { LotId: { } lot, Account: CreditAccount.Available })
            {
                lots[lot] = lots.GetValueOrDefault(lot) + posting.Credits;
            }
        }
    }

    /// <summary>Not Shouldly: these run a million times, and its messages cost more than the ledger.</summary>
    private static void Must(bool holds, string what)
    {
        if (!holds)
        {
            throw new ShouldAssertException($"Broken: {what}");
        }
    }

    private static void Same(long actual, long expected, string what)
    {
        if (actual != expected)
        {
            throw new ShouldAssertException($"{what}: {expected} expected, {actual} found");
        }
    }
}

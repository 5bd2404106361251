using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Payments.Domain.Shared;
using Payments.Domain.Users.Credits;

namespace Payments.Domain.Tests.Credits;

/// <summary>The ledger against a simple model, over random histories; the shortest failing one is printed.</summary>
public sealed class Any_history_of_credits
{
    [Fact]
    public void keeps_every_promise_of_the_ledger() => Prop
        .ForAll(History.Any, history => Live(history, _ => { }))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(120));

    [Fact]
    public void is_shown_at_its_shortest_when_it_breaks_a_promise()
    {
        // A promise that nobody could keep: credits are never given back by a hold.
        var failure = Should.Throw<Exception>(() => Prop
            .ForAll(History.Any, history => Live(history, account => account.Ledger.ShouldNotContain(e => e.Transaction.Kind == CreditTransactionKind.Release)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(120)));

        var shortest = failure.Message[failure.Message.IndexOf("Shrunk:", StringComparison.Ordinal)..];
        shortest.ShouldContain("1. grant 1\n");
        shortest.ShouldContain("2. hold 1 for");
        shortest.ShouldContain("3. ");
        shortest.ShouldNotContain("4. ");
    }

    private static void Live(History history, Action<Account> promise)
    {
        var account = new Account();
        var model = new Model();
        var owed = 0L;
        for (var i = 0; i < history.Steps.Count; i++)
        {
            var step = history.Steps[i];
            account.Sweep();
            var before = account.Snapshot();
            var written = account.Ledger.Count;

            var refusal = Do(account, step);

            owed += step is Owe o ? o.Credits : 0;
            var at = string.Create(CultureInfo.InvariantCulture, $"after step {i + 1} ({step})");
            refusal.ShouldBe(model.Do(step), at);
            if (refusal is not null)
            {
                account.Snapshot().ShouldBe(before, $"a refusal changes nothing, {at}");
            }

            AgreesWithTheModel(account, model, at);
            BalancesItsBooks(account, written, owed, at);
            promise(account);
        }
    }

    private static string? Do(Account account, Step step)
    {
        try
        {
            switch (step)
            {
                case Grant g:
                    account.Grant(g.Credits, g.ExpiresAfterDays is { } days ? TimeSpan.FromDays(days) : null);
                    break;
                case Spend s:
                    account.Spend(s.Credits);
                    break;
                case Hold h:
                    account.Hold(h.Credits, TimeSpan.FromHours(h.Hours));
                    break;
                case Capture c when account.Holds.Count > 0:
                    var hold = account.Holds[c.Which % account.Holds.Count];
                    account.Capture(hold, hold.Amount * c.Percent / 100);
                    account.Sweep();
                    break;
                case Release r when account.Holds.Count > 0:
                    account.Release(account.Holds[r.Which % account.Holds.Count]);
                    account.Sweep();
                    break;
                case Owe o:
                    account.Owe(o.Credits);
                    break;
                case Pass p:
                    account.Now = account.Now.AddHours(p.Hours);
                    if (p.Ticked)
                    {
                        account.EndHolds();
                    }

                    break;
            }

            return null;
        }
        catch (Refusal refusal)
        {
            return refusal.Code;
        }
    }

    private static void AgreesWithTheModel(Account account, Model model, string at)
    {
        account.User.Credits.ShouldBe(model.Credits, $"credits {at}");
        account.User.Held.ShouldBe(model.Held, $"held {at}");
        account.User.Debt.ShouldBe(model.Debt, $"debt {at}");
        account.Lots.Select(l => l.Remaining).ShouldBe(model.Left, $"what is left of each lot, {at}");
        account.Holds.Select(h => h.Status == CreditHoldStatus.Open).ShouldBe(model.Open, $"open holds {at}");
        (-Sum(account, CreditAccount.Issued)).ShouldBe(model.Granted, $"issued {at}");
        Sum(account, CreditAccount.Spent).ShouldBe(model.Spent, $"spent {at}");
        Sum(account, CreditAccount.Expired).ShouldBe(model.Gone, $"expired {at}");
    }

    private static void BalancesItsBooks(Account account, int written, long owed, string at)
    {
        var user = account.User;
        user.Credits.ShouldBeGreaterThanOrEqualTo(0, at);
        user.Credits.ShouldBe(account.Lots.Sum(l => l.Remaining), $"credits are what the lots hold, {at}");
        user.Held.ShouldBe(account.OpenHolds.Sum(h => h.Amount), $"held is what open holds hold, {at}");
        user.Credits.ShouldBe(Sum(account, CreditAccount.Available), $"the account 'available' {at}");
        user.Held.ShouldBe(Sum(account, CreditAccount.Held), $"the account 'held' {at}");
        user.Debt.ShouldBe(owed - Sum(account, CreditAccount.Debt), $"the account 'debt' {at}");
        foreach (var lot in account.Lots)
        {
            lot.Remaining.ShouldBeInRange(0, lot.Granted, at);
            account.Ledger.SelectMany(e => e.Postings).Where(p => p.LotId == lot.Id && p.Account == CreditAccount.Available).Sum(p => p.Credits).ShouldBe(lot.Remaining, $"a lot's postings {at}");
        }

        account.Ledger.Select(e => e.Transaction.Key).ShouldBeUnique();
        for (var i = written; i < account.Ledger.Count; i++)
        {
            var (entry, transaction) = (account.Ledger[i], account.Ledger[i].Transaction);
            var named = $"{transaction.Kind} {at}";
            entry.Postings.Sum(p => p.Credits).ShouldBe(0, named);
            entry.Postings.Count.ShouldBeGreaterThanOrEqualTo(2, named);
            entry.Postings.ShouldAllBe(p => p.Credits != 0 && p.TransactionId == transaction.Id && p.UserId == user.Id, named);
            entry.Postings.ShouldAllBe(p => (p.LotId != null) == (p.Account == CreditAccount.Available || p.Account == CreditAccount.Held), named);
            entry.Postings.Select(p => (int)p.Line).ShouldBe(Enumerable.Range(0, entry.Postings.Count), named);
            transaction.Change.ShouldBe(entry.Postings.Where(p => p.Account == CreditAccount.Available).Sum(p => p.Credits), $"the change is what became spendable, {named}");
            transaction.BalanceAfter.ShouldBe((i == 0 ? 0 : account.Ledger[i - 1].Transaction.BalanceAfter) + transaction.Change, $"a statement adds up, {named}");
        }

        (account.Ledger.Count == 0 ? 0 : account.Ledger[^1].Transaction.BalanceAfter).ShouldBe(user.Credits, $"the last line shows the balance, {at}");
    }

    private static long Sum(Account account, CreditAccount of) => account.Ledger.SelectMany(e => e.Postings).Where(p => p.Account == of).Sum(p => p.Credits);
}

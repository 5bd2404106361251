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
        .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithEndSize(120));

    [Fact]
    public void goes_everywhere_that_it_should()
    {
        var kinds = new Dictionary<CreditTransactionKind, int>();
        var (refusals, expiredHolds, lateExpiries, debtPaid, lent, frozen, forgiven, expiredTaken) = (new HashSet<string>(), 0, 0, 0, 0, 0, 0, 0);
        foreach (var history in History.Any.Generator.Sample(300, new Rnd(2026), 100))
        {
            var account = new Account();
            var purchases = new Purchases();
            foreach (var step in history.Steps)
            {
                account.Sweep();
                if (Do(account, purchases, step) is { } refusal)
                {
                    refusals.Add(refusal);
                }
            }

            foreach (var entry in account.Ledger)
            {
                kinds[entry.Transaction.Kind] = kinds.GetValueOrDefault(entry.Transaction.Kind) + 1;
                debtPaid += entry.Postings.Count(p => p.Account == CreditAccount.Debt);
            }

            lent += account.Lots.Count(l => l.PaidDebt > 0);
            frozen += account.Lots.Count(l => l.Frozen > 0);
            forgiven += account.Lots.Count(l => l.Forgiven > 0);
            expiredTaken += account.Lots.Count(l => l.ExpiredTakenBack > 0);
            expiredHolds += account.Holds.Count(h => h.Status == CreditHoldStatus.Expired);
            lateExpiries += account.Ledger.Where(e => e.Transaction.Kind == CreditTransactionKind.Expire).GroupBy(e => e.Transaction.Reference).Count(g => g.Count() > 1);
        }

        kinds.Keys.Order().ShouldBe(Enum.GetValues<CreditTransactionKind>());
        kinds.Values.ShouldAllBe(n => n > 50);
        refusals.Order().ShouldBe(["credits.amount_invalid", "credits.insufficient", "hold.closed", "hold.exceeds", "refund.credits_spent"]);
        expiredHolds.ShouldBeGreaterThan(30);
        lateExpiries.ShouldBeGreaterThan(5, "holds gave back to a lot past its time");
        debtPaid.ShouldBeGreaterThan(30);
        new[] { lent, frozen, forgiven, expiredTaken }.ShouldAllBe(n => n > 10);
    }

    [Fact]
    public void is_shown_at_its_shortest_when_it_breaks_a_promise()
    {
        // A promise that nobody could keep: credits are never given back by a hold.
        var failure = Should.Throw<Exception>(() => Prop
            .ForAll(History.Any, history => Live(history, account => account.Ledger.ShouldNotContain(e => e.Transaction.Kind == CreditTransactionKind.Release)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithEndSize(120)));

        var shortest = failure.Message[failure.Message.IndexOf("Shrunk:", StringComparison.Ordinal)..];
        // The steps are the fewest; how far their numbers shrink depends on the history it began with.
        shortest.ShouldMatch(@"1\. grant \d+( at \d+, spent ones \w+)?\n");
        shortest.ShouldMatch(@"2\. hold \d+ for");
        shortest.ShouldContain("3. ");
        shortest.ShouldNotContain("4. ");
    }

    private static void Live(History history, Action<Account> promise)
    {
        var account = new Account();
        var model = new Model();
        var books = new Books(account);
        var purchases = new Purchases();
        for (var i = 0; i < history.Steps.Count; i++)
        {
            var step = history.Steps[i];
            try
            {
                account.Sweep();
                var before = account.Snapshot();

                var refusal = Do(account, purchases, step);

                refusal.ShouldBe(model.Do(step), "refused as the model refuses");
                if (refusal is not null)
                {
                    account.Snapshot().ShouldBe(before, "a refusal changes nothing");
                }

                books.MustAgreeWith(model);
                books.MustBalance();
                promise(account);
            }
            catch (Exception e) when (e is not AfterAStepException)
            {
                throw new AfterAStepException(string.Create(CultureInfo.InvariantCulture, $"After step {i + 1} ({step}): {e.Message}"), e);
            }
        }
    }

    /// <returns>The code of its refusal; null when it was done.</returns>
    internal static string? Do(Account account, Purchases purchases, Step step)
    {
        try
        {
            switch (step)
            {
                case Grant g:
                    account.Grant(g.Credits, g.ExpiresAfterDays is { } days ? TimeSpan.FromDays(days) : null);
                    purchases.Add(g.Price, g.Spent);
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
                    break;
                case Release r when account.Holds.Count > 0:
                    account.Release(account.Holds[r.Which % account.Holds.Count]);
                    break;
                case Refund or RefundFails or Dispute when purchases.After(step) is var (which, share):
                    // Only what is asked of us is refused; the rest is what the provider says.
                    var spent = purchases.SpentOf(which);
                    account.Reclaim(account.Lots[which], share, spent == SpentCredits.Refuse && step is not Refund ? SpentCredits.BecomeDebt : spent);
                    purchases.Do(step, which);
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

    private sealed class AfterAStepException(string message, Exception inner) : Exception(message, inner);
}

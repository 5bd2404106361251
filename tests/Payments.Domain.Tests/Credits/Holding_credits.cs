using Payments.Domain.Shared;
using Payments.Domain.Users.Credits;

namespace Payments.Domain.Tests.Credits;

public sealed class Holding_credits
{
    private readonly Account account = new();

    [Fact]
    public void sets_them_aside()
    {
        var lot = account.Grant(10).NewLot!;

        var hold = account.Hold(7, TimeSpan.FromMinutes(15));

        (account.User.Credits, account.User.Held, lot.Remaining).ShouldBe((3, 7, 3));
        (hold.Status, hold.Amount, hold.Captured, hold.ExpiresAt, hold.ClosedAt).ShouldBe((CreditHoldStatus.Open, 7, 0, Account.Start.AddMinutes(15), null));
        hold.Parts.ShouldHaveSingleItem().Amount.ShouldBe(7);
        account.Ledger[^1].Postings.Select(p => (p.Account, p.Credits)).ShouldBe([(CreditAccount.Available, -7), (CreditAccount.Held, 7)]);
    }

    [Fact]
    public void more_than_there_are_is_refused()
    {
        account.Grant(10);
        account.Hold(7);
        var before = account.Snapshot();

        Should.Throw<Refusal>(() => account.Hold(4)).Code.ShouldBe("credits.insufficient");

        account.Snapshot().ShouldBe(before);
    }

    [Fact]
    public void spends_them_when_it_is_captured()
    {
        var lot = account.Grant(10).NewLot!;
        var hold = account.Hold(7);
        account.Now = account.Now.AddMinutes(5);

        var entries = account.Capture(hold, 7);

        (account.User.Credits, account.User.Held, lot.Remaining).ShouldBe((3, 0, 3));
        (hold.Status, hold.Captured, hold.ClosedAt).ShouldBe((CreditHoldStatus.Captured, 7, account.Now));
        entries.ShouldHaveSingleItem().Postings.Select(p => (p.Account, p.Credits)).ShouldBe([(CreditAccount.Held, -7), (CreditAccount.Spent, 7)]);
    }

    [Fact]
    public void gives_the_rest_back_when_a_part_is_captured_and_spends_what_expires_first()
    {
        var never = account.Grant(10).NewLot!;
        var soon = account.Grant(5, TimeSpan.FromDays(1)).NewLot!;
        var hold = account.Hold(12);

        var entries = account.Capture(hold, 6);

        (soon.Remaining, never.Remaining).ShouldBe((0, 9));
        (account.User.Credits, account.User.Held, hold.Captured).ShouldBe((9, 0, 6));
        entries.Select(e => e.Transaction.Kind).ShouldBe([CreditTransactionKind.Capture, CreditTransactionKind.Release]);
    }

    [Fact]
    public void shows_in_the_statement_when_it_is_made_and_when_it_gives_back_and_not_when_it_is_captured()
    {
        account.Grant(10);
        var hold = account.Hold(7);
        account.Capture(hold, 5);

        account.Ledger.Select(e => (e.Transaction.Kind, e.Transaction.Change, e.Transaction.BalanceAfter)).ShouldBe(
        [
            (CreditTransactionKind.Grant, 10, 10),
            (CreditTransactionKind.Hold, -7, 3),
            (CreditTransactionKind.Capture, 0, 3),
            (CreditTransactionKind.Release, 2, 5),
        ]);
    }

    [Theory]
    [InlineData(false, CreditHoldStatus.Released)]
    [InlineData(true, CreditHoldStatus.Expired)]
    public void gives_everything_back_when_it_is_released_or_ends_by_itself(bool byItself, CreditHoldStatus status)
    {
        var soon = account.Grant(5, TimeSpan.FromDays(1)).NewLot!;
        var never = account.Grant(10).NewLot!;
        var hold = account.Hold(12);

        account.Release(hold, byItself);

        (soon.Remaining, never.Remaining, account.User.Credits, account.User.Held).ShouldBe((5, 10, 15, 0));
        (hold.Status, hold.Captured, hold.ClosedAt).ShouldBe((status, 0, account.Now));
    }

    [Fact]
    public void outlives_the_lot_it_took_from_and_can_still_be_captured()
    {
        var lot = account.Grant(10, TimeSpan.FromHours(1)).NewLot!;
        var hold = account.Hold(7, TimeSpan.FromDays(1));
        account.Now = account.Now.AddHours(2);
        account.Sweep();
        (account.User.Credits, account.User.Held).ShouldBe((0, 7));

        account.Capture(hold, 4);
        account.Sweep();

        (account.User.Credits, account.User.Held, lot.Remaining).ShouldBe((0, 0, 0));
        account.Ledger[^1].Postings.Select(p => (p.Account, p.Credits)).ShouldBe([(CreditAccount.Available, -3), (CreditAccount.Expired, 3)]);
    }

    [Fact]
    public void given_back_twice_to_a_lot_past_its_time_expires_twice_under_different_keys()
    {
        account.Grant(10, TimeSpan.FromHours(1));
        var (first, second) = (account.Hold(3, TimeSpan.FromDays(1)), account.Hold(4, TimeSpan.FromDays(1)));
        account.Now = account.Now.AddHours(2);
        account.Sweep();
        account.Release(first);
        account.Sweep();
        account.Release(second);
        account.Sweep();

        account.User.Credits.ShouldBe(0);
        account.Ledger.Select(e => e.Transaction.Key).ShouldBeUnique();
        account.Ledger.Where(e => e.Transaction.Kind == CreditTransactionKind.Expire).Select(e => e.Transaction.Change).ShouldBe([-3, -3, -4]);
    }

    public static TheoryData<CreditHoldStatus> Closed => [CreditHoldStatus.Captured, CreditHoldStatus.Released, CreditHoldStatus.Expired];

    [Theory]
    [MemberData(nameof(Closed))]
    public void ends_once(CreditHoldStatus ended)
    {
        account.Grant(10);
        var hold = account.Hold(7);
        if (ended == CreditHoldStatus.Captured)
        {
            account.Capture(hold, 7);
        }
        else
        {
            account.Release(hold, ended == CreditHoldStatus.Expired);
        }

        var before = account.Snapshot();
        var refusal = Should.Throw<Refusal>(() => account.Capture(hold, 7));
        (refusal.Code, refusal.Kind).ShouldBe(("hold.closed", RefusalKind.Conflict));
        refusal.Message.ShouldContain(ended.ToString().ToLowerInvariant());
        Should.Throw<Refusal>(() => account.Release(hold)).Code.ShouldBe("hold.closed");
        account.Snapshot().ShouldBe(before);
    }

    [Theory]
    [InlineData(8, "hold.exceeds")]
    [InlineData(0, "credits.amount_invalid")]
    [InlineData(-1, "credits.amount_invalid")]
    [InlineData(long.MaxValue, "credits.amount_invalid")]
    public void captures_no_more_than_it_holds_and_no_less_than_one(long credits, string code)
    {
        account.Grant(10);
        var hold = account.Hold(7);
        var before = account.Snapshot();

        Should.Throw<Refusal>(() => account.Capture(hold, credits)).Code.ShouldBe(code);

        account.Snapshot().ShouldBe(before);
    }

    [Fact]
    public void writes_nothing_when_what_it_gives_back_only_changes_who_lent_to_whom()
    {
        account.Owe(1);
        var lot = account.Grant(211).NewLot!;
        account.Spend(51);
        var hold = account.Hold(91);
        account.Reclaim(lot, new CreditShare(33, 0, 100));
        account.Grant(1);

        // The lot no longer owes the one it was short of, and gets back the one that it had lent: nothing went in or out of any account.
        account.Release(hold, expired: true);

        (lot.Owed, lot.PaidDebt, account.User.Debt, account.User.Credits).ShouldBe((0, 0, 0, 91));
        account.Ledger[^1].Transaction.Kind.ShouldBe(CreditTransactionKind.Release);
        account.Ledger.ShouldAllBe(e => e.Postings.Count >= 2);
    }
}

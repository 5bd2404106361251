using Payments.Domain.Shared;
using Payments.Domain.Users.Credits;

namespace Payments.Domain.Tests.Credits;

public sealed class Spending_credits
{
    private readonly Account account = new();

    [Fact]
    public void takes_what_expires_first_then_what_is_older()
    {
        var never = account.Grant(10).NewLot!;
        var later = account.Grant(10, TimeSpan.FromDays(30)).NewLot!;
        account.Now = account.Now.AddHours(1);
        var soon = account.Grant(10, TimeSpan.FromDays(1)).NewLot!;
        var youngNever = account.Grant(10).NewLot!;

        account.Spend(15);
        Left(soon, later, never, youngNever).ShouldBe([0, 5, 10, 10]);

        account.Spend(10);
        Left(soon, later, never, youngNever).ShouldBe([0, 0, 5, 10]);

        account.Spend(15);
        account.User.Credits.ShouldBe(0);
    }

    [Fact]
    public void says_from_which_lots_it_took()
    {
        var soon = account.Grant(10, TimeSpan.FromDays(1)).NewLot!;
        var never = account.Grant(10).NewLot!;

        var entry = account.Spend(12, "spend:once");

        entry.Postings.Select(p => (p.Account, p.LotId, p.Credits)).ShouldBe([(CreditAccount.Available, soon.Id, -10), (CreditAccount.Available, never.Id, -2), (CreditAccount.Spent, null, 12)]);
        (entry.Transaction.Key, entry.Transaction.Change, entry.Transaction.BalanceAfter).ShouldBe(("spend:once", -12, 8));
    }

    [Fact]
    public void down_to_the_last_one_is_fine_and_one_more_is_refused()
    {
        account.Grant(10);
        account.Spend(10);
        var before = account.Snapshot();

        var refusal = Should.Throw<Refusal>(() => account.Spend(1));

        (refusal.Code, refusal.Kind).ShouldBe(("credits.insufficient", RefusalKind.Conflict));
        account.Snapshot().ShouldBe(before);
    }

    [Fact]
    public void cannot_use_what_a_hold_has_set_aside()
    {
        account.Grant(10);
        account.Hold(7);

        Should.Throw<Refusal>(() => account.Spend(4)).Code.ShouldBe("credits.insufficient");
        account.Spend(3);

        (account.User.Credits, account.User.Held).ShouldBe((0, 7));
    }

    [Fact]
    public void cannot_use_what_has_expired()
    {
        account.Grant(10, TimeSpan.FromDays(1));
        account.Grant(1);
        account.Now = account.Now.AddDays(1);
        account.Sweep();

        Should.Throw<Refusal>(() => account.Spend(2)).Code.ShouldBe("credits.insufficient");
        account.User.Credits.ShouldBe(1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(CreditRefusals.Maximum + 1)]
    public void refuses_what_is_no_amount_of_credits(long credits)
    {
        account.Grant(10);
        var before = account.Snapshot();

        Should.Throw<Refusal>(() => account.Spend(credits)).Code.ShouldBe("credits.amount_invalid");

        account.Snapshot().ShouldBe(before);
    }

    [Fact]
    public void cries_out_when_the_lots_hold_less_than_the_balance()
    {
        account.Grant(10);

        Should.Throw<InvalidOperationException>(() => account.User.Spend("k", 5, "r", "1", [], Guid.NewGuid, account.Now)).Message.ShouldContain("ledger is broken");
    }

    private static IEnumerable<long> Left(params CreditLot[] lots) => lots.Select(l => l.Remaining);
}

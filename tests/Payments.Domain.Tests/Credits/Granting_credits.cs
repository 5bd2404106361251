using Payments.Domain.Shared;
using Payments.Domain.Users.Credits;

namespace Payments.Domain.Tests.Credits;

public sealed class Granting_credits
{
    private readonly Account account = new();

    [Fact]
    public void makes_a_lot_that_knows_what_paid_for_it()
    {
        var payment = new PaymentId(new Guid("a0000000-0000-4000-8000-000000000001"));

        var entry = account.Grant(500, TimeSpan.FromDays(90), "grant:payment:1", payment);

        account.User.Credits.ShouldBe(500);
        var lot = entry.NewLot.ShouldNotBeNull();
        (lot.Granted, lot.Remaining, lot.PaymentId, lot.ExpiresAt).ShouldBe((500, 500, payment, Account.Start.AddDays(90)));
        (entry.Transaction.Key, entry.Transaction.Kind, entry.Transaction.PaymentId).ShouldBe(("grant:payment:1", CreditTransactionKind.Grant, payment));
        Postings(entry).ShouldBe([(CreditAccount.Issued, -500), (CreditAccount.Available, 500)]);
    }

    [Fact]
    public void pays_debt_first()
    {
        account.Owe(120);

        var first = account.Grant(100);
        (account.User.Debt, account.User.Credits, first.NewLot!.Remaining, first.NewLot.Granted).ShouldBe((20, 0, 0, 100));
        Postings(first).ShouldBe([(CreditAccount.Issued, -100), (CreditAccount.Debt, 100)]);

        var second = account.Grant(100);
        (account.User.Debt, account.User.Credits, second.NewLot!.Remaining).ShouldBe((0, 80, 80));
        Postings(second).ShouldBe([(CreditAccount.Issued, -100), (CreditAccount.Available, 80), (CreditAccount.Debt, 20)]);
        second.Transaction.Change.ShouldBe(80);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(CreditRefusals.Maximum + 1)]
    [InlineData(long.MaxValue)]
    public void refuses_what_is_no_amount_of_credits(long credits)
    {
        account.Owe(5);
        var before = account.Snapshot();

        Should.Throw<Refusal>(() => account.Grant(credits)).Code.ShouldBe("credits.amount_invalid");

        account.Snapshot().ShouldBe(before);
    }

    [Fact]
    public void overflows_loudly_and_changes_nothing()
    {
        for (var i = 0; i < 9223; i++)
        {
            account.Grant(CreditRefusals.Maximum);
        }

        account.Owe(1);
        var before = (account.User.Credits, account.User.Debt, account.Ledger.Count);

        Should.Throw<OverflowException>(() => account.Grant(CreditRefusals.Maximum));

        (account.User.Credits, account.User.Debt, account.Ledger.Count).ShouldBe(before);
    }

    private static IEnumerable<(CreditAccount, long)> Postings(LedgerEntry entry) => entry.Postings.Select(p => (p.Account, p.Credits));
}

using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;
using Payments.Domain.Tests.Charges;
using Payments.Domain.Users.Credits;

namespace Payments.Domain.Tests.Credits;

/// <summary>
/// Payments and the ledger together: what several purchases granted is spent, held and goes off while their refunds and
/// disputes are told in any order, some twice. The shortest failing story is printed, in the order in which it failed.
/// </summary>
public sealed class Any_history_of_purchases
{
    [Fact]
    public void Keeps_the_books_and_takes_back_of_each_lot_the_share_that_went_back_whatever_the_order_of_its_events() => Prop
        .ForAll(Story.Any, story => Live(story))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithEndSize(60));

    [Fact]
    public void Goes_everywhere_that_it_should()
    {
        var (ends, parts) = (new HashSet<PaymentStatus>(), new int[6]);
        foreach (var story in Story.Any.Generator.Sample(300, new Rnd(2026), 60))
        {
            var (account, purchases) = Live(story);
            ends.UnionWith(purchases.Select(p => p.Money.Payment.Status));
            foreach (var (lot, i) in account.Lots.SelectMany(l => new[] { l.TakenBack, l.Frozen, l.Owed, l.PaidDebt, l.Forgiven, l.ExpiredTakenBack }.Select((part, i) => (part, i))))
            {
                parts[i] += lot > 0 ? 1 : 0;
            }
        }

        ends.Order().ShouldBe([PaymentStatus.Succeeded, PaymentStatus.PartiallyRefunded, PaymentStatus.Refunded, PaymentStatus.Disputed, PaymentStatus.Lost]);
        parts.ShouldAllBe(n => n > 10, string.Join(", ", parts));
    }

    private static (Account Account, IReadOnlyList<Bought> Purchases) Live(Story story)
    {
        var account = new Account();
        var (model, books, none) = (new Model(), new Books(account), new Purchases());
        var purchases = story.Purchases.Select(p => new Bought(p, new MoneyBack(Purchase.Opened(PaymentFlow.Intent), p.Asked))).ToList();
        foreach (var happening in story.Happenings)
        {
            account.Sweep();
            model.ThrowAwayExpired();
            if (happening.Act is { } act)
            {
                Any_history_of_credits.Do(account, none, act).ShouldBe(model.Do(act), "refused as the model refuses");
            }
            else
            {
                Hear(purchases[happening.Purchase], happening.Word, account, model);
            }

            books.MustAgreeWith(model);
            books.MustBalance();
            foreach (var payment in purchases.Select(p => p.Money.Payment).Where(p => p.IsPaid))
            {
                payment.Refunded.Minor.ShouldBeInRange(0, payment.Paid.Minor, "no more is refunded than was paid");
                payment.Reversed.Minor.ShouldBeInRange(0, payment.Paid.Minor, "no more goes back than came in");
            }
        }

        foreach (var purchase in purchases)
        {
            var told = purchase.Money.Payment;
            var truth = InOrder(purchase.Wanted).Payment;
            (told.Status, told.Reversed, told.Disputed).ShouldBe((truth.Status, truth.Reversed, truth.Disputed), "the order of the events decides nothing");
            purchase.Lot!.Returned.ShouldBe((long)((Int128)purchase.Wanted.Credits * truth.Reversed.Minor / truth.Paid.Minor), "the share of the lot that went back, to the unit");
        }

        return (account, purchases);
    }

    /// <summary>As the use cases do: whoever hears that it is paid grants, and whatever is heard then settles what is to be taken back.</summary>
    private static void Hear(Bought purchase, int word, Account account, Model model)
    {
        var (wanted, money) = (purchase.Wanted, purchase.Money);
        wanted.Words[word].Happen(money);
        money.Reverse();
        var payment = money.Payment;
        if (!payment.IsPaid)
        {
            return;
        }

        if (purchase.Lot is null)
        {
            purchase.Index = account.Lots.Count;
            purchase.Lot = account.Grant(wanted.Credits, wanted.ExpiresAfterDays is { } days ? TimeSpan.FromDays(days) : null).NewLot;
            model.Do(new Grant(wanted.Credits, wanted.ExpiresAfterDays, payment.Paid.Minor, wanted.Spent)).ShouldBeNull();
        }

        var share = new CreditShare(payment.Reversed.Minor, payment.Disputed.Minor, payment.Paid.Minor);
        account.Reclaim(purchase.Lot!, share, wanted.Spent);
        model.Return(purchase.Index, share);
    }

    /// <summary>What becomes of the payment alone when all is told once, as it happened.</summary>
    private static MoneyBack InOrder(Wanted wanted)
    {
        var money = new MoneyBack(Purchase.Opened(PaymentFlow.Intent), wanted.Asked);
        foreach (var word in wanted.Words)
        {
            word.Happen(money);
            money.Reverse();
        }

        return money;
    }

    private sealed record Wanted(long Credits, int? ExpiresAfterDays, SpentCredits Spent, IReadOnlyList<int> Asked, IReadOnlyList<Word> Words);

    private sealed record Bought(Wanted Wanted, MoneyBack Money)
    {
        /// <summary>Null until it is heard that it is paid.</summary>
        public CreditLot? Lot { get; set; }

        /// <summary>Of its lot among the account's.</summary>
        public int Index { get; set; }
    }

    /// <param name="Act">Of the owner or the clock; null for a word about a purchase.</param>
    private sealed record Happening(int Purchase, int Word, Step? Act);

    private sealed record Story(IReadOnlyList<Wanted> Purchases, IReadOnlyList<Happening> Happenings)
    {
        public static Arbitrary<Story> Any => Arb.From(
            from purchases in AnyPurchase.ListOf(4).SelectMany(four => Gen.Choose(1, 4).Select(count => four.Take(count).ToList()))
            from acts in MoneyBack.Few(20, History.AnyAct)
            let words = purchases.SelectMany((p, i) => p.Words.Select((_, word) => new Happening(i, word, null))).ToList()
            from again in MoneyBack.Few(5, Gen.Elements<Happening>(words))
            from order in Gen.Shuffle([.. words, .. again, .. acts.Select(act => new Happening(0, 0, act))])
            select new Story(purchases, [.. order]),
            story => story.Shorter());

        private static Gen<Wanted> AnyPurchase =>
            from credits in Gen.Choose(1, 300)
            from days in Gen.Elements<int?>(null, null, 1, 3, 10)
            from spent in Gen.Elements(SpentCredits.BecomeDebt, SpentCredits.BecomeDebt, SpentCredits.AreForgiven)
            from money in MoneyBack.Any
            select new Wanted(credits, days, spent, money.Asked, money.Words);

        public override string ToString() => $"\n  {string.Join("\n  ", Purchases.Select((p, i) => $"purchase {i}: {p.Credits} credits for {p.ExpiresAfterDays?.ToString(CultureInfo.InvariantCulture) ?? "all"} days, spent ones {p.Spent}, asked of us: {string.Join(", ", p.Asked)} %"))}"
            + $"\n  {string.Join("\n  ", Happenings.Select((h, i) => string.Create(CultureInfo.InvariantCulture, $"{i + 1}. {(h.Act is { } act ? act : $"purchase {h.Purchase}: {Purchases[h.Purchase].Words[h.Word].What}")}")))}\n";

        /// <summary>One purchase less, then one act or repetition less, then one word less that is not that it is paid.</summary>
        private IEnumerable<Story> Shorter()
        {
            if (Purchases.Count > 1)
            {
                yield return new Story([.. Purchases.SkipLast(1)], [.. Happenings.Where(h => h.Act is not null || h.Purchase < Purchases.Count - 1)]);
            }

            for (var i = 0; i < Happenings.Count; i++)
            {
                if (Happenings[i].Act is not null || Happenings.Take(i).Contains(Happenings[i]))
                {
                    yield return new Story(Purchases, [.. Happenings.Where((_, at) => at != i)]);
                }
            }

            for (var purchase = 0; purchase < Purchases.Count; purchase++)
            {
                for (var word = 1; word < Purchases[purchase].Words.Count; word++)
                {
                    var (which, gone) = (purchase, word);
                    yield return new Story(
                        [.. Purchases.Select((p, i) => i == which ? p with { Words = [.. p.Words.Where((_, at) => at != gone)] } : p)],
                        [.. Happenings.Where(h => h.Act is not null || h.Purchase != which || h.Word != gone).Select(h => h.Act is null && h.Purchase == which && h.Word > gone ? h with { Word = h.Word - 1 } : h)]);
                }
            }
        }
    }
}

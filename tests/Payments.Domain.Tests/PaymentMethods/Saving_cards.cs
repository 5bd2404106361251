using FsCheck;
using FsCheck.Fluent;
using Payments.Domain.Payments.Customers;
using Payments.Domain.Payments.PaymentMethods;
using Payments.Domain.Shared;

namespace Payments.Domain.Tests.PaymentMethods;

public sealed class Saving_cards
{
    private static readonly DateTimeOffset Now = new(2026, 7, 29, 12, 0, 0, TimeSpan.Zero);
    private static readonly CardDetails Visa = new("visa", "4242", 8, 2026, "fp_1");
    private static readonly CardDetails Renewed = Visa with { ExpYear = 2030 };
    private static readonly int[] Happenings = [0, 1, 2, 3, 4, 5, 6, 7, 0, 3, 6];
    private static readonly CardDetails Amex = new("amex", "0005", 12, 2031, null);

    private readonly Wallet wallet = NewWallet();

    [Fact]
    public void the_first_word_of_a_card_is_taken_and_the_second_like_it_changes_nothing()
    {
        wallet.Hear("pm_1", Visa, Now).ShouldBeFalse();
        wallet.Hear("pm_1", Visa, Now).ShouldBeFalse();

        wallet.Attached.Single().Card.ShouldBe(Visa);
        wallet.Added.Count.ShouldBe(1);
    }

    [Fact]
    public void another_word_of_it_is_doubt_since_either_may_be_the_older()
    {
        wallet.Load(new Dictionary<string, CardDetails> { ["pm_1"] = Visa }, null, Now);

        wallet.Hear("pm_1", Renewed, Now).ShouldBeTrue();

        wallet.Attached.Single().Card.ShouldBe(Visa);
        wallet.Owner.CardsLoadedAt.ShouldBeNull("whoever lists the cards asks the provider first");
    }

    [Fact]
    public void a_removed_card_stays_removed_even_when_its_saving_is_heard_of_later()
    {
        wallet.HearDetached("pm_1", Visa, Now);

        wallet.Hear("pm_1", Visa, Now).ShouldBeFalse();
        wallet.HearOf("pm_1").ShouldBeFalse();

        wallet.Attached.ShouldBeEmpty();
    }

    [Fact]
    public void what_the_provider_has_is_what_is_attached()
    {
        wallet.Hear("pm_gone", Amex, Now);
        wallet.HearDetached("pm_removed", Amex, Now);

        wallet.Load(new Dictionary<string, CardDetails> { ["pm_1"] = Visa, ["pm_2"] = Amex, ["pm_removed"] = Amex }, "pm_2", Now);

        wallet.Attached.Select(m => (m.Id, m.Card, m.IsDefault)).ShouldBe([("pm_1", Visa, false), ("pm_2", Amex, true)], ignoreOrder: true);
        wallet.Owner.CardsLoadedAt.ShouldBe(Now);
    }

    [Fact]
    public void everything_heard_makes_an_answer_asked_for_before_it_too_old()
    {
        var heard = new Action[]
        {
            () => wallet.Hear("pm_1", Visa, Now), () => wallet.HearOf("pm_1"), () => wallet.HearDefault(null), () => wallet.HearDetached("pm_1", Visa, Now),
            () => wallet.Attach("pm_2", Visa, Now), () => wallet.MakeDefault("pm_2"), () => wallet.OwnerDeleted(Now),
        };

        foreach (var one in heard)
        {
            var before = wallet.Owner.CardsVersion;
            one();
            wallet.Owner.CardsVersion.ShouldBeGreaterThan(before);
        }
    }

    [Fact]
    public void another_default_than_ours_is_doubt_and_the_same_is_not()
    {
        wallet.Attach("pm_1", Visa, Now);
        wallet.MakeDefault("pm_1");

        wallet.HearDefault("pm_1").ShouldBeFalse();
        wallet.HearDefault("pm_2").ShouldBeTrue();
        wallet.HearDefault(null).ShouldBeTrue();
    }

    [Fact]
    public void there_is_one_default_and_a_removed_card_is_none()
    {
        wallet.Attach("pm_1", Visa, Now);
        wallet.Attach("pm_2", Amex, Now);
        wallet.MakeDefault("pm_1");
        wallet.MakeDefault("pm_2");
        wallet.Attached.Where(m => m.IsDefault).Select(m => m.Id).ShouldBe(["pm_2"]);

        wallet.HearDetached("pm_2", null, Now);

        wallet.Attached.ShouldNotContain(m => m.IsDefault);
        Should.Throw<Refusal>(() => wallet.MakeDefault("pm_2")).Code.ShouldBe("payment_method.not_found");
    }

    [Fact]
    public void a_deleted_customer_takes_the_cards_along()
    {
        wallet.Attach("pm_1", Visa, Now);
        wallet.OwnerDeleted(Now);

        wallet.Attached.ShouldBeEmpty();
        wallet.Owner.DeletedAt.ShouldBe(Now);
    }

    [Fact]
    public void the_last_card_of_a_live_subscription_goes_only_by_force()
    {
        wallet.Attach("pm_1", Visa, Now);
        wallet.Attach("pm_2", Amex, Now);
        wallet.AskRemoval("pm_1", neededBySubscription: true, Now);

        // The first one is on its way out, though the provider has not answered yet.
        Should.Throw<Refusal>(() => wallet.AskRemoval("pm_2", neededBySubscription: true, Now)).Code.ShouldBe("payment_method.last_of_subscription");
        wallet.AskRemoval("pm_2", neededBySubscription: false, Now);
    }

    [Fact]
    public void a_removal_that_failed_leaves_a_card_to_count_on()
    {
        wallet.Attach("pm_1", Visa, Now);
        wallet.Attach("pm_2", Amex, Now);
        wallet.AskRemoval("pm_1", neededBySubscription: true, Now);
        wallet.RemovalFailed("pm_1");

        wallet.AskRemoval("pm_2", neededBySubscription: true, Now);
    }

    [Fact]
    public void a_removal_that_nobody_finished_does_not_count_for_ever()
    {
        wallet.Attach("pm_1", Visa, Now);
        wallet.Attach("pm_2", Amex, Now);
        wallet.AskRemoval("pm_1", neededBySubscription: true, Now);

        wallet.AskRemoval("pm_2", neededBySubscription: true, Now.AddHours(1));
    }

    /// <summary>What happens to two cards at the provider, in its order, and how it stands in the end.</summary>
    [Fact]
    public void any_order_and_number_of_events_ends_as_the_provider_has_it() => Prop
        .ForAll(Gen.Shuffle(Happenings).ToArbitrary(), order =>
        {
            var cards = NewWallet();
            var truth = new Dictionary<string, CardDetails> { ["pm_1"] = Renewed, ["pm_3"] = Visa };
            var inDoubt = false;
            foreach (var index in order)
            {
                inDoubt = index switch
                {
                    0 => cards.Hear("pm_1", Visa, Now),
                    1 => cards.HearDefault("pm_1"),
                    2 => cards.Hear("pm_1", Renewed, Now),
                    3 => cards.Hear("pm_2", Amex, Now),
                    4 => cards.HearDefault("pm_2"),
                    5 => Gone(cards),
                    6 => cards.HearOf("pm_3"),
                    _ => cards.HearDefault("pm_3"),
                };
                if (inDoubt)
                {
                    cards.Load(truth, "pm_3", Now);
                }
            }

            return cards.Attached.ToDictionary(m => m.Id, m => m.Card).OrderBy(p => p.Key, StringComparer.Ordinal).SequenceEqual(truth.OrderBy(p => p.Key, StringComparer.Ordinal))
                && cards.Attached.Single(m => m.IsDefault).Id == "pm_3";
        })
        .QuickCheckThrowOnFailure();

    private static bool Gone(Wallet cards)
    {
        cards.HearDetached("pm_2", Amex, Now);
        return false;
    }

    private static Wallet NewWallet(params string[] paying) => new(new Customer(Guid.NewGuid(), new UserId(Guid.NewGuid()), "acct_1", false, null, null, Now), [], new HashSet<string>(paying, StringComparer.Ordinal), TimeSpan.FromDays(31));
}

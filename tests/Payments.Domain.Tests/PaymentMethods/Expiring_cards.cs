using Payments.Domain.Payments.Customers;
using Payments.Domain.Payments.PaymentMethods;
using Payments.Domain.Shared;

namespace Payments.Domain.Tests.PaymentMethods;

public sealed class Expiring_cards
{
    private static readonly DateTimeOffset Now = new(2026, 7, 29, 12, 0, 0, TimeSpan.Zero);
    private static readonly CardDetails Visa = new("visa", "4242", 2, 2028, "fp_1");

    private readonly HashSet<string> paying = new(StringComparer.Ordinal);
    private readonly Wallet wallet;

    public Expiring_cards() => wallet = new(new Customer(Guid.NewGuid(), new UserId(Guid.NewGuid()), "acct_1", false, null, null, Now), [], paying, TimeSpan.FromDays(31));

    [Theory]
    [InlineData(2, 2028, "2028-01-30Z", "2028-03-01Z")]
    [InlineData(12, 2026, "2026-12-01Z", "2027-01-01Z")]
    public void a_card_is_good_to_the_end_of_its_month_and_its_notice_is_due_so_long_before(int month, int year, string due, string end)
    {
        var card = Default(Visa with { ExpMonth = month, ExpYear = year });

        card.ExpiresAt.ShouldBe(Utc(end));
        card.NoticeDueAt.ShouldBe(Utc(due));
    }

    [Fact]
    public void only_the_card_that_will_be_charged_is_told_of()
    {
        var first = Default(Visa);
        wallet.Attach("pm_2", Visa, Now).NoticeDueAt.ShouldBeNull();

        wallet.MakeDefault("pm_2").NoticeDueAt.ShouldNotBeNull();
        first.NoticeDueAt.ShouldBeNull();
    }

    [Fact]
    public void a_card_that_a_subscription_is_charged_to_is_told_of_though_it_is_not_the_default()
    {
        Default(Visa);
        paying.Add("pm_2");
        var second = wallet.Attach("pm_2", Visa, Now);
        second.NoticeDueAt.ShouldNotBeNull();

        paying.Remove("pm_2");
        wallet.PayersMoved();
        second.NoticeDueAt.ShouldBeNull();
    }

    [Fact]
    public void what_a_removed_card_paid_is_paid_by_the_default_or_the_newest_that_is_good()
    {
        var first = Default(Visa);
        wallet.HeirOf(first.Id, Now).ShouldBeNull();
        wallet.Attach("pm_2", Visa, Now);
        wallet.Attach("pm_3", Visa with { ExpYear = 2025 }, Now.AddHours(1));
        wallet.HeirOf(first.Id, Now).ShouldBe(new Heir("pm_2", BecomesDefault: true));
        wallet.HeirOf("pm_2", Now).ShouldBe(new Heir(first.Id, BecomesDefault: false));
    }

    [Fact]
    public void it_is_told_once_for_each_expiry()
    {
        var card = Default(Visa);
        card.Notice(Utc("2028-02-01Z")).ShouldBeTrue();
        card.NoticeDueAt.ShouldBeNull();
        wallet.Load(new Dictionary<string, CardDetails> { ["pm_1"] = Visa }, "pm_1", Now);
        card.NoticeDueAt.ShouldBeNull();

        wallet.Load(new Dictionary<string, CardDetails> { ["pm_1"] = Visa with { ExpYear = 2032 } }, "pm_1", Now);

        card.NoticeDueAt.ShouldBe(Utc("2032-01-30Z"));
    }

    [Fact]
    public void a_card_that_has_expired_already_is_not_said_to_expire()
    {
        var card = Default(Visa);

        card.Notice(Utc("2028-03-01Z")).ShouldBeFalse();
        card.NoticeDueAt.ShouldBeNull();
    }

    [Fact]
    public void a_removed_card_is_not_told_of()
    {
        var card = Default(Visa);
        wallet.HearDetached("pm_1", null, Now);

        card.NoticeDueAt.ShouldBeNull();
        card.Notice(Utc("2028-02-01Z")).ShouldBeFalse();
    }

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private PaymentMethod Default(CardDetails card)
    {
        wallet.Attach("pm_1", card, Now);
        return wallet.MakeDefault("pm_1");
    }
}

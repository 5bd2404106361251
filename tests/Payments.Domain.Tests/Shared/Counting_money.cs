using FsCheck;
using FsCheck.Fluent;
using Payments.Domain.Shared;

namespace Payments.Domain.Tests.Shared;

public sealed class Counting_money
{
    private static readonly Currency Usd = Currency.Of("usd");
    private static readonly Currency Jpy = Currency.Of("jpy");

    /// <summary>Far enough from the limits of 64 bits that three of them can be added and multiplied by 1000.</summary>
    private static readonly Arbitrary<long> Amounts =
        (from high in Gen.Choose(-1_000_000, 1_000_000) from low in Gen.Choose(0, 999_999) select (high * 1_000_000L) + low).ToArbitrary();

    private static readonly Arbitrary<int> Times = Gen.Choose(-1000, 1000).ToArbitrary();

    [Fact]
    public void adds_in_any_order() => Prop.ForAll(Amounts, Amounts, (a, b) => Dollars(a) + Dollars(b) == Dollars(b) + Dollars(a)).QuickCheckThrowOnFailure();

    [Fact]
    public void adds_in_any_grouping() => Prop
        .ForAll(Amounts, Amounts, Amounts, (a, b, c) => (Dollars(a) + Dollars(b)) + Dollars(c) == Dollars(a) + (Dollars(b) + Dollars(c)))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void takes_away_what_was_added() => Prop
        .ForAll(Amounts, Amounts, (a, b) => Dollars(a) + Dollars(b) - Dollars(b) == Dollars(a) && Dollars(a) - Dollars(a) == Money.Zero(Usd))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void does_not_change_by_adding_nothing() => Prop.ForAll(Amounts, a => Dollars(a) + Money.Zero(Usd) == Dollars(a)).QuickCheckThrowOnFailure();

    [Fact]
    public void multiplies_like_repeated_addition() => Prop
        .ForAll(Amounts, Times, (a, n) => Dollars(a) * (n + 1L) == (Dollars(a) * n) + Dollars(a))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void multiplies_a_sum_as_its_parts() => Prop
        .ForAll(Amounts, Amounts, Times, (a, b, n) => (Dollars(a) + Dollars(b)) * n == (Dollars(a) * n) + (Dollars(b) * n))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void compares_like_its_minor_units() => Prop
        .ForAll(Amounts, Amounts, (a, b) =>
            (Dollars(a) < Dollars(b)) == a < b && (Dollars(a) > Dollars(b)) == a > b
            && (Dollars(a) <= Dollars(b)) == a <= b && (Dollars(a) >= Dollars(b)) == a >= b
            && (Dollars(a) == Dollars(b)) == (a == b))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void has_names_for_its_operators()
    {
        Money.Add(Dollars(5), Dollars(3)).ShouldBe(Dollars(8));
        Money.Subtract(Dollars(5), Dollars(3)).ShouldBe(Dollars(2));
        Money.Multiply(Dollars(5), 3).ShouldBe(Dollars(15));
        Dollars(0).IsZero.ShouldBeTrue();
        Dollars(1).IsZero.ShouldBeFalse();
        Dollars(1999).ToString().ShouldBe("1999 usd");
    }

    public static TheoryData<string> Mixtures => ["+", "-", "<", ">", "<=", ">="];

    [Theory]
    [MemberData(nameof(Mixtures))]
    public void refuses_to_mix_currencies(string operation)
    {
        Money dollars = new(100, Usd), yen = new(100, Jpy);
        Func<object> mix = operation switch
        {
            "+" => () => dollars + yen,
            "-" => () => dollars - yen,
            "<" => () => dollars < yen,
            ">" => () => dollars > yen,
            "<=" => () => dollars <= yen,
            _ => () => dollars >= yen,
        };

        var refusal = Should.Throw<Refusal>(mix);

        refusal.Code.ShouldBe("currency.mismatch");
        refusal.Kind.ShouldBe(RefusalKind.Invalid);
        refusal.Message.ShouldContain("usd");
        refusal.Message.ShouldContain("jpy");
    }

    [Fact]
    public void is_not_equal_in_another_currency() => new Money(100, Usd).ShouldNotBe(new Money(100, Jpy));

    [Fact]
    public void throws_rather_than_wrap_around()
    {
        Should.Throw<OverflowException>(() => Dollars(long.MaxValue) + Dollars(1));
        Should.Throw<OverflowException>(() => Dollars(long.MinValue) - Dollars(1));
        Should.Throw<OverflowException>(() => Dollars(long.MaxValue) * 2);
        Should.Throw<OverflowException>(() => Dollars(long.MinValue) * -1);
    }

    [Fact]
    public void never_answers_a_wrong_number_however_large_the_amounts() => Prop
        .ForAll(ArbMap.Default.ArbFor<DoNotSize<long>>(), ArbMap.Default.ArbFor<DoNotSize<long>>(), (a, b) =>
            Exactly(() => Dollars(a.Item) + Dollars(b.Item), (Int128)a.Item + b.Item)
            && Exactly(() => Dollars(a.Item) - Dollars(b.Item), (Int128)a.Item - b.Item)
            && Exactly(() => Dollars(a.Item) * b.Item, (Int128)a.Item * b.Item))
        .QuickCheckThrowOnFailure();

    private static Money Dollars(long minor) => new(minor, Usd);

    private static bool Exactly(Func<Money> compute, Int128 truth)
    {
        try
        {
            return compute().Minor == truth;
        }
        catch (OverflowException)
        {
            return truth > long.MaxValue || truth < long.MinValue;
        }
    }
}

namespace Payments.Domain.Shared;

/// <summary>
/// An exact amount: an integer of minor units with its currency. Arithmetic is checked (overflow throws) and
/// refuses to mix currencies. May be negative in sums; what is charged is validated where it is charged.
/// </summary>
public readonly record struct Money(long Minor, Currency Currency)
{
    public bool IsZero => Minor == 0;

    public static Money Zero(Currency currency) => new(0, currency);

    public static Money operator +(Money left, Money right) => left with { Minor = checked(left.Minor + right.In(left.Currency).Minor) };

    public static Money operator -(Money left, Money right) => left with { Minor = checked(left.Minor - right.In(left.Currency).Minor) };

    public static Money operator *(Money left, long times) => left with { Minor = checked(left.Minor * times) };

    public static bool operator >(Money left, Money right) => left.Minor > right.In(left.Currency).Minor;

    public static bool operator <(Money left, Money right) => left.Minor < right.In(left.Currency).Minor;

    public static bool operator >=(Money left, Money right) => !(left < right);

    public static bool operator <=(Money left, Money right) => !(left > right);

    public static Money Add(Money left, Money right) => left + right;

    public static Money Subtract(Money left, Money right) => left - right;

    public static Money Multiply(Money left, long times) => left * times;

    /// <summary>Machine-readable: <c>1999 usd</c>. For people see <see cref="MoneyText"/>.</summary>
    public override string ToString() => $"{Minor} {Currency.Code}";

    private Money In(Currency currency) => Currency == currency
        ? this
        : throw new Refusal(RefusalKind.Invalid, "currency.mismatch", $"An amount in {Currency} cannot be combined with one in {currency}.", "currency");
}

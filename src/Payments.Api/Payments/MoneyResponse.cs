using Payments.Domain.Shared;

namespace Payments.Api.Payments;

/// <param name="Amount">Minor units: 1999 is $19.99, or ¥1999.</param>
/// <param name="Currency">Lower-case ISO 4217 code.</param>
public sealed record MoneyResponse(long Amount, string Currency)
{
    public static MoneyResponse From(Money money) => new(money.Minor, money.Currency.Code);
}

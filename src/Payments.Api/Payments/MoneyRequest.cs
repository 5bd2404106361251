using Payments.Domain.Shared;

namespace Payments.Api.Payments;

/// <param name="Amount">Minor units: 1999 is $19.99, or ¥1999.</param>
/// <param name="Currency">ISO 4217 code.</param>
public sealed record MoneyRequest(long Amount, string Currency)
{
    /// <param name="field">Of the request, that it is the value of.</param>
    internal Money ToMoney(string field) => new(Amount, Domain.Shared.Currency.Of(Currency, $"{field}.currency"));
}

using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Charges;

public enum AttemptOutcome
{
    Pending,
    Succeeded,
    Failed,
}

/// <summary>
/// One try to take the money, declined ones too. Kept for good, where an event's payload is pruned. Card data is
/// brand and last four digits only.
/// </summary>
public sealed class PaymentAttempt
{
    private long amountMinor;
    private string currency = "usd";

    private PaymentAttempt()
    {
    }

    /// <param name="key">The provider's charge id, or intent and method where no charge was made.</param>
    public PaymentAttempt(PaymentId paymentId, string key, Money amount, DateTimeOffset at)
    {
        PaymentId = paymentId;
        Key = key;
        amountMinor = amount.Minor;
        currency = amount.Currency.Code;
        At = at;
    }

    public PaymentId PaymentId { get; private set; }

    public string Key { get; private set; } = "";

    public Money Amount => new(amountMinor, Currency.Of(currency));

    public AttemptOutcome Outcome { get; private set; }

    public string? MethodType { get; private set; }

    public string? CardBrand { get; private set; }

    public string? CardLast4 { get; private set; }

    public string? FailureCode { get; private set; }

    /// <summary>May be shown to the buyer.</summary>
    public string? Reason { get; private set; }

    public DateTimeOffset At { get; private set; }

    /// <summary>An attempt ends once: a late "pending" changes nothing; missing card details are filled in.</summary>
    public void Report(AttemptOutcome outcome, string? methodType, string? cardBrand, string? cardLast4, string? failureCode, string? reason)
    {
        MethodType ??= methodType;
        CardBrand ??= cardBrand;
        CardLast4 ??= cardLast4;
        if (Outcome == AttemptOutcome.Pending)
        {
            Outcome = outcome;
            FailureCode = failureCode;
            Reason = reason;
        }
    }
}

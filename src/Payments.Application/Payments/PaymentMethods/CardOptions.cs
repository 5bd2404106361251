namespace Payments.Application.Payments.PaymentMethods;

public sealed record CardOptions
{
    /// <summary>How long before the default card expires its owner is told; null: not at all. <c>NOTICE_CARD_EXPIRING_DAYS</c>, default 31.</summary>
    public TimeSpan? ExpiryNotice { get; init; } = TimeSpan.FromDays(31);
}

namespace Payments.Application.Payments.PaymentMethods;

public sealed record CardOptions
{
    /// <summary>How long before a card that is charged expires its owner is told; null: not at all. <c>NOTICE_CARD_EXPIRING_DAYS</c>, default 31.</summary>
    public TimeSpan? ExpiryNotice { get; init; } = TimeSpan.FromDays(31);
}

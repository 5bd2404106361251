namespace Payments.Application.Payments.Refunds;

/// <summary>How much staff with the support role may give back without an admin, in minor units of whatever currency.</summary>
public sealed record RefundOptions
{
    /// <summary>Of one payment, all their refunds of it together. <c>REFUND_SUPPORT_LIMIT</c>, default 10000.</summary>
    public long SupportLimit { get; init; } = 10_000;

    /// <summary>Of one agent on one day (UTC), in each currency. <c>REFUND_SUPPORT_DAILY_LIMIT</c>, default 50000.</summary>
    public long SupportDailyLimit { get; init; } = 50_000;
}

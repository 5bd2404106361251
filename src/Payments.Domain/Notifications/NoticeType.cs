namespace Payments.Domain.Notifications;

/// <summary>What a user can be told.</summary>
/// <param name="Name">Also the template's: <c>renewal-receipt</c>.</param>
/// <param name="CanMute">Its email can be switched off. Not where it is about money taken, given back or owed, or access that ends for it.</param>
public sealed record NoticeType(string Name, bool CanMute)
{
    public static IReadOnlyList<NoticeType> All { get; } =
    [
        new("payment-succeeded", false),
        new("subscription-receipt", false),
        new("renewal-receipt", false),
        new("payment-failed", true),
        new("payment-twice", false),
        new("payment-after-cancellation", false),
        new("payment-after-end", false),
        new("invoice-payment-failed", false),
        new("action-required", false),
        new("refund", false),
        new("refund-failed", false),
        new("subscription-started", true),
        new("trial-started", true),
        new("trial-ending", false),
        new("renewal-upcoming", true),
        new("grace-ending", false),
        new("subscription-ended", false),
        new("subscription-unpaid", false),
        new("subscription-superseded", false),
        new("trial-repeated", false),
        new("card-expiring", true),
    ];
}

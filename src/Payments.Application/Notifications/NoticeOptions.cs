namespace Payments.Application.Notifications;

public sealed record NoticeOptions
{
    /// <summary>Who of the house is told what cannot wait: disputes, and automatic refunds that fail. <c>ALERT_EMAIL</c>; nobody by default.</summary>
    public IReadOnlyList<string> AlertEmails { get; init; } = [];
}

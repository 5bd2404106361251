using Payments.Domain.Shared;

namespace Payments.Domain.Notifications;

/// <summary>Whether a user wants email of one type; without a row they do.</summary>
public sealed class NoticePreference
{
    private NoticePreference()
    {
    }

    public UserId UserId { get; private set; }

    /// <summary>Of <see cref="NoticeType"/>.</summary>
    public string Type { get; private set; } = "";

    public bool Email { get; private set; }
}

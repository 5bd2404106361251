using Payments.Domain.Shared;

namespace Payments.Domain.Notifications;

public enum NotificationStatus
{
    Pending,

    /// <summary>Handed to the mail server; not yet known whether it took it.</summary>
    Sending,

    Sent,

    /// <summary>Given up after every try failed.</summary>
    Failed,

    /// <summary>Nowhere to send it to: no address, or no mail server configured. Shown in the app all the same.</summary>
    Undeliverable,

    /// <summary>The user wants no email of this type; shown in the app.</summary>
    Muted,
}

/// <summary>One message about one fact, to one user or to an address of the house.</summary>
public sealed class Notification
{
    private Notification()
    {
    }

    /// <param name="effectKey">The fact it tells of, unique: <c>receipt:{paymentId}</c>.</param>
    /// <param name="data">What the template shows, as JSON.</param>
    /// <param name="muted">Its user wants no email of this type.</param>
    /// <param name="recipient">An address of the house's own staff; null for the user's.</param>
    public Notification(Guid id, UserId userId, string effectKey, string template, string data, DateTimeOffset now, string? recipient = null, bool muted = false)
    {
        Recipient = recipient;
        Id = id;
        UserId = userId;
        EffectKey = effectKey;
        Template = template;
        Data = data;
        CreatedAt = now;
        Status = muted ? NotificationStatus.Muted : NotificationStatus.Pending;
        NextAttemptAt = muted ? null : DateTimeOffset.UnixEpoch;
    }

    public Guid Id { get; private set; }

    public UserId UserId { get; private set; }

    /// <summary>Null: whatever the user's address is when it is sent.</summary>
    public string? Recipient { get; private set; }

    public string EffectKey { get; private set; } = "";

    public string Channel { get; private set; } = "email";

    public string Template { get; private set; } = "";

    public string Data { get; private set; } = "{}";

    public NotificationStatus Status { get; private set; }

    public int Attempts { get; private set; }

    /// <summary>How often it was found half sent, after a crash between the mail server's answer and our commit.</summary>
    public int Takeovers { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Wall time; null when there is nothing more to send.</summary>
    public DateTimeOffset? NextAttemptAt { get; private set; }

    public DateTimeOffset? SentAt { get; private set; }

    public string? LastError { get; private set; }
}

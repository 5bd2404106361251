namespace Payments.Application.Notifications;

/// <summary>What a notification says.</summary>
public interface INoticeTexts
{
    /// <param name="type">Of <see cref="Domain.Notifications.NoticeType"/>.</param>
    /// <param name="data">The notification's data as JSON.</param>
    /// <param name="timeZone">IANA name; times are told in it and in UTC. Null, or unknown on this machine: in UTC alone.</param>
    NoticeText Write(string type, string data, string? personName, string? timeZone);
}

/// <param name="Title">One line; the mail's subject.</param>
public sealed record NoticeText(string Title, string Text);

namespace Payments.Infrastructure.Email;

/// <summary>The mail server and who we are to it. From <c>SMTP_URL</c> and <c>MAIL_FROM</c>.</summary>
public sealed record MailOptions(string Host, int Port, string? User, string? Password, string From)
{
    public override string ToString() => $"{Host}:{Port}";
}

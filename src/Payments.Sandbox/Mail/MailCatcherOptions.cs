namespace Payments.Sandbox.Mail;

public sealed record MailCatcherOptions
{
    /// <summary>Where mails are kept, a file each; made when missing.</summary>
    public required string Directory { get; init; }

    /// <summary>For <c>SMTP_URL</c>; 0 finds a free one.</summary>
    public int SmtpPort { get; init; }

    /// <summary>For people and tests; 0 finds a free one.</summary>
    public int HttpPort { get; init; }

    /// <summary>The oldest beyond this are forgotten.</summary>
    public int MaxMessages { get; init; } = 1000;

    /// <summary>The oldest beyond this many bytes in all are forgotten.</summary>
    public long MaxBytesKept { get; init; } = 64 * 1024 * 1024;

    /// <summary>A larger message is refused (552).</summary>
    public int MaxMessageBytes { get; init; } = 4 * 1024 * 1024;

    public int MaxConnections { get; init; } = 100;

    /// <summary>A client that is silent for longer is sent away (421).</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

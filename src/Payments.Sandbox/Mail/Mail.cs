namespace Payments.Sandbox.Mail;

/// <summary>A caught mail, as <c>GET /messages</c> shows it.</summary>
/// <param name="Id">Counts up; the newest has the highest.</param>
/// <param name="To">The envelope's recipients, which is who would have got it, comma-separated.</param>
/// <param name="From">The envelope's sender.</param>
/// <param name="Subject">Decoded; empty when there is none.</param>
/// <param name="Text">The plain text, with \n between lines; null when the mail has none.</param>
/// <param name="Html">The HTML; null when the mail has none.</param>
/// <param name="At">The product's time of it (a sandbox's clock may have been moved); without that its Date, without that when it was accepted.</param>
/// <param name="MessageId">The Message-ID header without its angle brackets; null when there is none.</param>
public sealed record Mail(long Id, string To, string From, string Subject, string? Text, string? Html, DateTimeOffset At, string? MessageId)
{
    internal IEnumerable<string> Recipients => To.Split(", ");
}

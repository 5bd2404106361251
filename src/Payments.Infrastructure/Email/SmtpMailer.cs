using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Net.Mime;
using System.Net.Sockets;
using System.Text;
using Payments.Infrastructure.Configuration;

namespace Payments.Infrastructure.Email;

/// <summary>Hands messages to the mail server, with STARTTLS when it offers that.</summary>
internal sealed class SmtpMailer(MailSettings options, TimeProvider clock)
{
    /// <summary>The longest that connecting and sending one message may take together.</summary>
    public static readonly TimeSpan LongestHandover = TimeSpan.FromSeconds(60);

    /// <summary>For each of the two.</summary>
    private static readonly TimeSpan Patience = LongestHandover / 2;
    private static readonly TimeSpan OfferIsKnownFor = TimeSpan.FromMinutes(10);

    private (bool Offered, DateTimeOffset At)? startTls;

    /// <summary>A connection for several messages, one after the other.</summary>
    public async Task<SmtpClient> ConnectAsync(CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        if (startTls is not { } known || now - known.At > OfferIsKnownFor)
        {
            startTls = known = (await OffersStartTlsAsync(cancellationToken), now);
        }

        var client = new SmtpClient(options.Host, options.Port) { EnableSsl = known.Offered };
        if (options.User is not null)
        {
            client.Credentials = new NetworkCredential(options.User, options.Password);
        }

        return client;
    }

    /// <param name="messageId">The same for every try of one notification, so that a reader's mail program can tell a repeat.</param>
    /// <exception cref="SmtpException">The server did not take it.</exception>
    public async Task SendAsync(SmtpClient client, string to, RenderedMail mail, string messageId, CancellationToken cancellationToken)
    {
        using var message = new MailMessage { From = new MailAddress(options.From), Subject = mail.Subject, SubjectEncoding = Encoding.UTF8 };
        message.To.Add(new MailAddress(to));
        message.Headers.Add("Message-ID", $"<{messageId}>");
        // By the product's clock, as all that the mail speaks of. In a header of its own, since SmtpClient sets Date by the machine's whatever is given.
        message.Headers.Add("X-Product-Date", clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture));
        message.AlternateViews.Add(AlternateView.CreateAlternateViewFromString(mail.Text, Encoding.UTF8, MediaTypeNames.Text.Plain));
        message.AlternateViews.Add(AlternateView.CreateAlternateViewFromString(mail.Html, Encoding.UTF8, MediaTypeNames.Text.Html));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await client.SendMailAsync(message, patience.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SmtpException($"The mail server did not answer within {Patience.TotalSeconds} s.", e);
        }
    }

    private async Task<bool> OffersStartTlsAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(Patience);
            using var socket = new TcpClient();
            await socket.ConnectAsync(options.Host, options.Port, patience.Token);
            await using var stream = socket.GetStream();
            using var reader = new StreamReader(stream, Encoding.ASCII);
            await reader.ReadLineAsync(patience.Token);
            await stream.WriteAsync("EHLO localhost\r\n"u8.ToArray(), patience.Token);
            var offered = false;
            var more = await reader.ReadLineAsync(patience.Token) is { Length: >= 4 } name && name[3] == '-';
            while (more && await reader.ReadLineAsync(patience.Token) is { Length: >= 4 } line)
            {
                offered |= line[4..].Trim().Equals("STARTTLS", StringComparison.OrdinalIgnoreCase);
                more = line[3] == '-';
            }

            await stream.WriteAsync("QUIT\r\n"u8.ToArray(), patience.Token);
            return offered;
        }
        catch (Exception e) when (e is SocketException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new SmtpException($"The mail server {options.Host}:{options.Port} cannot be reached: {e.Message}", e);
        }
    }
}

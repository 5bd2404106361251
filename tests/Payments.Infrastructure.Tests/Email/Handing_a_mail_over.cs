using System.Net;
using System.Net.Mail;
using System.Net.Sockets;
using System.Text;
using Payments.Infrastructure.Configuration;
using Payments.Infrastructure.Email;
using Payments.Infrastructure.Tests.Database;
using Payments.Sandbox.Mail;

namespace Payments.Infrastructure.Tests.Email;

public sealed class Handing_a_mail_over : IAsyncLifetime
{
    private static readonly RenderedMail Receipt = new(
        "Your payment for “Größe M” (₹1,499.00) is confirmed, and this subject is long enough for several encoded words",
        "Hello Zoë,\n\nyou paid ₹1,499.00.\n.\nA line with one dot is above.",
        "<!doctype html>\n<p>Hello Zoë, you paid <strong>₹1,499.00</strong>.</p>");

    private readonly string folder = Directory.CreateTempSubdirectory("payments-mailer-").FullName;
    private readonly Clock clock = new();
    private MailCatcher catcher = null!;
    private SmtpMailer mailer = null!;

    public async Task InitializeAsync()
    {
        catcher = await MailCatcher.StartAsync(new MailCatcherOptions { Directory = folder });
        mailer = MailerTo(catcher.SmtpPort);
    }

    public async Task DisposeAsync()
    {
        await catcher.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task brings_subject_text_and_html_as_they_were_written()
    {
        await SendAsync();

        var mail = catcher.Messages.ShouldHaveSingleItem();
        (mail.To, mail.From, mail.MessageId).ShouldBe(("ada@example.com", "billing@example.com", "n1@payments"));
        mail.Subject.ShouldBe(Receipt.Subject);
        mail.Text!.TrimEnd().ShouldBe(Receipt.Text);
        mail.Html!.ReplaceLineEndings("\n").TrimEnd().ShouldBe(Receipt.Html);
    }

    [Fact]
    public async Task dates_it_by_the_products_clock()
    {
        clock.Now = new DateTimeOffset(2031, 2, 3, 4, 5, 6, TimeSpan.Zero);

        await SendAsync();

        catcher.Messages.ShouldHaveSingleItem().At.ShouldBe(clock.Now);
    }

    [Fact]
    public async Task bears_the_same_message_id_when_it_is_sent_again()
    {
        catcher.Faults = new MailFaults(DropAfterData: 1);
        await Should.ThrowAsync<SmtpException>(() => SendAsync());

        await SendAsync();

        catcher.Messages.Select(m => m.MessageId).ShouldBe(["n1@payments", "n1@payments"]);
    }

    [Fact]
    public async Task sends_several_over_one_connection()
    {
        using var client = await mailer.ConnectAsync(default);
        for (var i = 1; i <= 3; i++)
        {
            await mailer.SendAsync(client, $"user{i}@example.com", Receipt, $"n{i}@payments", default);
        }

        catcher.Messages.Select(m => m.To).ShouldBe(["user3@example.com", "user2@example.com", "user1@example.com"]);
    }

    [Theory]
    [InlineData(451)]
    [InlineData(550)]
    public async Task says_so_when_the_server_does_not_take_it(int status)
    {
        catcher.Faults = new MailFaults(Refuse: 1, Status: status);

        await Should.ThrowAsync<SmtpException>(() => SendAsync());

        catcher.Messages.ShouldBeEmpty();
    }

    [Fact]
    public async Task names_the_server_that_cannot_be_reached()
    {
        using var reserved = new TcpListener(IPAddress.Loopback, 0);
        reserved.Start();
        var port = ((IPEndPoint)reserved.LocalEndpoint).Port;
        reserved.Stop();

        (await Should.ThrowAsync<SmtpException>(() => MailerTo(port).ConnectAsync(default))).Message.ShouldContain($"127.0.0.1:{port}");
    }

    [Theory]
    [InlineData("not an address")]
    [InlineData("ada@example.com\r\nRCPT TO:<eve@example.com>")]
    public async Task refuses_what_is_no_address(string to)
    {
        using var client = await mailer.ConnectAsync(default);

        await Should.ThrowAsync<FormatException>(() => mailer.SendAsync(client, to, Receipt, "n1@payments", default));

        catcher.Messages.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("250 mail.example.com")]
    [InlineData("250-mail.example.com greets you|250-SIZE 1000|250 8BITMIME")]
    [InlineData("250-starttls.example.com greets you|250 HELP")]
    [InlineData("250-mail.example.com greets you|250 STARTTLSX")]
    [InlineData("502 What is EHLO?")]
    public async Task speaks_in_the_clear_where_starttls_is_not_offered(string greeting)
    {
        await using var server = new TalkingServer(greeting.Split('|'));

        using var client = await MailerTo(server.Port).ConnectAsync(default);

        client.EnableSsl.ShouldBeFalse();
    }

    [Theory]
    [InlineData("250-mail.example.com|250 STARTTLS")]
    [InlineData("250-mail.example.com|250-STARTTLS|250 HELP")]
    [InlineData("250-mail.example.com|250-SIZE|250-starttls|250 HELP")]
    public async Task encrypts_where_it_is_offered_and_says_nothing_before(string greeting)
    {
        await using var server = new TalkingServer(greeting.Split('|'));
        var encrypting = MailerTo(server.Port, user: "ada");
        using var client = await encrypting.ConnectAsync(default);
        client.EnableSsl.ShouldBeTrue();

        await Should.ThrowAsync<SmtpException>(() => encrypting.SendAsync(client, "ada@example.com", Receipt, "n1@payments", default));

        server.Heard.ShouldContain("STARTTLS");
        server.Heard.ShouldAllBe(line => line.StartsWith("EHLO", StringComparison.Ordinal) || line == "STARTTLS" || line == "QUIT");
    }

    [Fact]
    public async Task asks_a_server_only_once_what_it_offers()
    {
        await using var server = new TalkingServer("250 HELP");
        var asking = MailerTo(server.Port);

        for (var i = 0; i < 3; i++)
        {
            (await asking.ConnectAsync(default)).Dispose();
        }

        server.Heard.Count(line => line.StartsWith("EHLO", StringComparison.Ordinal)).ShouldBe(1);
    }

    private SmtpMailer MailerTo(int port, string? user = null) =>
        new(new MailSettings { Host = "127.0.0.1", Port = port, From = "Shop <billing@example.com>", User = user, Password = user is null ? null : "hunter2" }, clock);

    private async Task SendAsync()
    {
        using var client = await mailer.ConnectAsync(default);
        await mailer.SendAsync(client, "ada@example.com", Receipt, "n1@payments", default);
    }

    /// <summary>A mail server that offers what it is told to, cannot really encrypt, and remembers every line it was sent.</summary>
    private sealed class TalkingServer : IAsyncDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly string[] greeting;
        private readonly List<string> heard = [];
        private readonly Task serving;

        public TalkingServer(params string[] greeting)
        {
            this.greeting = greeting;
            listener.Start();
            serving = ServeAsync();
        }

        public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        public IReadOnlyList<string> Heard
        {
            get
            {
                lock (heard)
                {
                    return [.. heard];
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            listener.Dispose();
            await serving;
        }

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await listener.AcceptTcpClientAsync();
                    await TalkAsync(client);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // The test is over.
            }
        }

        private async Task TalkAsync(TcpClient client)
        {
            try
            {
                await using var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII);
                await SayAsync(stream, "220 mail.example.com");
                while (await reader.ReadLineAsync() is { } line)
                {
                    lock (heard)
                    {
                        heard.Add(line);
                    }

                    await SayAsync(stream, line.StartsWith("EHLO", StringComparison.Ordinal) ? string.Join("\r\n", greeting) : line == "QUIT" ? "221 Bye" : "454 Not available");
                }
            }
            catch (IOException)
            {
                // The client hung up.
            }
        }

        private static async Task SayAsync(NetworkStream stream, string lines) => await stream.WriteAsync(Encoding.ASCII.GetBytes(lines + "\r\n"));
    }
}

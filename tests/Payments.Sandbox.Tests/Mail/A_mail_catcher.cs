using System.Net;
using System.Net.Http.Json;
using System.Net.Mail;
using System.Net.Mime;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Payments.Sandbox.Mail;
using Payments.Sandbox.Supervision;
using Payments.Sandbox.Tests.Supervision;

namespace Payments.Sandbox.Tests.Mail;

public sealed class A_mail_catcher : IAsyncLifetime, IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly HttpClient http = new();
    private MailCatcher catcher = null!;

    private MailCatcherOptions Options => new() { Directory = directory["mail"] };

    public async Task InitializeAsync() => catcher = await MailCatcher.StartAsync(Options);

    public async Task DisposeAsync() => await catcher.DisposeAsync();

    public void Dispose()
    {
        http.Dispose();
        directory.Dispose();
    }

    [Fact]
    public async Task Shows_subject_text_and_html_of_a_mail_as_the_product_sends_it()
    {
        await SendAsync("ada@example.com", "Your payment for “Größe M” (₹ 1.499,00) is confirmed – a long subject that takes several encoded words to say", text: "Hello Ada,\nnaïve café = 5 €\n.dot at the start", html: "<p>naïve café = 5 €</p>");

        var mail = catcher.Messages.ShouldHaveSingleItem();
        mail.To.ShouldBe("ada@example.com");
        mail.From.ShouldBe("shop@example.com");
        mail.Subject.ShouldBe("Your payment for “Größe M” (₹ 1.499,00) is confirmed – a long subject that takes several encoded words to say");
        mail.Text!.TrimEnd().ShouldBe("Hello Ada,\nnaïve café = 5 €\n.dot at the start");
        mail.Html!.TrimEnd().ShouldBe("<p>naïve café = 5 €</p>");
        mail.MessageId.ShouldBe("one@example.com");
    }

    [Fact]
    public async Task Lists_them_as_json_newest_first_and_by_recipient()
    {
        await SendAsync("ada@example.com", "first");
        await SendAsync("grace@example.com", "second");

        var all = await http.GetFromJsonAsync<JsonElement[]>($"{catcher.Url}/messages");
        all!.Select(mail => mail.GetProperty("subject").GetString()).ShouldBe(["second", "first"]);
        all![0].EnumerateObject().Select(property => property.Name).ShouldBe(["id", "to", "from", "subject", "text", "html", "at", "messageId"]);
        var hers = await http.GetFromJsonAsync<JsonElement[]>($"{catcher.Url}/messages?to=Ada@example.com");
        hers!.ShouldHaveSingleItem().GetProperty("to").GetString().ShouldBe("ada@example.com");

        (await http.GetFromJsonAsync<JsonElement[]>($"{catcher.Url}/messages?limit=1"))!.ShouldHaveSingleItem().GetProperty("subject").GetString().ShouldBe("second");

        (await http.DeleteAsync(new Uri($"{catcher.Url}/messages"))).EnsureSuccessStatusCode();
        catcher.Messages.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("X-Product-Date: Mon, 06 Mar 2028 12:00:00 GMT\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000", "2028-03-06T12:00:00Z")]
    [InlineData("Date: Mon, 06 Mar 2028 12:00:00 +0000", "2028-03-06T12:00:00Z")]
    [InlineData("Date: Mon, 6 Mar 2028 12:00:00 +0200 (CEST)", "2028-03-06T10:00:00Z")]
    public async Task Tells_the_products_time_of_a_mail_or_else_its_date(string headers, string at)
    {
        await TalkAsync($"EHLO x\r\nMAIL FROM:<shop@example.com>\r\nRCPT TO:<ada@example.com>\r\nDATA\r\n{headers}\r\nSubject: dated\r\n\r\ntext\r\n.\r\nQUIT\r\n");

        catcher.Messages.ShouldHaveSingleItem().At.ShouldBe(DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture));
        (await http.GetFromJsonAsync<JsonElement[]>($"{catcher.Url}/messages"))!.Single().GetProperty("at").GetDateTimeOffset().ShouldBe(catcher.Messages[0].At);
    }

    [Theory]
    [InlineData("Date: some day")]
    [InlineData("X-Mailer: none")]
    public async Task Tells_when_it_was_accepted_of_a_mail_without_a_date(string header)
    {
        var before = DateTimeOffset.UtcNow;

        await TalkAsync($"EHLO x\r\nMAIL FROM:<shop@example.com>\r\nRCPT TO:<ada@example.com>\r\nDATA\r\n{header}\r\n\r\ntext\r\n.\r\nQUIT\r\n");

        catcher.Messages.ShouldHaveSingleItem().At.ShouldBeInRange(before, DateTimeOffset.UtcNow);
    }

    [Theory]
    [InlineData("DELETE", "/messages", "Origin", "https://evil.example.com")]
    [InlineData("POST", "/faults", "Origin", "http://127.0.0.1:1")]
    [InlineData("POST", "/faults", "Sec-Fetch-Site", "cross-site")]
    [InlineData("DELETE", "/faults", "Sec-Fetch-Site", "same-site")]
    public async Task Lets_no_other_origins_page_delete_or_break_anything(string method, string path, string header, string value)
    {
        await SendAsync("ada@example.com", "kept");
        using var request = new HttpRequestMessage(new HttpMethod(method), catcher.Url + path) { Content = JsonContent.Create(new { refuse = 1 }) };
        request.Headers.Add(header, value);

        (await http.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        catcher.Messages.ShouldHaveSingleItem();
        catcher.Faults.ShouldBe(new MailFaults());
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/messages")]
    public async Task Answers_who_asks_for_the_head_only(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, catcher.Url + path);

        (await http.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Lets_its_own_page_delete_them()
    {
        await SendAsync("ada@example.com", "gone");
        using var request = new HttpRequestMessage(HttpMethod.Delete, catcher.Url + "/messages");
        request.Headers.Add("Origin", catcher.Url);
        request.Headers.Add("Sec-Fetch-Site", "same-origin");

        (await http.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        catcher.Messages.ShouldBeEmpty();
    }

    [Fact]
    public async Task Keeps_them_over_a_restart_and_counts_on()
    {
        await SendAsync("ada@example.com", "kept ✓", text: "words", html: "<b>words</b>");
        var before = catcher.Messages.Single();
        await catcher.DisposeAsync();

        catcher = await MailCatcher.StartAsync(Options);

        catcher.Messages.ShouldHaveSingleItem().ShouldBe(before);
        await SendAsync("ada@example.com", "next");
        catcher.Messages[0].Id.ShouldBe(before.Id + 1);
    }

    [Fact]
    public async Task Forgets_the_oldest_beyond_its_bound()
    {
        await catcher.DisposeAsync();
        catcher = await MailCatcher.StartAsync(Options with { MaxMessages = 2 });

        foreach (var subject in new[] { "1", "2", "3" })
        {
            await SendAsync("ada@example.com", subject);
        }

        catcher.Messages.Select(mail => mail.Subject).ShouldBe(["3", "2"]);
        Directory.GetFiles(directory["mail"]).Length.ShouldBe(2);
    }

    [Fact]
    public async Task Refuses_the_next_messages_when_told_to()
    {
        (await http.PostAsJsonAsync($"{catcher.Url}/faults", new { refuse = 1, status = 452 })).EnsureSuccessStatusCode();

        (await Should.ThrowAsync<SmtpException>(() => SendAsync("ada@example.com", "refused"))).StatusCode.ShouldBe(SmtpStatusCode.InsufficientStorage);
        await SendAsync("ada@example.com", "accepted");

        catcher.Messages.ShouldHaveSingleItem().Subject.ShouldBe("accepted");
    }

    [Fact]
    public async Task Keeps_a_mail_and_drops_the_connection_before_saying_so_when_told_to()
    {
        catcher.Faults = new MailFaults(DropAfterData: 1);

        await Should.ThrowAsync<SmtpException>(() => SendAsync("ada@example.com", "unsure"));
        await SendAsync("ada@example.com", "unsure");

        catcher.Messages.Select(mail => mail.MessageId).ShouldBe(["one@example.com", "one@example.com"]);
        catcher.Faults.ShouldBe(new MailFaults());
    }

    [Fact]
    public async Task Refuses_faults_that_make_no_sense()
        => (await http.PostAsJsonAsync($"{catcher.Url}/faults", new { refuse = -1 })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

    [Fact]
    public async Task Speaks_smtp_to_those_who_pipeline_make_mistakes_and_start_over()
    {
        var answers = await TalkAsync(
            "RCPT TO:<early@example.com>\r\nHELO me\r\nBLAH\r\nMAIL FROM:ada\r\nMAIL FROM:<>\r\nRSET\r\nNOOP\r\nDATA\r\n" +
            "MAIL FROM:<a@example.com> SIZE=10\r\nMAIL FROM:<twice@example.com>\r\nRCPT TO:<b@example.com>\r\nRCPT TO:<c@example.com>\r\nDATA\r\n" +
            "Subject: =?iso-8859-1?Q?caf=E9_au?=\r\n =?iso-8859-1?q?_lait?= for =?UTF-8?B?w6k=?=\r\n\r\n..one dot\r\n...\r\n\r\nend\r\n.\r\nQUIT\r\n");

        answers.Select(answer => answer[..3]).ShouldBe(["220", "503", "250", "500", "501", "250", "250", "250", "503", "250", "503", "250", "250", "354", "250", "221"]);
        var mail = catcher.Messages.ShouldHaveSingleItem();
        mail.To.ShouldBe("b@example.com, c@example.com");
        mail.Subject.ShouldBe("café au lait for é");
        mail.Text.ShouldBe(".one dot\n..\n\nend\n");
        mail.Html.ShouldBeNull();
    }

    [Fact]
    public async Task Refuses_what_is_too_large_and_goes_on()
    {
        await catcher.DisposeAsync();
        catcher = await MailCatcher.StartAsync(Options with { MaxMessageBytes = 10_000 });
        var line = new string('x', 9_999);

        var answers = await TalkAsync(
            "EHLO me\r\nMAIL FROM:<a@example.com> SIZE=10001\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n" +
            $"\r\n{line}\r\n.{line}\r\n.\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n\r\n.{line[..9_000]}\r\n.\r\nQUIT\r\n");

        answers.Where(answer => answer[3] == ' ').Select(answer => answer[..3]).ShouldBe(["220", "250", "552", "250", "250", "354", "552", "250", "250", "354", "250", "221"]);
        catcher.Messages.ShouldHaveSingleItem().Text.ShouldBe(line[..9_000] + "\n");
    }

    [Fact]
    public async Task Sends_away_who_is_silent_too_long_and_whom_it_has_no_room_for()
    {
        await catcher.DisposeAsync();
        catcher = await MailCatcher.StartAsync(Options with { IdleTimeout = TimeSpan.FromMilliseconds(300), MaxConnections = 1 });

        var silent = TalkAsync("");
        await Task.Delay(100);

        (await TalkAsync("")).ShouldBe(["421 Too many connections"]);
        (await silent)[^1].ShouldBe("421 Too long silent");
    }

    [Fact]
    public async Task Reads_base64_nested_parts_and_leaves_attachments_out()
    {
        await TalkAsync(
            "HELO me\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n" +
            "Content-Type: multipart/mixed;\r\n boundary=\"outer\"\r\n\r\npreamble\r\n--outer\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n" +
            "--inner\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+Z3LDvMOf\r\nZTwvYj4=\r\n--inner--\r\n" +
            "--outer\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nattached\r\n--outer--\r\n.\r\nQUIT\r\n");

        var mail = catcher.Messages.ShouldHaveSingleItem();
        mail.Html.ShouldBe("<b>grüße</b>");
        mail.Text.ShouldBeNull();
    }

    [Fact]
    public async Task Shows_a_page_that_runs_only_its_own_script_and_a_mail_that_runs_none()
    {
        await SendAsync("ada@example.com", "html", text: "t", html: "<script>alert(1)</script>");

        var page = await http.GetAsync(new Uri(catcher.Url + "/"));
        page.EnsureSuccessStatusCode();
        page.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("default-src 'none'; script-src 'nonce-");
        (await page.Content.ReadAsStringAsync()).ShouldNotContain("{{");
        var mail = await http.GetAsync(new Uri($"{catcher.Url}/messages/{catcher.Messages[0].Id}/html"));
        mail.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'");
        (await http.GetStringAsync(new Uri($"{catcher.Url}/messages/{catcher.Messages[0].Id}/source"))).ShouldContain("multipart/alternative");
    }

    [Fact]
    public async Task Answers_only_under_the_names_of_this_machine()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, catcher.Url + "/messages");
        request.Headers.Host = "rebound.example.com";

        (await http.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.MisdirectedRequest);
    }

    [Fact]
    public async Task Names_a_port_that_is_taken()
    {
        (await Should.ThrowAsync<SandboxException>(() => MailCatcher.StartAsync(Options with { SmtpPort = catcher.SmtpPort }))).Message.ShouldContain($"port {catcher.SmtpPort} is taken");
        var port = new Uri(catcher.Url).Port;
        (await Should.ThrowAsync<SandboxException>(() => MailCatcher.StartAsync(Options with { HttpPort = port }))).Message.ShouldContain($"port {port} is taken");
    }

    private async Task SendAsync(string to, string subject, string text = "text", string? html = null)
    {
        using var message = new MailMessage("shop@example.com", to, subject, text);
        message.Headers.Add("Message-ID", "<one@example.com>");
        if (html is not null)
        {
            message.AlternateViews.Add(AlternateView.CreateAlternateViewFromString(html, Encoding.UTF8, MediaTypeNames.Text.Html));
        }

        using var smtp = new SmtpClient("127.0.0.1", catcher.SmtpPort);
        await smtp.SendMailAsync(message);
    }

    private async Task<string[]> TalkAsync(string words)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, catcher.SmtpPort);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(words));
        using var reader = new StreamReader(stream);
        var answers = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(10));
        return answers.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
    }
}

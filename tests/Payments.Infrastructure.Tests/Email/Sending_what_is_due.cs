using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Payments.Application.Payments.Contracts;
using Payments.Infrastructure.Configuration;
using Payments.Infrastructure.Database;
using Payments.Infrastructure.Email;
using Payments.Infrastructure.Tests.Database;
using Payments.Sandbox.Mail;

namespace Payments.Infrastructure.Tests.Email;

#pragma warning disable CA1001 // xunit disposes them by IAsyncLifetime.
public sealed class Sending_what_is_due : IAsyncLifetime
#pragma warning restore CA1001
{
    private readonly string folder = Directory.CreateTempSubdirectory("payments-mails-").FullName;
    private TestDatabase database = null!;
    private Accounts accounts = null!;
    private MailCatcher catcher = null!;
    private MailWorker? worker;

    public async Task InitializeAsync()
    {
        database = await TestDatabase.NewAsync();
        accounts = new Accounts(database);
        catcher = await MailCatcher.StartAsync(new MailCatcherOptions { Directory = folder });
    }

    public async Task DisposeAsync()
    {
        if (worker is not null)
        {
            worker.ExecuteTask?.IsFaulted.ShouldBeFalse("a worker that dies takes the whole process with it");
            await worker.StopAsync(CancellationToken.None);
            worker.Dispose();
        }

        await catcher.DisposeAsync();
        await accounts.DisposeAsync();
        await database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task goes_out_once_under_an_id_of_its_own()
    {
        var notice = await NoticeAsync("ada@example.com");

        await StartAsync();

        (await EndOfAsync(notice)).ShouldBe("sent");
        var mail = catcher.Messages.ShouldHaveSingleItem();
        (mail.To, mail.Subject, mail.MessageId).ShouldBe(("ada@example.com", "Your payment for Starter is confirmed", $"{notice}@payments"));
        (await database.ScalarAsync<bool>("SELECT sent_at IS NOT NULL AND next_attempt_at IS NULL AND attempts = 1 FROM notifications.notifications WHERE id = $1", notice)).ShouldBeTrue();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    public async Task is_undeliverable_to_who_has_no_address(string? email)
    {
        var (nowhere, ada) = (await NoticeAsync(email), await NoticeAsync("ada@example.com"));

        await StartAsync();

        (await EndOfAsync(nowhere)).ShouldBe("undeliverable");
        (await EndOfAsync(ada)).ShouldBe("sent");
    }

    [Fact]
    public async Task is_undeliverable_where_there_is_no_mail_server()
    {
        var notice = await NoticeAsync("ada@example.com");

        await StartAsync(withServer: false);

        (await EndOfAsync(notice)).ShouldBe("undeliverable");
    }

    [Fact]
    public async Task is_tried_again_later_when_the_server_refuses()
    {
        catcher.Faults = new MailFaults(Refuse: 1);
        var notice = await NoticeAsync("ada@example.com");

        await StartAsync();

        (await EndOfAsync(notice)).ShouldBe("sent");
        (await database.ScalarAsync<int>("SELECT attempts FROM notifications.notifications WHERE id = $1", notice)).ShouldBe(2);
        catcher.Messages.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task after_a_crash_goes_out_once_more_under_the_same_id()
    {
        var notice = await NoticeAsync("ada@example.com");
        await database.ExecuteAsync("UPDATE notifications.notifications SET status = 'sending', next_attempt_at = now() - interval '1 second', attempts = 1");

        await StartAsync();

        (await EndOfAsync(notice)).ShouldBe("sent");
        catcher.Messages.ShouldHaveSingleItem().MessageId.ShouldBe($"{notice}@payments");
        (await database.ScalarAsync<int>("SELECT takeovers FROM notifications.notifications WHERE id = $1", notice)).ShouldBe(1);
    }

    [Fact]
    public async Task after_a_second_crash_goes_out_no_more()
    {
        var notice = await NoticeAsync("ada@example.com");
        await database.ExecuteAsync("UPDATE notifications.notifications SET status = 'sending', next_attempt_at = now() - interval '1 second', attempts = 2, takeovers = 1");

        await StartAsync();

        (await EndOfAsync(notice)).ShouldBe("failed");
        (await database.ScalarAsync<string>("SELECT last_error FROM notifications.notifications")).ShouldContain("may have arrived");
        catcher.Messages.ShouldBeEmpty();
    }

    [Fact]
    public async Task leaves_alone_what_another_process_is_sending()
    {
        var (theirs, ours) = (await NoticeAsync("ada@example.com"), await NoticeAsync("grace@example.com"));
        await database.ExecuteAsync("UPDATE notifications.notifications SET status = 'sending', next_attempt_at = now() + interval '1 minute' WHERE id = $1", theirs);

        await StartAsync();

        (await EndOfAsync(ours)).ShouldBe("sent");
        catcher.Messages.ShouldHaveSingleItem().To.ShouldBe("grace@example.com");
    }

    [Theory]
    [InlineData("no-such-template", "{}")]
    [InlineData("payment-succeeded", "[]")]
    [InlineData("payment-succeeded", """{"amountMinor": "many", "currency": "usd"}""")]
    [InlineData("payment-succeeded", """{"amountMinor": 1, "currency": "dollars"}""")]
    public async Task that_cannot_be_written_stops_no_other(string template, string data)
    {
        var broken = await NoticeAsync("ada@example.com", template, data);
        var sound = await NoticeAsync("grace@example.com");

        await StartAsync();

        (await EndOfAsync(sound)).ShouldBe("sent");
        (await database.ScalarAsync<string>("SELECT status FROM notifications.notifications WHERE id = $1", broken)).ShouldBe("pending");
        (await database.ScalarAsync<bool>("SELECT last_error IS NOT NULL AND next_attempt_at > now() - interval '10 seconds' FROM notifications.notifications WHERE id = $1", broken)).ShouldBeTrue();
    }

    [Fact]
    public async Task goes_out_as_many_times_as_there_are_notices_however_many_send()
    {
        List<Guid> notices = [];
        for (var i = 0; i < 40; i++)
        {
            notices.Add(await NoticeAsync($"user{i}@example.com"));
        }

        using var other = New(withServer: true);
        await other.StartAsync(CancellationToken.None);
        await StartAsync();
        foreach (var notice in notices)
        {
            (await EndOfAsync(notice)).ShouldBe("sent");
        }

        await other.StopAsync(CancellationToken.None);
        catcher.Messages.Select(m => m.To).Order().ShouldBe(Enumerable.Range(0, 40).Select(i => $"user{i}@example.com").Order());
    }

    [Fact]
    public async Task is_claimed_for_longer_than_finding_out_what_the_server_offers_and_sending_may_take_together()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var notice = await NoticeAsync("ada@example.com");
        using var waiting = New(((IPEndPoint)silent.LocalEndpoint).Port);
        await waiting.StartAsync(CancellationToken.None);
        using var heard = await silent.AcceptTcpClientAsync();

        // 30 s for each of the two, counted from the claim, which was before this.
        (await database.ScalarAsync<bool>("SELECT status = 'sending' AND next_attempt_at > now() + interval '60 seconds' FROM notifications.notifications WHERE id = $1", notice)).ShouldBeTrue();

        await waiting.StopAsync(CancellationToken.None);
    }

    private async Task StartAsync(bool withServer = true)
    {
        worker = New(withServer);
        await worker.StartAsync(CancellationToken.None);
    }

    private MailWorker New(bool withServer) => New(withServer ? catcher.SmtpPort : null);

    private MailWorker New(int? port) => new(
        accounts.Scopes,
        new MailSignal(),
        new MailTemplates(),
        port is { } smtp ? [new SmtpMailer(new MailSettings { Host = "127.0.0.1", Port = smtp, From = "billing@example.com" }, TimeProvider.System)] : [],
        NullLogger<MailWorker>.Instance);

    private async Task<Guid> NoticeAsync(string? email, string template = "payment-succeeded", string? data = null)
    {
        var (user, notice) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await database.ExecuteAsync($"INSERT INTO users.users (id, email, name, credits, held, debt, created_at) VALUES ('{user}', {(email is null ? "NULL" : $"'{email}'")}, 'Ada', 0, 0, 0, now())");
        data ??= JsonSerializer.Serialize(new PaymentSucceeded(Guid.CreateVersion7(), user, "CreditPack", "Starter", 1999, "usd", 100, 100, DateTimeOffset.UtcNow), JsonSerializerOptions.Web);
        await database.ExecuteAsync(
            """
            INSERT INTO notifications.notifications (id, user_id, effect_key, channel, template, data, status, attempts, takeovers, created_at, next_attempt_at)
            VALUES ($1, $2, $3, 'email', $4, $5::jsonb, 'pending', 0, 0, now(), '1970-01-01Z')
            """,
            notice, user, $"receipt:{notice}", template, data);
        return notice;
    }

    /// <summary>Waits until nothing more will be done about it.</summary>
    private async Task<string> EndOfAsync(Guid notice)
    {
        var until = DateTime.UtcNow.AddSeconds(30);
        while (true)
        {
            var ended = await database.ColumnAsync<string>("SELECT status FROM notifications.notifications WHERE id = $1 AND next_attempt_at IS NULL", notice);
            if (ended is [var status])
            {
                return status;
            }

            worker?.ExecuteTask?.IsFaulted.ShouldBeFalse("the worker died");
            DateTime.UtcNow.ShouldBeLessThan(until, "it never ended");
            await Task.Delay(20);
        }
    }
}
